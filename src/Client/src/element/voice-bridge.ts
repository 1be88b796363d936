import { html, LitElement, nothing, unsafeCSS, type PropertyValues, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { Call } from '../sdk/call.js';
import { nextTask } from '../sdk/later.js';
import { CallOwner } from '../sdk/owner.js';
import { fetchTicket } from '../sdk/ticket.js';
import { warm } from '../sdk/warm.js';
import type { CallEvents, CallState, ToolDefinition } from '../sdk/types.js';
import { Announcer } from '../ui/announcer.js';
import { consent } from '../ui/consent.js';
import { recording, showRecording } from '../ui/recording.js';
import { icon } from '../ui/icons.js';
import { markdown, reachTables } from '../ui/markdown.js';
import { Orb } from '../ui/orb.js';
import shared from '../ui/shared.css?inline';
import { Stage } from '../ui/stage.js';
import { developers, endReason, problemWords, wordsFor, type StringKey, type Words } from '../ui/strings.js';
import { caption, conversation } from '../ui/transcript.js';
import { loadWidgets, undress } from '../ui/widgets.js';
import own from './voice-bridge.css?inline';

/** Where this module came from is where the Bridge is: `…/sdk/voice-bridge.js`. */
const home = new URL('../', import.meta.url).href.replace(/\/$/, '');

const forwarded = ['state', 'transcript', 'progress', 'show', 'note', 'recap', 'recording', 'error', 'ended'] as const;

/**
 * `<voice-bridge role="cooking-guide">`: a call with a role in any page.
 *
 * Attributes: `role` (or `call-role`), `url`, `lang`, `theme` (`light`, `dark`, `auto`), `no-microphone`, `no-widgets`.
 * Properties: `callAttributes`, `call`. Methods: `start()`, `hangup()`, `registerTool()`, `sendText()`.
 * Events: `bridge-state`, `bridge-transcript`, `bridge-progress`, `bridge-show`, `bridge-note`, `bridge-recap`,
 * `bridge-error`, `bridge-ended`; the detail is the SDK's event.
 * Slots: `before` and `after` the call, `footer`. Parts: `frame`, `orb`, `state`, `start`, `hangup`, `captions`,
 * `stage`, `text`, `recap`.
 */
export class VoiceBridge extends LitElement {
  static override styles = [unsafeCSS(own), unsafeCSS(shared)];
  static override properties = {
    url: { type: String },
    ticketUrl: { type: String, attribute: 'ticket-url' },
    theme: { type: String },
    noMicrophone: { type: Boolean, attribute: 'no-microphone' },
    noWidgets: { type: Boolean, attribute: 'no-widgets' },
    slug: { state: true },
    recap: { state: true },
    reason: { state: true },
    fault: { state: true },
    line: { state: true },
    staged: { state: true },
  };
  declare url: string | undefined;
  /** Where the page gets the caller's ticket. */
  declare ticketUrl: string | undefined;
  declare theme: string | undefined;
  declare noMicrophone: boolean;
  declare noWidgets: boolean;
  declare slug: string;
  declare recap: string | undefined;
  declare reason: string | undefined;
  declare fault: string | undefined;
  /** The role's line for an answer that takes long. */
  declare line: string | null;
  declare staged: boolean;

  /** Attributes of the caller for the role's templates. */
  callAttributes: Record<string, unknown> = {};

  readonly #orb = new Orb();
  readonly #stage = new Stage();
  readonly #owner = new CallOwner({
    make: resume => this.#fresh(resume),
    taken: call => this.#show(call),
    released: () => {
      this.#life.abort();
      this.requestUpdate();
    },
  });
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');
  readonly #schemeChanged = () => this.#applyTheme();
  #ticket: string | (() => Promise<string>) | undefined;
  #life = new AbortController();
  #unsent: unknown;
  #announcer: Announcer | undefined;
  #wasLive = false;
  #hadFocus = false;

  constructor() {
    super();
    this.noMicrophone = this.noWidgets = this.staged = false;
    this.slug = '';
    this.#orb.setAttribute('part', 'orb');
    this.#stage.dataset.testid = 'stage';
  }

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, 'role', 'call-role'];
  }

  /** The call that is running or was the last; undefined before the first. */
  get call(): Call | undefined {
    return this.#owner.call;
  }

  override attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    super.attributeChangedCallback(name, before, value);
    if (value !== null && (name === 'role' || name === 'call-role')) this.slug = value;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // `role` is ARIA's name; what it says here means nothing to a screen reader, and would be an error to it.
    if (this.hasAttribute('role')) {
      this.setAttribute('call-role', this.getAttribute('role')!);
      this.removeAttribute('role');
    }
    this.#scheme.addEventListener('change', this.#schemeChanged);
    this.#applyTheme();
    this.#owner.mount();
  }

  /** `moveBefore()`: nothing of it changes. */
  connectedMoveCallback(): void {}

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#scheme.removeEventListener('change', this.#schemeChanged);
    this.#owner.unmount();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#hadFocus = this.shadowRoot?.activeElement != null;
    if (changed.has('theme')) this.#applyTheme();
    if (changed.has('slug') && this.slug && !this.call) void this.#owner.resume().then(goesOn => goesOn || this.#warm());
  }

  /** Adds a function of the embedding page that the model may call; before or during a call. */
  registerTool(name: string, tool: ToolDefinition): () => void {
    return this.#owner.registerTool(name, tool);
  }

  /** Begins a call. From a click, so that the browser lets it speak. */
  async start(): Promise<void> {
    await this.#owner.start();
  }

  /** The messages of a call that connects are not held up by drawing it. */
  protected override async scheduleUpdate(): Promise<void> {
    if (this.call?.state === 'connecting') await nextTask();
    super.scheduleUpdate();
  }

  readonly #warm = () => warm({ url: this.url ?? home, ...(this.ticket ? { ticket: this.ticket } : {}) });

  #show(call: Call): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#unsent = undefined;
    undress(this.renderRoot);
    this.recap = this.reason = this.fault = undefined;
    this.staged = false;
    this.#stage.clear();
    this.#listen(call);
    this.requestUpdate();
  }

  async hangup(): Promise<void> {
    await this.call?.hangup();
  }

  async sendText(text: string): Promise<void> {
    await this.call?.sendText(text);
  }

  #fresh(resume: boolean): Call {
    return new Call({
      role: this.slug,
      url: this.url ?? home,
      attributes: this.callAttributes,
      resume,
      ...(this.ticket ? { ticket: this.ticket } : {}),
      ...(this.noMicrophone ? { audio: false as const } : {}),
    });
  }

  /** A ticket of the page's own, or the way to one; wins over `ticket-url`. */
  set ticket(ticket: string | (() => Promise<string>) | undefined) {
    this.#ticket = ticket;
  }

  get ticket(): string | (() => Promise<string>) | undefined {
    const url = this.ticketUrl;
    return this.#ticket ?? (url ? () => fetchTicket(url) : undefined);
  }

  get #words(): Words {
    return wordsFor(this.lang || this.closest('[lang]')?.getAttribute('lang') || navigator.language);
  }

  #applyTheme(): void {
    const dark = this.theme === 'dark' || (this.theme !== 'light' && this.#scheme.matches);
    this.dataset.theme = dark ? 'dark' : 'light';
  }

  #listen(call: Call): void {
    const repaint = () => this.requestUpdate();
    for (const type of forwarded) {
      call.on(type, (detail: CallEvents[typeof type]) => {
        this.dispatchEvent(new CustomEvent(`bridge-${type}`, { detail, bubbles: true, composed: true }));
        repaint();
      });
    }
    call.on('audio', repaint);
    call.on('share', repaint);
    call.on('confirm', repaint);
    showRecording(
      call,
      this,
      () => this.#words,
      text => this.#announcer?.say(text),
    );
    call.on('state', ({ state }) => {
      this.#orb.state = state;
      this.#stage.over = state === 'ended';
    });
    call.on('error', ({ code, message, fatal }) => {
      if (fatal && developers.has(code)) this.fault = message;
    });
    call.on('level', ({ input, output }) => this.#orb.levels(input, output));
    this.line = null;
    call.on('waiting', ({ words: line }) => (this.line = line));
    call.on('recap', ({ markdown: text }) => (this.recap = text));
    call.on('ended', ({ reason }) => {
      this.#life.abort();
      this.reason = reason;
    });
    call.on('show', shown => {
      this.#stage.show(shown);
      this.staged = true;
    });
    let widgets = false;
    const words = () => this.#words;
    const { signal } = this.#life;
    call.on('info', ({ role }) => {
      if (widgets || this.noWidgets || !role.hasPage) return;
      widgets = true;
      call.prepare(
        loadWidgets({
          call,
          slug: this.slug,
          stage: this.#stage.widgets,
          get words() {
            return words();
          },
          signal,
          notify: text => this.#announcer?.say(text),
          styleRoot: this.renderRoot as ShadowRoot,
        }).catch((error: unknown) => {
          this.dispatchEvent(
            new CustomEvent('bridge-error', {
              detail: { code: 'widgets_failed', message: String(error), fatal: false },
              bubbles: true,
              composed: true,
            }),
          );
        }),
      );
    });
    this.#announcer?.follow(call, () => this.#words);
    call.on('notice', ({ text }) => text && this.#announcer?.say(text));
  }

  protected override updated(): void {
    this.staged ||= !this.#stage.empty;
    reachTables(this.renderRoot);
    const live = this.call !== undefined && this.call.state !== 'ended';
    // The button that had the keyboard went with the change of view.
    if (live !== this.#wasLive && this.#hadFocus && !this.shadowRoot?.activeElement)
      this.renderRoot.querySelector<HTMLElement>('.frame')?.focus();
    this.#wasLive = live;
    this.#stage.language = this.#words.language;
  }

  protected override render(): TemplateResult {
    const words = this.#words;
    const { t } = words;
    const call = this.call;
    const state: CallState = call?.state ?? 'idle';
    const live = call !== undefined && state !== 'ended';
    return html`<section
      class="frame"
      part="frame"
      tabindex="-1"
      dir=${words.dir}
      lang=${words.language}
      aria-label=${call?.role?.name ?? t('call.presence')}
    >
      <div
        class="visually-hidden"
        role="log"
        aria-live="polite"
        ${ref(e => e && (this.#announcer ??= new Announcer(e as HTMLElement)))}
      ></div>
      <div class="presence">
        ${this.#orb}
        ${call?.role ? html`<p class="name"><span aria-hidden="true">${call.role.emoji}</span> ${call.role.name}</p>` : nothing}
        <p class="state ${live ? '' : 'visually-hidden'}" part="state" data-testid="state" data-state=${state}>${t(`state.${state}`)}</p>
      </div>
      ${live ? this.#during(call, words) : this.#around(state, words)}
      <div class="stage" part="stage" ?hidden=${!this.staged}>${this.#stage}</div>
      <slot name="footer"></slot>
    </section>`;
  }

  #around(state: CallState, words: Words): TemplateResult {
    const { t } = words;
    const ended = state === 'ended';
    return html`
      ${
        ended
          ? html`<slot name="after"
              ><p class="quiet" data-testid="end-reason" data-reason=${this.reason ?? nothing}>
                ${endReason(words, this.reason ?? 'hangup')}
              </p>
              ${this.fault ? html`<p class="quiet" lang="en" data-testid="fault">${this.fault}</p>` : nothing}</slot
            >`
          : html`<slot name="before"></slot>`
      }
      ${
        ended && this.call!.transcript.length > 0
          ? html`<details class="sheet" part="conversation" data-testid="conversation" ?open=${this.reason === 'call_over'}>
              <summary>${t('call.conversation')}</summary>
              ${conversation(this.call!.transcript, { user: t('call.you'), agent: this.call!.role?.name ?? t('call.agent') }, words)}
            </details>`
          : nothing
      }
      ${
        this.recap
          ? html`<article class="sheet markdown" part="recap" data-testid="recap">
              <h2>${t('recap.title')}</h2>
              ${markdown(this.recap)}
            </article>`
          : nothing
      }
      <div class="buttons">
        <button
          class="button primary"
          part="start"
          data-testid="start"
          @pointerenter=${this.#warm}
          @click=${() => void this.start().catch(() => undefined)}
        >
          ${icon(this.noMicrophone ? 'send' : 'mic')}<slot name="start"
            >${ended ? t('call.again') : this.noMicrophone ? t('call.text-only') : t('call.start')}</slot
          >
        </button>
      </div>
    `;
  }

  #during(call: Call, words: Words): TemplateResult {
    const { t } = words;
    const { microphone, muted, blocked } = call.audio;
    const trouble = ['denied', 'missing', 'busy', 'insecure', 'failed'].includes(microphone);
    return html`
      ${call.waiting ? html`<p class="problem" role="status" data-testid="restarting">${t('call.restarting')}</p>` : nothing}
      ${call.audio.silenced && microphone === 'live' ? html`<p class="problem" role="alert"><strong>${t('mic.silenced')}</strong> ${t('mic.silenced.hint')}</p>` : nothing}
      ${trouble ? html`<p class="problem" role="alert" data-testid="mic-problem"><strong>${t(`mic.${microphone}` as StringKey)}</strong> ${t(`mic.${microphone}.hint` as StringKey)}</p>` : nothing}
      ${call.shared ? html`<p class="problem" role="status" data-testid="sharing">${t('share.on')} <button class="button" data-testid="share-stop" @click=${() => call.shared?.stop()}>${t('share.stop')}</button></p>` : nothing}
      ${blocked ? html`<p class="problem" role="alert"><strong>${t('audio.blocked')}</strong> <button class="button" @click=${() => void call.unlockAudio()}>${t('audio.unblock')}</button></p>` : nothing}
      ${recording(call, words, work => void work.catch(() => undefined))} ${consent(call, words)}
      <div class="captions" part="captions">
        <div class="caption agent" data-testid="agent-transcript">${caption(call.transcript, 'agent', words)}</div>
        <div class="caption user" data-testid="user-transcript">${caption(call.transcript, 'user', words)}</div>
        ${this.line && call.state === 'thinking' ? html`<p class="quiet" role="status" data-testid="waiting">${this.line}</p>` : nothing}
      </div>
      ${this.#unsent === undefined ? nothing : html`<p class="problem" role="alert" data-testid="unsent">${problemWords(words, this.#unsent)}</p>`}
      <form part="text" @submit=${(e: SubmitEvent) => this.#send(e)}>
        <label class="visually-hidden" for="text">${t('call.text.label')}</label>
        <input
          id="text"
          name="text"
          data-testid="text-input"
          autocomplete="off"
          enterkeyhint="send"
          dir="auto"
          placeholder=${t('call.placeholder')}
        />
        <button class="icon-button" aria-label=${t('call.send')}>${icon('send')}</button>
      </form>
      <div class="buttons">
        ${
          microphone === 'live'
            ? html`<button
                class="icon-button ${muted ? 'on' : ''}"
                data-testid="mute"
                aria-pressed=${muted}
                aria-label=${t('call.mute')}
                @click=${() => void call.mute(!muted).catch(() => undefined)}
              >
                ${icon(muted ? 'mic-off' : 'mic')}
              </button>`
            : nothing
        }
        <button class="button danger" part="hangup" data-testid="hangup" @click=${() => void this.hangup()}>
          ${icon('hangup')}${t('call.hangup')}
        </button>
      </div>
    `;
  }

  #send(event: SubmitEvent): void {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('text') as HTMLInputElement;
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    this.#unsent = undefined;
    this.requestUpdate();
    this.call?.sendText(text).catch((error: unknown) => {
      // The written text is not lost, and the reason is said where it was written.
      input.value ||= text;
      this.#unsent = error;
      this.requestUpdate();
    });
  }
}

if (!customElements.get('voice-bridge')) customElements.define('voice-bridge', VoiceBridge);
