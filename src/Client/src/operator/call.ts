import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../ui/icons.js';
import { ApiError } from './api.js';
import type { App, View } from './app.js';
import { clock, formatOf } from './format.js';
import { endCall } from './live.js';
import { blank, failure, lines } from './parts.js';
import { saveUrl } from './save.js';
import { recapOf } from './recap.js';
import { recordings } from './recordings.js';
import { pretty, story, type Step } from './story.js';
import type { CallRecord } from './types.js';

const againMs = 2_000;

/** One call as a timeline, with what it left behind; while it runs it is read again every two seconds. */
export class CallView implements View {
  #id = '';
  #call: CallRecord | undefined;
  #steps: Step[] = [];
  #missing = false;
  #trouble: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Addresses of images and recordings that were fetched, by path; null while they are being fetched. */
  readonly #blobs = new Map<string, string | null>();

  constructor(private readonly app: App) {}

  open(rest: string): void {
    this.close();
    this.#id = rest;
    this.#call = undefined;
    this.#steps = [];
    this.#missing = false;
    this.#trouble = undefined;
    void this.#load();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#id = '';
    for (const url of this.#blobs.values()) if (url) URL.revokeObjectURL(url);
    this.#blobs.clear();
  }

  async #load(): Promise<void> {
    const id = this.#id;
    try {
      const call = await this.app.api.call(id);
      if (id !== this.#id) return;
      this.#call = call;
      this.#steps = story(call);
      this.#trouble = undefined;
      if (!call.ended) this.#timer = setTimeout(() => void this.#load(), againMs);
    } catch (error) {
      if (id !== this.#id) return;
      this.#missing = error instanceof ApiError && error.status === 404 && this.app.live !== undefined;
      if (!this.#missing) this.#trouble = this.app.failed(error);
    }
    this.app.paint();
  }

  #blob(path: string): string | undefined {
    const known = this.#blobs.get(path);
    if (known !== undefined) return known ?? undefined;
    this.#blobs.set(path, null);
    void this.app.api.blob(path).then(
      url => {
        if (this.#blobs.has(path)) this.#blobs.set(path, url);
        else URL.revokeObjectURL(url);
        this.app.paint();
      },
      () => undefined,
    );
    return undefined;
  }

  #erase(): void {
    const { t } = this.app.words;
    const id = this.#id;
    this.app.ask({
      title: t('erase.title'),
      text: t('erase.text'),
      yes: t('erase.yes'),
      run: async () => {
        await this.app.api.erase(id);
        this.app.tell(t('erase.done'));
        this.app.go('calls');
      },
    });
  }

  render(): TemplateResult {
    const { t, code } = this.app.words;
    const f = formatOf(this.app.words);
    const call = this.#call;
    if (this.#missing) return blank('copy', t('call.gone'), t('call.gone.hint'));
    if (!call)
      return this.#trouble ? failure(this.#trouble, this.app.words, () => void this.#load()) : html`<p class="quiet">${t('loading')}</p>`;
    const living = !call.ended;
    const length = (call.ended ? Date.parse(call.ended) : Date.now()) - Date.parse(call.started);
    const usage = Object.entries(call.usage).filter(([, count]) => count > 0);
    return html`<div class="call-head">
        <dl class="facts">
          <div class="mid">
            <dt>${t('fact.role')}</dt>
            <dd><bdi>${call.role}</bdi></dd>
          </div>
          <div class="mid">
            <dt>${t('fact.begin')}</dt>
            <dd>${f.moment(call.started)}</dd>
          </div>
          <div>
            <dt>${t('fact.time')}</dt>
            <dd>${clock(length)}</dd>
          </div>
          <div>
            <dt>${t('fact.cost')}</dt>
            <dd>${f.money(call.cost)}</dd>
          </div>
          <div class="mid">
            <dt>${t('fact.caller')}</dt>
            <dd class="clip"><bdi>${call.caller ?? '–'}</bdi></dd>
          </div>
          <div class="mid">
            <dt>${t('fact.answers')}</dt>
            <dd class="clip">${call.model}</dd>
          </div>
          <div class="mid">
            <dt>${t('fact.end')}</dt>
            <dd data-testid="reason">${living ? t('call.living') : code('ended', call.reason ?? '')}</dd>
          </div>
        </dl>
        <div class="row">
          ${living ? html`<button class="button small danger" data-testid="end" @click=${() => endCall(this.app, call.id)}>${icon('hangup')}${t('end')}</button>` : nothing}
          <button
            class="button small"
            @click=${() => saveUrl(`call-${call.id}.json`, URL.createObjectURL(new Blob([JSON.stringify(call, null, 2)], { type: 'application/json' })))}
          >
            ${icon('download')}${t('call.save')}
          </button>
          ${living ? nothing : html`<button class="button small danger-line" data-testid="erase" @click=${() => this.#erase()}>${icon('close')}${t('erase')}</button>`}
        </div>
      </div>
      ${
        call.missing > 0
          ? html`<div class="trouble">
              ${icon('warn')}
              <p>${t('call.missing', { count: call.missing })}</p>
            </div>`
          : nothing
      }
      <div class="call-body">
        <section aria-labelledby="story-title">
          <h2 id="story-title">${t('call.story')}</h2>
          ${this.#steps.length <= 1 ? html`<p class="quiet">${t('call.silent')}</p>` : nothing}
          <ol class="story" data-testid="story">
            ${repeat(
              this.#steps,
              s => s.id,
              s => this.#step(s, call),
            )}
          </ol>
        </section>
        <aside aria-label=${t('call.left')}>
          ${recordings(call, this.app.words, path => this.#blob(path))}
          ${
            call.recap
              ? html`<section class="sheet">
                  <h2>${t('call.recap')}</h2>
                  <div class="recap" dir="auto" data-testid="recap">${recapOf(call.recap)}</div>
                </section>`
              : nothing
          }
          ${
            call.outcome === undefined || call.outcome === null
              ? nothing
              : html`<section class="sheet">
                  <h2>${t('call.outcome')}</h2>
                  <pre tabindex="0" data-testid="outcome">${JSON.stringify(call.outcome, null, 2)}</pre>
                </section>`
          }
          ${
            usage.length > 0
              ? html`<section class="sheet">
                  <h2>${t('call.usage')}</h2>
                  <dl class="pairs">
                    ${usage.map(
                      ([name, count]) =>
                        html`<div>
                          <dt>${name.replace(/([A-Z])/g, ' $1').toLowerCase()}</dt>
                          <dd>${f.number(count)}</dd>
                        </div>`,
                    )}
                  </dl>
                </section>`
              : nothing
          }
          <section class="sheet">
            <h2>${t('call.replay')}</h2>
            <p class="quiet small">${t('call.replay.hint')}</p>
            <code class="command" dir="ltr">bridge replay ${call.id} --story</code>
          </section>
        </aside>
      </div>`;
  }

  #step(step: Step, call: CallRecord): TemplateResult {
    const { t, code } = this.app.words;
    const f = formatOf(this.app.words);
    const at = html`<time>${clock(step.at)}</time>`;
    switch (step.kind) {
      case 'said': {
        const image = step.image
          ? this.#blob(`api/calls/${encodeURIComponent(call.id)}/images/${encodeURIComponent(step.image)}`)
          : undefined;
        return html`<li class="step said ${step.who}" data-kind=${step.interrupted ? 'interrupted' : 'said'}>
          ${at}
          <div>
            <p class="who">
              ${t(`who.${step.who}`)}${step.typed && step.who === 'user' ? html` · ${t('call.typed')}` : nothing}${step.withdrawn ? html` · ${t('call.withdrawn')}` : nothing}
            </p>
            <p class="words ${step.withdrawn ? 'gone' : ''}" dir="auto">
              ${step.heard ? lines(step.heard) : step.image || step.unheard ? nothing : html`<span class="quiet">${t('call.nothing')}</span>`}${step.unheard ? html`<del title=${t('call.unheard')}>${step.unheard}</del>` : nothing}
            </p>
            ${step.image ? (image ? html`<img src=${image} alt=${t('call.image')} />` : html`<p class="quiet small">${t('call.image')}</p>`) : nothing}
            ${step.interrupted ? html`<p class="mark">${icon('stop')}${t('call.cut', { heard: f.number((step.heardMs ?? 0) / 1_000, 1), all: f.number((step.generatedMs ?? 0) / 1_000, 1) })}</p>` : nothing}
            ${step.downlinkMs === undefined ? nothing : html`<p class="figures">${step.modelMs === null || step.modelMs === undefined ? nothing : html`${t('fact.model')} <b>${f.ms(step.modelMs)}</b> · `}${t('fact.downlink')} <b>${f.ms(step.downlinkMs)}</b></p>`}
          </div>
        </li>`;
      }
      case 'tool':
        return html`<li class="step tool" data-kind="tool">
          ${at}
          <div>
            <p class="who">${t('call.tool')}</p>
            <details>
              <summary><code>${step.name}</code>${step.tookMs === undefined ? nothing : html` <b>${f.ms(step.tookMs)}</b>`}</summary>
              <h3>${t('call.arguments')}</h3>
              <pre tabindex="0">${pretty(step.input)}</pre>
              ${
                step.progress.length > 0
                  ? html`<ul class="progress">
                      ${step.progress.map(p => html`<li dir="auto">${p}</li>`)}
                    </ul>`
                  : nothing
              }
              <h3>${t('call.result')}</h3>
              <pre tabindex="0">${step.output === undefined ? '–' : pretty(step.output)}</pre>
            </details>
          </div>
        </li>`;
      case 'session':
        return html`<li class="step mark-line" data-kind="session">
          ${at}
          <p>${t('call.session')}: ${code('session', step.reason)}</p>
        </li>`;
      case 'summary':
        return html`<li class="step mark-line" data-kind="summary">
          ${at}
          <div>
            <p>${t('call.summary')}</p>
            <p class="words quiet" dir="auto">${lines(step.text)}</p>
          </div>
        </li>`;
      case 'note':
        return html`<li class="step note" data-kind="note">
          ${at}
          <div>
            <p class="who">${t('call.note')}</p>
            ${step.title ? html`<p class="words" dir="auto"><strong>${step.title}</strong></p>` : nothing}
            <p class="words" dir="auto">${lines(step.text)}</p>
          </div>
        </li>`;
      case 'end':
        return html`<li class="step mark-line end" data-kind="end">
          ${at}
          <p>${code('ended', step.reason)}</p>
        </li>`;
    }
  }
}
