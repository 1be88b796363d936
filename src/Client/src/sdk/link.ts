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
  /** The channel of another connection takes over, and its other side goes on for the one before. */
  moved(channel: RTCDataChannel): void;
  message(text: string): void;
  /** `beside`: of a connection that is about to take over. */
  audio(stream: MediaStream, receiver: RTCRtpReceiver, beside: boolean): void;
  /** It has taken over, and what is left of the voice before it lasts so long; `undefined`: it does not. */
  beside(lastMs: number | undefined): void;
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

/** Time for which the old connection is kept after another took over: its last sound is in the jitter buffer. */
const lastSoundMs = 600;

/** Deadline of the server's `call/moved` once the new connection has a message. */
const movedMs = 1_500;

/** How long "slow down" is waited out: the server takes an offer every 2 s. */
const slowDownMs = 4_000;

/** Tries of a request whose node does not answer: it may only have been slow, or another one takes the call over within some seconds. */
const nodeAwayTries = 8;

export const defaultTimes: LinkTimes = { showAfter: 700, restartAfter: 2_500, attempt: 6_000, giveUp: 60_000 };

interface Peer {
  pc: RTCPeerConnection;
  channel: RTCDataChannel;
  offered: Promise<RTCSessionDescriptionInit>;
  /** Made before the click, offer and candidates too: an answer can be applied at once. */
  ahead?: RTCSessionDescriptionInit;
}

const peers = new Kept<Peer>(({ pc }) => pc.close());

/** Makes a peer connection, its certificate, its offer and its candidates, which the next call takes. */
export function warmPeer(): void {
  if (typeof RTCPeerConnection !== 'undefined') peers.keep('', () => prepared(newPeer([])));
}

function newPeer(iceServers: RTCIceServer[]): Peer {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
  pc.addTransceiver('audio', { direction: 'sendrecv' });
  const channel = pc.createDataChannel('bridge', { ordered: true });
  const offered = pc.createOffer();
  offered.catch(() => undefined);
  return { pc, channel, offered };
}

function prepared(peer: Peer): Peer {
  const { pc, offered } = peer;
  const local = offered.then(async offer => {
    await pc.setLocalDescription(offer);
    return (peer.ahead = offer);
  });
  local.catch(() => undefined);
  return Object.assign(peer, { offered: local });
}

