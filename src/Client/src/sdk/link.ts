import { Kept } from './kept.js';
import { delay } from './later.js';
import { callOver, refusal, type JoinReply, type JoinRequest, type Signaling } from './signaling.js';
import { BridgeError } from './types.js';

export type LinkState = 'connecting' | 'connected' | 'reconnecting' | 'closed';

export interface LinkEvents {
  /** The request to join: the resume token is taken from it on every way back. */
  joinRequest(): JoinRequest;
  joined(reply: JoinReply): void;
  /** A join was answered after the link was closed: with this call. */
  stray(callId: string): Promise<void>;
  /** The channel is open; `undefined` when it is gone. */
  channel(channel: RTCDataChannel | undefined): void;
  message(text: string): void;
  audio(stream: MediaStream, receiver: RTCRtpReceiver): void;
  state(state: LinkState): void;
  /** No way back was found within the grace time, or the server said that there is none. */
  lost(error: BridgeError): void;
  note(name: string, detail?: string): void;
}

/** How long each step of the way back may take, in milliseconds. */
export interface LinkTimes {
  /** A disconnect shorter than this is not even shown. */
  showAfter: number;
  /** A disconnect longer than this is not waited out. */
  restartAfter: number;
  /** The time of one ICE restart or rejoin. */
  attempt: number;
  /** When to give up. */
  giveUp: number;
}

/** At most one ICE restart in this time for changes of network. */
const networkPauseMs = 5_000;

/** How long "slow down" is waited out: the server takes an offer every 2 s. */
const slowDownMs = 4_000;

export const defaultTimes: LinkTimes = { showAfter: 700, restartAfter: 2_500, attempt: 6_000, giveUp: 60_000 };

interface Peer {
  pc: RTCPeerConnection;
  channel: RTCDataChannel;
  offered: Promise<RTCSessionDescriptionInit>;
}

const peers = new Kept<Peer>(({ pc }) => pc.close());

/** Makes a peer connection, its certificate and its offer, which the next call takes. */
export function warmPeer(): void {
  if (typeof RTCPeerConnection !== 'undefined') peers.keep('', () => newPeer([]));
}

function newPeer(iceServers: RTCIceServer[]): Peer {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
  pc.addTransceiver('audio', { direction: 'sendrecv' });
  const channel = pc.createDataChannel('bridge', { ordered: true });
  const offered = pc.createOffer();
  offered.catch(() => undefined);
  return { pc, channel, offered };
}

/**
 * The peer connection and the way back to it. A short disconnect is waited out; a longer one, or a change of network,
 * is answered by an ICE restart on the same connection; when that fails, the call is rejoined on a new one.
 */
export class Link {
  readonly #signaling: Signaling;
  readonly #events: LinkEvents;
  readonly #times: LinkTimes;
  #pc: RTCPeerConnection | undefined;
  #channel: RTCDataChannel | undefined;
  #track: MediaStreamTrack | undefined;
  #iceServers: RTCIceServer[] = [];
  #callId = '';
  #claimed = false;
  /** The call was joined again since this peer connection was made: the server expects a new one. */
  #stale = false;
  #joining: Promise<unknown> = Promise.resolve();
  #state: LinkState = 'connecting';
  #recovering = false;
  #showTimer: ReturnType<typeof setTimeout> | undefined;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #waiters: (() => void)[] = [];
  #networkType = connectionInfo()?.type;
  #networkTimer: ReturnType<typeof setTimeout> | undefined;
  #networkHeededAt = -Infinity;
  readonly #online = () => this.#onNetworkChange();
  /** Browsers tell of every new estimate of speed and delay; only another kind of network is another network. */
  readonly #connectionChanged = () => {
    const type = connectionInfo()?.type;
    if (type === this.#networkType) return;
    this.#networkType = type;
    this.#onNetworkChange();
  };

