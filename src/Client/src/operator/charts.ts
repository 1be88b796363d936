import 'uplot/dist/uPlot.min.css';
import { html, nothing, type TemplateResult } from 'lit';
import uPlot from 'uplot';
import type { App, View } from './app.js';
import { formatOf } from './format.js';
import { blank, failure } from './parts.js';
import type { Chart, Sum } from './types.js';
import type { Key } from './words.js';

interface Line {
  label: Key;
  /** Of the palette, --series-n. */
  colour: number;
  value(sum: Sum): number | null;
}

interface Spec {
  id: string;
  title: Key;
  unit: string;
  bars: boolean;
  /** The value of an hour without calls. */
  nothing: 0 | null;
  lines: Line[];
}

const specs: Spec[] = [
  {
    id: 'calls',
    title: 'chart.calls',
    unit: '',
    bars: true,
    nothing: 0,
    lines: [
      { label: 'chart.all', colour: 1, value: s => s.calls },
      { label: 'chart.failed', colour: 6, value: s => s.failed },
    ],
  },
  {
    id: 'cost',
    title: 'chart.cost',
    unit: 'USD',
    bars: true,
    nothing: 0,
    lines: [{ label: 'chart.dollars', colour: 3, value: s => s.cost }],
  },
  { id: 'model', title: 'chart.model', unit: 'ms', bars: false, nothing: null, lines: percentiles(s => s.model) },
  { id: 'downlink', title: 'chart.downlink', unit: 'ms', bars: false, nothing: null, lines: percentiles(s => s.downlink) },
];

function percentiles(of: (s: Sum) => Sum['model']): Line[] {
  return [
    { label: 'chart.p50', colour: 2, value: s => of(s)?.p50 ?? null },
    { label: 'chart.p95', colour: 4, value: s => of(s)?.p95 ?? null },
    { label: 'chart.p99', colour: 5, value: s => of(s)?.p99 ?? null },
  ];
}

const spans = [
  { id: 'day', by: 'hour', hours: 24 },
  { id: 'week', by: 'hour', hours: 7 * 24 },
  { id: 'month', by: 'day', hours: 30 * 24 },
  { id: 'year', by: 'day', hours: 365 * 24 },
] as const;

/** Every hour or day of a chart, those without calls included: seconds since 1970 and the sum. */
export function filled(chart: Chart): { at: number; sum: Sum | undefined }[] {
  const step = chart.by === 'day' ? 86_400 : 3_600;
  const known = new Map(chart.sums.map(s => [Date.parse(s.at) / 1_000, s]));
  const list: { at: number; sum: Sum | undefined }[] = [];
  for (let at = Date.parse(chart.from) / 1_000; at < Date.parse(chart.to) / 1_000; at += step) list.push({ at, sum: known.get(at) });
  return list;
}

/** Calls, cost and delays over time, each with its figures in a table. */
export class ChartsView implements View {
  #span: (typeof spans)[number] = spans[0];
  #chart: Chart | undefined;
  #trouble: string | undefined;
  #asked: AbortController | undefined;
  #drawn: { chart: Chart; language: string; dark: boolean } | undefined;
  readonly #plots: uPlot[] = [];
  readonly #resize = new ResizeObserver(() => this.#fit());
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor(private readonly app: App) {
    this.#dark.addEventListener('change', () => app.paint());
  }

  open(): void {
    void this.#load();
  }

  close(): void {
    this.#asked?.abort();
    this.#forget();
  }

