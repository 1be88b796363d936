import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call } from '../src/sdk/call.js';
import type { ConnectOptions } from '../src/sdk/types.js';
import { FakeMicrophones, FakePeerConnection, FakeSignaling, FakeStore, installFakes, serve, settle } from './fakes.js';

describe('the microphone of a call', () => {
  let signaling: FakeSignaling;
  let store: FakeStore;
  let microphones: FakeMicrophones;

  const pc = () => FakePeerConnection.last;
  const make = (options: Partial<ConnectOptions> = {}) => new Call({ role: 'demo', url: 'http://bridge.test', locale: 'en', timeZone: 'UTC', ...options }, { signaling, store });
  const told = (method: string) => pc().channel.sent.filter(m => m.method === method).map(m => m.params);
  const sent = () => pc().sender.track as { enabled: boolean } | null;

  beforeEach(() => {
    vi.useFakeTimers();
    installFakes();
    signaling = new FakeSignaling();
    signaling.onOffer = () => (serve(pc().channel), queueMicrotask(() => pc().connect()));
    store = new FakeStore();
    microphones = new FakeMicrophones();
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('navigator', { language: 'en', mediaDevices: microphones });
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
});