  constructor(signaling: Signaling, events: LinkEvents, times: LinkTimes = defaultTimes) {
    this.#signaling = signaling;
    this.#events = events;
    this.#times = times;
    signaling.onReopened = () => {
      this.#claimed = false;
      if (!this.#recovering && this.#state === 'connected') void this.#claim();
    };
  }

  get pc(): RTCPeerConnection | undefined {
    return this.#pc;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Opens hub and peer connection. The offer is made while the hub opens, and leaves before any candidate is gathered. */
  async connect(): Promise<void> {
    addEventListener?.('online', this.#online);
    connectionInfo()?.addEventListener('change', this.#connectionChanged);
    await this.#dial(this.#signaling.open());
  }

  /** The microphone, another one, or none; no new negotiation is needed. */
  async setTrack(track: MediaStreamTrack | undefined): Promise<void> {
    this.#track = track;
    await this.#sender()?.replaceTrack(track ?? null);
  }

  /** A new ICE path on the same connection, for instance after a change of network. */
  restart(): void {
    void this.#recover('asked');
  }

  /** Closes at once; settled when the hub is needed no more. */
  close(): Promise<unknown> {
    this.#setState('closed');
    this.#clearTimers();
    globalThis.removeEventListener?.('online', this.#online);
    connectionInfo()?.removeEventListener('change', this.#connectionChanged);
    clearTimeout(this.#networkTimer);
    this.#drop();
    return this.#joining;
  }

  #sender(): RTCRtpSender | undefined {
    return this.#pc?.getTransceivers?.()[0]?.sender;
  }

  async #dial(opening: Promise<void>): Promise<void> {
    const { pc, offered } = this.#create();
    await opening;
    this.#events.note('hub open');
    const offer = await offered;
    const sdp = offer.sdp ?? '';
    const reply = await this.#join(sdp);
    this.#stale = false;
    if (reply.iceServers.length > 0) pc.setConfiguration({ bundlePolicy: 'max-bundle', iceServers: reply.iceServers });
    const [, answer] = await Promise.all([pc.setLocalDescription(offer), reply.sdp ?? this.#signaling.offer(this.#callId, sdp)]);
    this.#events.note('answered');
    if (this.#pc !== pc) return;
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    this.#trickle(pc, answer);
  }

  /** An ICE-lite server learns our address from our checks; any other wants the candidates. */
  #trickle(pc: RTCPeerConnection, answer: string): void {
    if (/^a=ice-lite\s*$/m.test(answer)) return;
    const send = (candidate: RTCIceCandidate | null) =>
      void this.#signaling.addCandidate(this.#callId, candidate?.candidate ?? '', candidate?.sdpMid ?? null).catch(() => undefined);
    for (const line of pc.localDescription?.sdp.match(/^a=candidate:.*$/gm) ?? [])
      void this.#signaling.addCandidate(this.#callId, line.slice(2).trim(), '0').catch(() => undefined);
    pc.onicecandidate = ({ candidate }) => send(candidate);
  }

  /** With an offer, a call that is not resumed is joined and answered in one message. */
  #join(offer?: string): Promise<JoinReply & { sdp?: string }> {
    const joining = this.#joinAlive(offer);
    this.#joining = joining.catch(() => undefined);
    return joining;
  }

  async #joinAlive(offer?: string): Promise<JoinReply & { sdp?: string }> {
    if (!this.#alive()) throw callOver();
    const request = this.#events.joinRequest();
    const once = offer !== undefined && !request.resumeToken;
    const { join: reply, sdp } = once ? await this.#signaling.start(request, offer) : { join: await this.#signaling.join(request), sdp: undefined };
    if (!this.#alive()) {
      await this.#events.stray(reply.callId);
      throw callOver();
    }
    if (request.resumeOnly && !reply.resumed) {
      // A server that does not know the word opened another call, which nobody asked for.
      void this.#signaling.hangup(reply.callId).catch(() => undefined);
      throw new BridgeError('call_over', 'The call is over.');
    }
    this.#callId = reply.callId;
    this.#iceServers = reply.iceServers ?? [];
    this.#claimed = true;
    const joined = { ...reply, iceServers: this.#iceServers };
    this.#events.joined(joined);
    return sdp === undefined ? joined : { ...joined, sdp };
  }

  /** After the hub was reopened, this connection has to say whose call it carries. */
  async #claim(): Promise<void> {
    if (this.#claimed) return;
    this.#stale = true;
    try {
      await this.#join();
    } catch (cause) {
      const error = refusal(cause);
      // The hub dropped again: its next reopening says it, and the call goes on meanwhile. One that is silent was given up.
      if (error.code === 'timeout') void this.#recover('asked');
      else if (error.code !== 'unreachable') this.#fatal(error);
    }
  }

  #create(): Peer {
    this.#drop();
    if (typeof RTCPeerConnection === 'undefined') throw new BridgeError('no_webrtc', 'This browser, or an extension in it, gives pages no WebRTC.');
    // One that was made ahead knows no TURN server yet; the way back has them from the first.
    const peer = (this.#iceServers.length === 0 && peers.take('')) || newPeer(this.#iceServers);
    const { pc, channel } = peer;
    this.#pc = pc;
    if (this.#track) void this.#sender()?.replaceTrack(this.#track);
    this.#channel = channel;
    channel.onopen = () => {
      if (this.#channel !== channel) return;
      this.#events.note('channel open');
      this.#events.channel(channel);
      this.#connected();
    };
    channel.onmessage = ({ data }) => {
      if (this.#channel === channel && typeof data === 'string') this.#events.message(data);
    };
    channel.onclose = () => {
      if (this.#channel !== channel || this.#state === 'closed') return;
      this.#events.channel(undefined);
      void this.#recover('channel closed');
    };
    pc.ontrack = ({ track, receiver, streams }) => this.#events.audio(streams[0] ?? new MediaStream([track]), receiver);
    pc.onconnectionstatechange = () => this.#pc === pc && this.#pcState(pc.connectionState);
    return peer;
  }

  #drop(): void {
    const [pc, channel] = [this.#pc, this.#channel];
    this.#pc = this.#channel = undefined;
    if (channel) {
      channel.onopen = channel.onmessage = channel.onclose = null;
      this.#events.channel(undefined);
    }
    if (pc) {
      pc.ontrack = pc.onconnectionstatechange = pc.onicecandidate = null;
      pc.close();
    }
  }

  #pcState(state: RTCPeerConnectionState): void {
    this.#events.note(`peer ${state}`);
    switch (state) {
      case 'connected':
        this.#connected();
        break;
      case 'disconnected':
        this.#showTimer ??= setTimeout(() => this.#setState('reconnecting'), this.#times.showAfter);
        this.#restartTimer ??= setTimeout(() => void this.#recover('disconnected'), this.#times.restartAfter);
        break;
      case 'failed':
        void this.#recover('failed');
        break;
    }
  }

  /** Both the path and the channel have to stand. */
  #connected(): void {
    if (this.#pc?.connectionState !== 'connected' || this.#channel?.readyState !== 'open') return;
    this.#clearTimers();
    this.#setState('connected');
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** The first change at once; what follows within seconds is one more, when it is over. */
  #onNetworkChange(): void {
    if (this.#state === 'closed' || this.#state === 'connecting') return;
    clearTimeout(this.#networkTimer);
    const wait = this.#networkHeededAt + networkPauseMs - Date.now();
    if (wait > 0) {
      this.#networkTimer = setTimeout(() => this.#onNetworkChange(), wait);
      return;
    }
    this.#networkHeededAt = Date.now();
    this.#events.note('network changed');
    void this.#recover('network changed');
  }

  async #recover(why: string): Promise<void> {
    if (this.#recovering || this.#state === 'closed') return;
    if (this.#state === 'connecting') {
      // Never connected: a way back leads nowhere, the person should know now.
      if (why !== 'asked') this.#fatal(new BridgeError('no_path', 'No connection to the server could be made. Its UDP and TCP port may be blocked on this network.'));
      return;
    }
    this.#recovering = true;
    this.#clearTimers();
    const started = Date.now();
    // A change of network often leaves the old path alive; nothing is shown until it is seen to be gone.
    const quiet = why === 'network changed' || why === 'asked';
    if (!quiet) this.#setState('reconnecting');
    else this.#showTimer = setTimeout(() => this.#recovering && this.#setState('reconnecting'), this.#times.showAfter);
    let fresh = this.#channel?.readyState !== 'open' || this.#stale || !this.#claimed;
    try {
      for (let attempt = 0; this.#alive(); attempt++) {
        try {
          this.#events.note(fresh ? 'rejoin' : 'ice restart', why);
          await this.#signaling.open();
          if (!this.#alive()) return;
          fresh ||= !this.#claimed || this.#stale;
          if (fresh) await this.#dial(Promise.resolve());
          else await this.#restartIce();
          if (!this.#alive() || (await this.#waitConnected())) return;
        } catch (cause) {
          const error = refusal(cause);
          this.#events.note('attempt failed', error.message);
          if (error.code === 'slow_down') {
            // The server has had too many offers: neither a new connection nor a sooner one helps.
            await delay(slowDownMs);
            attempt--;
            continue;
          }
          if (error.code === 'unknown_role' || error.code === 'call_over') return this.#fatal(error);
        }
        fresh = true;
        if (Date.now() - started > this.#times.giveUp) return this.#fatal(new BridgeError('connection_lost', 'The connection was lost and could not be made again.'));
        await delay(Math.min(300 * 2 ** attempt, 4_000));
      }
    } finally {
      this.#recovering = false;
      clearTimeout(this.#showTimer);
      this.#showTimer = undefined;
    }
  }

  async #restartIce(): Promise<void> {
    const pc = this.#pc;
    if (!pc) throw new BridgeError('unreachable', 'There is no connection.');
    const offer = await pc.createOffer({ iceRestart: true });
    await pc.setLocalDescription(offer);
    const answer = await this.#signaling.offer(this.#callId, offer.sdp ?? '');
    if (this.#pc !== pc) return;
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    this.#trickle(pc, answer);
  }

  /** True once path and channel stand; false when the attempt's time is over. */
  #waitConnected(): Promise<boolean> {
    const stands = () => this.#pc?.connectionState === 'connected' && this.#channel?.readyState === 'open';
    return new Promise(resolve => {
      if (stands()) {
        this.#connected();
        return resolve(true);
      }
      const timer = setTimeout(() => resolve(stands()), this.#times.attempt);
      this.#waiters.push(() => (clearTimeout(timer), resolve(true)));
    });
  }

  #alive(): boolean {
    return this.#state !== 'closed';
  }

  #fatal(error: BridgeError): void {
    if (this.#state === 'closed') return;
    void this.close();
    this.#events.lost(error);
  }

  #setState(state: LinkState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#events.state(state);
  }

  #clearTimers(): void {
    clearTimeout(this.#showTimer);
    clearTimeout(this.#restartTimer);
    this.#showTimer = this.#restartTimer = undefined;
  }
}

function connectionInfo(): (EventTarget & { type?: string }) | undefined {
  return (globalThis.navigator as { connection?: EventTarget & { type?: string } } | undefined)?.connection;
}
