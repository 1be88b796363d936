import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../ui/icons.js';
import type { App, View } from './app.js';
import { clock, formatOf } from './format.js';
import { blank } from './parts.js';
import { Polled } from './polled.js';
import type { LiveCall, NodeList } from './types.js';

const nodesMs = 5_000;
const step = 50;
const quietest = -60;

/** Part of a meter that is lit, 0 to 1: 60 dB below the loudest wave is silence for the eye. */
export function lit(level: number | null): number {
  return level === null ? 0 : Math.min(1, Math.max(0, 1 - level / quietest));
}

/** The calls that are alive. Rows keep their place and their elements: only figures change. */
export class LiveView implements View {
  readonly #nodes: Polled<NodeList>;

  constructor(private readonly app: App) {
    this.#nodes = new Polled(app, () => app.api.nodes(), nodesMs);
  }

  open(): void {
    void this.#nodes.load();
  }

  close(): void {
    this.#nodes.stop();
  }

  render(): TemplateResult {
    const {
      live,
      words: { t },
    } = this.app;
    if (!live) return html`<p class="quiet" role="status">${t('live.waiting')}</p>`;
    if (live.count === 0) return blank('sound', t('live.none'), t('live.none.hint'));
    const left = live.count - live.calls.length;
    return html`<ul class="strips" data-testid="live">
        ${repeat(
          live.calls,
          c => c.id,
          c => this.#row(c, Date.parse(live.at)),
        )}
      </ul>
      ${
        left > 0
          ? html`<p class="more">
              <span class="quiet">${t('live.more', { count: left })}</span>
              ${this.app.most < 200 ? html`<button class="button small" @click=${() => this.#more()}>${t('calls.more')}</button>` : nothing}
            </p>`
          : nothing
      }`;
  }

  #more(): void {
    this.app.most = Math.min(this.app.most + step, 200);
    this.app.paint();
  }

  #row(call: LiveCall, now: number): TemplateResult {
    const { t, code } = this.app.words;
    const f = formatOf(this.app.words);
    const state = call.ending ? 'ending' : call.state;
    return html`<li class="strip" data-call=${call.id} data-state=${state}>
      <div class="strip-name">
        <span class="dot" aria-hidden="true"></span>
        <div>
          <a href="#/call/${call.id}"><span aria-hidden="true">${call.emoji}</span> <bdi dir="auto">${call.name}</bdi></a>
          <p class="quiet small">
            <span data-testid="state">${code('state', state)}</span>${call.caller ? html` · <bdi>${call.caller}</bdi>` : nothing}
          </p>
        </div>
      </div>
      <dl class="facts">
        ${fact(t('fact.time'), clock(now - Date.parse(call.started)))} ${fact(t('fact.cost'), f.money(call.cost))}
        <div class="levels">
          <dt>${t('fact.levels')}</dt>
          <dd>${meter(t('fact.caller'), call.callerLevel)}${meter(t('fact.agent'), call.agentLevel)}</dd>
        </div>
        ${fact(t('fact.uplink'), f.ms(call.delays?.uplinkMs))} ${fact(t('fact.model'), f.ms(call.delays?.modelFirstAudioMs))}
        ${fact(t('fact.downlink'), f.ms(call.delays?.downlinkMs))} ${fact(t('fact.rtt'), f.ms(call.roundTripMs))}
        ${fact(t('fact.loss'), call.lossPercent === null ? '–' : `${f.number(call.lossPercent, 1)} %`)}
        <div class="waits">
          <dt>${t('fact.waits')}</dt>
          <dd>${call.blockers.length > 0 ? call.blockers.map(b => code('wait', b)).join(', ') : '–'}</dd>
        </div>
      </dl>
      <div class="row">
        ${(this.#nodes.value?.nodes.length ?? 0) > 1 ? this.#moveButton(call) : nothing}
        <button
          class="button small"
          data-testid="end"
          ?disabled=${call.ending}
          aria-label=${t('end.label', { name: call.name })}
          @click=${() => endCall(this.app, call.id)}
        >
          ${icon('hangup')}${t('end')}
        </button>
      </div>
    </li>`;
  }

  #moveButton(call: LiveCall): TemplateResult {
    const { t } = this.app.words;
    return html`<button
      class="button small"
      data-testid="move"
      ?disabled=${call.ending}
      aria-label=${t('move.label', { name: call.name })}
      @click=${() => void this.#move(call.id)}
    >
      ${t('move')}
    </button>`;
  }

  async #move(id: string): Promise<void> {
    const { t } = this.app.words;
    try {
      await this.app.api.move(id);
      this.app.tell(t('move.done'));
    } catch (error) {
      this.app.tell(this.app.failed(error));
    }
  }
}

/** Ends a living call, asked about once. */
export function endCall(app: App, id: string): void {
  const { t } = app.words;
  app.ask({
    title: t('end.title'),
    text: t('end.text'),
    yes: t('end.yes'),
    run: async () => {
      await app.api.end(id);
      app.tell(t('end.done'));
    },
  });
}

function fact(name: string, value: string): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function meter(name: string, level: number | null): TemplateResult {
  return html`<svg
    class="vu"
    viewBox="0 0 60 5"
    preserveAspectRatio="none"
    role="img"
    aria-label="${name}: ${level === null ? '–' : `${level} dB`}"
  >
    <rect class="vu-room" width="60" height="5" rx="2"></rect>
    <rect class="vu-lit" width=${(lit(level) * 60).toFixed(1)} height="5" rx="2"></rect>
  </svg>`;
}
