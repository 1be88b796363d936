import { HttpTransportType, HubConnectionBuilder, HubConnectionState, LogLevel, type HubConnection } from '@microsoft/signalr';
import { Kept } from './kept.js';
import { inTime } from './later.js';
import { Tickets } from './ticket.js';
import { BridgeError, type ModelInfo, type RoleInfo } from './types.js';

export interface JoinRequest {
  role: string;
  resumeToken?: string;
  /** Join the call of the token or none: the answer is then `call_over`. */
  resumeOnly?: boolean;
  attributes?: Record<string, string>;
  locale?: string;
  timeZone?: string;
}

export interface JoinReply {
  callId: string;
  resumeToken: string;
  /** The token led back to a living call. */
  resumed: boolean;
  iceServers: RTCIceServer[];
  model: ModelInfo;
  role: RoleInfo;
}

/** The way to the server before there is a data channel. The hub in a browser; memory in tests. */
export interface Signaling {
  /** Opens the way; called once, and again after it was lost. */
  open(): Promise<void>;
  /** The way is open: `open()` need not be waited for. */
  readonly ready?: boolean;
  join(request: JoinRequest): Promise<JoinReply>;
  /** Join and the first offer in one message; the answer is missing from a server that knows them apart only. */
  start(request: JoinRequest, sdp: string): Promise<{ join: JoinReply; sdp?: string }>;
  offer(callId: string, sdp: string): Promise<string>;
  addCandidate(callId: string, candidate: string, mid: string | null): Promise<void>;
  hangup(callId: string): Promise<void>;
  /** How the call of this token ended; waits for the recap of one that is ending. */
  recap(resumeToken: string): Promise<{ reason: string; markdown?: string | null }>;
  close(): Promise<void>;
  onEnded: ((notice: { callId: string; reason: string }) => void) | undefined;
  /** The way was lost and is open again: the call has to be claimed with its resume token. */
  onReopened: (() => void) | undefined;
}

/** How long a hub may take to open, and to answer: a browser waits minutes for one on a path that lost its packets. */
const openMs = 6_000;
const answerMs = 10_000;

/** Where the Bridge is, without a slash at its end. */
export function bridgeUrl(url: string | undefined): string {
  return new URL(url ?? '/', globalThis.location?.href ?? 'http://localhost').href.replace(/\/+$/, '');
}

interface Ahead {
  hub?: HubConnection;
  opening: Promise<HubConnection | undefined>;
}

const hubs = new Kept<Ahead>(({ opening }) => void opening.then(hub => hub?.stop()));

/** Opens a connection that the next call of this server and ticket takes. A failure is not reported: the call tries again. */
export function warmHub(url: string, ticket?: string): void {
  hubs.keep(`${url} ${ticket ?? ''}`, () => {
    const hub = build(`${url}/signal`, true, ticket === undefined ? undefined : () => ticket);
    const ahead: Ahead = {
      opening: begin(hub).then(
        open => (ahead.hub = open),
        () => undefined,
      ),
    };
    return ahead;
  });
}

function build(url: string, direct: boolean, ticket: (() => string | Promise<string>) | undefined): HubConnection {
  return new HubConnectionBuilder()
    .withUrl(url, {
      ...(direct
        ? { skipNegotiation: true, transport: HttpTransportType.WebSockets }
        : { withCredentials: false, transport: HttpTransportType.WebSockets | HttpTransportType.LongPolling }),
      ...(ticket ? { accessTokenFactory: ticket } : {}),
    })
    .withAutomaticReconnect({
      nextRetryDelayInMilliseconds: c => (c.elapsedMilliseconds > 120_000 ? null : Math.min(250 * 2 ** c.previousRetryCount, 5_000)),
    })
    .configureLogging(LogLevel.None)
    .build();
}

async function begin(hub: HubConnection): Promise<HubConnection> {
  try {
    await inTime(hub.start(), openMs, silent);
    return hub;
  } catch (error) {
    void hub.stop().catch(() => undefined);
    throw error;
  }
}

/** The SignalR hub at `/signal`. A refusal becomes a BridgeError with the server's code and sentence. */
export class HubSignaling implements Signaling {
  onEnded: ((notice: { callId: string; reason: string }) => void) | undefined;
  onReopened: (() => void) | undefined;
  readonly #url: string;
  #hub: HubConnection | undefined;
  #closed = false;

  readonly #tickets: Tickets | undefined;
  readonly #warm: string;

  constructor(url: string, ticket?: string | (() => Promise<string>)) {
    this.#url = `${url}/signal`;
    this.#warm = `${url} ${typeof ticket === 'string' ? ticket : ''}`;
    this.#tickets = ticket === undefined ? undefined : new Tickets(ticket);
  }

  get ready(): boolean {
    return this.#hub?.state === HubConnectionState.Connected;
  }

