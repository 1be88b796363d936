import type { Card, Shown } from '../sdk/types.js';
import { define } from './define.js';
import { markdown, reachTables } from './markdown.js';

/**
 * Where things that the agent shows land: `widgets` belongs to the role's own module, the rest is markdown and cards.
 * An id that is shown again replaces what it showed before.
 */
export class Stage extends HTMLElement {
  readonly widgets = document.createElement('div');
  readonly #shown = document.createElement('div');
  #language: string | undefined;

  constructor() {
    super();
    this.widgets.className = 'widgets';
    this.#shown.className = 'shown';
  }

  connectedCallback(): void {
    this.classList.add('bridge-stage');
    if (!this.widgets.isConnected) this.append(this.widgets, this.#shown);
  }

  get empty(): boolean {
    // A widget that has nothing to show yet hides itself.
    return this.#shown.childElementCount === 0 && [...this.widgets.children].every(c => (c as HTMLElement).hidden);
  }

  show(shown: Shown): HTMLElement {
    const article = document.createElement('article');
    article.className = `shown-${shown.kind}`;
    article.dataset.id = shown.id;
    article.setAttribute('part', 'shown');
    if (shown.kind === 'card') article.append(...cardNodes({ ...(shown.title ? { title: shown.title } : {}), ...(shown.card ?? {}) }));
    else {
      if (shown.title) article.append(element('h3', 'shown-title', shown.title));
      const body = element('div', 'markdown');
      body.append(markdown(shown.markdown ?? ''));
      article.append(body);
    }
    const before = [...this.#shown.children].find(c => (c as HTMLElement).dataset.id === shown.id);
    if (before) before.replaceWith(article);
    else this.#shown.prepend(article);
    reachTables(article);
    return article;
  }

  /** The language of the words around it: the role's widgets hear of another one by `languagechange`. */
  set language(code: string) {
    if (this.#language !== undefined && code !== this.#language) this.widgets.dispatchEvent(new Event('languagechange'));
    this.#language = code;
  }

  /** The call is over: what was shown stays to be read, and its buttons lead nowhere any more. */
  set over(over: boolean) {
    this.widgets.inert = over;
  }

  clear(): void {
    this.#shown.replaceChildren();
    this.widgets.replaceChildren();
    this.over = false;
  }
}

function cardNodes(card: Card): Node[] {
  const nodes: Node[] = [];
  if (typeof card.image === 'string' && /^(https?:|\/(?!\/)|data:image\/(png|jpeg|gif|webp);base64,)/i.test(card.image)) {
    const image = document.createElement('img');
    image.src = card.image;
    image.alt = '';
    image.referrerPolicy = 'no-referrer';
    nodes.push(image);
  }
  const head = element('header', '');
  if (card.emoji) {
    const emoji = element('span', 'card-emoji', String(card.emoji));
    emoji.setAttribute('aria-hidden', 'true');
    head.append(emoji);
  }
  const titles = element('div', '');
  if (card.title) titles.append(element('h3', 'shown-title', String(card.title)));
  if (card.subtitle) titles.append(element('p', 'card-subtitle', String(card.subtitle)));
  if (titles.childElementCount > 0) head.append(titles);
  if (head.childElementCount > 0) nodes.push(head);
  if (card.text) nodes.push(element('p', 'card-text', String(card.text)));
  const link = typeof card.link === 'string' && /^(https?:|mailto:|tel:|\/(?!\/))/i.test(card.link) ? card.link : undefined;
  if (link) {
    const anchor = element('a', 'card-link', link.replace(/^(https?:\/\/|mailto:|tel:)/i, '').replace(/\/$/, '')) as HTMLAnchorElement;
    anchor.href = link;
    anchor.target = '_blank';
    anchor.rel = 'noopener noreferrer nofollow';
    nodes.push(anchor);
  }
  if (card.markdown) {
    const body = element('div', 'markdown');
    body.append(markdown(String(card.markdown)));
    nodes.push(body);
  }
  if (Array.isArray(card.fields) && card.fields.length > 0) {
    const list = element('dl', 'card-fields');
    for (const field of card.fields) {
      const row = element('div', '');
      row.append(element('dt', '', String(field?.label ?? '')), element('dd', '', String(field?.value ?? '')));
      list.append(row);
    }
    nodes.push(list);
  }
  if (Array.isArray(card.items) && card.items.length > 0) {
    const list = element('ul', 'card-items');
    for (const item of card.items) {
      const row = element('li', '');
      if (typeof item === 'string') row.textContent = item;
      else {
        if (item?.title) row.append(element('strong', '', String(item.title)));
        if (item?.text) row.append(element('span', '', String(item.text)));
        if (item?.value) row.append(element('span', 'value', String(item.value)));
      }
      list.append(row);
    }
    nodes.push(list);
  }
  return nodes;
}

function element(tag: string, className: string, text?: string): HTMLElement {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

define('bridge-stage', Stage);
