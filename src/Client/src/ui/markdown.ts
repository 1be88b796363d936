import DOMPurify from 'dompurify';
import { marked } from 'marked';

const allowed = {
  ALLOWED_TAGS: [
    'p',
    'br',
    'hr',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'strong',
    'em',
    'del',
    'b',
    'i',
    's',
    'sub',
    'sup',
    'mark',
    'kbd',
    'ul',
    'ol',
    'li',
    'blockquote',
    'pre',
    'code',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
    'a',
    'img',
    'input',
    'span',
    'div',
    'details',
    'summary',
    'dl',
    'dt',
    'dd',
    'figure',
    'figcaption',
  ],
  ALLOWED_ATTR: [
    'href',
    'title',
    'src',
    'alt',
    'start',
    'align',
    'colspan',
    'rowspan',
    'type',
    'checked',
    'disabled',
    'open',
    'lang',
    'dir',
  ],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|\/(?!\/)|#)/i,
  ADD_URI_SAFE_ATTR: ['type', 'align', 'start', 'colspan', 'rowspan', 'checked', 'disabled', 'open', 'lang', 'dir'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** Pictures: from this server, from the web, or pixels in the text itself; no drawing that could hold a script. */
const pictures = /^(?:https?:|\/(?!\/)|data:image\/(?:png|jpeg|gif|webp);base64,)/i;

/** Markdown of the model or of a role as a fragment that carries no script, no style, no form and no foreign frame. */
export function markdown(text: string): DocumentFragment {
  const html = marked.parse(text, { async: false, gfm: true, breaks: true });
  const fragment = DOMPurify.sanitize(html, allowed as unknown as { RETURN_DOM_FRAGMENT: true });
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  for (const image of fragment.querySelectorAll('img')) {
    if (!pictures.test(image.getAttribute('src') ?? '')) {
      image.remove();
      continue;
    }
    image.loading = 'lazy';
    image.referrerPolicy = 'no-referrer';
    image.alt ||= '';
  }
  // The only inputs are the boxes of task lists, and those nobody ticks.
  for (const input of fragment.querySelectorAll('input')) {
    if (input.type === 'checkbox') {
      input.disabled = true;
      input.setAttribute('aria-label', input.checked ? '✓' : '○');
    } else {
      input.remove();
    }
  }
  lowerHeadings(fragment);
  return fragment;
}

/** The section that holds the text has the second level: what is in it begins at the third and leaves none out. */
function lowerHeadings(fragment: DocumentFragment): void {
  const headings = [...fragment.querySelectorAll('h1,h2,h3,h4,h5,h6')];
  const levels = [...new Set(headings.map(h => h.tagName))].sort();
  let previous = 2;
  for (const heading of headings) {
    const level = Math.min(levels.indexOf(heading.tagName) + 3, previous + 1, 6);
    previous = level;
    const lower = document.createElement(`h${level}`);
    lower.append(...heading.childNodes);
    heading.replaceWith(lower);
  }
}

/** A table that is wider than its place scrolls; the keyboard has to reach it for that. Called once it is on the page. */
export function reachTables(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLElement>('.markdown table')) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
    else table.removeAttribute('tabindex');
  }
}
