import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { Call } from '../sdk/call.js';
import { nextTask } from '../sdk/later.js';
import { microphonePermission } from '../sdk/microphone.js';
import { warm } from '../sdk/warm.js';
import type { CallState, ConnectOptions, ModelInfo } from '../sdk/types.js';
import { Announcer } from '../ui/announcer.js';
import { consent } from '../ui/consent.js';
import { recording, showRecording } from '../ui/recording.js';
import { icon } from '../ui/icons.js';
import { reachTables } from '../ui/markdown.js';
import { Orb } from '../ui/orb.js';
import { Stage } from '../ui/stage.js';
import { developers, problemWords, type Words } from '../ui/strings.js';
import { caption, conversation } from '../ui/transcript.js';
import { loadWidgets, undress } from '../ui/widgets.js';
import './after-call.js';
import './dock.js';
import { leaveQuestion } from './leave.js';
import { home, ticket } from './place.js';
import { activity, problems } from './problems.js';
import { roles, type RoleCard } from './roles.js';

interface Notice {
  id: number;
  text: string;
}

/** A call with one role: before it, while it runs, and what is left after it. */
export class CallView extends LitElement {
  static override properties = {
    words: { attribute: false },
    slug: { attribute: false },
    who: { state: true },
    unknown: { state: true },
    inspecting: { state: true },
    reason: { state: true },
    recap: { state: true },
    waiting: { state: true },
    fault: { state: true },
    asks: { state: true },
    notices: { state: true },
    staged: { state: true },
  };
  declare words: Words;
  declare slug: string;
  declare who: RoleCard | undefined;
  declare unknown: boolean;
  declare inspecting: boolean;
  declare reason: string | undefined;
  declare recap: string | undefined;
  declare waiting: string | null;
  /** The fault, for the developer of a page. */
  declare fault: string | undefined;
  /** The browser will ask for the microphone. */
  declare asks: boolean;
  declare notices: Notice[];
  declare staged: boolean;

  #call: Call | undefined;
  #asked: Call | undefined;
  /** Which model answers here, as the list of roles says it. */
  #model: ModelInfo | undefined;
  #shownView: string | undefined;
  #orb = new Orb();
  #stage = new Stage();
  #announcer: Announcer | undefined;
  #callLife = new AbortController();
  #noticeId = 0;
  #startedAt = 0;
  #endedAt = 0;

  constructor() {
    super();
    this.notices = [];
    this.unknown = this.staged = this.asks = false;
    this.inspecting = new URLSearchParams(location.search).has('inspect');
    this.#stage.dataset.testid = 'stage';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('beforeunload', this.#beforeUnload);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('beforeunload', this.#beforeUnload);
    this.#leave();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('slug')) return;
    this.#leave();
    void this.#load();
  }

  /** A call runs that leaving this place would end. */
  get live(): boolean {
    return this.#state !== 'idle' && this.#state !== 'ended';
  }

  /** Asks whether the call shall end; the answer does it. Asked twice, the person means it. */
  askToLeave(): void {
    this.querySelector<HTMLDialogElement>('.leave')?.showModal();
  }

  get asking(): boolean {
    return this.querySelector<HTMLDialogElement>('.leave')?.open ?? false;
  }

