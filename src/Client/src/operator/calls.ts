import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../ui/icons.js';
import { saveUrl } from './save.js';
import type { App, View } from './app.js';
import { clock, formatOf } from './format.js';
import { blank, failure } from './parts.js';
import type { CallRecord } from './types.js';
import type { Key } from './words.js';

const filters: { name: string; label: Key; type: string }[] = [
  { name: 'role', label: 'filter.role', type: 'text' },
  { name: 'caller', label: 'filter.caller', type: 'text' },
  { name: 'model', label: 'filter.model', type: 'text' },
  { name: 'reason', label: 'filter.reason', type: 'text' },
  { name: 'from', label: 'filter.from', type: 'date' },
  { name: 'to', label: 'filter.to', type: 'date' },
  { name: 'minCost', label: 'filter.minCost', type: 'number' },
  { name: 'maxCost', label: 'filter.maxCost', type: 'number' },
];

/** The query that a filled-in form asks for; what is empty is left out. A day is the operator's own, also its last. */
export function queryOf(fields: Iterable<[string, unknown]>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, raw] of fields) {
    const value = String(raw).trim();
    if (value === '') continue;
    if (name === 'from' || name === 'to') {
      const day = new Date(`${value}T00:00:00`);
      if (name === 'to') day.setDate(day.getDate() + 1);
      if (!Number.isNaN(day.getTime())) query.set(name, day.toISOString());
    } else query.set(name, value);
  }
  return query;
}

/** Ended calls: searched, filtered, page by page, and as a file. */
export class CallsView implements View {
  #calls: CallRecord[] | undefined;
  #query = new URLSearchParams();
  #next: string | undefined;
  #trouble: string | undefined;
  #asked: AbortController | undefined;
  #busy = false;

  constructor(private readonly app: App) {}

  open(): void {
    void this.#load(this.#query.toString(), false);
  }

  close(): void {
    this.#asked?.abort();
  }

  async #load(query: string, more: boolean): Promise<void> {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    this.#busy = true;
    this.#trouble = undefined;
    this.app.paint();
    try {
      const page = await this.app.api.calls(more ? query : `most=50&${query}`, asked.signal);
      this.#calls = more ? [...(this.#calls ?? []), ...page.calls] : page.calls;
      this.#next = page.next;
      if (!more) this.app.tell(this.app.words.t('calls.found', { count: page.calls.length + (page.next ? '+' : '') }), true);
    } catch (error) {
      if (asked.signal.aborted) return;
      this.#trouble = this.app.failed(error);
    }
    this.#busy = false;
    this.app.paint();
  }

  async #export(): Promise<void> {
    try {
      saveUrl('calls.jsonl', await this.app.api.blob(`api/calls/export?${this.#query}`));
    } catch (error) {
      this.#trouble = this.app.failed(error);
      this.app.paint();
    }
  }

  render(): TemplateResult {
    const { t } = this.app.words;
    return html`<form
        class="search"
        role="search"
        @submit=${(e: SubmitEvent) => {
          e.preventDefault();
          this.#query = queryOf(new FormData(e.target as HTMLFormElement));
          void this.#load(this.#query.toString(), false);
        }}
      >
        <label class="field wide"
          ><span>${t('filter.words')}</span
          ><input name="q" type="search" maxlength="200" data-testid="search" placeholder=${t('filter.words.hint')}
        /></label>
        <details class="filters">
          <summary>${t('filter.all')}</summary>
          <div class="fields">
            ${filters.map(f => html`<label class="field"><span>${t(f.label)}</span><input name=${f.name} type=${f.type} step=${f.type === 'number' ? 'any' : nothing} min=${f.type === 'number' ? '0' : nothing} maxlength="200" /></label>`)}
          </div>
        </details>
        <div class="row">
          <button class="button primary small" data-testid="find">${t('filter.find')}</button>
          <button class="button small" type="button" @click=${() => void this.#export()}>${icon('download')}${t('calls.export')}</button>
        </div>
      </form>
      ${this.#trouble ? failure(this.#trouble, this.app.words, () => void this.#load(this.#query.toString(), false)) : nothing}
      ${
        this.#calls === undefined
          ? this.#trouble
            ? nothing
            : html`<p class="quiet">${t('loading')}</p>`
          : this.#calls.length === 0
            ? blank('copy', t('calls.none'), t(this.#query.size > 0 ? 'calls.none.filter' : 'calls.none.hint'))
            : html`<ul class="strips" data-testid="calls" aria-busy=${this.#busy}>
                  ${repeat(
                    this.#calls,
                    c => c.id,
                    c => this.#row(c),
                  )}
                </ul>
                ${this.#next ? html`<p class="more"><button class="button small" data-testid="more" ?disabled=${this.#busy} @click=${() => void this.#load(this.#next!, true)}>${t('calls.more')}</button></p>` : nothing}`
      }`;
  }

  #row(call: CallRecord): TemplateResult {
    const { t, code } = this.app.words;
    const f = formatOf(this.app.words);
    const recap = call.recap?.replace(/[#*_`>|]/g, '').trim();
    return html`<li class="strip ended" data-call=${call.id}>
      <div class="strip-name">
        <div>
          <a href="#/call/${call.id}"><bdi>${call.role}</bdi> · ${f.moment(call.started)}</a>
          <p class="quiet small clip" dir="auto">${recap || call.notes[0]?.text || call.id}</p>
        </div>
      </div>
      <dl class="facts">
        <div>
          <dt>${t('fact.time')}</dt>
          <dd>${call.ended ? clock(Date.parse(call.ended) - Date.parse(call.started)) : '–'}</dd>
        </div>
        <div>
          <dt>${t('fact.cost')}</dt>
          <dd>${f.money(call.cost)}</dd>
        </div>
        <div>
          <dt>${t('fact.notes')}</dt>
          <dd>${f.number(call.notes.length)}</dd>
        </div>
        <div class="mid">
          <dt>${t('fact.caller')}</dt>
          <dd class="clip"><bdi>${call.caller ?? '–'}</bdi></dd>
        </div>
        <div class="mid">
          <dt>${t('fact.end')}</dt>
          <dd class="clip">${code('ended', call.reason ?? '')}</dd>
        </div>
      </dl>
    </li>`;
  }
}
