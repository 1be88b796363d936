import { beforeEach, describe, expect, it, vi } from 'vitest';
import { idleMs } from '../src/sdk/kept.js';
import { HubSignaling, warmHub } from '../src/sdk/signaling.js';
import { settle } from './fakes.js';

/** A SignalR connection whose network is the test. */
class FakeHub {
  static made: FakeHub[] = [];
  state = 'Disconnected';
  invoked: unknown[][] = [];
  answers: (() => unknown)[] = [];
  connect!: () => void;
  constructor() {
    FakeHub.made.push(this);
  }
  /** The answer; never, as on a path that loses its packets. */
  async invoke(...sent: unknown[]): Promise<unknown> {
    this.invoked.push(sent);
    return (this.answers.shift() ?? (() => new Promise(() => undefined)))();
  }
  on(): void {}
  onreconnected(): void {}
  start(): Promise<void> {
    return new Promise(resolve => (this.connect = () => ((this.state = 'Connected'), resolve())));
  }
  async stop(): Promise<void> {
    this.state = 'Disconnected';
  }
}

vi.mock('@microsoft/signalr', async original => ({
  ...(await original<object>()),
  HubConnectionBuilder: class {
    withUrl = () => this;
    withAutomaticReconnect = () => this;
    configureLogging = () => this;
    build = () => new FakeHub();
  },
}));

describe('the hub', () => {
  beforeEach(() => void (FakeHub.made = []));

  it('that is closed while it opens is stopped as soon as it stands, and not tried another way', async () => {
    const signaling = new HubSignaling('http://bridge.test');
    const opened = signaling.open().catch((error: unknown) => error);
    await signaling.close();
    FakeHub.made[0]!.connect();
    expect(await opened).toMatchObject({ code: 'unreachable' });
    await settle();
    expect(FakeHub.made.map(h => h.state)).toEqual(['Disconnected']);
  });

  it('is not opened again once it was closed', async () => {
    const signaling = new HubSignaling('http://bridge.test');
    await signaling.close();
    await expect(signaling.open()).rejects.toMatchObject({ code: 'unreachable' });
    expect(FakeHub.made).toEqual([]);
  });

  it('that does not open is given up, and the next attempt opens another one', async () => {
    vi.useFakeTimers();
    const signaling = new HubSignaling('http://bridge.test');
    const opened = signaling.open().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(13_000);
    expect(await opened).toMatchObject({ code: 'unreachable' });
    FakeHub.made[0]!.connect();
    const again = signaling.open();
    await vi.advanceTimersByTimeAsync(0);
    FakeHub.made.at(-1)!.connect();
    await again;
    expect(FakeHub.made).toHaveLength(3);
    vi.useRealTimers();
  });

  it('that stands and does not answer is given up, and the next attempt opens another one', async () => {
    vi.useFakeTimers();
    const signaling = new HubSignaling('http://bridge.test');
    const reopened = vi.fn();
    signaling.onReopened = reopened;
    const opened = signaling.open();
    await vi.advanceTimersByTimeAsync(0);
    FakeHub.made[0]!.connect();
    await opened;
    const joined = signaling.join({ role: 'demo' }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(await joined).toMatchObject({ code: 'timeout' });
    const again = signaling.open();
    await vi.advanceTimersByTimeAsync(0);
    FakeHub.made[1]!.connect();
    await again;
    expect(reopened).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });

  it('that was opened ahead is the one of the next call, once, of this server and ticket', async () => {
    warmHub('http://bridge.test', 'a');
    warmHub('http://bridge.test', 'a');
    FakeHub.made[0]!.connect();
    await new HubSignaling('http://bridge.test', 'a').open();
    expect(FakeHub.made.map(h => h.state)).toEqual(['Connected']);
    void new HubSignaling('http://bridge.test', 'a').open();
    await settle();
    expect(FakeHub.made).toHaveLength(2);
  });

  it('that was opened ahead and lost is not taken', async () => {
    warmHub('http://bridge.test');
    FakeHub.made[0]!.connect();
    await settle();
    FakeHub.made[0]!.state = 'Reconnecting';
    void new HubSignaling('http://bridge.test').open();
    await settle();
    expect(FakeHub.made.map(h => h.state)).toEqual(['Disconnected', 'Disconnected']);
  });

  it('that was opened ahead is closed after a minute unused, or for another ticket', async () => {
    vi.useFakeTimers();
    try {
      warmHub('http://bridge.test', 'a');
      FakeHub.made[0]!.connect();
      warmHub('http://bridge.test', 'b');
      FakeHub.made[1]!.connect();
      await vi.advanceTimersByTimeAsync(idleMs - 1);
      expect(FakeHub.made.map(h => h.state)).toEqual(['Disconnected', 'Connected']);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeHub.made[1]!.state).toBe('Disconnected');
    } finally {
      vi.useRealTimers();
    }
  });

  it('joins and offers in one message, and in two where the server is older', async () => {
    const signaling = new HubSignaling('http://bridge.test');
    const opened = signaling.open();
    const hub = FakeHub.made[0]!;
    hub.connect();
    await opened;
    const request = { role: 'demo' };
    hub.answers.push(() => ({ join: { callId: 'c' }, sdp: 'answer' }));
    expect(await signaling.start(request, 'offer')).toEqual({ join: { callId: 'c' }, sdp: 'answer' });
    hub.answers.push(
      () => {
        throw new Error("Failed to invoke 'Start' due to an error on the server. HubException: Method does not exist.");
      },
      () => ({ callId: 'd' }),
    );
    expect(await signaling.start(request, 'offer')).toEqual({ join: { callId: 'd' } });
    expect(hub.invoked.map(([method]) => method)).toEqual(['Start', 'Start', 'Join']);
    hub.answers.push(() => {
      throw new Error("Failed to invoke 'Start'. HubException: unknown_role: There is no role.");
    });
    await expect(signaling.start(request, 'offer')).rejects.toMatchObject({ code: 'unknown_role' });
    expect(hub.invoked).toHaveLength(4);
  });
});