  #leave(): void {
    this.#callLife.abort();
    // A person who comes back finds the conversation again.
    void this.#call?.leave();
    this.#call = undefined;
    this.#stage.clear();
    undress(document.head);
  }

  /** The browser's own question, once for a call: a slip of the finger should not cost the conversation. */
  readonly #beforeUnload = (event: BeforeUnloadEvent) => {
    if (!this.live || this.#asked === this.#call) return;
    this.#asked = this.#call;
    event.preventDefault();
  };

  async #load(): Promise<void> {
    const { slug } = this;
    // The call itself says what is wrong when it cannot be made.
    const list = await roles().catch(() => undefined);
    // A call that went on in a page that was left would have no button to end it.
    if (slug !== this.slug || !this.isConnected) return;
    this.who = list?.roles.find(r => r.slug === slug);
    if (list?.model) this.#tellModel(list.model);
    // A role that is not listed is not served either; without the list, the call itself says what is wrong.
    this.unknown = list !== undefined && (this.who === undefined || this.who.available === false);
    this.who ??= { slug, name: slug };
    document.title = `${this.who.emoji ? `${this.who.emoji} ` : ''}${this.who.name} · ${this.words.t('app.name')}`;
    void microphonePermission().then(state => (this.asks = state === 'prompt'));
    if (this.#state === 'idle') await this.#resume();
    if (this.#state === 'idle' && !this.unknown) this.#warm();
  }

  /** Goes on with the call that a reload cut off; without a click nothing else begins. */
  async #resume(): Promise<void> {
    const call = this.#fresh();
    if (!call.resumable) return;
    await this.#hold(call, () => call.resume());
    if (call.state === 'idle' && this.#call === call) {
      this.#call = undefined;
      this.requestUpdate();
    }
  }

  #tellModel(model: ModelInfo): void {
    this.#model = model;
    this.dispatchEvent(new CustomEvent('bridge-model', { detail: model, bubbles: true }));
  }

  /** The messages of a call that connects are not held up by drawing it. */
  protected override async scheduleUpdate(): Promise<void> {
    if (this.#state === 'connecting') await nextTask();
    super.scheduleUpdate();
  }

  readonly #warm = () => warm({ url: home, ...(ticket ? { ticket } : {}) });

  get #state(): CallState {
    return this.#call?.state ?? 'idle';
  }

  #fresh(options: Partial<ConnectOptions> = {}): Call {
    return new Call({ role: this.slug, url: home, locale: this.words.locale, ...(ticket ? { ticket } : {}), ...options });
  }

  async #start(audio: boolean): Promise<void> {
    if (this.#call && this.#state !== 'ended') return;
    const call = this.#fresh({ resume: false, ...(audio ? {} : { audio: false as const }) });
    await this.#hold(call, () => call.start());
  }

  async #hold(call: Call, begin: () => Promise<void>): Promise<void> {
    this.#callLife.abort();
    this.#callLife = new AbortController();
    const life = this.#callLife.signal;
    this.#call = call;
    this.reason = this.recap = this.fault = undefined;
    this.waiting = null;
    this.unknown = this.staged = false;
    this.notices = [];
    this.#stage.clear();
    undress(document.head);
    this.#startedAt = Date.now();
    this.#announcer?.follow(call, () => this.words);
    const repaint = () => this.requestUpdate();
    call.on('state', ({ state }) => {
      this.#orb.state = state;
      this.#stage.over = state === 'ended';
      if (state === 'ended') this.#endedAt = Date.now();
      repaint();
    });
    for (const type of ['transcript', 'progress', 'note', 'audio', 'share', 'confirm'] as const) call.on(type, repaint);
    call.on('level', ({ input, output }) => {
      this.#orb.levels(input, output);
    });
    let widgets = false;
    call.on('waiting', ({ words }) => (this.waiting = words));
    call.on('info', info => {
      this.#tellModel(info.model);
      this.who = { ...this.who, ...info.role };
      if (widgets || !(info.role.hasPage ?? this.who.hasPage)) return;
      widgets = true;
      call.prepare(this.#widgets(call, life));
    });
    call.on('show', shown => {
      const article = this.#stage.show(shown);
      this.staged = true;
      if (matchMedia('(max-width: 59.99rem)').matches) article.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    });
    showRecording(
      call,
      this,
      () => this.words,
      text => this.#announcer?.say(text),
    );
    call.on('notice', ({ text }) => this.#notify(text, 20_000));
    call.on('recap', ({ markdown: text }) => (this.recap = text));
    call.on('error', ({ code, message, fatal }) => {
      if (fatal && developers.has(code)) this.fault = message;
      repaint();
      if (code === 'input_replaced') this.#notify(this.words.t('mic.replaced'));
    });
    call.on('ended', ({ reason }) => {
      this.#callLife.abort();
      if (reason === 'unknown_role') this.unknown = true;
      this.reason = reason;
    });
    this.requestUpdate();
    try {
      await begin();
    } catch {
      // Told by `error` and `ended`.
    }
  }

  async #widgets(call: Call, signal: AbortSignal): Promise<void> {
    const words = () => this.words;
    try {
      await loadWidgets({
        call,
        slug: this.slug,
        stage: this.#stage.widgets,
        get words() {
          return words();
        },
        signal,
        notify: text => this.#notify(text),
        styleRoot: document.head,
      });
    } catch (error) {
      console.warn(error);
      this.#notify(this.words.t('error.widgets'));
    }
  }

  #notify(text: string, ms = 6_000): void {
    if (!text) return;
    const id = ++this.#noticeId;
    this.notices = [...this.notices, { id, text }].slice(-3);
    this.#announcer?.say(text);
    setTimeout(() => (this.notices = this.notices.filter(n => n.id !== id)), ms);
  }

  /** Runs what a button asks for, and says so when it fails. */
  #try(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => this.#notify(problemWords(this.words, error)));
  }

  protected override updated(): void {
    this.#stage.language = this.words.language;
    for (const side of this.querySelectorAll<HTMLElement>('.caption')) side.scrollTop = side.scrollHeight;
    const list = this.querySelector<HTMLElement>('.history');
    if (list && list.scrollHeight - list.scrollTop - list.clientHeight < 120) list.scrollTop = list.scrollHeight;
    this.staged ||= !this.#stage.empty;
    reachTables(this);
    this.#keepFocus();
  }

  /** The button that had the keyboard goes with its view; the keyboard goes on at the title of the next one. */
  #keepFocus(): void {
    const view = this.#view;
    const changed = this.#shownView !== undefined && view !== this.#shownView;
    this.#shownView = view;
    if (!changed) return;
    void this.updateComplete.then(() => {
      const { activeElement } = document;
      if (!activeElement || activeElement === document.body || activeElement.id === 'main')
        this.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    });
  }

  get #view(): string {
    const state = this.#state;
    return this.unknown ? 'unknown' : state === 'ended' ? 'afterwards' : state === 'idle' ? 'before' : 'during';
  }

  protected override render(): TemplateResult {
    const state = this.#state;
    return html`
      <div class="call" data-state=${state} ?data-staged=${this.staged} ?data-inspecting=${this.inspecting}>
        <div
          class="visually-hidden"
          role="log"
          aria-live="polite"
          aria-relevant="additions"
          data-testid="announcer"
          ${ref(e => this.#announce(e))}
        ></div>
        ${this.#view === 'during' ? this.#during() : html`${this.#notices()}${this.#view === 'unknown' ? this.#unknownRole() : this.#view === 'afterwards' ? this.#afterwards() : this.#before()}`}
      </div>
      ${this.inspecting ? this.#inspector() : nothing}
    `;
  }

  #announce(element: Element | undefined): void {
    if (element && !this.#announcer) this.#announcer = new Announcer(element as HTMLElement);
  }

  #notices(): TemplateResult {
    return html`<div class="notices">${this.notices.map(n => html`<p class="notice">${n.text}</p>`)}</div>`;
  }

  // --- before ---------------------------------------------------------------------------------------------------

  #title(): TemplateResult {
    return html`<h1 class="who-title" tabindex="-1"><span aria-hidden="true">${this.who?.emoji}</span> ${this.who?.name ?? this.slug}</h1>`;
  }

  #stateWord(visible: boolean): TemplateResult {
    const state = this.#state;
    return html`<p class="state ${visible ? '' : 'visually-hidden'}" data-testid="state" data-state=${state}>
      ${this.words.t(`state.${state}`)}
    </p>`;
  }

  #before(): TemplateResult {
    const { t } = this.words;
    // Nothing of it before the role is known, or what is below its name would jump.
    if (!this.who) return html`<section class="before" aria-busy="true"></section>`;
    return html`<section class="before" aria-label=${t('call.presence')}>
      ${this.#orb} ${this.#title()} ${this.who?.description ? html`<p class="lead">${this.who.description}</p>` : nothing}
      ${this.#stateWord(false)}
      <button class="button primary large" data-testid="start" @pointerenter=${this.#warm} @click=${() => void this.#start(true)}>
        ${icon('mic')}${t('call.start')}
      </button>
      ${this.asks ? html`<p class="hint">${t('call.hint')}</p>` : nothing}
      <button class="button plain" data-testid="start-text" @click=${() => void this.#start(false)}>${t('call.text-only')}</button>
      ${this.#model?.kind === 'rehearsal' ? html`<p class="hint" data-testid="rehearsal">${t('model.rehearsal.hint')}</p>` : nothing}
    </section>`;
  }

  #unknownRole(): TemplateResult {
    const { t } = this.words;
    return html`<section class="blank" role="alert">
      <span class="blank-icon">${icon('warn')}</span>
      <h1 tabindex="-1">${t('call.unknown')}</h1>
      <p>${t('call.unknown.hint')}</p>
      ${this.#stateWord(false)}
      <a class="button" href=${home}>${t('app.home')}</a>
    </section>`;
  }

  // --- during ---------------------------------------------------------------------------------------------------

  #during(): TemplateResult {
    const { t } = this.words;
    const call = this.#call!;
    const state = call.state;
    const names = { user: t('call.you'), agent: this.who?.name ?? t('call.agent') };
    return html`
      <div class="scene">
        <section class="presence" aria-label=${t('call.presence')}>
          ${this.#orb} ${this.#title()} ${this.#stateWord(true)} ${problems(call, this.words, work => this.#try(work))}
          ${recording(call, this.words, work => this.#try(work))} ${consent(call, this.words)}
          <div class="captions">
            <div class="caption agent" data-testid="agent-transcript" tabindex="-1">${caption(call.transcript, 'agent', this.words)}</div>
            <div class="caption user" data-testid="user-transcript" tabindex="-1">${caption(call.transcript, 'user', this.words)}</div>
            ${this.waiting && (state === 'thinking' || state === 'working') ? html`<p class="quiet" role="status" data-testid="waiting">${this.waiting}</p>` : nothing}
            ${state === 'listening' && call.transcript.length === 0 ? html`<p class="quiet">${t('call.you.waiting')}</p>` : nothing}
          </div>
          ${activity(
            call,
            this.words,
            work => this.#try(work),
            () => this.requestUpdate(),
          )}
          <details class="talk" data-testid="talk" @toggle=${() => this.requestUpdate()}>
            <summary>${t('call.conversation')}</summary>
            <div class="history" tabindex="0" role="region" aria-label=${t('call.conversation')}>
              ${conversation(call.transcript, names, this.words)}
            </div>
          </details>
        </section>
        <section class="stage" aria-label=${t('call.stage')} ?hidden=${!this.staged}>
          <h2 class="visually-hidden">${t('call.stage')}</h2>
          ${this.#stage}
        </section>
      </div>
      <div class="foot">
        ${this.#notices()}
        <bridge-dock
          .words=${this.words}
          .call=${call}
          .inspecting=${this.inspecting}
          @inspect=${(e: CustomEvent<boolean>) => this.#inspect(e.detail)}
          @run=${(e: CustomEvent<Promise<unknown>>) => this.#try(e.detail)}
          @notify=${(e: CustomEvent<string>) => this.#notify(e.detail)}
        ></bridge-dock>
      </div>
      ${leaveQuestion(this.words, () => void this.#call?.hangup())}
    `;
  }

  /** Opens or closes the drawer, and takes the keyboard along. */
  #inspect(open: boolean): void {
    this.inspecting = open;
    void this.updateComplete.then(async () => {
      if (open) await import('./inspector.js').then(() => new Promise(requestAnimationFrame));
      this.querySelector<HTMLElement>(open ? '.inspector h2' : '[data-testid="inspect"]')?.focus();
    });
  }

  #inspector(): TemplateResult {
    void import('./inspector.js');
    return html`<bridge-inspector .words=${this.words} .call=${this.#call} @close=${() => this.#inspect(false)}></bridge-inspector>`;
  }

  // --- afterwards -----------------------------------------------------------------------------------------------

  #afterwards(): TemplateResult {
    const startedAt = this.#call?.startedAt ?? this.#startedAt;
    return html`<bridge-after-call
      .words=${this.words}
      .call=${this.#call}
      .name=${this.who?.name ?? this.slug}
      .emoji=${this.who?.emoji ?? ''}
      .orb=${this.#orb}
      .stage=${this.staged ? this.#stage : undefined}
      .seconds=${this.reason === 'call_over' ? undefined : Math.round((this.#endedAt - startedAt) / 1000)}
      .startedAt=${startedAt}
      .recap=${this.recap}
      .reason=${this.reason}
      .fault=${this.fault}
      .rehearsal=${(this.#call?.model ?? this.#model)?.kind === 'rehearsal'}
      @again=${() => void this.#start(true)}
      @say=${(e: CustomEvent<string>) => this.#announcer?.say(e.detail)}
      @notify=${(e: CustomEvent<string>) => this.#notify(e.detail)}
    ></bridge-after-call>`;
  }
}

customElements.define('bridge-call-view', CallView);
