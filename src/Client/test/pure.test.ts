import { describe, expect, it } from 'vitest';
import { Memory } from '../src/sdk/memory.js';
import { microphoneProblem } from '../src/sdk/microphone.js';
import { PlayoutReporter, playoutPosition, RunningMean, type PlayoutReport } from '../src/sdk/playout.js';
import { refusal } from '../src/sdk/signaling.js';
import { SpeechDetector } from '../src/sdk/speech.js';
import { StatsReader } from '../src/sdk/stats.js';
import { Transcript } from '../src/sdk/transcript.js';
import type { TranscriptItem } from '../src/sdk/types.js';
import { FakeStore } from './fakes.js';

const said = (itemId: string, text: string, more: Partial<TranscriptItem> = {}): TranscriptItem => ({
  itemId,
  speaker: 'user',
  text,
  final: true,
  ...more,
});

describe('the transcript', () => {
  it('keeps the order of the conversation whatever the order of arrival', () => {
    const transcript = new Transcript();
    transcript.put(said('a', 'one'));
    transcript.put(said('c', 'three', { previousItemId: 'b', speaker: 'agent' }));
    transcript.put(said('b', 'two', { previousItemId: 'a' }));
    expect(transcript.items.map(i => i.itemId)).toEqual(['a', 'b', 'c']);
  });

  it('puts words that arrive late behind the item they followed', () => {
    const transcript = new Transcript();
    transcript.put(said('greeting', 'hello', { speaker: 'agent' }));
    transcript.put(said('answer', 'sure', { speaker: 'agent', previousItemId: 'question' }));
    transcript.put(said('more', 'also', { speaker: 'agent', previousItemId: 'answer' }));
    transcript.put(said('question', 'may I?', { previousItemId: 'greeting' }));
    expect(transcript.items.map(i => i.itemId)).toEqual(['greeting', 'question', 'answer', 'more']);
  });

  it('replaces partial words by final ones in their place', () => {
    const transcript = new Transcript();
    transcript.put(said('a', 'I wou', { final: false }));
    transcript.put(said('b', 'yes', { speaker: 'agent' }));
    transcript.put(said('a', 'I would like tea'));
    expect(transcript.items.map(i => [i.text, i.final])).toEqual([
      ['I would like tea', true],
      ['yes', true],
    ]);
  });

  it('gives a text in which unheard words are missing', () => {
    const transcript = new Transcript();
    transcript.put(said('a', 'How?'));
    transcript.put(said('b', 'First you peel the onions', { speaker: 'agent', interrupted: true, heard: 14 }));
    transcript.put(said('c', '  '));
    expect(transcript.toText({ user: 'You', agent: 'Cook' })).toBe('You: How?\nCook: First you peel…');
  });

  it('takes an utterance back', () => {
    const transcript = new Transcript();
    transcript.put(said('cough', 'hm'));
    expect(transcript.withdraw('cough')?.text).toBe('hm');
    expect(transcript.withdraw('cough')).toBeUndefined();
    expect(transcript.items).toEqual([]);
  });
});

