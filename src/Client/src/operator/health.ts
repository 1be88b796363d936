import { html, nothing, type TemplateResult } from 'lit';
import type { App, View } from './app.js';
import { formatOf } from './format.js';
import { NodesPart } from './nodes.js';
import { failure } from './parts.js';
import { Polled } from './polled.js';
import type { Health } from './types.js';
import type { Key } from './words.js';

const againMs = 3_000;
const leastFree = 0.05;

type Grade = 'good' | 'warn' | 'bad';

/** The health of the host, part by part; read again every few seconds while it is in sight. */
export class HealthView implements View {
  readonly #health: Polled<Health>;
  readonly #nodes: NodesPart;

  constructor(private readonly app: App) {
    this.#health = new Polled(app, () => app.api.health(), againMs);
    this.#nodes = new NodesPart(app);
  }

  open(): void {
    void this.#health.load();
    this.#nodes.open();
  }

  close(): void {
    this.#health.stop();
    this.#nodes.close();
  }

  render(): TemplateResult {
    const { t } = this.app.words;
    const f = formatOf(this.app.words);
    const h = this.#health.value;
    const trouble = this.#health.trouble ? failure(this.#health.trouble, this.app.words, () => void this.#health.load()) : nothing;
    if (!h) return html`${trouble}${this.#health.trouble ? nothing : html`<p class="quiet">${t('loading')}</p>`}`;
    const state = `health.${h.state}` as Key;
    const failedLast = h.model.lastFailed !== null && (h.model.lastOpened === null || h.model.lastFailed > h.model.lastOpened);
    return html`${trouble}
      <ul class="tiles" data-testid="health">
        ${this.#tile('health.host', h.state === 'ready' ? 'good' : h.state === 'degraded' ? 'warn' : 'bad', t(state), t('health.since', { time: f.moment(h.since), version: h.version }))}
        ${this.#tile('health.calls', h.calls.alive < h.calls.max * 0.9 ? 'good' : 'warn', `${f.number(h.calls.alive)} / ${f.number(h.calls.max)}`, t('health.calls.hint'))}
        ${this.#tile('health.records', h.records.well ? (h.records.lost > 0 ? 'warn' : 'good') : 'bad', t(h.records.well ? 'health.well' : 'health.away'), t('health.records.hint', { kind: h.records.kind, waiting: f.number(h.records.waiting), lost: f.number(h.records.lost) }))}
        ${this.#tile('health.model', !h.model.reachable ? 'bad' : failedLast ? 'warn' : 'good', t(h.model.reachable ? 'health.reachable' : 'health.unreachable'), `${h.model.name} · ${t('health.model.hint', { opened: h.model.lastOpened ? f.moment(h.model.lastOpened) : '–', failed: h.model.lastFailed ? f.moment(h.model.lastFailed) : '–' })}`)}
        ${h.disk ? this.#tile('health.disk', h.disk.free > h.disk.total * leastFree ? 'good' : 'bad', f.bytes(h.disk.free), t('health.disk.hint', { total: f.bytes(h.disk.total) })) : nothing}
        ${this.#tile('health.memory', h.memory.held < h.memory.max * 0.8 ? 'good' : 'warn', f.bytes(h.memory.held), t('health.memory.hint', { max: f.bytes(h.memory.max) }))}
        ${this.#tile('health.roles', h.roles.broken === 0 ? 'good' : 'warn', f.number(h.roles.served), t('health.roles.hint', { count: h.roles.broken }))}
      </ul>
      ${this.#nodes.render()}
      <section class="sheet">
        <h2>${t('health.problems')}</h2>
        ${
          h.problems.length === 0
            ? html`<p class="quiet">${t('health.problems.none')}</p>`
            : html`<div class="scroll" tabindex="0" role="region" aria-label=${t('health.problems')}>
                <table>
                  <thead>
                    <tr>
                      <th scope="col">${t('health.code')}</th>
                      <th scope="col" class="figure">${t('health.count')}</th>
                      <th scope="col">${t('health.last')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${h.problems.map(
                      p =>
                        html`<tr>
                          <td><code>${p.code}</code></td>
                          <td class="figure">${f.number(p.count)}</td>
                          <td>${f.moment(p.last)}</td>
                        </tr>`,
                    )}
                  </tbody>
                </table>
              </div>`
        }
      </section>`;
  }

  #tile(name: Key, grade: Grade, value: string, hint: string): TemplateResult {
    const { t } = this.app.words;
    return html`<li class="tile" data-grade=${grade} data-part=${name}>
      <h2>
        <span class="dot" aria-hidden="true"></span
        >${t(name)}${grade === 'good' ? nothing : html`<span class="visually-hidden"> (${t('health.attention')})</span>`}
      </h2>
      <p class="value">${value}</p>
      <p class="quiet small">${hint}</p>
    </li>`;
  }
}
