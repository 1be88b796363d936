import type { Confirmation } from './confirmations.js';

/** The state of a call. `idle` is before `start()`; the others are the server's words, or the link's. */
export type CallState = 'idle' | 'connecting' | 'listening' | 'thinking' | 'speaking' | 'both' | 'working' | 'reconnecting' | 'ended';

/** The model that answers: the embedded rehearsal model or an OpenAI-compatible service. */
export interface ModelInfo {
  kind: string;
  name: string;
}

/** The role that the call is held with. */
export interface RoleInfo {
  slug: string;
  name: string;
  emoji?: string;
  /** The role lets the person share a screen or a camera (`images: on` in its role.yaml). */
  images?: boolean;
  /** The agent listens while it speaks (a full-duplex model): talking over it does not silence it. */
  fullDuplex?: boolean;
  /** The role ships a page module with widgets and tools of its own. */
  hasPage?: boolean;
}

/**
 * Whether the sound of the call is kept. `asked`: the role wants it, and nothing is kept before this page says with `setRecording(true)`
 * that it shows so. `declined`: the person does not want it. `failed`: it ended before the call, such as on a full disk.
 */
export type RecordingState = 'off' | 'asked' | 'on' | 'declined' | 'failed';

export type Speaker = 'user' | 'agent';

/** One utterance, as known so far. `text` is always the whole text, never a delta. */
export interface TranscriptItem {
  itemId: string;
  speaker: Speaker;
  text: string;
  /** False while words are still being added or revised. */
  final: boolean;
  /** The person spoke over it. */
  interrupted?: boolean;
  /** Characters of `text` that were heard before the interruption. */
  heard?: number;
  /** The item that it follows in the conversation, when the server gave one. */
  previousItemId?: string;
  /** In an event only: the utterance was taken back and is in the list no more. */
  withdrawn?: boolean;
}

export type ToolPhase = 'started' | 'progress' | 'done' | 'failed' | 'cancelled';

/** A function call of the model, wherever it runs. */
export interface ToolActivity {
  callId: string;
  name: string;
  target: string;
  phase: ToolPhase;
  /** The label that the role's author wrote for people (`label` of the tool). */
  label?: string;
  message?: string;
  /** Milliseconds since the epoch at which this page heard of it. */
  at: number;
}

/** Something the agent shows: markdown or a card. */
export interface Shown {
  id: string;
  kind: 'markdown' | 'card';
  title?: string;
  markdown?: string;
  card?: Card;
}

/** A card on the stage. Every field is optional; unknown fields are ignored. */
export interface Card {
  title?: string;
  subtitle?: string;
  text?: string;
  markdown?: string;
  image?: string;
  /** Where to read more: `https:`, `mailto:`, `tel:`, or a path of this site. */
  link?: string;
  emoji?: string;
  fields?: { label: string; value: string }[];
  items?: (string | { title?: string; text?: string; value?: string })[];
  [key: string]: unknown;
}

export interface Note {
  id: string;
  title?: string;
  text: string;
}

/** The second argument of a tool's handler. */
export interface ToolContext {
  /** Aborted when the model's call is cancelled, or when the call ends. */
  signal: AbortSignal;
  /** The model's id of this function call. A call is executed once; a repeated id is answered from the journal. */
  callId: string;
  /** Tells the page, and the model when the role asks for it, how far the work is. */
  progress(message: string): void;
}

/** A function of the page that the model may call. */
export interface ToolDefinition<A = Record<string, unknown>> {
  description?: string;
  /** JSON Schema of the arguments. The server checks them before the handler runs. */
  parameters?: object;
  /**
   * Running it twice does no harm. A call that was cut off by a reload of the page then runs again; without this the model
   * is told that nobody knows how far it came.
   */
  idempotent?: boolean;
  /** Any JSON value is the result; a thrown error reaches the model as its message. */
  handler(args: A, context: ToolContext): unknown;
}

/** A link and its parts, as numbers of the last interval. Milliseconds, unless the name says otherwise. */
export interface CallStats {
  /** Milliseconds since the epoch. */
  at: number;
  roundTripMs?: number;
  /** Interarrival jitter of the agent's audio. */
  jitterMs?: number;
  /** Share of the agent's packets that were lost in the last interval, 0..1. */
  lossIn?: number;
  /** Share of our packets that the server did not get, 0..1. */
  lossOut?: number;
  packetsIn?: number;
  packetsLost?: number;
  packetsOut?: number;
  bitrateInKbps?: number;
  bitrateOutKbps?: number;
  /** Mean time a sample waited in the browser's jitter buffer in the last interval. */
  jitterBufferMs?: number;
  /** Mean time from the decoder to the loudspeaker in the last interval. */
  playoutDelayMs?: number;
  /** Share of samples that were concealed in the last interval, 0..1. */
  concealed?: number;
  /** From a request on the data channel to its response. */
  rpcRoundTripMs?: number;
  /** `udp` or `tcp`, as the nominated pair runs. */
  transport?: string;
  /** From `start()` to the first packet path, and to the open data channel. */
  connectMs?: number;
  channelMs?: number;
}

