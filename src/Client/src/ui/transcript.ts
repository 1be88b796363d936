import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Speaker, TranscriptItem } from '../sdk/types.js';
import type { Words } from './strings.js';

/** Heard words, and those that were cut off before anybody heard them. */
export function spoken(item: TranscriptItem, words: Words): TemplateResult {
  const { text, interrupted, heard } = item;
  if (!interrupted || heard === undefined || heard >= text.length) {
    return html`<span class=${item.final ? 'final' : 'partial'}>${text}</span
      >${interrupted ? html`<span class="cut" title=${words.t('call.interrupted')}>—</span>` : nothing}`;
  }
  return html`<span class="final">${text.slice(0, heard)}</span
    ><del class="unheard" title=${words.t('call.unheard')}>${text.slice(heard)}</del>`;
}

/** The conversation as a list, in its order. */
export function conversation(items: readonly TranscriptItem[], names: Record<Speaker, string>, words: Words): TemplateResult {
  const said = items.filter(i => i.text.trim() !== '');
  if (said.length === 0) return html`<p class="quiet">${words.t('call.conversation.empty')}</p>`;
  return html`<ol class="conversation">
    ${repeat(
      said,
      i => i.itemId,
      i =>
        html`<li class=${i.speaker} part="utterance ${i.speaker}">
          <span class="who">${names[i.speaker]}</span>
          <p dir="auto">${spoken(i, words)}</p>
        </li>`,
    )}
  </ol>`;
}

/** One side's words as running text, the newest at the end: what captions under a film are. */
export function caption(items: readonly TranscriptItem[], speaker: Speaker, words: Words): TemplateResult {
  const said = items.filter(i => i.speaker === speaker && i.text.trim() !== '').slice(-12);
  return html`${repeat(
    said,
    i => i.itemId,
    (i, n) => html`<p dir="auto" class=${n === said.length - 1 ? 'now' : 'earlier'}>${spoken(i, words)}</p>`,
  )}`;
}
