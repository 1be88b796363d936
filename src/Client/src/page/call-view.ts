import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import { Call } from '../sdk/call.js';
import { devices } from '../sdk/microphone.js';
import type { CallState, ModelInfo, ToolActivity } from '../sdk/types.js';
import { Announcer } from '../ui/announcer.js';
import { icon } from '../ui/icons.js';
import { Orb } from '../ui/orb.js';
import { Stage } from '../ui/stage.js';
import type { StringKey, Words } from '../ui/strings.js';
import { caption, conversation } from '../ui/transcript.js';
import { loadWidgets } from '../ui/widgets.js';
import './after-call.js';
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
    settings: { state: true },
    inspecting: { state: true },
    reason: { state: true },
    recap: { state: true },
    notices: { state: true },
    inputs: { state: true },
    outputs: { state: true },
    staged: { state: true },
  };
  declare words: Words;
  declare slug: string;
  declare who: RoleCard | undefined;
  declare unknown: boolean;
  declare settings: boolean;
  declare inspecting: boolean;
  declare reason: string | undefined;
  declare recap: string | undefined;
  declare notices: Notice[];
  declare inputs: MediaDeviceInfo[];
  declare outputs: MediaDeviceInfo[];
  declare staged: boolean;

  #call: Call | undefined;
  #orb = new Orb();
  #stage = new Stage();
  #announcer: Announcer | undefined;
  #life = new AbortController();
  #callLife = new AbortController();
  #level = 0;
  #noticeId = 0;
  #startedAt = 0;
  #endedAt = 0;

  constructor() {
    super();
    this.notices = [];
    this.inputs = [];
    this.outputs = [];
    this.unknown = this.settings = this.staged = false;
    this.inspecting = new URLSearchParams(location.search).has('inspect');
    this.#stage.dataset.testid = 'stage';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#life = new AbortController();
    const { signal } = this.#life;
    addEventListener('keydown', e => this.#key(e, true), { signal });
    addEventListener('keyup', e => this.#key(e, false), { signal });
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.#listDevices(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#life.abort();
    this.#callLife.abort();
    void this.#call?.hangup();
    this.#call = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('slug')) void this.#load();
  }

  async #load(): Promise<void> {
    const { slug } = this;
    try {
      const list = await roles();
      if (slug !== this.slug) return;
      this.who = list.roles.find(r => r.slug === slug);
      if (list.model) this.#tellModel(list.model);
    } catch {
      // The call itself says what is wrong when it cannot be made.
    }
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
      this.#level = input;
      const meter = this.querySelector<HTMLElement>('.meter i');
      if (meter) meter.style.setProperty('--level', String(this.#level));
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
      void this.#listDevices();
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

  async #listDevices(): Promise<void> {
    const { inputs, outputs } = await devices().catch(() => ({ inputs: [], outputs: [] }));
    this.inputs = inputs;
    this.outputs = outputs;
  }

  #key(event: KeyboardEvent, down: boolean): void {
    const call = this.#call;
    if (!call?.audio.pushToTalk || event.code !== 'Space' || event.repeat) return;
    const target = event.target as HTMLElement;
    if (target.closest('input, textarea, select, button:not([data-testid="ptt"]), a, summary, [contenteditable]')) return;
    event.preventDefault();
    this.#try(call.pushToTalk(down));
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
          ${this.#title()} ${this.#stateWord(true)} ${this.#problems()}
          <div class="captions">
            <div class="caption agent" data-testid="agent-transcript" tabindex="-1">${caption(call.transcript, 'agent', this.words)}</div>
            <div class="caption user" data-testid="user-transcript" tabindex="-1">${caption(call.transcript, 'user', this.words)}</div>
            ${state === 'listening' && call.transcript.length === 0 ? html`<p class="quiet">${t('call.you.waiting')}</p>` : nothing}
          </div>
          ${this.#activity(call.activities)}
        </section>
        <div class="side">
          <section class="stage" aria-label=${t('call.stage')} ?hidden=${!this.staged}><h2 class="visually-hidden">${t('call.stage')}</h2>${this.#stage}</section>
          <div class="talk">
            <h2>${t('call.conversation')}</h2>
            <div class="history" tabindex="0" role="region" aria-label=${t('call.conversation')}>${conversation(call.transcript, names, this.words)}</div>
          </div>
        </div>
      </div>
      ${this.#dock(call)}
    `;
  }

  #problems(): TemplateResult {
    const { t } = this.words;
    const call = this.#call!;
    const { microphone, blocked } = call.audio;
    const trouble = ['denied', 'missing', 'busy', 'insecure', 'failed'].includes(microphone);
    return html`
      ${call.state === 'reconnecting' ? html`<div class="problem" role="status">${icon('warn')}<p>${t('call.reconnecting')}</p></div>` : nothing}
      ${microphone === 'asking' && call.state !== 'reconnecting' ? html`<div class="problem quiet-problem" role="status">${icon('mic')}<p>${t('mic.asking')}</p></div>` : nothing}
      ${trouble
        ? html`<div class="problem" role="alert" data-testid="mic-problem" data-problem=${microphone}>
            ${icon('mic-off')}
            <p><strong>${t(`mic.${microphone}` as StringKey)}</strong> ${t(`mic.${microphone}.hint` as StringKey)}</p>
            ${microphone === 'insecure' ? nothing : html`<button class="button small" data-testid="mic-retry" @click=${() => this.#try(call.setInput())}>${t('mic.retry')}</button>`}
          </div>`
        : nothing}
      ${blocked
        ? html`<div class="problem" role="alert" data-testid="audio-blocked">
            ${icon('sound')}
            <p><strong>${t('audio.blocked')}</strong> ${t('audio.blocked.hint')}</p>
            <button class="button small primary" data-testid="unblock" @click=${() => this.#try(call.unlockAudio())}>${t('audio.unblock')}</button>
          </div>`
        : nothing}
    `;
  }

  #activity(activities: readonly ToolActivity[]): TemplateResult | typeof nothing {
    const { t } = this.words;
    const now = Date.now();
    const running = (a: ToolActivity) => a.phase === 'started' || a.phase === 'progress';
    const shown = activities.filter(a => running(a) || now - a.at < 6_000).slice(-4);
    if (shown.length === 0) return nothing;
    // What is done fades from the list a little later.
    if (shown.some(a => !running(a))) setTimeout(() => this.requestUpdate(), 6_100);
    return html`<ul class="activity" aria-label=${t('tool.activity')} data-testid="activity">
      ${repeat(
        shown,
        a => a.callId,
        a => html`<li data-phase=${a.phase} data-tool=${a.name}>
          <span class="tick" aria-hidden="true"></span>
          <span class="tool-name">${a.name.replaceAll('_', ' ')}</span>
          <span class="tool-message">${a.message ?? t(`tool.${a.phase}`)}</span>
          ${running(a)
            ? html`<button class="icon-button small" data-testid="tool-cancel" aria-label=${t('tool.cancel', { name: a.name })} title=${t('tool.cancel', { name: a.name })} @click=${() => this.#try(this.#call?.cancelTool(a.callId))}>${icon('close')}</button>`
            : nothing}
        </li>`,
      )}
    </ul>`;
  }

  #dock(call: Call): TemplateResult {
    const { t } = this.words;
    const { audio, state } = call;
    const liveMic = audio.microphone === 'live';
    return html`<div class="dock">
      <form class="write" @submit=${(e: SubmitEvent) => this.#send(e)}>
        <label class="visually-hidden" for="text">${t('call.text.label')}</label>
        <input id="text" name="text" data-testid="text-input" autocomplete="off" enterkeyhint="send" maxlength="8000" dir="auto" placeholder=${t('call.placeholder')} />
        <label class="icon-button" title=${t('call.image')}>
          <input class="visually-hidden" type="file" accept="image/*" data-testid="image-input" aria-label=${t('call.image')} @change=${(e: Event) => this.#image(e)} />${icon('image')}
        </label>
        <button class="icon-button" aria-label=${t('call.send')} title=${t('call.send')} data-testid="send">${icon('send')}</button>
      </form>
      <div class="buttons">
        ${liveMic && audio.pushToTalk
          ? html`<button
              class="button talk-button"
              data-testid="ptt"
              aria-pressed=${audio.talking}
              title=${t('call.ptt.hint')}
              @pointerdown=${(e: PointerEvent) => {
                (e.currentTarget as HTMLElement).setPointerCapture(e.pointerId);
                this.#try(call.pushToTalk(true));
              }}
              @pointerup=${() => this.#try(call.pushToTalk(false))}
              @pointercancel=${() => this.#try(call.pushToTalk(false))}
              @contextmenu=${(e: Event) => e.preventDefault()}
            >
              ${icon('hand')}${audio.talking ? t('call.ptt.talking') : t('call.ptt')}
            </button>`
          : nothing}
        ${liveMic && !audio.pushToTalk
          ? html`<button class="icon-button round ${audio.muted ? 'on' : ''}" data-testid="mute" aria-pressed=${audio.muted} aria-label=${t('call.mute')} title=${audio.muted ? t('call.unmute') : t('call.mute')} @click=${() => this.#try(call.mute(!audio.muted))}>
              ${icon(audio.muted ? 'mic-off' : 'mic')}
            </button>`
          : nothing}
        ${audio.microphone === 'off'
          ? html`<button class="icon-button round" data-testid="mic-on" aria-label=${t('call.mic-on')} title=${t('call.mic-on')} @click=${() => this.#try(call.setInput())}>${icon('mic-off')}</button>`
          : nothing}
        <button class="icon-button round" data-testid="interrupt" ?disabled=${state !== 'speaking' && state !== 'thinking'} aria-label=${t('call.interrupt')} title=${t('call.interrupt')} @click=${() => this.#try(call.interrupt())}>${icon('stop')}</button>
        <div class="pop-anchor">
          <button class="icon-button round" data-testid="settings" aria-expanded=${this.settings} aria-controls="sound" aria-label=${t('call.settings')} title=${t('call.settings')} @click=${() => (this.settings = !this.settings)}>${icon('sliders')}</button>
          ${this.settings ? this.#sound(call) : nothing}
        </div>
        <button class="icon-button round ${this.inspecting ? 'on' : ''}" data-testid="inspect" aria-pressed=${this.inspecting} aria-label=${t('call.inspector')} title=${t('call.inspector')} @click=${() => this.#inspect(!this.inspecting)}>${icon('pulse')}</button>
        <button class="button danger" data-testid="hangup" @click=${() => void call.hangup()}>${icon('hangup')}<span>${t('call.hangup')}</span></button>
      </div>
    </div>`;
  }

  #send(event: SubmitEvent): void {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('text') as HTMLInputElement;
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    this.#try(
      this.#call?.sendText(text).catch((error: unknown) => {
        // What was written is not lost with the connection.
        input.value ||= text;
        throw error;
      }),
    );
  }

  #image(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = '';
    if (file) this.#try(this.#call?.sendImage(file).then(() => this.#notify(this.words.t('call.image.sent'))));
  }

  #sound(call: Call): TemplateResult {
    const { t } = this.words;
    const name = (d: MediaDeviceInfo, n: number) => d.label || `${d.kind === 'audioinput' ? t('sound.input') : t('sound.output')} ${n + 1}`;
    return html`<div class="popover" id="sound" role="group" aria-label=${t('sound.title')} @keydown=${(e: KeyboardEvent) => e.key === 'Escape' && this.#closeSound()}>
      <label>
        <span>${t('sound.input')}</span>
        <select data-testid="input-device" .value=${live(call.audio.inputDevice ?? '')} @change=${(e: Event) => this.#try(call.setInput((e.target as HTMLSelectElement).value || undefined))}>
          ${this.inputs.length === 0 ? html`<option value="">${t('sound.default')}</option>` : nothing}
          ${this.inputs.map((d, n) => html`<option value=${d.deviceId} ?selected=${d.deviceId === call.audio.inputDevice}>${name(d, n)}</option>`)}
        </select>
      </label>
      <div class="meter" aria-hidden="true"><i></i></div>
      ${call.canChooseOutput && this.outputs.length > 0
        ? html`<label>
            <span>${t('sound.output')}</span>
            <select data-testid="output-device" .value=${live(call.audio.outputDevice ?? 'default')} @change=${(e: Event) => this.#try(call.setOutput((e.target as HTMLSelectElement).value))}>
              ${this.outputs.map((d, n) => html`<option value=${d.deviceId} ?selected=${d.deviceId === call.audio.outputDevice}>${name(d, n)}</option>`)}
            </select>
          </label>`
        : html`<p class="quiet">${t('sound.no-output')}</p>`}
      <label class="check">
        <input type="checkbox" data-testid="ptt-mode" .checked=${live(call.audio.pushToTalk)} ?disabled=${call.audio.microphone !== 'live'} @change=${(e: Event) => this.#try(call.setPushToTalk((e.target as HTMLInputElement).checked))} />
        <span>${t('sound.ptt')}</span>
      </label>
    </div>`;
  }

  #closeSound(): void {
    this.settings = false;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('[data-testid="settings"]')?.focus());
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
    return html`<bridge-after-call
      .words=${this.words}
      .call=${this.#call}
      .name=${this.who?.name ?? this.slug}
      .emoji=${this.who?.emoji ?? ''}
      .orb=${this.#orb}
      .stage=${this.staged ? this.#stage : undefined}
      .seconds=${Math.round((this.#endedAt - this.#startedAt) / 1000)}
      .startedAt=${this.#startedAt}
      .recap=${this.recap}
      .reason=${this.reason}
      @again=${() => void this.#start(true)}
      @say=${(e: CustomEvent<string>) => this.#announcer?.say(e.detail)}
      @notify=${(e: CustomEvent<string>) => this.#notify(e.detail)}
    ></bridge-after-call>`;
  }
}

customElements.define('bridge-call-view', CallView);