  async #load(): Promise<void> {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    this.#trouble = undefined;
    try {
      this.#chart = await this.app.api.charts(
        this.#span.by,
        new Date(Date.now() - this.#span.hours * 3_600_000).toISOString(),
        asked.signal,
      );
    } catch (error) {
      if (asked.signal.aborted) return;
      this.#trouble = this.app.failed(error);
    }
    this.app.paint();
  }

  render(): TemplateResult {
    const { t } = this.app.words;
    const chart = this.#chart;
    return html`<div class="row spans" role="group" aria-label=${t('chart.span')}>
        ${spans.map(
          s =>
            html`<button
              class="button small"
              aria-pressed=${s === this.#span}
              @click=${() => {
                this.#span = s;
                void this.#load();
              }}
            >
              ${t(`chart.${s.id}`)}
            </button>`,
        )}
        <span class="quiet small">${t('chart.utc')}</span>
      </div>
      ${this.#trouble ? failure(this.#trouble, this.app.words, () => void this.#load()) : nothing}
      ${
        chart === undefined
          ? this.#trouble
            ? nothing
            : html`<p class="quiet">${t('loading')}</p>`
          : chart.sums.length === 0
            ? blank('pulse', t('chart.none'), t('chart.none.hint'))
            : html`<div class="charts" data-testid="charts">${specs.map(s => this.#figure(s, chart))}</div>`
      }`;
  }

  #figure(spec: Spec, chart: Chart): TemplateResult {
    const { t } = this.app.words;
    const f = formatOf(this.app.words);
    const show = (value: number | null) =>
      value === null ? '–' : spec.unit === 'USD' ? f.money(value) : f.number(value, value < 10 && spec.unit ? 1 : 0);
    return html`<figure class="sheet chart" data-chart=${spec.id}>
      <figcaption>
        <h2>${t(spec.title)}${spec.unit ? html` <span class="quiet">${spec.unit}</span>` : nothing}</h2>
        <ul class="legend">
          ${spec.lines.map(l => html`<li data-colour=${l.colour}><span class="key" aria-hidden="true"></span>${t(l.label)}</li>`)}
        </ul>
      </figcaption>
      <div class="plot" dir="ltr" aria-hidden="true"></div>
      <details>
        <summary>${t('chart.table')}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label=${t(spec.title)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${t('chart.time')}</th>
                ${spec.lines.map(l => html`<th scope="col" class="figure">${t(l.label)}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${chart.sums.map(
                s =>
                  html`<tr>
                    <th scope="row">${(chart.by === 'day' ? f.utcDay : f.utcHour)(s.at)}</th>
                    ${spec.lines.map(l => html`<td class="figure">${show(l.value(s))}</td>`)}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>
    </figure>`;
  }

  drawn(root: HTMLElement): void {
    const chart = this.#chart;
    const now = { chart: chart!, language: this.app.words.language, dark: this.#dark.matches };
    if (
      !chart ||
      !root.querySelector('.plot') ||
      (this.#drawn && this.#drawn.chart === now.chart && this.#drawn.language === now.language && this.#drawn.dark === now.dark)
    )
      return;
    this.#forget();
    this.#drawn = now;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const f = formatOf(this.app.words);
    const points = filled(chart);
    const half = chart.by === 'day' ? 43_200 : 1_800;
    for (const spec of specs) {
      const box = root.querySelector<HTMLElement>(`[data-chart="${spec.id}"] .plot`)!;
      const axis = {
        stroke: colour('--ink-2'),
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { show: false },
        font: '11px system-ui, sans-serif',
      };
      const data = [
        points.map(p => p.at),
        ...spec.lines.map(l => points.map(p => (p.sum ? (l.value(p.sum) ?? spec.nothing) : spec.nothing))),
      ] as uPlot.AlignedData;
      const bars = uPlot.paths.bars!({ size: [0.7, 40], radius: 0.2 });
      this.#plots.push(
        new uPlot(
          {
            width: box.clientWidth,
            height: 200,
            legend: { show: false },
            cursor: { y: false, points: { size: 6 } },
            tzDate: at => uPlot.tzDate(new Date(at * 1_000), 'Etc/UTC'),
            scales: {
              x: { range: (_, min, max) => (spec.bars ? [min - half, max + half] : [min, max]) },
              y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
            },
            axes: [
              {
                ...axis,
                size: 28,
                space: 74,
                values: (_, ticks) => ticks.map(v => (chart.by === 'day' ? f.utcDate : f.utcShort)(new Date(v * 1_000).toISOString())),
              },
              {
                ...axis,
                size: 54,
                space: 34,
                values: (_, ticks) =>
                  ticks.map(v => (spec.id === 'calls' && !Number.isInteger(v) ? '' : f.number(v, v < 1 ? 2 : v < 10 ? 1 : 0))),
              },
            ],
            series: [
              {},
              ...spec.lines.map(l =>
                spec.bars
                  ? {
                      label: this.app.words.t(l.label),
                      stroke: colour(`--series-${l.colour}`),
                      fill: colour(`--series-${l.colour}`),
                      width: 0,
                      paths: bars,
                      points: { show: false },
                    }
                  : {
                      label: this.app.words.t(l.label),
                      stroke: colour(`--series-${l.colour}`),
                      width: 2,
                      spanGaps: true,
                      points: { show: points.length < 60, size: 5 },
                    },
              ),
            ],
          },
          data,
          box,
        ),
      );
      this.#resize.observe(box);
    }
  }

  #fit(): void {
    for (const plot of this.#plots) {
      const box = plot.root.parentElement;
      if (box && box.clientWidth > 0 && box.clientWidth !== plot.width) plot.setSize({ width: box.clientWidth, height: 200 });
    }
  }

  #forget(): void {
    this.#resize.disconnect();
    for (const plot of this.#plots.splice(0)) plot.destroy();
    this.#drawn = undefined;
  }
}
