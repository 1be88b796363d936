import { RunningMean } from './playout.js';
import type { CallStats } from './types.js';

interface Counters {
  at: number;
  bytesIn: number;
  bytesOut: number;
  packetsIn: number;
  lostIn: number;
}

/** Turns the browser's running totals into figures of the last interval. */
export class StatsReader {
  readonly #jitterBuffer = new RunningMean();
  readonly #playout = new RunningMean();
  #before: Counters | undefined;
  #concealed = { total: 0, samples: 0 };

  /** Decoder to loudspeaker, milliseconds, as last read. */
  playoutDelayMs: number | undefined;

  read(report: Iterable<Record<string, unknown>>, now: number): CallStats {
    const stats: CallStats = { at: now };
    const counters: Counters = { at: now, bytesIn: 0, bytesOut: 0, packetsIn: 0, lostIn: 0 };
    const locals = new Map<string, Record<string, unknown>>();
    let pair: Record<string, unknown> | undefined;
    for (const s of report) {
      switch (s.type) {
        case 'inbound-rtp':
          if (s.kind === 'audio') this.#inbound(s, stats, counters);
          break;
        case 'outbound-rtp':
          counters.bytesOut = num(s.bytesSent) ?? 0;
          stats.packetsOut = num(s.packetsSent)!;
          break;
        case 'remote-inbound-rtp':
          assign(stats, 'lossOut', num(s.fractionLost));
          if (stats.roundTripMs === undefined) assign(stats, 'roundTripMs', scaled(num(s.roundTripTime), 1000));
          break;
        case 'media-playout':
          this.playoutDelayMs = scaled(this.#playout.push(num(s.totalPlayoutDelay), num(s.totalSamplesCount)), 1000);
          assign(stats, 'playoutDelayMs', this.playoutDelayMs);
          break;
        case 'candidate-pair':
          if (s.nominated && s.state === 'succeeded' && (!pair || (num(s.bytesReceived) ?? 0) >= (num(pair.bytesReceived) ?? 0))) pair = s;
          break;
        case 'local-candidate':
          locals.set(String(s.id), s);
          break;
      }
    }
    if (pair) {
      assign(stats, 'roundTripMs', scaled(num(pair.currentRoundTripTime), 1000) ?? stats.roundTripMs);
      const local = locals.get(String(pair.localCandidateId));
      if (local) stats.transport = String(local.protocol);
    }
    const before = this.#before;
    if (before && now > before.at) {
      const seconds = (now - before.at) / 1000;
      stats.bitrateInKbps = Math.max(0, ((counters.bytesIn - before.bytesIn) * 8) / 1000 / seconds);
      stats.bitrateOutKbps = Math.max(0, ((counters.bytesOut - before.bytesOut) * 8) / 1000 / seconds);
      const lost = Math.max(0, counters.lostIn - before.lostIn);
      const due = counters.packetsIn - before.packetsIn + lost;
      stats.lossIn = due > 0 ? lost / due : 0;
    }
    this.#before = counters;
    return stats;
  }

  #inbound(s: Record<string, unknown>, stats: CallStats, counters: Counters): void {
    counters.bytesIn = num(s.bytesReceived) ?? 0;
    counters.packetsIn = num(s.packetsReceived) ?? 0;
    counters.lostIn = num(s.packetsLost) ?? 0;
    stats.packetsIn = counters.packetsIn;
    stats.packetsLost = counters.lostIn;
    assign(stats, 'jitterMs', scaled(num(s.jitter), 1000));
    assign(stats, 'jitterBufferMs', scaled(this.#jitterBuffer.push(num(s.jitterBufferDelay), num(s.jitterBufferEmittedCount)), 1000));
    const concealed = num(s.concealedSamples);
    const samples = num(s.totalSamplesReceived);
    if (concealed !== undefined && samples !== undefined) {
      const fresh = samples - this.#concealed.samples;
      // Silence that the sender chose (DTX) is filled too, and is no loss.
      const silent = num(s.silentConcealedSamples) ?? 0;
      if (fresh > 0) stats.concealed = Math.min(1, Math.max(0, (concealed - silent - this.#concealed.total) / fresh));
      this.#concealed = { total: concealed - silent, samples };
    }
  }
}

function num(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function assign<K extends keyof CallStats>(stats: CallStats, key: K, value: CallStats[K] | undefined): void {
  if (value !== undefined) stats[key] = value;
}
