import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Call } from '../sdk/call.js';
import { devices } from '../sdk/microphone.js';
import { icon } from '../ui/icons.js';
import type { Words } from '../ui/strings.js';

/** Sources that can be shared, and the browser's question for each. */
const asks = { screen: 'getDisplayMedia', camera: 'getUserMedia' } as const;
type Shareable = keyof typeof asks;

/**
 * The controls of a running call: text box, picture, microphone, devices, interruption, hang-up. It follows the call by
 * itself. Events: `run` with the work a button began, `notify` with a sentence, `inspect` with whether to open the drawer.
 */
export class Dock extends LitElement {
  static override properties = {
    words: { attribute: false },
    call: { attribute: false },
    inspecting: { attribute: false },
    inputs: { state: true },
    outputs: { state: true },
    sharing: { state: true },
  };
  declare words: Words;
  declare call: Call;
  declare inspecting: boolean;
  declare inputs: MediaDeviceInfo[];
  declare outputs: MediaDeviceInfo[];
  /** The source that was shared last. */
  declare sharing: Shareable | undefined;

  #life = new AbortController();
  #off: (() => void)[] = [];
  #listedFor = '';

  constructor() {
    super();
    this.inspecting = false;
    this.inputs = [];
    this.outputs = [];
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
    // A person who turns to another window or tab releases the key there, and this page gets no event.
    addEventListener('blur', () => this.#letGo(), { signal });
    document.addEventListener('visibilitychange', () => this.#letGo(), { signal });
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.#listDevices(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#life.abort();
    for (const off of this.#off.splice(0)) off();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('call')) return;
    for (const off of this.#off.splice(0)) off();
    this.#off.push(
      this.call.on('state', () => this.requestUpdate()),
      this.call.on('level', ({ input }) => this.querySelector<HTMLElement>('.meter i')?.style.setProperty('--level', String(input))),
      this.call.on('audio', () => this.#heard()),
      this.call.on('info', () => this.requestUpdate()),
      this.call.on('share', () => this.requestUpdate()),
    );
    this.#heard();
  }

  /** Names of devices are known only once the microphone was allowed. */
  #heard(): void {
    const { microphone, inputDevice } = this.call.audio;
    const now = `${microphone} ${inputDevice}`;
    if (now !== this.#listedFor && microphone !== 'asking') void this.#listDevices();
    this.#listedFor = now;
    this.requestUpdate();
  }

  async #listDevices(): Promise<void> {
    const { inputs, outputs } = await devices().catch(() => ({ inputs: [], outputs: [] }));
    this.inputs = inputs;
    this.outputs = outputs;
  }

  #letGo(): void {
    if (this.call.audio.talking) this.#run(this.call.pushToTalk(false));
  }

  /** The space bar is the talk key, unless the focused element uses it; its release counts wherever the focus is by then. */
  #key(event: KeyboardEvent, down: boolean): void {
    const { call } = this;
    if (!call.audio.pushToTalk || event.code !== 'Space') return;
    // A held key repeats, and each repeat would scroll the page.
    if (event.repeat) {
      if (call.audio.talking) event.preventDefault();
      return;
    }
    const target = event.target as HTMLElement;
    if (
      down ? target.closest('input, textarea, select, button:not([data-testid="ptt"]), a, summary, [contenteditable]') : !call.audio.talking
    )
      return;
    event.preventDefault();
    this.#run(call.pushToTalk(down));
  }

  #run(work: Promise<unknown>): void {
    this.dispatchEvent(new CustomEvent('run', { detail: work }));
  }

  protected override render(): TemplateResult {
    const { call } = this;
    const { t } = this.words;
    const { audio, state } = call;
    const liveMic = audio.microphone === 'live';
    return html`<div class="dock">
      <form class="write" @submit=${(e: SubmitEvent) => this.#send(e)}>
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
        <label class="icon-button" title=${t('call.image')}>
          <input
            class="visually-hidden"
            type="file"
            accept="image/*"
            data-testid="image-input"
            aria-label=${t('call.image')}
            @change=${(e: Event) => this.#image(e)}
          />${icon('image')}
        </label>
        <button class="icon-button" aria-label=${t('call.send')} title=${t('call.send')} data-testid="send">${icon('send')}</button>
      </form>
      <div class="buttons">
        ${
          liveMic && audio.pushToTalk
            ? html`<button
                class="button talk-button"
                data-testid="ptt"
                aria-pressed=${audio.talking}
                title=${t('call.ptt.hint')}
                @pointerdown=${(e: PointerEvent) => {
                  (e.currentTarget as HTMLElement).setPointerCapture(e.pointerId);
                  this.#run(call.pushToTalk(true));
                }}
                @pointerup=${() => this.#run(call.pushToTalk(false))}
                @pointercancel=${() => this.#run(call.pushToTalk(false))}
                @contextmenu=${(e: Event) => e.preventDefault()}
              >
                ${icon('hand')}${audio.talking ? t('call.ptt.talking') : t('call.ptt')}
              </button>`
            : nothing
        }
        ${
          liveMic && !audio.pushToTalk
            ? html`<button
                class="icon-button round ${audio.muted ? 'on' : ''}"
                data-testid="mute"
                aria-pressed=${audio.muted}
                aria-label=${t('call.mute')}
                title=${audio.muted ? t('call.unmute') : t('call.mute')}
                @click=${() => this.#run(call.mute(!audio.muted))}
              >
                ${icon(audio.muted ? 'mic-off' : 'mic')}
              </button>`
            : nothing
        }
        ${
          audio.microphone === 'off'
            ? html`<button
                class="icon-button round"
                data-testid="mic-on"
                aria-label=${t('call.mic-on')}
                title=${t('call.mic-on')}
                @click=${() => this.#run(call.setInput())}
              >
                ${icon('mic-off')}
              </button>`
            : nothing
        }
        <button
          class="icon-button round"
          data-testid="interrupt"
          ?disabled=${state !== 'speaking' && state !== 'both' && state !== 'thinking'}
          aria-label=${t('call.interrupt')}
          title=${t('call.interrupt')}
          @click=${() => this.#run(call.interrupt())}
        >
          ${icon('stop')}
        </button>
        ${call.role?.images ? [this.#shareButton('screen', t('share.screen')), this.#shareButton('camera', t('share.camera'))] : nothing}
        <div class="pop-anchor">
          <button
            class="icon-button round"
            data-testid="settings"
            popovertarget="sound"
            aria-label=${t('call.settings')}
            title=${t('call.settings')}
          >
            ${icon('sliders')}
          </button>
          ${this.#sound(call)}
        </div>
        <button
          class="icon-button round ${this.inspecting ? 'on' : ''}"
          data-testid="inspect"
          aria-pressed=${this.inspecting}
          aria-label=${t('call.inspector')}
          title=${t('call.inspector')}
          @click=${() => this.dispatchEvent(new CustomEvent('inspect', { detail: !this.inspecting }))}
        >
          ${icon('pulse')}
        </button>
        <button class="button danger" data-testid="hangup" @click=${() => void call.hangup()}>
          ${icon('hangup')}<span>${t('call.hangup')}</span>
        </button>
      </div>
    </div>`;
  }

  #send(event: SubmitEvent): void {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('text') as HTMLInputElement;
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    this.#run(
      this.call.sendText(text).catch((error: unknown) => {
        // The written text is not lost with the connection.
        input.value ||= text;
        throw error;
      }),
    );
  }

  #image(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = '';
    if (file)
      this.#run(
        this.call.sendImage(file).then(() => this.dispatchEvent(new CustomEvent('notify', { detail: this.words.t('call.image.sent') }))),
      );
  }

