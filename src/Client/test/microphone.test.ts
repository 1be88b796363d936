import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call } from '../src/sdk/call.js';
import { heldCalls } from '../src/sdk/holder.js';
import type { AudioState, ConnectOptions } from '../src/sdk/types.js';
import { FakeDevices, FakeMicrophones, FakePeerConnection, FakeSignaling, FakeStore, installFakes, serve, settle } from './fakes.js';

describe('the microphone of a call', () => {
  let signaling: FakeSignaling;
  let store: FakeStore;
  let microphones: FakeMicrophones;
  let contexts: number;
  let left: (() => void) | undefined;

  const pc = () => FakePeerConnection.last;
  const make = (options: Partial<ConnectOptions> = {}) =>
    new Call({ role: 'demo', url: 'http://bridge.test', locale: 'en', timeZone: 'UTC', ...options }, { signaling, store });
  const told = (method: string) =>
    pc()
      .channel.sent.filter(m => m.method === method)
      .map(m => m.params);
  const sent = () => pc().sender.track as { enabled: boolean } | null;
  /** Starts a call whose microphone is allowed at once. */
  const talking = async (call = make(), begin = () => call.start()) => {
    const before = microphones.asked.length;
    const started = begin();
    await settle(80);
    microphones.asked[before]?.allow();
    await started;
    return call;
  };

  /** The document is left and loaded anew; its call goes on. */
  const reloaded = async (call = make()) => {
    await vi.advanceTimersByTimeAsync(300);
    left?.();
    heldCalls.clear();
    return talking(call, () => call.resume());
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
    heldCalls.clear();
    vi.stubGlobal('addEventListener', (type: string, heard: () => void) => type === 'pagehide' && (left = heard));
    signaling = new FakeSignaling();
    signaling.onOffer = () => (serve(pc().channel), queueMicrotask(() => pc().connect()));
    store = new FakeStore();
    microphones = new FakeMicrophones();
    contexts = 0;
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('navigator', { language: 'en', mediaDevices: microphones });
    vi.stubGlobal(
      'AudioContext',
      class {
        state = 'running';
        audioWorklet = { addModule: async () => undefined };
        constructor() {
          contexts++;
        }
        createMediaStreamSource = () => ({ connect: () => undefined, disconnect: () => undefined });
        close = async () => undefined;
      },
    );
    vi.stubGlobal(
      'AudioWorkletNode',
      class {
        port = { onmessage: null, close: () => undefined };
      },
    );
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

    const heard: AudioState[] = [];
    const after = await reloaded(make({ on: { audio: audio => heard.push(audio) } }));
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
    const after = await reloaded();
    expect([after.audio.pushToTalk, after.audio.talking, sent()?.enabled]).toEqual([true, false, false]);
    expect(told('page/pushToTalk')).toEqual([{ down: false }]);
  });

  it('is not asked for when a call without one goes on after a reload', async () => {
    await talking(make({ audio: false }));
    const after = await reloaded();
    expect([microphones.asked.length, after.audio.microphone]).toEqual([0, 'off']);
    const turnedOn = after.setInput();
    microphones.asked[0]!.allow();
    await turnedOn;
    expect((await reloaded()).audio.microphone).toBe('live');
  });

  it('is let go when another tab has taken the call over, and the call is left to that tab', async () => {
    const call = await talking();
    const ended: string[] = [];
    call.on('ended', ({ reason }) => ended.push(reason));
    await vi.advanceTimersByTimeAsync(300);
    const track = sent() as unknown as { readyState: string };
    signaling.onEnded?.({ callId: 'call-1', reason: 'replaced' });
    expect([ended, call.state, track.readyState, pc().closed]).toEqual([['replaced'], 'ended', 'ended', true]);
    // The page on its way out, and a server that answers late, change nothing of it.
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

  describe('whose devices come and go', () => {
    let devices: FakeDevices;
    let problems: string[];
    const audible = async (options: Partial<ConnectOptions> = {}) => {
      const call = make({ on: { error: e => problems.push(e.code) }, ...options });
      await call.start();
      return call;
    };
    const exact = () => devices.asked.map(c => ((c.audio as MediaTrackConstraints).deviceId as { exact?: string } | undefined)?.exact);

    beforeEach(() => {
      devices = new FakeDevices();
      problems = [];
      vi.stubGlobal('navigator', devices.navigator);
    });

    it('is another one when the saved one is gone, which is said, and not asked for again', async () => {
      const call = await audible({ audio: { input: 'gone-device' } });
      expect([call.audio.microphone, exact(), problems]).toEqual(['live', ['gone-device', undefined], ['input_replaced']]);
      await call.setInput();
      expect([exact().at(-1), problems]).toEqual([undefined, ['input_replaced']]);
    });

    it('stays the chosen one as long as it is there', async () => {
      devices.present = ['mic-1', 'mic-2'];
      const call = await audible({ audio: { input: 'mic-2' } });
      await call.setInput();
      expect(exact()).toEqual(['mic-2', 'mic-2']);
    });

    it('that is pulled out is replaced by another one, without a reload', async () => {
      devices.present = ['mic-1', 'mic-2'];
      const call = await audible({ audio: { input: 'mic-1' } });
      devices.present = ['mic-2'];
      devices.tracks[0]!.unplug();
      await settle();
      expect([call.audio.microphone, problems]).toEqual(['live', ['missing', 'input_replaced']]);
      expect((sent() as unknown) === devices.tracks.at(-1)).toBe(true);
    });

    it('that was the only one is taken again when it is back', async () => {
      const call = await audible();
      devices.present = [];
      devices.tracks[0]!.unplug();
      await settle();
      expect([call.audio.microphone, sent()]).toEqual(['missing', null]);
      devices.change('mic-1');
      await settle();
      expect([call.audio.microphone, sent() !== null]).toEqual(['live', true]);
    });

    it('is not opened behind the person’s back where the browser would ask', async () => {
      devices.permission = 'prompt';
      const call = await audible();
      devices.tracks[0]!.unplug();
      devices.change('mic-1');
      await settle();
      expect([call.audio.microphone, devices.asked.length]).toEqual(['missing', 1]);
    });

    it('is known to be silenced by the system, and given back', async () => {
      const call = await audible();
      devices.tracks[0]!.dispatchEvent(new Event('mute'));
      expect([call.audio.microphone, call.audio.silenced]).toEqual(['live', true]);
      devices.tracks[0]!.dispatchEvent(new Event('unmute'));
      expect(call.audio.silenced).toBe(false);
    });

    it('is left alone by devices that come after the call', async () => {
      const call = await audible();
      await over(call);
      devices.change('mic-1', 'mic-2');
      await settle();
      expect(devices.asked).toHaveLength(1);
    });
  });
});
