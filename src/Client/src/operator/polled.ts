import type { App } from './app.js';

/** An answer of the host that is read again and again while its view is in sight. */
export class Polled<T> {
  /** The last answer; undefined before the first. */
  value: T | undefined;
  /** The words for why the last reading failed; undefined where it did not. */
  trouble: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly app: App,
    private readonly read: () => Promise<T>,
    private readonly againMs: number,
  ) {}

  /** Reads now, and from then on every `againMs` until `stop`. */
  async load(): Promise<void> {
    clearTimeout(this.#timer);
    const timer = (this.#timer = setTimeout(() => void this.load(), this.againMs));
    try {
      this.value = await this.read();
      this.trouble = undefined;
    } catch (error) {
      this.trouble = this.app.failed(error);
    }
    if (this.#timer === timer) this.app.paint();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
