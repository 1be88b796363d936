/** The agent's voice: one audio element, which can be ducked, muted by the browser, and sent to another device. */
export class Speaker {
  /** The browser refuses to play without a click, or does so no more. */
  onBlocked: ((blocked: boolean) => void) | undefined;

  element: HTMLAudioElement;
  /** The voice of a connection that is about to take over; silent until then. */
  #beside: HTMLAudioElement | undefined;
  #last: ReturnType<typeof setTimeout> | undefined;
  #leaving: HTMLAudioElement | undefined;
  #context: AudioContext | undefined;
  #analyser: AnalyserNode | undefined;
  #samples: Float32Array<ArrayBuffer> | undefined;
  #blocked = false;
  #untouched: AbortController | undefined;
  #ducked = false;
  #closed = false;

  constructor() {
    this.element = newElement();
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

  /** Plays a second voice beside the first. */
  playBeside(stream: MediaStream): void {
    this.dropBeside();
    const beside = (this.#beside = newElement());
    beside.volume = this.element.volume;
    beside.muted = this.element.muted;
    const sink = (this.element as { sinkId?: string }).sinkId;
    if (sink) void (beside as HTMLAudioElement & { setSinkId?(id: string): Promise<void> }).setSinkId?.(sink).catch(() => undefined);
    beside.srcObject = stream;
    void beside.play().catch(() => undefined);
  }

  /** The second voice is the voice from now on; the last of the first is heard to its end. */
  takeBeside(lastMs: number): void {
    const beside = this.#beside;
    if (!beside) return;
    this.#beside = undefined;
    this.#end();
    this.#leaving = this.element;
    this.#last = setTimeout(() => this.#end(), lastMs);
    this.element = beside;
    this.play(beside.srcObject as MediaStream);
  }

  /** There is no second voice any more. */
  dropBeside(): void {
    if (this.#beside) stop(this.#beside);
    this.#beside = undefined;
  }

  #end(): void {
    clearTimeout(this.#last);
    if (this.#leaving) stop(this.#leaving);
    this.#leaving = undefined;
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
      // AbortError: a new stream came in between, and its own play() reports that.
      if (error instanceof Error && error.name === 'NotAllowedError') this.#setBlocked(true);
    }
  }

  get ducked(): boolean {
    return this.#ducked;
  }

  /** Silences the agent at once while the server makes up its mind. */
  duck(on: boolean): void {
    this.#ducked = on;
    for (const element of [this.element, this.#beside, this.#leaving]) {
      if (!element) continue;
      element.volume = on ? 0.05 : 1;
      // iOS has no volume; there, silence is the duck.
      if (on && element.volume > 0.5) element.muted = true;
      if (!on) element.muted = false;
    }
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
    this.dropBeside();
    this.#end();
    stop(this.element);
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

  /** Each click, touch or key of the person lets the agent be heard. */
  #waitForTouch(): void {
    const { document } = globalThis;
    if (!document) return;
    this.#untouched = new AbortController();
    const { signal } = this.#untouched;
    for (const act of ['pointerup', 'keydown', 'click'])
      document.addEventListener(act, () => void this.unlock(), { signal, capture: true });
  }
}

function newElement(): HTMLAudioElement {
  const element = new Audio();
  element.autoplay = true;
  element.setAttribute('playsinline', '');
  return element;
}

function stop(element: HTMLAudioElement): void {
  element.pause();
  element.srcObject = null;
}
