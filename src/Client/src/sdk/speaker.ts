/** The agent's voice: one audio element, which can be ducked, muted by the browser, and sent to another device. */
export class Speaker {
  /** The browser refuses to play without a click, or does so no more. */
  onBlocked: ((blocked: boolean) => void) | undefined;

  readonly element: HTMLAudioElement;
  #context: AudioContext | undefined;
  #analyser: AnalyserNode | undefined;
  #samples: Float32Array<ArrayBuffer> | undefined;
  #blocked = false;
  #untouched: AbortController | undefined;
  #ducked = false;
  #closed = false;

  constructor() {
    this.element = new Audio();
    this.element.autoplay = true;
    this.element.setAttribute('playsinline', '');
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  /** The one audio context of a call, for both meters. Made on first use, which should be in a click; none after the end. */
  get context(): AudioContext | undefined {
    if (this.#closed) return undefined;
    this.#context ??= typeof AudioContext === 'undefined' ? undefined : new AudioContext({ latencyHint: 'interactive' });
    if (this.#context?.state === 'suspended') void this.#context.resume().catch(() => undefined);
    return this.#context;
  }

  play(stream: MediaStream): void {
    if (this.element.srcObject !== stream) this.element.srcObject = stream;
    this.#analyser?.disconnect();
    this.#meter(stream);
    void this.unlock();
  }

  #meter(stream: MediaStream): void {
    const { context } = this;
    if (!context) return;
    try {
      const analyser = new AnalyserNode(context, { fftSize: 1024 });
      context.createMediaStreamSource(stream).connect(analyser);
      this.#samples = new Float32Array(analyser.fftSize);
      this.#analyser = analyser;
    } catch {
      // Some browsers join no stream of another rate to a context: the voice is heard, only its level is not shown.
      this.#analyser = this.#samples = undefined;
    }
  }

  /** Root mean square of the agent's voice, 0..1, over the last 20 ms. */
  level(): number {
    const samples = this.#samples;
    if (!this.#analyser || !samples || this.#context?.state !== 'running') return 0;
    this.#analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const s of samples) sum += s * s;
    return Math.sqrt(sum / samples.length);
  }

  /** Tries to play; from a click it succeeds where autoplay was refused. */
  async unlock(): Promise<void> {
    if (!this.element.srcObject) return;
    void this.context;
    try {
      await this.element.play();
      this.#setBlocked(false);
    } catch (error) {
      // AbortError: a new stream came in between, and its own play() tells.
      if (error instanceof Error && error.name === 'NotAllowedError') this.#setBlocked(true);
    }
  }

  get ducked(): boolean {
    return this.#ducked;
  }

  /** Silences the agent at once while the server makes up its mind. */
  duck(on: boolean): void {
    this.#ducked = on;
    this.element.volume = on ? 0.05 : 1;
    // iOS has no volume; there, silence is the duck.
    if (on && this.element.volume > 0.5) this.element.muted = true;
    if (!on) this.element.muted = false;
  }

  get canChoose(): boolean {
    return 'setSinkId' in this.element;
  }

  async choose(deviceId: string): Promise<void> {
    await (this.element as HTMLAudioElement & { setSinkId?(id: string): Promise<void> }).setSinkId?.(deviceId);
  }

  close(): void {
    this.#closed = true;
    this.#untouched?.abort();
    this.element.pause();
    this.element.srcObject = null;
    this.#analyser?.disconnect();
    this.#analyser = this.#samples = undefined;
    void this.#context?.close().catch(() => undefined);
    this.#context = undefined;
  }

  #setBlocked(blocked: boolean): void {
    if (this.#blocked === blocked) return;
    this.#blocked = blocked;
    this.#untouched?.abort();
    this.#untouched = undefined;
    if (blocked) this.#waitForTouch();
    this.onBlocked?.(blocked);
  }

  /** Whatever the person clicks, touches or types lets the agent be heard. */
  #waitForTouch(): void {
    const { document } = globalThis;
    if (!document) return;
    this.#untouched = new AbortController();
    const { signal } = this.#untouched;
    for (const act of ['pointerup', 'keydown', 'click']) document.addEventListener(act, () => void this.unlock(), { signal, capture: true });
  }
}