  #shareButton(what: Shareable, label: string): TemplateResult | typeof nothing {
    if (!(asks[what] in (navigator.mediaDevices ?? {}))) return nothing;
    const on = this.call.shared !== undefined && this.sharing === what;
    return html`<button
      class="icon-button round ${on ? 'on' : ''}"
      data-testid=${`share-${what}`}
      aria-pressed=${on}
      aria-label=${label}
      title=${label}
      @click=${() => this.#share(what, on)}
    >
      ${icon(what)}
    </button>`;
  }

  /** Asks for the screen or the camera and shares it in place of the other; pressed again, sharing ends. */
  #share(what: Shareable, on: boolean): void {
    const { call } = this;
    if (on) return call.shared?.stop();
    // A person who closes the browser's question has changed their mind.
    const asked = navigator.mediaDevices[asks[what]]({ video: true }).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') return undefined;
      throw error;
    });
    this.#run(
      asked.then(async stream => {
        if (!stream) return;
        this.sharing = what;
        await call.share(stream);
      }),
    );
  }

  #sound(call: Call): TemplateResult {
    const { t } = this.words;
    const name = (d: MediaDeviceInfo, n: number) => d.label || `${d.kind === 'audioinput' ? t('sound.input') : t('sound.output')} ${n + 1}`;
    return html`<div
      class="popover"
      id="sound"
      popover
      role="group"
      aria-labelledby="sound-title"
      @focusout=${(e: FocusEvent) => this.#left(e)}
    >
      <p class="popover-title" id="sound-title">${t('sound.title')}</p>
      <label>
        <span>${t('sound.input')}</span>
        <select
          data-testid="input-device"
          .value=${live(call.audio.inputDevice ?? '')}
          @change=${(e: Event) => this.#run(call.setInput((e.target as HTMLSelectElement).value || undefined))}
        >
          ${this.inputs.length === 0 ? html`<option value="">${t('sound.default')}</option>` : nothing}
          ${this.inputs.map((d, n) => html`<option value=${d.deviceId} ?selected=${d.deviceId === call.audio.inputDevice}>${name(d, n)}</option>`)}
        </select>
      </label>
      <div class="meter" aria-hidden="true"><i></i></div>
      ${
        call.canChooseOutput && this.outputs.length > 0
          ? html`<label>
              <span>${t('sound.output')}</span>
              <select
                data-testid="output-device"
                .value=${live(call.audio.outputDevice ?? 'default')}
                @change=${(e: Event) => this.#run(call.setOutput((e.target as HTMLSelectElement).value))}
              >
                ${this.outputs.map((d, n) => html`<option value=${d.deviceId} ?selected=${d.deviceId === call.audio.outputDevice}>${name(d, n)}</option>`)}
              </select>
            </label>`
          : html`<p class="quiet">${t('sound.no-output')}</p>`
      }
      <label class="check">
        <input
          type="checkbox"
          data-testid="ptt-mode"
          .checked=${live(call.audio.pushToTalk)}
          ?disabled=${call.audio.microphone !== 'live'}
          @change=${(e: Event) => this.#run(call.setPushToTalk((e.target as HTMLInputElement).checked))}
        />
        <span>${t('sound.ptt')}</span>
      </label>
    </div>`;
  }

  /** The keyboard went on: what it left behind closes. Clicks elsewhere and Escape are the platform's. */
  #left(event: FocusEvent): void {
    const popover = event.currentTarget as HTMLElement;
    const next = event.relatedTarget as Node | null;
    if (next && !popover.contains(next)) popover.hidePopover();
  }
}

customElements.define('bridge-dock', Dock);
