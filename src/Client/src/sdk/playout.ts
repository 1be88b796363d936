/** Where the speaker is in the agent's audio, as RTP time, so that the server knows what was heard. */

export interface PlayoutReport {
  rtpTimestamp: number;
  delayMs: number;
  /** The speaker was silenced at this position: nothing beyond it is heard. */
  silenced?: true;
}

/** RTP clock of Opus, whatever the sample rate inside (RFC 7587 §4.1). */
const clockRate = 48_000;
const frameMs = 20;

/**
 * The position from the source that the receiver delivered last. `elapsedMs` is how long ago that was: within the
 * packet the speaker moved on, after it there was nothing more to play. `delayMs` is the way from the decoder to the
 * loudspeaker, which the server subtracts.
 */
export function playoutPosition(rtpTimestamp: number, elapsedMs: number, delayMs: number): PlayoutReport {
  const within = Math.min(Math.max(elapsedMs, 0), frameMs);
  return {
    rtpTimestamp: (rtpTimestamp + Math.round((within * clockRate) / 1000)) >>> 0,
    // Some browsers have no figure for their output device, which would leave as null.
    delayMs: Number.isFinite(delayMs) ? Math.round(Math.max(0, delayMs) * 10) / 10 : 0,
  };
}

/** Mean playout delay of the last interval, from two readings of the running totals that browsers keep. */
export class RunningMean {
  #total = 0;
  #count = 0;
  #mean: number | undefined;

  /** Takes totals, gives the mean of what came since the last reading, or the last mean when nothing came. */
  push(total: number | undefined, count: number | undefined): number | undefined {
    if (total === undefined || count === undefined) return this.#mean;
    const fresh = count - this.#count;
    if (fresh > 0) this.#mean = (total - this.#total) / fresh;
    else if (fresh < 0) this.#mean = undefined;
    this.#total = total;
    this.#count = count;
    return this.#mean;
  }
}

/** Reads the receiver, and reports about every 150 ms while the agent is heard, and at once on demand. */
export class PlayoutReporter {
  static readonly intervalMs = 150;

  readonly #report: (report: PlayoutReport) => void;
  readonly #now: () => number;
  #receiver: RTCRtpReceiver | undefined;
  #delayMs = 0;
  #last: number | undefined;
  #silenced: PlayoutReport | undefined;

  constructor(report: (report: PlayoutReport) => void, now: () => number = () => performance.timeOrigin + performance.now()) {
    this.#report = report;
    this.#now = now;
  }

  set receiver(receiver: RTCRtpReceiver | undefined) {
    this.#receiver = receiver;
    this.#last = this.#silenced = undefined;
  }

  /** Decoder to loudspeaker, milliseconds: from stats and the output device. */
  set delayMs(value: number) {
    this.#delayMs = value;
  }

  /** Reports when the position moved since the last report. True when something was reported. */
  tick(force = false): boolean {
    if (this.#silenced) {
      if (force) this.#report(this.#silenced);
      return force;
    }
    const source = this.#source();
    if (!source) return false;
    if (!force && source.rtpTimestamp === this.#last) return false;
    this.#last = source.rtpTimestamp;
    this.#report(playoutPosition(source.rtpTimestamp, this.#elapsed(source), this.#delayMs));
    return true;
  }

  /**
   * The speaker falls silent now. Sound that the decoder gave before is on its way to the loudspeaker and comes out, so no
   * delay counts; what still runs through the receiver is not heard, and not reported.
   */
  silence(): void {
    const source = this.#source();
    if (!source || this.#silenced) return;
    this.#silenced = { ...playoutPosition(source.rtpTimestamp, this.#elapsed(source), 0), silenced: true };
    this.#report(this.#silenced);
  }

  /** The speaker is audible again. */
  resume(): void {
    if (!this.#silenced) return;
    this.#silenced = undefined;
    this.tick(true);
  }

  /** RTP timestamp of what the receiver delivered last; it stands still when there is nothing to play. */
  get rtpTimestamp(): number | undefined {
    return this.#source()?.rtpTimestamp;
  }

  #elapsed(source: RTCRtpSynchronizationSource): number {
    // Chromium counts from the epoch or from the time origin, by version; whichever is near is meant.
    const now = this.#now();
    const fromEpoch = now - source.timestamp;
    return Math.abs(fromEpoch) < 3_600_000 ? fromEpoch : now - performance.timeOrigin - source.timestamp;
  }

  #source(): RTCRtpSynchronizationSource | undefined {
    let newest: RTCRtpSynchronizationSource | undefined;
    for (const source of this.#receiver?.getSynchronizationSources?.() ?? [])
      if (!newest || source.timestamp > newest.timestamp) newest = source;
    return newest;
  }
}
