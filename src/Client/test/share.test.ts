// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { duration, Share, type ShareOptions } from '../src/sdk/share.js';
import { FakeTrack } from './fakes.js';

vi.mock('../src/sdk/image.js', () => ({ toDataUrl: async () => `data:image/jpeg;base64,${seen.picture}` }));
const seen = { picture: 'a' };

describe('a shared screen', () => {
  let track: FakeTrack;
  let sent: string[];
  let changes: number;
  let problems: unknown[];
  let now: number;
  let fail: Error | undefined;

  const share = (options: ShareOptions = {}) => {
    const host = {
      send: async (url: string) => {
        if (fail) throw fail;
        sent.push(url.at(-1)!);
      },
      changed: () => void changes++,
      problem: (error: unknown) => problems.push(error),
    };
    return new Share({ getVideoTracks: () => [track] } as unknown as MediaStream, options, host, () => now);
  };

  beforeEach(() => {
    track = new FakeTrack();
    sent = [];
    problems = [];
    changes = now = 0;
    fail = undefined;
    seen.picture = 'a';
    vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
    Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
    Object.defineProperty(HTMLVideoElement.prototype, 'videoWidth', { value: 640, configurable: true });
  });

  it('is seen at the person’s turns, at most once in the time, and once as long as nothing changes', async () => {
    const sharing = share({ every: '2s' });
    await sharing.turn();
    seen.picture = 'b';
    now = 1_900;
    await sharing.turn();
    now = 2_100;
    await sharing.turn();
    now = 9_000;
    await sharing.turn();
    expect([sent, sharing.sent]).toEqual([['a', 'b'], 2]);
  });

  it('is seen no more once it was stopped, here or by the browser, and its stream is let go', async () => {
    const sharing = share();
    sharing.stop();
    await sharing.turn();
    expect([sent, sharing.active, track.readyState, changes]).toEqual([[], false, 'ended', 1]);
    track = new FakeTrack();
    const other = share();
    track.unplug();
    expect(other.active).toBe(false);
  });

  it('costs no turn when a picture can not be sent, which is told', async () => {
    const sharing = share();
    fail = new Error('too large');
    await sharing.turn();
    expect([problems, sharing.sent, sharing.active]).toEqual([[fail], 0, true]);
    fail = undefined;
    now = 5_000;
    await sharing.turn();
    expect(sent).toEqual(['a']);
  });

  it('goes on by itself when that was asked for', async () => {
    vi.useFakeTimers();
    const sharing = share({ when: 'always', every: 1_000 });
    for (const picture of ['a', 'b', 'c']) {
      seen.picture = picture;
      now += 1_000;
      await vi.advanceTimersByTimeAsync(1_000);
    }
    sharing.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('needs a picture, and a time that is one', () => {
    track.stop();
    expect(() => share()).toThrow('This stream has no picture.');
    expect([duration('2s'), duration('750ms'), duration(3_000), duration(1)]).toEqual([2_000, 750, 3_000, 500]);
    for (const wrong of ['soon', '-1s', NaN]) expect(() => duration(wrong)).toThrow('is no time');
  });
});
