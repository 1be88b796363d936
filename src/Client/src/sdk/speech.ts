/** Hears in the microphone's levels whether somebody speaks: an energy detector over an adaptive noise floor. */
export class SpeechDetector {
  /** Time above the threshold before it counts as speech: short, because the agent is ducked by it. */
  static readonly onsetMs = 60;
  /** Silence after which speech is over. */
  static readonly hangoverMs = 350;

  #floor = 0.004;
  #above = 0;
  #below = 0;
  #active = false;
  #quietest = 1;
  #window = 0;

  get active(): boolean {
    return this.#active;
  }

  /**
   * One level: root mean square 0..1 over `ms` milliseconds. `strict` raises the bar while the agent speaks, because
   * what is left of its echo must not count. Returns true when `active` changed.
   */
  push(rms: number, ms: number, strict = false): boolean {
    const threshold = Math.max(0.012, this.#floor * 3.5) * (strict ? 1.6 : 1);
    if (rms > threshold) {
      this.#above += ms;
      this.#below = 0;
    } else {
      this.#below += ms;
      if (this.#below > 40) this.#above = 0;
    }
    // The floor falls quickly. It rises to the quietest moment of each second: speech has gaps, a fan has none.
    if (rms < this.#floor) this.#floor += (rms - this.#floor) * Math.min(1, ms / 150);
    this.#quietest = Math.min(this.#quietest, rms);
    this.#window += ms;
    if (this.#window >= 1_000) {
      if (this.#quietest > this.#floor) this.#floor += (this.#quietest - this.#floor) * 0.6;
      this.#quietest = 1;
      this.#window = 0;
    }
    this.#floor = Math.min(0.05, Math.max(0.0005, this.#floor));

    const before = this.#active;
    if (!this.#active && this.#above >= SpeechDetector.onsetMs) this.#active = true;
    else if (this.#active && this.#below >= SpeechDetector.hangoverMs) this.#active = false;
    return before !== this.#active;
  }

  reset(): void {
    this.#above = this.#below = 0;
    this.#active = false;
  }
}
