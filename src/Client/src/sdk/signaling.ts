import { HttpTransportType, HubConnectionBuilder, HubConnectionState, LogLevel, type HubConnection } from '@microsoft/signalr';
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
  join(request: JoinRequest): Promise<JoinReply>;
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

/** The SignalR hub at `/signal`. A refusal becomes a BridgeError with the server's code and sentence. */
export class HubSignaling implements Signaling {
  onEnded: ((notice: { callId: string; reason: string }) => void) | undefined;
  onReopened: (() => void) | undefined;
  readonly #url: string;
  #hub: HubConnection | undefined;
  #closed = false;

  readonly #tickets: Tickets | undefined;

  constructor(url: string, ticket?: string | (() => Promise<string>)) {
    this.#url = `${url}/signal`;
    this.#tickets = ticket === undefined ? undefined : new Tickets(ticket);
  }

  async open(): Promise<void> {
    if (this.#hub?.state === HubConnectionState.Connected) return;
    // One that is still looking for its own way back would come back as a second one.
    const before = this.#hub;
    this.#hub = undefined;
    void before?.stop().catch(() => undefined);
    // Before the connection, so that a failure is told as that of the ticket.
    if (this.#tickets) await this.#tickets.get();
    // A WebSocket without a negotiation round first; where sockets are blocked, the transports that get through.
    try {
      this.#hub = await this.#start(true);
    } catch {
      try {
        this.#hub = await this.#start(false);
      } catch (cause) {
        // What the server says of an origin that it does not know is worth more than that it says no.
        const refused = /(origin_not_allowed): (.+?)(?:: Status code|$)/s.exec(String(cause));
        throw new BridgeError(refused?.[1] ?? 'unreachable', refused?.[2] ?? 'The server cannot be reached.', { cause });
      }
    }
    if (before) this.onReopened?.();
  }

  async #start(direct: boolean): Promise<HubConnection> {
    if (this.#closed) throw callOver();
    const tickets = this.#tickets;
    const hub = new HubConnectionBuilder()
      .withUrl(this.#url, {
        ...(direct ? { skipNegotiation: true, transport: HttpTransportType.WebSockets } : { withCredentials: false, transport: HttpTransportType.WebSockets | HttpTransportType.LongPolling }),
        ...(tickets ? { accessTokenFactory: () => tickets.get() } : {}),
      })
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: c => (c.elapsedMilliseconds > 120_000 ? null : Math.min(250 * 2 ** c.previousRetryCount, 5_000)) })
      .configureLogging(LogLevel.None)
      .build();
    hub.on('CallEnded', notice => this.onEnded?.(notice));
    hub.onreconnected(() => void (this.#closed || hub !== this.#hub || this.onReopened?.()));
    try {
      await inTime(hub.start(), openMs, silent);
    } catch (error) {
      void hub.stop().catch(() => undefined);
      throw error;
    }
    if (!this.#closed) return hub;
    // Nobody else knows of it, and it would come back for ever.
    await hub.stop();
    throw callOver();
  }

  async join(request: JoinRequest): Promise<JoinReply> {
    try {
      return await this.#invoke<JoinReply>('Join', request);
    } catch (error) {
      if (!(error instanceof BridgeError) || error.code !== 'ticket_expired' || !this.#tickets?.forget()) throw error;
    }
    // The server knows a ticket by the connection that it came with.
    const before = this.#hub;
    this.#hub = undefined;
    await before?.stop();
    await this.open();
    return this.#invoke<JoinReply>('Join', request);
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

/** What is said to whoever still waits for a call that ended. */
export function callOver(): BridgeError {
  return new BridgeError('ended', 'The call ended.');
}

/** `HubException: code: sentence` as an error with both parts; whatever else failed on the way to the server is `unreachable`. */
export function refusal(cause: unknown): BridgeError {
  if (cause instanceof BridgeError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const match = /HubException: ([a-z][a-z0-9_]*): (.+?)(?: \(retryAfter: (\d+)\))?$/s.exec(text);
  return match ? new BridgeError(match[1]!, match[2]!, { cause }, match[3] === undefined ? undefined : Number(match[3])) : new BridgeError('unreachable', 'The connection to the server was lost.', { cause });
}
