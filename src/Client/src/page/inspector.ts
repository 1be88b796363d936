import 'uplot/dist/uPlot.min.css';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import uPlot from 'uplot';
import type { Call } from '../sdk/call.js';
import type { CallStats, TimelineEvent } from '../sdk/types.js';
import { icon } from '../ui/icons.js';
import type { StringKey, Words } from '../ui/strings.js';
import { save } from './save.js';

/** One second of a call, as the charts draw it. */
interface Sample extends CallStats {
  uplinkMs?: number;
  modelFirstAudioMs?: number;
  downlinkMs?: number;
  bufferedMs?: number;
  queueMs?: number;
}

interface Series {
  label: StringKey;
  /** Index into the palette that page.css gives as --series-n. */
  colour: number;
  value(sample: Sample): number | undefined;
}

interface ChartSpec {
  id: string;
  title: StringKey;
  unit: string;
  series: Series[];
}

const charts: ChartSpec[] = [
  {
    id: 'latency',
    title: 'inspect.latency',
    unit: 'ms',
    series: [
      { label: 'inspect.rtt', colour: 1, value: s => s.roundTripMs },
      { label: 'inspect.uplink', colour: 2, value: s => s.uplinkMs },
      { label: 'inspect.model', colour: 3, value: s => s.modelFirstAudioMs },
      { label: 'inspect.downlink', colour: 4, value: s => s.downlinkMs },
      { label: 'inspect.buffered', colour: 6, value: s => s.bufferedMs },
      { label: 'inspect.playout', colour: 5, value: s => playout(s) },
    ],
  },
  {
    id: 'network',
    title: 'inspect.network',
    unit: '%, ms',
    series: [
      { label: 'inspect.loss', colour: 6, value: s => (s.lossIn === undefined ? undefined : s.lossIn * 100) },
      { label: 'inspect.jitter', colour: 1, value: s => s.jitterMs },
      { label: 'inspect.queue', colour: 4, value: s => s.queueMs },
    ],
  },
  {
    id: 'bitrate',
    title: 'inspect.bitrate',
    unit: 'kbit/s',
    series: [
      { label: 'inspect.in', colour: 2, value: s => s.bitrateInKbps },
      { label: 'inspect.out', colour: 5, value: s => s.bitrateOutKbps },
    ],
  },
];

/** Buffer and loudspeaker together: what a decoded word waits before it is heard. */
function playout(s: CallStats): number | undefined {
  return s.jitterBufferMs === undefined && s.playoutDelayMs === undefined ? undefined : (s.jitterBufferMs ?? 0) + (s.playoutDelayMs ?? 0);
}

/** The least that the chart of latencies draws. */
const floorMs = 0.1;

function drawn(spec: ChartSpec, value: number | undefined): number | null {
  if (value === undefined) return null;
  return spec.id === 'latency' ? Math.max(value, floorMs) : value;
}

/** A figure of an axis; null is a line without one. */
function brief(value: number | null): string {
  return value === null ? '' : value >= 1_000 ? `${value / 1_000}k` : String(value);
}

/** Of a logarithmic scale the lines that have a figure. */
function powersOfTen(_: uPlot, splits: number[]): (number | null)[] {
  return splits.map(v => (Number.isInteger(Math.round(Math.log10(v) * 1e6) / 1e6) ? v : null));
}

const keptSamples = 1_800;
const drawnSamples = 120;
const keptEvents = 2_000;
const drawnEvents = 200;

/** A name may be broken after its dots, dashes and slashes, and nowhere else. */
function breakable(name: string): TemplateResult[] {
  return name.split(/(?<=[._/])/).map(part => html`${part}<wbr />`);
}

/** The panel for measurements: live charts per hop, the timeline, and everything as JSON. */
export class Inspector extends LitElement {
  static override properties = {
    words: { attribute: false },
    call: { attribute: false },
    samples: { state: true },
    events: { state: true },
  };
  declare words: Words;
  declare call: Call | undefined;
  declare samples: Sample[];
  declare events: TimelineEvent[];

  readonly #plots = new Map<string, uPlot>();
  #off: (() => void)[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #resize: ResizeObserver | undefined;
  #thinkingSince: number | undefined;
  #modelFirstAudioMs: number | undefined;