  async open(): Promise<void> {
    if (this.ready) return;
    // A connection that is still looking for its own way back would come back as a second one.
    const before = this.#hub;
    this.#hub = undefined;
    void before?.stop().catch(() => undefined);
    const ahead = before ? undefined : hubs.take(this.#warm);
    if (ahead) {
      const hub = ahead.hub ?? (await ahead.opening);
      if (hub?.state === HubConnectionState.Connected) return void (this.#hub = this.#heed(hub));
      // It was lost meanwhile, and would come back by itself.
      void hub?.stop();
    }
    // Before the connection, so that a failure is reported as that of the ticket.
    if (this.#tickets) await this.#tickets.get();
    // A WebSocket without a negotiation round first; where sockets are blocked, the transports that get through.
    try {
      this.#hub = await this.#start(true);
    } catch {
      try {
        this.#hub = await this.#start(false);
      } catch (cause) {
        // The server's sentence about an origin that it does not know is worth more than that it says no.
        const refused = /(origin_not_allowed): (.+?)(?:: Status code|$)/s.exec(String(cause));
        throw new BridgeError(refused?.[1] ?? 'unreachable', refused?.[2] ?? 'The server cannot be reached.', { cause });
      }
    }
    if (before) this.onReopened?.();
  }

  async #start(direct: boolean): Promise<HubConnection> {
    if (this.#closed) throw callOver();
    const tickets = this.#tickets;
    return this.#heed(await begin(build(this.#url, direct, tickets && (() => tickets.get()))));
  }

  #heed(hub: HubConnection): HubConnection {
    hub.on('CallEnded', notice => this.onEnded?.(notice));
    hub.onreconnected(() => void (this.#closed || hub !== this.#hub || this.onReopened?.()));
    if (!this.#closed) return hub;
    // Nobody else knows of it, and it would come back for ever.
    void hub.stop().catch(() => undefined);
    throw callOver();
  }

  join(request: JoinRequest): Promise<JoinReply> {
    return this.#ticketed('Join', request);
  }

  async start(join: JoinRequest, sdp: string): Promise<{ join: JoinReply; sdp?: string }> {
    try {
      return await this.#ticketed('Start', { join, sdp });
    } catch (error) {
      if (!(error instanceof BridgeError) || !/Method does not exist/.test(String(error.cause))) throw error;
      return { join: await this.join(join) };
    }
  }

  async #ticketed<T>(method: string, request: object): Promise<T> {
    try {
      return await this.#invoke<T>(method, request);
    } catch (error) {
      if (!(error instanceof BridgeError) || error.code !== 'ticket_expired' || !this.#tickets?.forget()) throw error;
    }
    // The server knows a ticket by the connection that it came with.
    const before = this.#hub;
    this.#hub = undefined;
    await before?.stop();
    await this.open();
    return this.#invoke<T>(method, request);
  }

  async offer(callId: string, sdp: string): Promise<string> {
    return (await this.#invoke<{ sdp: string }>('Offer', { callId, sdp })).sdp;
  }

  addCandidate(callId: string, candidate: string, mid: string | null): Promise<void> {
    return this.#invoke('AddCandidate', { callId, candidate, mid });
  }

  hangup(callId: string): Promise<void> {
    return this.#invoke('Hangup', { callId });
  }

  recap(resumeToken: string): Promise<{ reason: string; markdown?: string | null }> {
    return this.#invoke('Recap', { resumeToken }, Infinity);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#hub?.stop();
  }

  async #invoke<T>(method: string, request: object, ms = answerMs): Promise<T> {
    const hub = this.#hub;
    if (hub?.state !== HubConnectionState.Connected) throw new BridgeError('unreachable', 'The server cannot be reached.');
    try {
      const answer = hub.invoke<T>(method, request);
      return await (ms === Infinity ? answer : inTime(answer, ms, silent));
    } catch (cause) {
      const error = refusal(cause);
      // The next open() makes another one.
      if (error.code === 'timeout') void hub.stop().catch(() => undefined);
      throw error;
    }
  }
}

function silent(): BridgeError {
  return new BridgeError('timeout', 'The server did not answer in time.');
}

/** The error for requests that still wait when a call ends. */
export function callOver(): BridgeError {
  return new BridgeError('ended', 'The call ended.');
}

/** `HubException: code: sentence` as an error with both parts; whatever else failed on the way to the server is `unreachable`. */
export function refusal(cause: unknown): BridgeError {
  if (cause instanceof BridgeError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const match = /HubException: ([a-z][a-z0-9_]*): (.+?)(?: \(retryAfter: (\d+)\))?$/s.exec(text);
  return match
    ? new BridgeError(match[1]!, match[2]!, { cause }, match[3] === undefined ? undefined : Number(match[3]))
    : new BridgeError('unreachable', 'The connection to the server was lost.', { cause });
}
