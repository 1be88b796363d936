import { nextTask } from '../src/sdk/later.js';
import type { JoinReply, JoinRequest, Signaling } from '../src/sdk/signaling.js';
import { BridgeError } from '../src/sdk/types.js';

type Json = Record<string, unknown>;

/** One end of a data channel whose other end is the test, which plays the server. */
export class FakeChannel {
  readyState: RTCDataChannelState = 'connecting';
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  readonly sent: Json[] = [];
  onSent: ((message: Json) => void) | undefined;

  send(text: string): void {
    const message = JSON.parse(text) as Json;
    this.sent.push(message);
    this.onSent?.(message);
  }

  /** The server says something. */
  receive(message: Json): void {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  }

  open(): void {
    this.readyState = 'open';
    this.onopen?.();
  }

  lose(): void {
    this.readyState = 'closed';
    this.onclose?.();
  }
}

export class FakePeerConnection {
  static made: FakePeerConnection[] = [];
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: unknown = null;
  onicecandidate: unknown = null;
  readonly channel = new FakeChannel();
  readonly restarts: boolean[] = [];
  readonly configuration: RTCConfiguration;
  closed = false;
  sender = { track: null as unknown, replaceTrack: async (t: unknown) => void (this.sender.track = t) };

  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration;
    FakePeerConnection.made.push(this);
  }

  static get last(): FakePeerConnection {
    return FakePeerConnection.made.at(-1)!;
  }

  addTransceiver(): { sender: unknown } {
    return { sender: this.sender };
  }

  getTransceivers(): { sender: unknown }[] {
    return [{ sender: this.sender }];
  }

  createDataChannel(): FakeChannel {
    return this.channel;
  }

  async createOffer(options?: { iceRestart?: boolean }): Promise<{ type: 'offer'; sdp: string }> {
    this.restarts.push(options?.iceRestart ?? false);
    return { type: 'offer', sdp: `offer ${FakePeerConnection.made.indexOf(this)}.${this.restarts.length}` };
  }

  setConfiguration(): void {}

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  async setRemoteDescription(): Promise<void> {}

  async getStats(): Promise<Map<string, unknown>> {
    return new Map();
  }

  close(): void {
    this.closed = true;
    this.connectionState = 'closed';
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** The behaviour of a network that works. */
  connect(): void {
    this.become('connected');
    this.channel.open();
  }
}

/** The hub, played by the test. */
export class FakeSignaling implements Signaling {
  onEnded: ((notice: { callId: string; reason: string }) => void) | undefined;
  onReopened: (() => void) | undefined;
  readonly joins: JoinRequest[] = [];
  readonly offers: string[] = [];
  readonly hangups: string[] = [];
  readonly candidates: string[] = [];
  closed = false;
  refuse: BridgeError | undefined;
  unreachable = false;
  /** The way is open before the click. */
  ready = false;
  iceServers: RTCIceServer[] = [];
  resumed = false;
  callId = 'call-1';
  /** The promise that the hub, and the answer to a join, wait for. */
  opening: Promise<void> | undefined;
  joining: Promise<void> | undefined;
  /** The server has no call of this token any more. */
  over = false;
  /** The end of such a call as it is told. */
  end: { reason: string; markdown?: string | null } | undefined;
  recaps = 0;
  answer = 'v=0\r\na=ice-lite\r\n';
  /** Called after each answer; by default the path stands at once. */
  onOffer: ((sdp: string) => void) | undefined = () => queueMicrotask(() => FakePeerConnection.last.connect());

  async open(): Promise<void> {
    await this.opening;
    if (this.unreachable) throw new BridgeError('unreachable', 'The server cannot be reached.');
  }

  async join(request: JoinRequest): Promise<JoinReply> {
    this.joins.push(request);
    await this.joining;
    if (this.refuse) throw this.refuse;
    if (this.over && request.resumeOnly) throw new BridgeError('call_over', 'The call is over.');
    return {
      callId: this.callId,
      resumeToken: 'token-1',
      resumed: !this.over && (this.resumed || request.resumeToken === 'token-1'),
      iceServers: this.iceServers,
      model: { kind: 'rehearsal', name: 'rehearsal/demo' },
      role: { slug: request.role, name: 'Demo', emoji: '👋' },
    };
  }

  /** How many calls came by Join and the offer in one message. */
  starts = 0;
  /** A server that knows Join and Offer apart only. */
  old = false;

  async start(request: JoinRequest, sdp: string): Promise<{ join: JoinReply; sdp?: string }> {
    const join = await this.join(request);
    if (this.old) return { join };
    this.starts++;
    return { join, sdp: await this.offer(join.callId, sdp) };
  }

  /** Offers that are refused as too many. */
  slowDown = 0;
  /** Offers that the node of the call does not answer. */
  away = 0;

