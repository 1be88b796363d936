import { html, type TemplateResult } from 'lit';

/** A block of a recap: a heading, a list, or lines of text. */
export type Block = { kind: 'heading'; text: string } | { kind: 'text'; text: string } | { kind: 'list'; items: string[] };

/**
 * The Markdown that recaps are made of: headings, lists and paragraphs; `**bold**` is marked by {@link recapOf}, everything else stays
 * as it was written. The library of the call page would be a third of this page's weight, and pictures must not be loaded here.
 */
export function blocks(text: string): Block[] {
  const list: Block[] = [];
  let open = false;
  for (const line of text.split(/\r?\n/)) {
    const last = list.at(-1);
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line);
    const item = /^\s*(?:[-*+]|\d{1,3}[.)])\s+(.+)$/.exec(line);
    if (heading) list.push({ kind: 'heading', text: heading[1]! });
    else if (item && last?.kind === 'list') last.items.push(item[1]!);
    else if (item) list.push({ kind: 'list', items: [item[1]!] });
    else if (line.trim() && open && last?.kind === 'text') last.text += `\n${line}`;
    else if (line.trim()) list.push({ kind: 'text', text: line });
    open = line.trim() !== '' && !heading && !item;
  }
  return list;
}

/** A recap as its caller's page shows it, but for pictures, links and tables. */
export function recapOf(text: string): TemplateResult[] {
  return blocks(text).map(block =>
    block.kind === 'heading'
      ? html`<h3>${bold(block.text)}</h3>`
      : block.kind === 'text'
        ? html`<p class="words"><span class="lines">${bold(block.text)}</span></p>`
        : html`<ul>
            ${block.items.map(item => html`<li>${bold(item)}</li>`)}
          </ul>`,
  );
}

function bold(text: string): (string | TemplateResult)[] {
  return text.split(/\*\*(.+?)\*\*/).map((part, n) => (n % 2 === 1 ? html`<strong>${part}</strong>` : part));
}
