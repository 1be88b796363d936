/** How long what was made before a click is kept for it. */
export const idleMs = 60_000;

/** One thing that is made before the person's click and released when no click comes within a minute. */
export class Kept<T> {
  readonly #release: (value: T) => void;
  #held: { key: string; value: T; timer: ReturnType<typeof setTimeout> } | undefined;

  constructor(release: (value: T) => void) {
    this.#release = release;
  }

  /** Makes it, unless one of this key is there already; one of another key is released. */
  keep(key: string, make: () => T): void {
    if (this.#held?.key === key) return;
    this.drop();
    this.#held = { key, value: make(), timer: setTimeout(() => this.drop(), idleMs) };
  }

  /** Hands over the one of this key. */
  take(key: string): T | undefined {
    const held = this.#held;
    if (held?.key !== key) return undefined;
    clearTimeout(held.timer);
    this.#held = undefined;
    return held.value;
  }

  drop(): void {
    const held = this.#held;
    if (held) this.#release(this.take(held.key)!);
  }
}
