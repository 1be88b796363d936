import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HubSignaling } from '../src/sdk/signaling.js';
import { settle } from './fakes.js';

/** A SignalR connection whose network is the test. */
class FakeHub {
  static made: FakeHub[] = [];
  state = 'Disconnected';
  connect!: () => void;
  constructor() {
    FakeHub.made.push(this);
  }
  /** What it answers; never, as on a path that loses its packets. */
  invoke = (): Promise<unknown> => new Promise(() => undefined);
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
});