/** A connection to another node of the server, made while the call goes on over the one before. */
interface Spare extends Peer {
  /** Messages of the other node, which wait for the page. */
  messages: string[];
  timer?: ReturnType<typeof setTimeout>;
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
  #spare: Spare | undefined;
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
  #gatherTimer: ReturnType<typeof setTimeout> | undefined;
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
    void this.#spare?.pc.getTransceivers?.()[0]?.sender.replaceTrack(track ?? null);
    await this.#sender()?.replaceTrack(track ?? null);
  }

  /** A new ICE path on the same connection, for instance after a change of network. */
  restart(): void {
    void this.#recover('asked');
  }

  /** The call goes on at another node of the server: joined again on a new connection. */
  move(): void {
    this.#claimed = false;
    void this.#recover('moved');
  }

  /** Another node is to go on with the call: the offer of a second connection, which is made beside the first. */
  async offerBeside(): Promise<string> {
    this.stay();
    const { pc, channel, offered } = newPeer(this.#iceServers);
    const spare: Spare = (this.#spare = { pc, channel, offered, messages: [] });
    if (this.#track) void pc.getTransceivers?.()[0]?.sender.replaceTrack(this.#track);
    channel.onmessage = ({ data }) => {
      if (typeof data !== 'string') return;
      spare.messages.push(data);
      // The word of the node before may be lost with its path.
      spare.timer ??= setTimeout(() => this.moved(), movedMs);
    };
    pc.ontrack = ({ track, receiver, streams }) => this.#events.audio(streams[0] ?? new MediaStream([track]), receiver, true);
    const offer = await offered;
    await pc.setLocalDescription(offer);
    return offer.sdp ?? '';
  }

  /** The other node's answer; resolves once the second connection stands. */
  async answerBeside(sdp: string): Promise<void> {
    const spare = this.#spare;
    if (!spare) throw new BridgeError('not_connected', 'There is no second connection.');
    const { pc, channel } = spare;
    await pc.setRemoteDescription({ type: 'answer', sdp });
    await new Promise<void>((stands, fails) => {
      const timer = setTimeout(
        () => fails(new BridgeError('timeout', 'The second connection was not established in time.')),
        this.#times.attempt,
      );
      const look = () => {
        if (pc.connectionState !== 'connected' || channel.readyState !== 'open') return;
        clearTimeout(timer);
        stands();
      };
      pc.onconnectionstatechange = channel.onopen = look;
      look();
    });
    this.#events.note('second connection');
  }

  /** The call is on the second connection from now on. */
  moved(): void {
    const spare = this.#spare;
    if (!spare || this.#state === 'closed') return;
    this.#spare = undefined;
    clearTimeout(spare.timer);
    const [pc, channel] = [this.#pc, this.#channel];
    if (channel) channel.onopen = channel.onmessage = channel.onclose = null;
    if (pc) pc.ontrack = pc.onconnectionstatechange = pc.onicecandidate = null;
    setTimeout(() => pc?.close(), lastSoundMs);
    this.#pc = spare.pc;
    this.#channel = spare.channel;
    this.#heed(spare);
    this.#clearTimers();
    this.#events.note('moved');
    this.#events.beside(lastSoundMs);
    this.#events.moved(spare.channel);
    for (const text of spare.messages) this.#events.message(text);
    // The way back begins here when it has been lost meanwhile.
    if (spare.channel.readyState === 'closed') spare.channel.onclose?.(new Event('close'));
    else this.#pcState(spare.pc.connectionState);
  }

  /** The call stays on the first connection. */
  stay(): void {
    const spare = this.#spare;
    if (!spare) return;
    this.#spare = undefined;
    clearTimeout(spare.timer);
    spare.pc.ontrack = spare.pc.onconnectionstatechange = spare.channel.onmessage = spare.channel.onopen = null;
    spare.pc.close();
    this.#events.beside(undefined);
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
    const peer = this.#create();
    const { pc } = peer;
    // An open hub is not waited for: the page draws at the next wait, and the message should be gone by then.
    if (!this.#signaling.ready) await opening;
    this.#events.note('hub open');
    const offer = peer.ahead ?? (await peer.offered);
    const ahead = peer.ahead !== undefined;
    const sdp = offer.sdp ?? '';
    let applied: Promise<void> | undefined;
    const apply = (answer: string) => {
      this.#events.note('answered');
      return pc.setRemoteDescription({ type: 'answer', sdp: answer });
    };
    const reply = await this.#join(sdp, answer => {
      if (!ahead || this.#pc !== pc) return;
      applied = apply(answer);
      applied.catch(() => undefined);
    });
    this.#stale = false;
    if (reply.iceServers.length > 0) pc.setConfiguration({ bundlePolicy: 'max-bundle', iceServers: reply.iceServers });
    const [, answer] = await Promise.all([
      ahead ? undefined : pc.setLocalDescription(offer),
      reply.sdp ?? this.#patiently(() => this.#signaling.offer(this.#callId, sdp)),
    ]);
    if (this.#pc !== pc) return;
    await (applied ?? apply(answer));
    this.#trickle(pc, answer);
    if (ahead) this.#gatherAgain(pc, reply.iceServers.length > 0 ? 0 : this.#times.restartAfter);
  }

  /**
   * Candidates that were gathered before the click know no TURN server, and the network may have changed since. While there is no
   * path they are gathered once more, at once where there are TURN servers.
   */
  #gatherAgain(pc: RTCPeerConnection, ms: number): void {
    const gather = async () => {
      if (this.#pc !== pc || this.#recovering || pc.connectionState === 'connected') return;
      this.#events.note('gather again');
      await this.#restartIce().catch(cause => this.#events.note('attempt failed', refusal(cause).message));
    };
    clearTimeout(this.#gatherTimer);
    if (ms === 0) void gather();
    else this.#gatherTimer = setTimeout(() => void gather(), ms);
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

  /** With an offer, a call that is not resumed is joined and answered in one message; its answer is applied first. */
  #join(offer?: string, answered?: (sdp: string) => void): Promise<JoinReply & { sdp?: string }> {
    const joining = this.#joinAlive(offer, answered);
    this.#joining = joining.catch(() => undefined);
    return joining;
  }

  async #joinAlive(offer?: string, answered?: (sdp: string) => void): Promise<JoinReply & { sdp?: string }> {
    if (!this.#alive()) throw callOver();
    const request = this.#events.joinRequest();
    const once = offer !== undefined && !request.resumeToken;
    const { join: reply, sdp } = once
      ? await this.#signaling.start(request, offer)
      : { join: await this.#patiently(() => this.#signaling.join(request)), sdp: undefined };
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
    if (sdp !== undefined) answered?.(sdp);
    const joined = { ...reply, iceServers: this.#iceServers };
    this.#events.joined(joined);
    return sdp === undefined ? joined : { ...joined, sdp };
  }

  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await ask();
      } catch (cause) {
        const error = refusal(cause);
        if (error.code !== 'node_away' || tried === nodeAwayTries || !this.#alive()) throw error;
        this.#events.note('node away', error.message);
        await delay((error.retryAfter ?? 1) * 1_000);
      }
    }
  }

  /** After the hub was reopened, this connection has to say whose call it carries. */
  async #claim(): Promise<void> {
    if (this.#claimed) return;
    this.#stale = true;
    try {
      await this.#join();
    } catch (cause) {
      const error = refusal(cause);
      // The hub dropped again: its next reopening says it, and the call goes on meanwhile. A hub that is silent was given up.
      if (error.code === 'timeout' || error.code === 'node_away') void this.#recover('asked');
      else if (error.code !== 'unreachable') this.#fatal(error);
    }
  }

  #create(): Peer {
    this.#drop();
    if (typeof RTCPeerConnection === 'undefined')
      throw new BridgeError('no_webrtc', 'This browser, or an extension in it, gives pages no WebRTC.');
    // A peer connection that was made ahead knows no TURN server yet; the way back has them from the first.
    const peer = (this.#iceServers.length === 0 && peers.take('')) || newPeer(this.#iceServers);
    const { pc, channel } = peer;
    this.#pc = pc;
    if (this.#track) void this.#sender()?.replaceTrack(this.#track);
    this.#channel = channel;
    this.#heed(peer);
    return peer;
  }

  #heed({ pc, channel }: Peer): void {
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
    pc.ontrack = ({ track, receiver, streams }) => this.#events.audio(streams[0] ?? new MediaStream([track]), receiver, false);
    pc.onconnectionstatechange = () => this.#pc === pc && this.#pcState(pc.connectionState);
  }

  #drop(): void {
    this.stay();
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
      if (why !== 'asked')
        this.#fatal(
          new BridgeError('no_path', 'No connection to the server could be made. Its UDP and TCP port may be blocked on this network.'),
        );
      return;
    }
    this.#recovering = true;
    this.#clearTimers();
    const started = Date.now();
    // A change of network often leaves the old path alive; nothing is shown until it is seen to be gone.
    const quiet = why === 'network changed' || why === 'asked' || why === 'moved';
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
        if (Date.now() - started > this.#times.giveUp)
          return this.#fatal(new BridgeError('connection_lost', 'The connection was lost and could not be made again.'));
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
    clearTimeout(this.#gatherTimer);
    this.#showTimer = this.#restartTimer = this.#gatherTimer = undefined;
  }
}

function connectionInfo(): (EventTarget & { type?: string }) | undefined {
  return (globalThis.navigator as { connection?: EventTarget & { type?: string } } | undefined)?.connection;
}
