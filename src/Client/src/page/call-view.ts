import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { Call } from '../sdk/call.js';
import type { CallState, ModelInfo } from '../sdk/types.js';
import { Announcer } from '../ui/announcer.js';
import { icon } from '../ui/icons.js';
import { Orb } from '../ui/orb.js';
import { Stage } from '../ui/stage.js';
import type { Words } from '../ui/strings.js';
import { caption, conversation } from '../ui/transcript.js';
import { loadWidgets } from '../ui/widgets.js';
import './after-call.js';
import './dock.js';
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
  declare notices: Notice[];
  declare staged: boolean;

  #call: Call | undefined;
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
    this.unknown = this.staged = false;
    this.inspecting = new URLSearchParams(location.search).has('inspect');
    this.#stage.dataset.testid = 'stage';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#callLife.abort();
    void this.#call?.hangup();
    this.#call = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('slug')) void this.#load();
  }

  async #load(): Promise<void> {
    const { slug } = this;
    // The call itself says what is wrong when it cannot be made.
    const list = await roles().catch(() => undefined);
    // A call that went on in a page that was left would have no button to end it.
    if (slug !== this.slug || !this.isConnected) return;
    this.who = list?.roles.find(r => r.slug === slug);
    if (list?.model) this.#tellModel(list.model);
    // A private role is not listed and can be called all the same.
    this.who ??= { slug, name: slug };
    document.title = `${this.who.emoji ? `${this.who.emoji} ` : ''}${this.who.name} · ${this.words.t('app.name')}`;
    const fresh = this.#fresh();
    if (fresh.resumable && this.#state === 'idle') void this.#start(true);
  }

  #tellModel(model: ModelInfo): void {
    this.dispatchEvent(new CustomEvent('bridge-model', { detail: model, bubbles: true }));
  }

  get #state(): CallState {
    return this.#call?.state ?? 'idle';
  }

  #fresh(audio = true): Call {
    return new Call({ role: this.slug, locale: this.words.language, ...(audio ? {} : { audio: false as const }) });
  }

  async #start(audio: boolean): Promise<void> {
    if (this.#call && this.#state !== 'ended') return;
    this.#callLife.abort();
    this.#callLife = new AbortController();
    const life = this.#callLife.signal;
    const call = this.#fresh(audio);
    this.#call = call;
    this.reason = this.recap = undefined;
    this.unknown = this.staged = false;
    this.notices = [];
    this.#stage.clear();
    this.#startedAt = Date.now();
    this.#announcer?.follow(call, () => this.words);
    const repaint = () => this.requestUpdate();
    call.on('state', ({ state }) => {
      this.#orb.state = state;
      if (state === 'ended') this.#endedAt = Date.now();
      repaint();
    });
    for (const type of ['transcript', 'progress', 'note', 'audio'] as const) call.on(type, repaint);
    call.on('level', ({ input, output }) => {
      this.#orb.levels(input, output);
    });
    let widgets = false;
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
    call.on('recap', ({ markdown: text }) => (this.recap = text));
    call.on('error', error => {
      if (error.fatal) return;
      if (error.code === 'new_conversation') this.#notify(this.words.t('call.new-conversation'));
    });
    call.on('ended', ({ reason }) => {
      this.#callLife.abort();
      if (reason === 'unknown_role') this.unknown = true;
      this.reason = reason;
    });
    this.requestUpdate();
    try {
      await call.start();
    } catch {
      // Told by `error` and `ended`.
    }
  }

  async #widgets(call: Call, signal: AbortSignal): Promise<void> {
    try {
      await loadWidgets({
        call,
        slug: this.slug,
        stage: this.#stage.widgets,
        words: this.words,
        signal,
        notify: text => this.#notify(text),
        styleRoot: document.head,
      });
    } catch (error) {
      this.#notify(`${this.words.t('failed.title')}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #notify(text: string): void {
    const id = ++this.#noticeId;
    this.notices = [...this.notices, { id, text }].slice(-3);
    this.#announcer?.say(text);
    setTimeout(() => (this.notices = this.notices.filter(n => n.id !== id)), 6_000);
  }

  /** Runs what a button asks for, and says so when it fails. */
  #try(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => this.#notify(`${this.words.t('failed.title')}: ${error instanceof Error ? error.message : String(error)}`));
  }

  protected override updated(): void {
    for (const side of this.querySelectorAll<HTMLElement>('.caption')) side.scrollTop = side.scrollHeight;
    const list = this.querySelector<HTMLElement>('.history');
    if (list && list.scrollHeight - list.scrollTop - list.clientHeight < 120) list.scrollTop = list.scrollHeight;
    this.staged ||= !this.#stage.empty;
  }

  protected override render(): TemplateResult {
    const state = this.#state;
    return html`
      <div class="call" data-state=${state} ?data-staged=${this.staged} ?data-inspecting=${this.inspecting}>
        <div class="visually-hidden" role="log" aria-live="polite" aria-relevant="additions" data-testid="announcer" ${ref(e => this.#announce(e))}></div>
        ${this.unknown ? this.#unknownRole() : state === 'ended' ? this.#afterwards() : state === 'idle' ? this.#before() : this.#during()}
        <div class="notices">${this.notices.map(n => html`<p class="notice">${n.text}</p>`)}</div>
      </div>
      ${this.inspecting ? this.#inspector() : nothing}
    `;
  }

  #announce(element: Element | undefined): void {
    if (element && !this.#announcer) this.#announcer = new Announcer(element as HTMLElement);
  }

  // --- before ---------------------------------------------------------------------------------------------------

  #title(): TemplateResult {
    return html`<h1 class="who-title"><span aria-hidden="true">${this.who?.emoji}</span> ${this.who?.name ?? this.slug}</h1>`;
  }

  #stateWord(visible: boolean): TemplateResult {
    const state = this.#state;
    return html`<p class="state ${visible ? '' : 'visually-hidden'}" data-testid="state" data-state=${state}>${this.words.t(`state.${state}`)}</p>`;
  }

  #before(): TemplateResult {
    const { t } = this.words;
    // Nothing of it before the role is known, or what is below its name would jump.
    if (!this.who) return html`<section class="before" aria-busy="true"></section>`;
    return html`<section class="before" aria-label=${t('call.presence')}>
      ${this.#orb} ${this.#title()}
      ${this.who?.description ? html`<p class="lead">${this.who.description}</p>` : nothing}
      ${this.#stateWord(false)}
      <button class="button primary large" data-testid="start" @click=${() => void this.#start(true)}>${icon('mic')}${t('call.start')}</button>
      <button class="button plain" data-testid="start-text" @click=${() => void this.#start(false)}>${t('call.text-only')}</button>
      <p class="hint">${t('call.hint')}</p>
    </section>`;
  }

  #unknownRole(): TemplateResult {
    const { t } = this.words;
    return html`<section class="blank" role="alert">
      <span class="blank-icon">${icon('warn')}</span>
      <h1>${t('call.unknown')}</h1>
      <p>${t('call.unknown.hint')}</p>
      ${this.#stateWord(false)}
      <a class="button" href="/">${t('app.home')}</a>
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
          ${this.#orb}
          ${this.#title()} ${this.#stateWord(true)} ${problems(call, this.words, work => this.#try(work))}
          <div class="captions">
            <div class="caption agent" data-testid="agent-transcript" tabindex="-1">${caption(call.transcript, 'agent', this.words)}</div>
            <div class="caption user" data-testid="user-transcript" tabindex="-1">${caption(call.transcript, 'user', this.words)}</div>
            ${state === 'listening' && call.transcript.length === 0 ? html`<p class="quiet">${t('call.you.waiting')}</p>` : nothing}
          </div>
          ${activity(call, this.words, work => this.#try(work), () => this.requestUpdate())}
        </section>
        <div class="side">
          <section class="stage" aria-label=${t('call.stage')} ?hidden=${!this.staged}><h2 class="visually-hidden">${t('call.stage')}</h2>${this.#stage}</section>
          <div class="talk">
            <h2>${t('call.conversation')}</h2>
            <div class="history" tabindex="0" role="region" aria-label=${t('call.conversation')}>${conversation(call.transcript, names, this.words)}</div>
          </div>
        </div>
      </div>
      <bridge-dock
        .words=${this.words}
        .call=${call}
        .inspecting=${this.inspecting}
        @inspect=${(e: CustomEvent<boolean>) => this.#inspect(e.detail)}
        @run=${(e: CustomEvent<Promise<unknown>>) => this.#try(e.detail)}
        @notify=${(e: CustomEvent<string>) => this.#notify(e.detail)}
      ></bridge-dock>
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
      .seconds=${Math.round((this.#endedAt - startedAt) / 1000)}
      .startedAt=${startedAt}
      .recap=${this.recap}
      .reason=${this.reason}
      @again=${() => void this.#start(true)}
      @say=${(e: CustomEvent<string>) => this.#announcer?.say(e.detail)}
      @notify=${(e: CustomEvent<string>) => this.#notify(e.detail)}
    ></bridge-after-call>`;
  }
}

customElements.define('bridge-call-view', CallView);