describe('what the speaker has played', () => {
  it('moves within the packet and waits behind it', () => {
    expect(playoutPosition(48_000, 0, 0)).toEqual({ rtpTimestamp: 48_000, delayMs: 0 });
    expect(playoutPosition(48_000, 0, NaN)).toEqual({ rtpTimestamp: 48_000, delayMs: 0 });
    expect(playoutPosition(48_000, 10, 12.34)).toEqual({ rtpTimestamp: 48_480, delayMs: 12.3 });
    expect(playoutPosition(48_000, 500, 0).rtpTimestamp).toBe(48_960);
    expect(playoutPosition(48_000, -5, -1)).toEqual({ rtpTimestamp: 48_000, delayMs: 0 });
  });

  it('wraps with the RTP clock', () => {
    expect(playoutPosition(0xffff_ffff, 20, 0).rtpTimestamp).toBe(959);
  });

  it('is reported when it moved, and on demand', () => {
    const reports: PlayoutReport[] = [];
    let sources = [{ rtpTimestamp: 960, timestamp: 1_000, source: 1, audioLevel: 0.5 }];
    const reporter = new PlayoutReporter(
      r => reports.push(r),
      () => 1_005,
    );
    expect(reporter.tick()).toBe(false);
    reporter.receiver = { getSynchronizationSources: () => sources } as unknown as RTCRtpReceiver;
    reporter.delayMs = 20;
    expect(reporter.tick()).toBe(true);
    expect(reporter.tick()).toBe(false);
    expect(reporter.tick(true)).toBe(true);
    sources = [{ rtpTimestamp: 1_920, timestamp: 1_005, source: 1, audioLevel: 0.5 }];
    expect(reporter.tick()).toBe(true);
    expect(reports).toEqual([
      { rtpTimestamp: 1_200, delayMs: 20 },
      { rtpTimestamp: 1_200, delayMs: 20 },
      { rtpTimestamp: 1_920, delayMs: 20 },
    ]);
  });

  it('stands still from the moment the speaker falls silent until it is audible again', () => {
    const reports: PlayoutReport[] = [];
    let sources = [{ rtpTimestamp: 960, timestamp: 1_000, source: 1, audioLevel: 0.5 }];
    const reporter = new PlayoutReporter(
      r => reports.push(r),
      () => 1_005,
    );
    reporter.receiver = { getSynchronizationSources: () => sources } as unknown as RTCRtpReceiver;
    reporter.delayMs = 20;
    reporter.silence();
    sources = [{ rtpTimestamp: 1_920, timestamp: 1_005, source: 1, audioLevel: 0.5 }];
    expect(reporter.tick()).toBe(false);
    expect(reporter.tick(true)).toBe(true);
    reporter.resume();
    const silenced = { rtpTimestamp: 1_200, delayMs: 0, silenced: true };
    expect(reports).toEqual([silenced, silenced, { rtpTimestamp: 1_920, delayMs: 20 }]);
  });
});

describe('a running mean', () => {
  it('is that of the last interval', () => {
    const mean = new RunningMean();
    expect(mean.push(10, 100)).toBeCloseTo(0.1);
    expect(mean.push(40, 200)).toBeCloseTo(0.3);
    expect(mean.push(40, 200)).toBeCloseTo(0.3);
    expect(mean.push(undefined, 3)).toBeCloseTo(0.3);
  });
});

describe('the speech detector', () => {
  const feed = (detector: SpeechDetector, rms: number, ms: number, strict = false) => {
    let changes = 0;
    for (let t = 0; t < ms; t += 20) if (detector.push(rms, 20, strict)) changes++;
    return changes;
  };

  it('hears speech within 80 ms and lets it end after the hangover', () => {
    const detector = new SpeechDetector();
    feed(detector, 0.002, 2_000);
    expect(feed(detector, 0.1, 80)).toBe(1);
    expect(detector.active).toBe(true);
    feed(detector, 0.002, 300);
    expect(detector.active).toBe(true);
    feed(detector, 0.002, 100);
    expect(detector.active).toBe(false);
  });

  it('takes no click for speech', () => {
    const detector = new SpeechDetector();
    feed(detector, 0.002, 1_000);
    for (let i = 0; i < 20; i++) {
      detector.push(0.3, 20);
      feed(detector, 0.002, 200);
    }
    expect(detector.active).toBe(false);
  });

  it('gets used to a fan', () => {
    const detector = new SpeechDetector();
    feed(detector, 0.02, 20_000);
    detector.reset();
    expect(feed(detector, 0.02, 1_000)).toBe(0);
    expect(feed(detector, 0.2, 100)).toBe(1);
  });

  it('asks for more while the agent speaks, because echo is left over', () => {
    const [plain, strict] = [new SpeechDetector(), new SpeechDetector()];
    feed(plain, 0.002, 1_000);
    feed(strict, 0.002, 1_000);
    feed(plain, 0.015, 200);
    feed(strict, 0.015, 200, true);
    expect([plain.active, strict.active]).toEqual([true, false]);
  });
});