  constructor() {
    super();
    this.samples = [];
    this.events = [];
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(this);
    this.#timer = setInterval(() => void this.#sample(), 1_000);
    if (this.call && this.#off.length === 0) this.#follow(this.call);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#resize?.disconnect();
    for (const off of this.#off.splice(0)) off();
    for (const plot of this.#plots.values()) plot.destroy();
    this.#plots.clear();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('call')) return;
    for (const off of this.#off.splice(0)) off();
    this.samples = [];
    this.events = [];
    this.#modelFirstAudioMs = undefined;
    if (this.call) this.#follow(this.call);
  }

  #follow(call: Call): void {
    this.#off.push(
      call.on('timeline', event => (this.events = [...this.events.slice(1 - keptEvents), event])),
      call.on('state', ({ state, previous }) => {
        // Without the server's own figure: from the end of the person's turn to the agent's first sound.
        if (state === 'thinking' || (previous === 'listening' && state === 'speaking')) this.#thinkingSince = performance.now();
        if (state === 'speaking' && previous === 'thinking' && this.#thinkingSince !== undefined)
          this.#modelFirstAudioMs = performance.now() - this.#thinkingSince;
      }),
    );
  }

  async #sample(): Promise<void> {
    const call = this.call;
    if (!call || call.state === 'idle' || call.state === 'ended') return;
    const stats = await call.stats().catch(() => undefined);
    if (!stats || this.samples.at(-1)?.at === stats.at) return;
    const { metrics } = call;
    const half = stats.roundTripMs === undefined ? undefined : stats.roundTripMs / 2;
    const sample: Sample = { ...stats };
    const put = (key: 'uplinkMs' | 'modelFirstAudioMs' | 'downlinkMs' | 'bufferedMs' | 'queueMs', value: number | undefined) => {
      if (value !== undefined) sample[key] = value;
    };
    put('uplinkMs', metrics.uplinkMs ?? half);
    put('modelFirstAudioMs', metrics.modelFirstAudioMs ?? this.#modelFirstAudioMs);
    put('downlinkMs', metrics.downlinkMs ?? half);
    put('bufferedMs', metrics.bufferedMs);
    put('queueMs', metrics.downlinkQueueMs);
    this.samples = [...this.samples.slice(1 - keptSamples), sample];
  }

  protected override updated(): void {
    for (const spec of charts) this.#draw(spec);
  }

  #data(spec: ChartSpec): uPlot.AlignedData {
    const last = this.samples.slice(-drawnSamples);
    return [last.map(s => s.at / 1000), ...spec.series.map(one => last.map(s => drawn(spec, one.value(s))))] as uPlot.AlignedData;
  }

  #draw(spec: ChartSpec): void {
    const box = this.querySelector<HTMLElement>(`[data-chart="${spec.id}"]`);
    if (!box || box.clientWidth === 0) return;
    const plot = this.#plots.get(spec.id);
    if (plot) {
      plot.setData(this.#data(spec));
      return;
    }
    if (this.samples.length < 2) return;
    const style = getComputedStyle(this);
    const colour = (n: number) => style.getPropertyValue(`--series-${n}`).trim();
    const axis = {
      stroke: style.getPropertyValue('--ink-2').trim(),
      grid: { stroke: style.getPropertyValue('--line').trim(), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    this.#plots.set(
      spec.id,
      new uPlot(
        {
          width: box.clientWidth,
          height: 130,
          legend: { show: false },
          cursor: { y: false, points: { size: 6 } },
          // From a tenth of a millisecond to seconds: on a straight scale the largest hop presses all others onto zero.
          scales:
            spec.id === 'latency'
              ? { y: { distr: 3, range: (_, __, max) => [floorMs, 10 ** Math.ceil(Math.log10(Math.max(max || 0, 20)))] } }
              : { y: { range: (_, __, max) => [0, Math.max(max || 0, spec.unit === 'ms' ? 20 : 5) * 1.15] } },
          axes: [
            {
              ...axis,
              size: 24,
              space: 70,
              values: (_, ticks) => ticks.map(v => new Date(v * 1000).toLocaleTimeString(this.words.language, { hour12: false })),
            },
            spec.id === 'latency'
              ? { ...axis, size: 38, space: 18, grid: { ...axis.grid, filter: powersOfTen }, values: (_, ticks) => ticks.map(brief) }
              : { ...axis, size: 38, space: 32 },
          ],
          series: [
            {},
            ...spec.series.map(s => ({
              label: this.words.t(s.label),
              stroke: colour(s.colour),
              width: 1.75,
              points: { show: false },
              spanGaps: true,
            })),
          ],
        },
        this.#data(spec),
        box,
      ),
    );
  }

  #fit(): void {
    for (const [id, plot] of this.#plots) {
      const box = this.querySelector<HTMLElement>(`[data-chart="${id}"]`);
      if (box && box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: 130 });
    }
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('close'));
  }

