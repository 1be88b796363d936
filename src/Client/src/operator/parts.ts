import { html, nothing, type TemplateResult } from 'lit';
import { icon, type IconName } from '../ui/icons.js';
import type { RoleFault } from './types.js';
import type { Words } from './words.js';

/** A place where there is nothing, and what to do about it. */
export function blank(name: IconName, title: string, hint: string): TemplateResult {
  return html`<div class="blank">
    <span class="blank-icon">${icon(name)}</span>
    <h2>${title}</h2>
    <p>${hint}</p>
  </div>`;
}

/** A text with its own line breaks. An element of its own: the template's breaks around it are none of the text's. */
export function lines(text: string): TemplateResult {
  return html`<span class="lines">${text}</span>`;
}

/** Something could not be had. */
export function failure(sentence: string, words: Words, again: () => void): TemplateResult {
  return html`<div class="trouble" role="alert">
    ${icon('warn')}
    <p>${sentence}</p>
    <button class="button small" @click=${again}>${words.t('again')}</button>
  </div>`;
}

/** Errors in the files of roles. */
export function faults(errors: readonly RoleFault[]): TemplateResult | typeof nothing {
  return errors.length === 0
    ? nothing
    : html`<ul class="faults">
        ${errors.map(e => html`<li><code dir="ltr">${e.file}${e.line ? `:${e.line}` : ''}${e.line && e.column ? `:${e.column}` : ''}</code><span>${e.message}</span></li>`)}
      </ul>`;
}
