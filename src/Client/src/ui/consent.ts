import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Call } from '../sdk/call.js';
import type { Words } from './strings.js';

const maxRows = 12;
const maxChars = 300;

/** A function call that needs the person's word: the arguments in words, and two buttons. */
export function consent(call: Call, words: Words): TemplateResult | typeof nothing {
  if (call.confirmations.length === 0) return nothing;
  const { t } = words;
  return html`${repeat(
    call.confirmations,
    c => c.callId,
    c =>
      html`<section class="consent" role="alert" data-testid="consent" data-tool=${c.name} part="consent">
        <h2>${t('confirm.title')}</h2>
        <p dir="auto"><strong>${c.label ?? spaced(c.name)}</strong></p>
        ${
          rows(c.arguments).length > 0
            ? html`<dl class="card-fields">
                ${rows(c.arguments).map(
                  ([name, value]) =>
                    html`<div>
                      <dt dir="auto">${name}</dt>
                      <dd dir="auto">${value}</dd>
                    </div>`,
                )}
              </dl>`
            : nothing
        }
        <div class="consent-buttons">
          <button class="button primary" data-testid="consent-yes" @click=${() => c.answer(true)}>${t('confirm.yes')}</button>
          <button class="button" data-testid="consent-no" @click=${() => c.answer(false)}>${t('confirm.no')}</button>
        </div>
        <p class="quiet">${t('confirm.minute')}</p>
      </section>`,
  )}`;
}

function spaced(name: string): string {
  return name.replaceAll(/[_-]+/g, ' ');
}

/** Names and values as a person reads them. */
export function rows(args: Readonly<Record<string, unknown>>): [string, string][] {
  const all = Object.entries(args).map(([name, value]): [string, string] => [spaced(name), clipped(inWords(value))]);
  return all.length <= maxRows ? all : [...all.slice(0, maxRows), ['…', `+${all.length - maxRows}`]];
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (value === true) return '✓';
  if (value === false) return '✗';
  if (Array.isArray(value)) return value.map(inWords).join(', ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) => `${spaced(name)}: ${inWords(inner)}`)
      .join(', ');
  return String(value);
}

function clipped(text: string): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`;
}
