import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call } from '../src/sdk/call.js';
import type { AudioState, ConnectOptions } from '../src/sdk/types.js';
import { FakeMicrophones, FakePeerConnection, FakeSignaling, FakeStore, installFakes, serve, settle } from './fakes.js';

describe('the microphone of a call', () => {
  let signaling: FakeSignaling;
  let store: FakeStore;
  let microphones: FakeMicrophones;
  let contexts: number;

  const pc = () => FakePeerConnection.last;
  const make = (options: Partial<ConnectOptions> = {}) => new Call({ role: 'demo', url: 'http://bridge.test', locale: 'en', timeZone: 'UTC', ...options }, { signaling, store });
  const told = (method: string) => pc().channel.sent.filter(m => m.method === method).map(m => m.params);
  const sent = () => pc().sender.track as { enabled: boolean } | null;
  /** Starts a call whose microphone is allowed at once. */
  const talking = async (call = make()) => {
    const before = microphones.asked.length;
    const started = call.start();
    microphones.asked[before]?.allow();
    await started;
    return call;
  };

  const over = async (call: Call) => {
    const done = call.hangup();
    await settle();
    pc().channel.receive({ method: 'call/ended', params: { reason: 'hangup' } });
    await done;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    installFakes();
    signaling = new FakeSignaling();
    signaling.onOffer = () => (serve(pc().channel), queueMicrotask(() => pc().connect()));
    store = new FakeStore();
    microphones = new FakeMicrophones();
    contexts = 0;
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('navigator', { language: 'en', mediaDevices: microphones });
    vi.stubGlobal('AudioContext', class {
      state = 'running';
      audioWorklet = { addModule: async () => undefined };
      constructor() {
        contexts++;
      }
      createMediaStreamSource = () => ({ connect: () => undefined, disconnect: () => undefined });
      close = async () => undefined;
    });
    vi.stubGlobal('AudioWorkletNode', class {
      port = { onmessage: null, close: () => undefined };
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('is waited for ten seconds; then the call begins without it, and it joins when it is allowed', async () => {
    const call = make();
    const started = call.start();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(told('page/hello')).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    await started;
    expect([call.state, call.audio.microphone]).toEqual(['listening', 'asking']);
    await vi.advanceTimersByTimeAsync(60_000);
    await call.sendText('typed');
    expect(told('page/text')).toEqual([{ text: 'typed' }]);
    const track = microphones.asked[0]!.allow();
    await settle();
    expect([call.state, call.audio.microphone, sent()]).toEqual(['listening', 'live', track]);
  });

  it('leaves the server the whole of its time, however long the person thought', async () => {
    signaling.onOffer = () => queueMicrotask(() => pc().connect());
    const call = make();
    const started = call.start();
    await vi.advanceTimersByTimeAsync(19_000);
    serve(pc().channel);
    pc().channel.receive({ id: told('page/hello').length, result: {} });
    await started;
    expect(call.state).toBe('listening');
  });

  it('is as muted after a reload as before it, and the server is told', async () => {
    const before = await talking();
    await before.mute();
    await vi.advanceTimersByTimeAsync(300);

    const heard: AudioState[] = [];
    const after = make({ on: { audio: audio => heard.push(audio) } });
    await talking(after);
    expect(heard.every(a => a.muted)).toBe(true);
    expect([after.audio.microphone, sent()?.enabled]).toEqual(['live', false]);
    expect(told('page/mute')).toEqual([{ muted: true }]);
  });

  /** Does it while the channel is lost; it is made again after that. */
  async function withoutChannel(deed: () => Promise<void>): Promise<void> {
    signaling.unreachable = true;
    pc().channel.lose();
    await vi.advanceTimersByTimeAsync(100);
    await deed();
    signaling.unreachable = false;
    await vi.advanceTimersByTimeAsync(5_000);
  }

  it('opens again with the call that was muted before the channel was lost', async () => {
    const call = await talking();
    await call.mute();
    await withoutChannel(() => call.mute(false));
    expect(FakePeerConnection.made.length).toBeGreaterThan(1);
    expect(told('page/mute')).toEqual([{ muted: false }]);
  });

  it('is closed for the server, too, when the key was released while there was no channel', async () => {
    const call = await talking();
    await call.pushToTalk(true);
    await withoutChannel(() => call.pushToTalk(false));
    expect(told('page/pushToTalk')).toEqual([{ down: false }]);
  });

  it('is open for the server, too, when the key went down while there was no channel', async () => {
    const call = await talking();
    await call.setPushToTalk(true);
    await withoutChannel(() => call.pushToTalk(true));
    expect(told('page/pushToTalk')).toEqual([{ down: true }]);
  });

  it('waits for the key after a reload as before it, and the key is up', async () => {
    await (await talking()).pushToTalk(true);
    await vi.advanceTimersByTimeAsync(300);
    const after = await talking();
    expect([after.audio.pushToTalk, after.audio.talking, sent()?.enabled]).toEqual([true, false, false]);
    expect(told('page/pushToTalk')).toEqual([{ down: false }]);
  });

  it('is not asked for when a call without one goes on after a reload', async () => {
    await talking(make({ audio: false }));
    await vi.advanceTimersByTimeAsync(300);
    const after = await talking();
    expect([microphones.asked.length, after.audio.microphone]).toEqual([0, 'off']);
    const turnedOn = after.setInput();
    microphones.asked[0]!.allow();
    await turnedOn;
    await vi.advanceTimersByTimeAsync(300);
    expect((await talking()).audio.microphone).toBe('live');
  });

  it('is let go when another tab has taken the call over, and the call is left to that tab', async () => {
    const call = await talking();
    const ended: string[] = [];
    call.on('ended', ({ reason }) => ended.push(reason));
    await vi.advanceTimersByTimeAsync(300);
    const track = sent() as unknown as { readyState: string };
    signaling.onEnded?.({ callId: 'call-1', reason: 'replaced' });
    expect([ended, call.state, track.readyState, pc().closed]).toEqual([['replaced'], 'ended', 'ended', true]);
    // What the page does on its way out, and a server that answers late, change nothing of it.
    await call.hangup();
    pc().channel.lose();
    signaling.onReopened?.();
    await vi.advanceTimersByTimeAsync(120_000);
    expect([signaling.joins.length, signaling.hangups, signaling.closed, told('page/hangup')]).toEqual([1, [], true, []]);
    expect([store.items.size, make().resumable]).toEqual([0, false]);
  });

  it('is not said to be live when it was unplugged and none is found again', async () => {
    const call = await talking();
    (sent() as unknown as { unplug(): void }).unplug();
    expect([call.audio.microphone, sent()]).toEqual(['missing', null]);
    const retried = call.setInput();
    microphones.asked[1]!.deny();
    await retried;
    expect(call.audio.microphone).toBe('missing');
    const again = call.setInput();
    microphones.asked[2]!.allow();
    await again;
    expect(call.audio.microphone).toBe('live');
  });

  it('stays live when another one was asked for and refused', async () => {
    const call = await talking();
    const switched = call.setInput('mic-2');
    microphones.asked[1]!.deny('NotReadableError');
    await switched;
    expect(call.audio.microphone).toBe('live');
  });

  it('that is allowed after the call is let go at once, and nothing is heard of it', async () => {
    const heard: string[] = [];
    const call = make({ on: { audio: ({ microphone }) => heard.push(microphone) } });
    const started = call.start().catch(() => undefined);
    await settle();
    await over(call);
    const track = microphones.asked[0]!.allow();
    await started;
    await settle();
    expect([track.readyState, contexts, heard]).toEqual(['ended', 1, ['asking']]);
  });

  it('that is refused after the call is no news', async () => {
    const heard: string[] = [];
    const call = make({ on: { audio: ({ microphone }) => heard.push(microphone), error: ({ code }) => heard.push(code) } });
    const started = call.start().catch(() => undefined);
    await settle();
    await over(call);
    microphones.asked[0]!.deny();
    await started;
    await settle();
    expect(heard).toEqual(['asking']);
  });
});
