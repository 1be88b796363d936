import { toDataUrl } from './image.js';
import { BridgeError } from './types.js';

export interface ShareOptions {
  /** Least time between two pictures: milliseconds, or `2s`. 2 s by default. */
  every?: number | string;
  /** `turn` (default): when the person begins to speak or writes. `always`: all the time, which costs what pictures cost. */
  when?: 'turn' | 'always';
}

/** The call as a share needs it. */
export interface ShareHost {
  send(dataUrl: string): Promise<void>;
  changed(): void;
  problem(error: unknown): void;
}

const defaultEveryMs = 2_000;
const leastEveryMs = 500;

/** `2s`, `500ms` or milliseconds. */
export function duration(value: number | string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s)$/.exec(String(value));
  const ms = typeof value === 'number' ? value : match ? Number(match[1]) * (match[2] === 's' ? 1_000 : 1) : NaN;
  if (!(ms >= 0)) throw new TypeError(`"${value}" is no time: write milliseconds, or 2s.`);
  return Math.max(ms, leastEveryMs);
}

/** Pictures of a screen or a camera for the model, until it is stopped, the stream ends, or the call. */
export class Share {
  readonly #host: ShareHost;
  readonly #stream: MediaStream;
  readonly #video = document.createElement('video');
  readonly #everyMs: number;
  readonly #now: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #sentAt = -Infinity;
  #last = '';
  #sending: Promise<void> | undefined;
  #active = true;
  #sent = 0;

  constructor(stream: MediaStream, options: ShareOptions, host: ShareHost, now: () => number = () => performance.now()) {
    const [track] = stream.getVideoTracks();
    if (!track || track.readyState !== 'live') throw new BridgeError('no_picture', 'This stream has no picture.');
    this.#stream = stream;
    this.#host = host;
    this.#now = now;
    this.#everyMs = duration(options.every ?? defaultEveryMs);
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = stream;
    void this.#video.play().catch(() => undefined);
    // Browsers have a button of their own that ends the sharing of a screen.
    track.addEventListener('ended', () => this.stop());
    if (options.when === 'always') this.#timer = setInterval(() => void this.turn(), this.#everyMs);
  }

  get active(): boolean {
    return this.#active;
  }

  /** Pictures that the model got. */
  get sent(): number {
    return this.#sent;
  }

  /** The person's turn begins: the model gets what is to be seen now, unless it has it already. Never rejects. */
  turn(): Promise<void> {
    if (!this.#active || this.#now() - this.#sentAt < this.#everyMs) return this.#sending ?? Promise.resolve();
    return (this.#sending ??= this.#picture().finally(() => (this.#sending = undefined)));
  }

  stop(): void {
    if (!this.#active) return;
    this.#active = false;
    clearInterval(this.#timer);
    this.#video.srcObject = null;
    for (const track of this.#stream.getVideoTracks()) track.stop();
    this.#host.changed();
  }

  async #picture(): Promise<void> {
    if (this.#video.videoWidth === 0) return;
    try {
      const dataUrl = await toDataUrl(this.#video);
      if (!this.#active || dataUrl === this.#last) return;
      this.#sentAt = this.#now();
      await this.#host.send(dataUrl);
      this.#last = dataUrl;
      this.#sent++;
      this.#host.changed();
    } catch (error) {
      this.#host.problem(error);
    }
  }
}