  async offer(_callId: string, sdp: string): Promise<string> {
    if (this.away-- > 0) throw new BridgeError('node_away', 'The server that holds this call does not answer.', undefined, 1);
    if (this.slowDown-- > 0) throw new BridgeError('slow_down', 'This call has had too many offers; wait a moment.');
    this.offers.push(sdp);
    this.onOffer?.(sdp);
    return this.answer;
  }

  async addCandidate(_callId: string, candidate: string): Promise<void> {
    this.candidates.push(candidate);
  }

  async hangup(callId: string): Promise<void> {
    this.hangups.push(callId);
  }

  async recap(): Promise<{ reason: string; markdown?: string | null }> {
    this.recaps++;
    if (!this.end) throw new BridgeError('unknown_call', 'Nothing is known of this call any more.');
    return this.end;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** sessionStorage, in memory. */
export class FakeStore {
  readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

/** An audio element that plays whatever it is given. */
export class FakeAudio {
  autoplay = false;
  srcObject: unknown = null;
  volume = 1;
  muted = false;
  static blocked = false;
  setAttribute(): void {}
  async play(): Promise<void> {
    if (FakeAudio.blocked) throw Object.assign(new Error('blocked'), { name: 'NotAllowedError' });
  }
  pause(): void {}
}

/** A microphone's track, which its owner can unplug. */
export class FakeTrack extends EventTarget {
  readyState: MediaStreamTrackState = 'live';
  enabled = true;
  getSettings(): MediaTrackSettings {
    return { deviceId: 'mic-1' };
  }
  stop(): void {
    this.readyState = 'ended';
  }
  unplug(): void {
    this.stop();
    this.dispatchEvent(new Event('ended'));
  }
}

/** Devices that come and go, and what the browser says of the permission. */
export class FakeDevices extends EventTarget {
  permission = 'granted';
  present = ['mic-1'];
  readonly asked: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];
  getUserMedia = async (constraints: MediaStreamConstraints): Promise<unknown> => {
    this.asked.push(constraints);
    const exact = ((constraints.audio as MediaTrackConstraints).deviceId as { exact?: string } | undefined)?.exact;
    if (exact && !this.present.includes(exact)) throw Object.assign(new Error('no'), { name: 'OverconstrainedError' });
    if (this.present.length === 0) throw Object.assign(new Error('no'), { name: 'NotFoundError' });
    const track = new FakeTrack();
    this.tracks.push(track);
    return { getAudioTracks: () => [track], getTracks: () => [track] };
  };
  enumerateDevices = async (): Promise<unknown[]> => this.present.map(deviceId => ({ kind: 'audioinput', deviceId, label: deviceId }));

  change(...present: string[]): void {
    this.present = present;
    this.dispatchEvent(new Event('devicechange'));
  }

  get navigator(): unknown {
    return { language: 'en', mediaDevices: this, permissions: { query: async () => ({ state: this.permission }) } };
  }
}

/** The browser's question about the microphone: each `getUserMedia` waits in `asked` for the person's answer. */
export class FakeMicrophones {
  readonly asked: { allow(): FakeTrack; deny(name?: string): void }[] = [];
  readonly getUserMedia = (): Promise<unknown> =>
    new Promise((resolve, reject) =>
      this.asked.push({
        allow: () => {
          const track = new FakeTrack();
          resolve({ getAudioTracks: () => [track], getTracks: () => [track] });
          return track;
        },
        deny: (name = 'NotFoundError') => reject(Object.assign(new Error('no'), { name })),
      }),
    );
}

export function installFakes(): void {
  FakePeerConnection.made = [];
  FakeAudio.blocked = false;
  Object.assign(globalThis, {
    RTCPeerConnection: FakePeerConnection,
    Audio: FakeAudio,
    MediaStream: class {},
    reportError: (error: unknown) => {
      throw error;
    },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  });
}

/** Answers every request of the page as a well-meaning server does. */
export function serve(channel: FakeChannel, state = 'listening', more: (message: Json) => unknown = () => undefined): void {
  channel.onSent = message => {
    if (message.method === undefined || message.id === undefined) {
      more(message);
      return;
    }
    const special = more(message);
    const result =
      special ??
      (message.method === 'page/hello'
        ? {
            callId: 'call-1',
            role: { slug: 'demo', name: 'Demo', emoji: '👋' },
            model: { kind: 'rehearsal', name: 'rehearsal/demo' },
            state,
          }
        : {});
    queueMicrotask(() => channel.receive({ id: message.id, result }));
  };
}

/** Lets everything that was promised happen, the next turns of the event loop included. */
export async function settle(rounds = 20): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < rounds; i++) await Promise.resolve();
    await nextTask();
  }
}