describe('the statistics', () => {
  it('are figures of the last interval', () => {
    const reader = new StatsReader();
    const report = (bytes: number, packets: number, lost: number, buffer: number, emitted: number) => [
      {
        type: 'inbound-rtp',
        kind: 'audio',
        bytesReceived: bytes,
        packetsReceived: packets,
        packetsLost: lost,
        jitter: 0.004,
        jitterBufferDelay: buffer,
        jitterBufferEmittedCount: emitted,
        concealedSamples: 0,
        totalSamplesReceived: emitted,
      },
      { type: 'outbound-rtp', bytesSent: bytes * 2, packetsSent: packets },
      {
        type: 'candidate-pair',
        nominated: true,
        state: 'succeeded',
        currentRoundTripTime: 0.012,
        localCandidateId: 'L',
        bytesReceived: bytes,
      },
      { type: 'local-candidate', id: 'L', protocol: 'udp' },
      { type: 'media-playout', totalPlayoutDelay: emitted * 0.02, totalSamplesCount: emitted },
    ];
    reader.read(report(1_000, 50, 0, 0, 48_000), 1_000);
    const stats = reader.read(report(5_000, 95, 5, 2_400, 96_000), 2_000);
    expect(stats).toMatchObject({ roundTripMs: 12, jitterMs: 4, lossIn: 0.1, bitrateInKbps: 32, bitrateOutKbps: 64, transport: 'udp' });
    expect(stats.jitterBufferMs).toBeCloseTo(50);
    expect(stats.playoutDelayMs).toBeCloseTo(20);
  });

  it('leave out what the browser does not say', () => {
    const stats = new StatsReader().read([], 5);
    expect(Object.keys(stats)).toEqual(['at']);
  });
});

describe('what a reload must not lose', () => {
  it('is found again, for ten minutes', () => {
    const store = new FakeStore();
    const memory = new Memory('http://x', 'demo', store);
    memory.save({ callId: 'c', resumeToken: 't', savedAt: 1_000, items: [], shown: [], notes: [], journal: {} });
    expect(new Memory('http://x', 'demo', store).load(60_000)?.resumeToken).toBe('t');
    expect(new Memory('http://x', 'other', store).load(60_000)).toBeUndefined();
    expect(memory.load(1_000 + 11 * 60_000)).toBeUndefined();
    expect(store.items.size).toBe(0);
  });

  it('is nothing when the store holds something else, or refuses', () => {
    const store = new FakeStore();
    store.setItem('bridge:http://x:demo', '{"half":');
    expect(new Memory('http://x', 'demo', store).load()).toBeUndefined();
    const closed = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => undefined,
    };
    expect(() =>
      new Memory('http://x', 'demo', closed).save({
        callId: 'c',
        resumeToken: 't',
        savedAt: 0,
        items: [],
        shown: [],
        notes: [],
        journal: {},
      }),
    ).not.toThrow();
  });
});

describe('errors in plain words', () => {
  it('carry the code and the sentence of the hub', () => {
    const error = refusal(
      new Error('An unexpected error occurred invoking \'Join\' on the server. HubException: unknown_role: There is no role "x".'),
    );
    expect([error.code, error.message]).toEqual(['unknown_role', 'There is no role "x".']);
    for (const dropped of ['Connection closed', 'WebSocket closed with status code: 1006 (no reason given).'])
      expect(refusal(new Error(dropped)).code).toBe('unreachable');
  });

  it.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'failed'],
  ])('tell %s as %s', (name, code) => {
    expect(microphoneProblem(Object.assign(new Error('x'), { name })).code).toBe(code);
  });
});