  #download(): void {
    const { call } = this;
    save(
      `call-${call?.callId ?? 'none'}.json`,
      'application/json',
      JSON.stringify(
        {
          callId: call?.callId,
          role: call?.role,
          model: call?.model,
          state: call?.state,
          samples: this.samples,
          metrics: call?.metrics,
          timeline: this.events,
          transcript: call?.transcript,
          userAgent: navigator.userAgent,
        },
        null,
        2,
      ),
    );
  }

  /** The bit rate and packets of the agent's voice, and their reason. */
  #voice(): TemplateResult | typeof nothing {
    const { downlinkBitrate: bitrate, downlinkPacketMs: ms = 20, downlinkReason: reason = 'full' } = this.call?.metrics ?? {};
    if (bitrate === undefined) return nothing;
    const { t } = this.words;
    return html`<p class="quiet small" data-testid="voice">
      ${t('inspect.voice', { kbps: bitrate / 1000, ms })}: ${t(`inspect.voice.${reason}`)}
    </p>`;
  }

  protected override render(): TemplateResult {
    const { t } = this.words;
    const last = this.samples.at(-1);
    const events = this.events.slice(-drawnEvents).reverse();
    return html`<aside
      class="inspector"
      aria-label=${t('inspect.title')}
      data-testid="inspector"
      @keydown=${(e: KeyboardEvent) => e.key === 'Escape' && this.#close()}
    >
      <header>
        <h2 tabindex="-1">${t('inspect.title')}</h2>
        <button class="button small" data-testid="inspect-download" ?disabled=${!this.call} @click=${() => this.#download()}>
          ${icon('download')}${t('inspect.download')}
        </button>
        <button
          class="icon-button"
          data-testid="inspect-close"
          aria-label=${t('inspect.close')}
          title=${t('inspect.close')}
          @click=${() => this.#close()}
        >
          ${icon('close')}
        </button>
      </header>
      ${
        last
          ? html`<p class="facts">
              ${last.transport ? html`<span>${last.transport.toUpperCase()}</span>` : nothing}
              ${last.connectMs === undefined ? nothing : html`<span>${t('inspect.connected', { ms: Math.round(Math.min(last.connectMs, last.channelMs ?? Infinity)) })}</span>`}
              ${last.channelMs === undefined ? nothing : html`<span>${t('inspect.channel', { ms: Math.round(last.channelMs) })}</span>`}
            </p>`
          : html`<p class="quiet">${t('inspect.waiting')}</p>`
      }
      ${charts.map(
        spec =>
          html`<section class="chart">
            <h3>${t(spec.title)} <span class="unit">${spec.unit}</span></h3>
            <div class="plot" data-chart=${spec.id} aria-hidden="true"></div>
            <ul class="legend">
              ${spec.series.map(s => {
                const value = last ? s.value(last) : undefined;
                return html`<li data-colour=${s.colour}>
                  <span class="key" aria-hidden="true"></span>${t(s.label)}
                  <b>${typeof value !== 'number' ? '–' : value.toFixed(value < 10 ? 1 : 0)}</b>
                </li>`;
              })}
            </ul>
            ${spec.id === 'bitrate' ? this.#voice() : nothing}
            ${spec.id === 'latency' && last && this.call?.metrics.uplinkMs === undefined ? html`<p class="quiet small">${t('inspect.uplink')}, ${t('inspect.model')}, ${t('inspect.downlink')}: ${t('inspect.estimated')}</p>` : nothing}
          </section>`,
      )}
      <section class="timeline">
        <h3 id="timeline-title">${t('inspect.timeline')}</h3>
        <ol tabindex="0" aria-labelledby="timeline-title" data-testid="timeline">
          ${repeat(
            events,
            e => e,
            e =>
              html`<li data-lane=${e.lane}>
                <time
                  >${new Date(e.at).toLocaleTimeString(this.words.language, { hour12: false })}.${String(e.at % 1000).padStart(3, '0')}</time
                >
                <span class="lane">${t(`inspect.lane.${e.lane}`)}</span>
                <span class="event"
                  >${breakable(e.name.replace(' ', '\u00a0'))}${e.detail ? html` <small>${e.detail}</small>` : nothing}</span
                >
                ${e.durationMs === undefined ? nothing : html`<span class="took">${e.durationMs.toFixed(e.durationMs < 10 ? 1 : 0)} ms</span>`}
              </li>`,
          )}
        </ol>
      </section>
    </aside>`;
  }
}

customElements.define('bridge-inspector', Inspector);
