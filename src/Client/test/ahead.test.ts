import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call } from '../src/sdk/call.js';
import { heldCalls } from '../src/sdk/holder.js';
import { idleMs } from '../src/sdk/kept.js';
import { warmPeer } from '../src/sdk/link.js';
import { FakePeerConnection, FakeSignaling, FakeStore, installFakes, serve, settle } from './fakes.js';

const times = { showAfter: 700, restartAfter: 2_500, attempt: 6_000, giveUp: 60_000 };

describe('a peer connection that was made before the click', () => {
  let signaling: FakeSignaling;
  const pc = () => FakePeerConnection.last;
  const make = () => new Call({ role: 'demo', url: 'http://bridge.test', audio: false }, { signaling, store: new FakeStore(), times });
  /** The server says nothing of the end. */
  const over = async (call: Call) => {
    void call.hangup();
    await vi.advanceTimersByTimeAsync(40_000);
  };

  beforeEach(async () => {
    vi.useFakeTimers();
    installFakes();
    heldCalls.clear();
    Object.assign(globalThis, { addEventListener: () => undefined });
    signaling = new FakeSignaling();
    signaling.ready = true;
    signaling.onOffer = () => serve(pc().channel);
    warmPeer();
    await settle();
  });
  afterEach(async () => {
    await vi.advanceTimersByTimeAsync(idleMs);
    vi.useRealTimers();
  });

  it('has its candidates, and its offer leaves within the click', async () => {
    expect(pc().localDescription?.sdp).toBe('offer 0.1');
    const call = make();
    let told: string[] | undefined;
    call.on('state', () => (told ??= signaling.joins.map(j => j.role)));
    void call.start();
    expect([told, FakePeerConnection.made.length]).toEqual([['demo'], 1]);
    await settle();
    expect(signaling.offers).toEqual(['offer 0.1']);
    pc().connect();
    await settle();
    expect(call.state).toBe('listening');
    await over(call);
  });

  it('is given the answer before the page hears of the call', async () => {
    const call = make();
    const order: string[] = [];
    pc().setRemoteDescription = async () => void order.push('answer');
    call.on('info', () => order.push('info'));
    void call.start().catch(() => undefined);
    await settle();
    expect(order).toEqual(['answer', 'info']);
    await over(call);
  });

  it('gathers once more when there is no path after 2.5 s', async () => {
    const call = make();
    void call.start().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(2_400);
    expect(signaling.offers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect([signaling.offers, pc().restarts]).toEqual([
      ['offer 0.1', 'offer 0.2'],
      [false, true],
    ]);
    await over(call);
  });

  it('does not gather again once it is connected', async () => {
    const call = make();
    void call.start();
    await settle();
    pc().connect();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(pc().restarts).toEqual([false]);
    await over(call);
  });

  it('gathers again at once where the server names TURN servers', async () => {
    const call = make();
    signaling.iceServers = [{ urls: 'turn:turn.test' }];
    const configured = vi.spyOn(pc(), 'setConfiguration');
    void call.start().catch(() => undefined);
    await settle();
    expect(configured).toHaveBeenCalledWith(expect.objectContaining({ iceServers: signaling.iceServers }));
    expect([signaling.offers.length, pc().restarts]).toEqual([2, [false, true]]);
    await over(call);
  });
});
