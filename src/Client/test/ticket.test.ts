import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HubSignaling, refusal } from '../src/sdk/signaling.js';
import { fetchTicket, Tickets } from '../src/sdk/ticket.js';

const jwt = (exp: number) =>
  `h.${btoa(JSON.stringify({ sub: 'ada', exp }))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')}.s`;

/** A hub that looks at the access token of each connection, as the server does. */
class TicketHub {
  static made: TicketHub[] = [];
  static valid = '';
  static factory: (() => Promise<string>) | undefined;
  state = 'Disconnected';
  token: string | undefined;
  constructor() {
    TicketHub.made.push(this);
  }
  on(): void {}
  onreconnected(): void {}
  async start(): Promise<void> {
    this.token = await TicketHub.factory?.();
    this.state = 'Connected';
  }
  async stop(): Promise<void> {
    this.state = 'Disconnected';
  }
  async invoke(): Promise<unknown> {
    if (this.token !== TicketHub.valid)
      throw new Error('An unexpected error occurred: HubException: ticket_expired: The ticket has expired; get a new one.');
    return { callId: 'c1' };
  }
}

vi.mock('@microsoft/signalr', async original => ({
  ...(await original<object>()),
  HubConnectionBuilder: class {
    withUrl = (_: string, options: { accessTokenFactory?: () => Promise<string> }) => (
      (TicketHub.factory = options.accessTokenFactory),
      this
    );
    withAutomaticReconnect = () => this;
    configureLogging = () => this;
    build = () => new TicketHub();
  },
}));

describe('a ticket', () => {
  beforeEach(() => void ((TicketHub.made = []), (TicketHub.factory = undefined)));
  afterEach(() => vi.unstubAllGlobals());

  it('goes to the hub as its access token, and none goes where there is none', async () => {
    TicketHub.valid = 'mine';
    const signaling = new HubSignaling('http://bridge.test', 'mine');
    await signaling.open();
    expect(await signaling.join({ role: 'demo' })).toMatchObject({ callId: 'c1' });
    await new HubSignaling('http://bridge.test').open();
    expect(TicketHub.factory).toBeUndefined();
  });

  it('that the server calls expired is asked for again, on a new connection, once', async () => {
    TicketHub.valid = 'second';
    const given = ['first', 'second'];
    const signaling = new HubSignaling('http://bridge.test', async () => given.shift()!);
    await signaling.open();
    expect(await signaling.join({ role: 'demo' })).toMatchObject({ callId: 'c1' });
    expect(TicketHub.made.map(hub => [hub.token, hub.state])).toEqual([
      ['first', 'Disconnected'],
      ['second', 'Connected'],
    ]);
  });

  it('that is a text alone and expired is told as such', async () => {
    TicketHub.valid = 'other';
    const signaling = new HubSignaling('http://bridge.test', 'old');
    await signaling.open();
    await expect(signaling.join({ role: 'demo' })).rejects.toMatchObject({
      code: 'ticket_expired',
      message: 'The ticket has expired; get a new one.',
    });
  });

  it('is asked for once until it ends', async () => {
    let asked = 0;
    const tickets = new Tickets(async () => (asked++, jwt(1_000)));
    await tickets.get(0);
    await tickets.get(990_000);
    expect(asked).toBe(1);
    await tickets.get(996_000);
    expect(asked).toBe(2);
  });

  it('that can not be had is told, and not as a server that is away', async () => {
    const signaling = new HubSignaling('http://bridge.test', () => Promise.reject(new Error('no')));
    await expect(signaling.open()).rejects.toMatchObject({ code: 'ticket_unavailable' });
    expect(TicketHub.made).toEqual([]);
  });

  it('comes from an address as text or as JSON', async () => {
    const answers = [
      new Response(' a.b.c\n'),
      new Response('{"ticket":"d.e.f","expires":"x"}'),
      new Response('{}'),
      new Response('no', { status: 403 }),
    ];
    vi.stubGlobal('fetch', async () => answers.shift());
    expect(await fetchTicket('/ticket')).toBe('a.b.c');
    expect(await fetchTicket('/ticket')).toBe('d.e.f');
    await expect(fetchTicket('/ticket')).rejects.toThrow('without a ticket');
    await expect(fetchTicket('/ticket')).rejects.toThrow('403');
  });

  it('refusal tells when another try is worth it', () => {
    const error = refusal(new Error('HubException: too_many: Too many calls; wait a moment. (retryAfter: 12)'));
    expect(error).toMatchObject({ code: 'too_many', message: 'Too many calls; wait a moment.', retryAfter: 12 });
    expect(refusal(new Error('HubException: busy: All lines are taken.')).retryAfter).toBeUndefined();
  });
});