/** Latencies that only the server knows, when it sends them (`call/metrics`). */
export interface CallMetrics {
  uplinkMs?: number;
  modelFirstAudioMs?: number;
  downlinkMs?: number;
  bufferedMs?: number;
  /** The agent's voice: bit/s of its codec, audio in one packet, why, and the time that its packets wait in a queue of the path. */
  downlinkBitrate?: number;
  downlinkPacketMs?: number;
  downlinkReason?: 'full' | 'queue' | 'loss' | 'room';
  downlinkQueueMs?: number;
  [key: string]: number | string | undefined;
}

/** One entry of the inspector's timeline. */
export interface TimelineEvent {
  at: number;
  lane: 'turn' | 'rpc' | 'model' | 'link';
  name: string;
  durationMs?: number;
  detail?: string;
}

/** A problem with a stable code and a sentence for a person. */
export class BridgeError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
    /** Seconds until another try is worth it, where the server said so. */
    readonly retryAfter?: number,
  ) {
    super(message, options);
    this.name = 'BridgeError';
  }
}

export interface AudioOptions {
  /** Input device, or a stream of your own (tests, synthetic sources). */
  input?: string | MediaStream;
  /** Output device. */
  output?: string;
  echoCancellation?: boolean;
  noiseSuppression?: boolean;
  autoGainControl?: boolean;
  /** Duck the agent at once when the person is heard here, before the server confirms. On by default. */
  localBargeIn?: boolean;
}

export interface ConnectOptions {
  /** Where the Bridge is; this page's origin by default. */
  url?: string;
  /** Slug of the role. */
  role: string;
  tools?: Record<string, ToolDefinition<never>>;
  /** The caller's ticket, or a function that gets one; it is asked again when one has expired (docs/access.md). */
  ticket?: string | (() => Promise<string>);
  /** Attributes of the caller for the role's templates: at most 32, each of 1,024 characters as text; objects become JSON. */
  attributes?: Record<string, unknown>;
  /** False: no microphone at all, text only (the agent is still heard). */
  audio?: AudioOptions | false;
  /** BCP 47; the browser's by default. A text that is no language tag is put right or left out. */
  locale?: string;
  timeZone?: string;
  /** Look for a call that this tab held before a reload. On by default. */
  resume?: boolean;
  /** Listeners that hear everything from the first moment on. */
  on?: { [K in keyof CallEvents]?: (event: CallEvents[K]) => void };
}

export interface CallEvents {
  state: { state: CallState; previous: CallState };
  /** Ids, role and model are known. */
  info: { callId: string; role: RoleInfo; model: ModelInfo };
  /** One utterance changed or was taken back; `items` is the whole transcript in the order of the conversation. */
  transcript: { item: TranscriptItem; items: readonly TranscriptItem[] };
  /** A function call of the model moved on. */
  progress: ToolActivity;
  /** About 20 times a second while the call runs; 0..1. */
  level: { input: number; output: number };
  /** The agent shows something. Without a listener nobody sees it. */
  show: Shown;
  note: Note;
  recap: { markdown: string };
  /**
   * The person pressed a key of a telephone keypad (RFC 4733): `0` to `9`, `*`, `#`, `A` to `D`. The role lets the page know
   * (`dtmf: page` or `dtmf: model` in its role.yaml).
   */
  dtmf: { digit: string };
  /** A budget of money or time comes to its end (`cost_low`, `time_low`), or is used up; in the role's words, which the agent says, too. */
  notice: { kind: 'cost_low' | 'time_low' | 'cost_limit' | 'time_limit'; text: string };
  /** An answer takes long, and the role has a line for that (`turn.waiting: words`); null: it is there. */
  waiting: { words: string | null };
  /** Microphone, loudspeaker or mute changed. */
  audio: AudioState;
  /** Function calls that wait for the person's word; without a listener they are not done. */
  confirm: { pending: readonly Confirmation[] };
  /**
   * The sound of the call is to be kept, is kept, or no more. `asked` comes again for every new connection: a page that shows the
   * recording, with a way to decline, answers each with `setRecording(true)`. A page that does not listen is not recorded.
   */
  recording: { state: RecordingState };
  /** Pictures of a screen or a camera go to the model, another one went, or no more. */
  share: { active: boolean; sent: number };
  metrics: CallMetrics;
  timeline: TimelineEvent;
  /** Something failed. The call may go on; `fatal` says that it does not. */
  error: { code: string; message: string; fatal: boolean };
  ended: { reason: string };
}

export interface AudioState {
  /** `live`: heard. `denied`, `missing`, `busy`, `insecure`, `failed`: text only, and why. `off`: not asked for. */
  microphone: 'off' | 'asking' | 'live' | 'denied' | 'missing' | 'busy' | 'insecure' | 'failed';
  muted: boolean;
  /** Hold-to-talk is on: the microphone is open only while `pushToTalk(true)` holds. */
  pushToTalk: boolean;
  talking: boolean;
  /** The system or the browser silenced the microphone (a switch, another call): it is given back there. */
  silenced: boolean;
  /** The browser wants a click before it plays sound: call `unlockAudio()` from one. */
  blocked: boolean;
  inputDevice?: string;
  outputDevice?: string;
}
