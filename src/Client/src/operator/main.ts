import '../ui/tokens.css';
import './operator.css';
import { html, nothing, render } from 'lit';
import { live as kept } from 'lit/directives/live.js';
import { icon } from '../ui/icons.js';
import { Api, ApiError } from './api.js';
import type { App, Question, View } from './app.js';
import { CallView } from './call.js';
import { CallsView } from './calls.js';
import { ChartsView } from './charts.js';
import { events } from './feed.js';
import { HealthView } from './health.js';
import { home } from './home.js';
import { LiveView } from './live.js';
import { RolesView } from './roles.js';
import type { LiveState } from './types.js';
import { languageNames, wordsFor, type Words } from './words.js';

const places = ['live', 'calls', 'charts', 'roles', 'health'] as const;
type Place = (typeof places)[number] | 'call';

const root = document.getElementById('app')!;
const tellMs = 4_000;
const longestPauseMs = 10_000;
document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href = `${home}favicon.svg`;

/** The page: who is there, where it is, and the stream of living calls. */
class Page implements App {
  words: Words = wordsFor(remembered());
  readonly api = new Api();
  live: LiveState | undefined;
  #most = 50;
  #may: boolean | undefined;
  #place: Place = 'live';
  #title = false;
  #views: Record<Place, View> = {
    live: new LiveView(this),
    calls: new CallsView(this),
    call: new CallView(this),
    charts: new ChartsView(this),
    roles: new RolesView(this),
    health: new HealthView(this),
  };
  #rest = '';
  #opened = false;
  #stream: AbortController | undefined;
  #away = false;
  #wrongKey = false;
  #question: Question | undefined;
  #asking = false;
  #told = '';
  #seen = false;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #painting = false;

  get most(): number {
    return this.#most;
  }

  set most(count: number) {
    this.#most = count;
    void this.#listen();
  }

  start(): void {
    addEventListener('hashchange', () => this.#arrive(true));
    this.#arrive(false);
    void this.#listen();
  }

  go(place: string): void {
    location.hash = `/${place}`;
  }

  paint(): void {
    if (this.#painting) return;
    this.#painting = true;
    queueMicrotask(() => {
      this.#painting = false;
      this.#paint();
    });
  }

  ask(question: Question): void {
    this.#question = question;
    this.#paint();
    root.querySelector<HTMLDialogElement>('dialog')!.showModal();
  }

  tell(sentence: string, seen = false): void {
    clearTimeout(this.#telling);
    this.#seen = seen;
    this.#told = sentence;
    this.#telling = setTimeout(() => {
      this.#told = '';
      this.paint();
    }, tellMs);
    this.paint();
  }

  failed(error: unknown): string {
    const { t } = this.words;
    if (!(error instanceof ApiError)) return t('failed.other');
    if (error.status === 404 && this.live === undefined) this.#out();
    return error.status === 0
      ? t('failed.away')
      : error.status === 503
        ? t('failed.store')
        : error.message || t('failed.code', { code: error.status });
  }

  /** Listens to the stream, again and again, until it is told that it may not. */
  async #listen(): Promise<void> {
    this.#stream?.abort();
    const stream = (this.#stream = new AbortController());
    let pause = 500;
    while (!stream.signal.aborted) {
      try {
        const answer = await this.api.live(this.#most, stream.signal);
        for await (const state of events<LiveState>(answer.body!)) {
          if (stream.signal.aborted) return;
          pause = 500;
          this.#take(state);
        }
      } catch (error) {
        if (stream.signal.aborted) return;
        if (error instanceof ApiError && (error.status === 404 || error.status === 401)) {
          this.#out();
          return;
        }
      }
      if (stream.signal.aborted) return;
      this.#away = true;
      this.paint();
      await new Promise(done => setTimeout(done, pause));
      pause = Math.min(pause * 2, longestPauseMs);
    }
  }

  #take(state: LiveState): void {
    this.live = state;
    this.#away = false;
    this.#wrongKey = false;
    if (!this.#may) {
      this.#may = true;
      this.#open();
    }
    if (document.visibilityState === 'visible') this.paint();
  }

  /** The host knows no operator here. Everything shown is taken away. */
  #out(): void {
    this.#stream?.abort();
    this.#wrongKey = this.api.hasKey;
    this.api.signIn('');
    if (this.#opened) this.#views[this.#place].close?.();
    this.#opened = false;
    this.#may = false;
    this.live = undefined;
    this.paint();
  }

  #signIn(event: SubmitEvent): void {
    event.preventDefault();
    this.api.signIn(String(new FormData(event.target as HTMLFormElement).get('key')));
    void this.#listen();
  }

  #arrive(byPerson: boolean): void {
    const [, place = 'live', rest = ''] = /^#\/(\w+)(?:\/([\w-]+))?$/.exec(location.hash) ?? [];
    if (this.#opened) this.#views[this.#place].close?.();
    this.#opened = false;
    this.#place = (places as readonly string[]).includes(place) || (place === 'call' && rest) ? (place as Place) : 'live';
    this.#rest = rest;
    this.#title = byPerson;
    if (this.#may) this.#open();
    this.paint();
  }

  #open(): void {
    this.#opened = true;
    this.#views[this.#place].open?.(this.#rest);
  }

  async #answer(question: Question): Promise<void> {
    this.#asking = true;
    this.paint();
    try {
      await question.run();
    } catch (error) {
      this.tell(error instanceof ApiError && error.status === 404 && this.live ? this.words.t('failed.gone') : this.failed(error));
    }
    this.#asking = false;
    root.querySelector<HTMLDialogElement>('dialog')!.close();
  }

  #paint(): void {
    const { t } = this.words;
    document.documentElement.lang = this.words.language;
    document.documentElement.dir = this.words.dir;
    const name = t(`place.${this.#place}`);
    document.title = this.#may ? `${name} – ${t('title')}` : t('title');
    render(
      html`<a
          class="skip"
          href="#main"
          @click=${(e: Event) => {
            // The part of the address behind # is a place of this page.
            e.preventDefault();
            document.getElementById('main')!.focus();
          }}
          >${t('skip')}</a
        >
        <header class="top">
          <a class="brand" href="#/live"><img src="${home}favicon.svg" alt="" width="24" height="24" /><span>${t('title')}</span></a>
          ${
            this.#may
              ? html`<nav aria-label=${t('nav')}>
                  ${places.map(p => html`<a href="#/${p}" aria-current=${p === this.#place ? 'page' : nothing}>${t(`place.${p}`)}${p === 'live' && this.live ? html` <span class="badge" data-testid="count">${this.live.count}</span>` : nothing}</a>`)}
                </nav>`
              : nothing
          }
          <span class="grow"></span>
          <label class="language"
            ><span class="visually-hidden">${t('language')}</span>
            <select
              data-testid="language"
              .value=${kept(this.words.language)}
              @change=${(e: Event) => this.#speak((e.target as HTMLSelectElement).value)}
            >
              ${languageNames().map(l => html`<option value=${l.code} lang=${l.code} ?selected=${l.code === this.words.language}>${l.name}</option>`)}
            </select></label
          >
          ${
            this.#may && this.api.hasKey
              ? html`<button
                  class="button small"
                  data-testid="sign-out"
                  @click=${() => {
                    this.api.signIn('');
                    this.#out();
                  }}
                >
                  ${t('out')}
                </button>`
              : nothing
          }
        </header>
        ${this.#may && this.#away ? html`<p class="banner" role="status">${icon('warn')}${t('banner.away')}</p>` : nothing}
        ${this.live?.draining ? html`<p class="banner" role="status">${icon('warn')}${t('banner.draining')}</p>` : nothing}
        ${this.live?.degraded ? html`<p class="banner" role="status" data-testid="degraded">${icon('warn')}${t('banner.degraded')}</p>` : nothing}
        <main id="main" tabindex="-1" data-place=${this.#may ? this.#place : 'sign-in'}>
          ${
            this.#may
              ? html`<h1 tabindex="-1">${name}</h1>
                  ${this.#views[this.#place].render()}`
              : this.#may === false
                ? html`<form class="sheet sign-in" data-testid="sign-in" @submit=${(e: SubmitEvent) => this.#signIn(e)}>
                    <h1>${t('in.title')}</h1>
                    <p>${t('in.text')}</p>
                    <label class="field"
                      ><span>${t('in.key')}</span
                      ><input
                        name="key"
                        type="password"
                        required
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="1000"
                        dir="ltr"
                        aria-invalid=${this.#wrongKey}
                        aria-describedby=${this.#wrongKey ? 'wrong' : nothing}
                    /></label>
                    ${this.#wrongKey ? html`<p id="wrong" class="wrong" role="alert">${t('in.wrong')}</p>` : nothing}
                    <button class="button primary">${t('in.go')}</button>
                    <p class="quiet small">${t('in.where')}</p>
                    <code class="command" dir="ltr">cat data/operator.key</code>
                  </form>`
                : html`<p class="quiet" role="status">${t(this.#away ? 'banner.away' : 'loading')}</p>`
          }
        </main>
        <p class=${this.#seen ? 'visually-hidden' : 'told'} role="status" data-testid="told">${this.#told}</p>
        <dialog aria-labelledby="question" @close=${() => (this.#question = undefined)}>
          <h2 id="question">${this.#question?.title}</h2>
          <p>${this.#question?.text}</p>
          <div class="row">
            <button class="button" data-testid="no" autofocus @click=${() => root.querySelector<HTMLDialogElement>('dialog')!.close()}>
              ${t('no')}
            </button>
            <button
              class="button danger"
              data-testid="yes"
              ?disabled=${this.#asking}
              @click=${() => this.#question && void this.#answer(this.#question)}
            >
              ${this.#question?.yes}
            </button>
          </div>
        </dialog>`,
      root,
    );
    if (this.#may) this.#views[this.#place].drawn?.(root);
    if (this.#title && this.#may) {
      this.#title = false;
      root.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }

  #speak(code: string): void {
    this.words = wordsFor(code);
    try {
      localStorage.setItem('bridge:lang', code);
    } catch {
      // Forbidden storage costs the memory of the choice, not the choice.
    }
    this.paint();
  }
}

function remembered(): string {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked) return asked;
  try {
    return localStorage.getItem('bridge:lang') ?? navigator.language;
  } catch {
    return navigator.language;
  }
}

new Page().start();
