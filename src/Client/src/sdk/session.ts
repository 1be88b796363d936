import { callerOf, type Caller } from './caller.js';
import { heldElsewhere, heldHere, hold } from './holder.js';
import { deferred, delay } from './later.js';
import { Link, type LinkTimes } from './link.js';
import { Memory, type CallMemory, type MemoryStore } from './memory.js';
import { RpcPeer, type MessagePort } from './rpc.js';
import { bridgeUrl, callOver, HubSignaling, refusal, type JoinReply, type JoinRequest, type Signaling } from './signaling.js';
import { ToolBox } from './tools.js';
import {
  BridgeError,
  type CallEvents,
  type CallState,
  type ConnectOptions,
  type RecordingState,
  type RoleInfo,
  type ModelInfo,
  type TranscriptItem,
} from './types.js';

/** Seams for tests; a page needs none of them. */
export interface CallSeams {
  signaling?: Signaling;
  store?: MemoryStore;
  times?: LinkTimes;
}

/** How long the server may take for the recap after a hang-up, before the line is cut. */
const recapMs = 15_000;
const helloMs = 10_000;
const connectMs = 20_000;
/** How long the introduction waits for the person's answer about the microphone; of `connectMs` it leaves `helloMs`. */
const decideMs = 10_000;
/** How long work that registers tools may hold the introduction up. */
const prepareMs = 5_000;

/** How long a server is waited for that is being restarted, and how often it is asked when it does not say. */
const restartMs = 5 * 60_000;
const restartPauseMs = 3_000;

/** A tool of the page or the role that the server can not use; the others work. */
interface RefusedTool {
  name: string;
  message: string;
}

interface HelloAnswer {
  callId?: string;
  role?: RoleInfo;
  model?: ModelInfo;
  state?: CallState;
  transcript?: TranscriptItem[];
  /** The conversation has lines before those. */
  earlier?: boolean;
  refusedTools?: RefusedTool[];
  recording?: RecordingState;
}

/** The call as its session sees it. */
export interface SessionHost {
  emit<K extends keyof CallEvents>(type: K, event: CallEvents[K]): void;
  state(state: CallState, previous: CallState): void;
  note(name: string, detail?: string): void;
  audio(stream: MediaStream, receiver: RTCRtpReceiver, beside: boolean): void;
  /** The voice beside takes over; the one before lasts so long. `undefined`: it does not. */
  beside(lastMs: number | undefined): void;
  /** The server knows this page's tools; it comes again on every new channel. */
  introduced(): void;
  line(line: TranscriptItem): void;
  /** The last lines as the server has them, all of them unless there are `earlier` ones; `isNews` says which are not newer here. */
  retold(lines: readonly TranscriptItem[], earlier: boolean, isNews: (itemId: string) => boolean): void;
  /** The part of the conversation that a reload must not lose, and the one found again after it. */
  memory(): Pick<CallMemory, 'items' | 'shown' | 'notes' | 'widget' | 'audio'>;
  restore(memory: CallMemory): void;
  /** Microphone, loudspeaker and timers off. */
  silence(): void;
  /** The page is being left. */
  leaving(): void;
}

/**
 * One call as the server knows it, from joining to the end: it dials, introduces the page and its tools, goes on after
 * a reload with the resume token, makes one state of the server's and the link's, and hangs up.
 */
export class Session {
  readonly url: string;
  readonly rpc = new RpcPeer();
  readonly tools: ToolBox;
  readonly link: Link;
  readonly #options: ConnectOptions;
  readonly #host: SessionHost;
  readonly #memory: Memory;
  readonly #caller: Caller;
  readonly #signaling: Signaling;
  readonly #opened = deferred();
  #gate: Promise<unknown> = Promise.resolve();
  #state: CallState = 'idle';
  #serverState: CallState = 'listening';
  #ready = false;
  /** Whether the sound of the call is kept. */
  recording: RecordingState = 'off';
  #finished = false;
  #toldOver = false;
  #info: CallEvents['info'] | undefined;
  #startedAt: number | undefined;
  #resumeToken: string | undefined;
  /** Only the call that was is wanted: no join of this session opens another one. */
  #resumeOnly = false;
  #restored = false;
  /** Hung up while it was still being looked whether there is a call to go on with. */
  #abandoned = false;
  #waiting = false;
  #letGo: (() => void) | undefined;
  #joinedOnce = deferred();
  /** The words are to be found again although the call was hung up here. */
  #keepMemory = false;
  #roundTripMs: number | undefined;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #refused = new Map<string, string>();
  /** The content of this channel's notifications: the methods, and the items of `call/transcript`. */
  readonly #told = new Set<string>();
  #over: ((reason: string) => void) | undefined;
  #letIn: (() => void) | undefined;
  #onAttached: (() => void) | undefined;
  readonly #pageHide = () => {
    this.#host.leaving();
    this.#persist({ left: true });
  };

  constructor(options: ConnectOptions, seams: CallSeams, host: SessionHost) {
    this.#options = options;
    this.#host = host;
    this.#caller = callerOf(options);
    this.url = bridgeUrl(options.url);
    this.#memory = new Memory(this.url, options.role, ...(seams.store ? [seams.store] : []));
    this.tools = new ToolBox({}, () => this.#persist());
    for (const [name, tool] of Object.entries(options.tools ?? {})) this.tools.register(name, tool);
    this.#opened.promise.catch(() => undefined);
    this.#signaling = seams.signaling ?? new HubSignaling(this.url, options.ticket);
    this.#signaling.onEnded = notice => {
      if (!this.#info || notice.callId === this.#info.callId) this.#end(notice.reason);
    };
    this.link = new Link(
      this.#signaling,
      {
        joinRequest: () => this.#joinRequest(),
        joined: reply => this.#joined(reply),
        stray: callId => this.#stray(callId),
        channel: channel => this.#channelChanged(channel),
        message: text => this.rpc.receive(text),
        moved: channel => this.#channelMoved(channel),
        audio: (stream, receiver, beside) => host.audio(stream, receiver, beside),
        beside: lastMs => host.beside(lastMs),
        state: () => this.#updateState(),
        lost: error => this.#fail(error),
        note: (name, detail) => host.note(name, detail),
      },
      seams.times,
    );
    this.#on<CallEvents['info']>('call/info', p => {
      this.#told.add('call/info');
      if (p.role && p.model) this.#setInfo(p);
    });
    this.#on<{ state: CallState }>('call/state', p => {
      this.#told.add('call/state');
      this.#serverState = p.state;
      this.#updateState();
    });
    this.#on<TranscriptItem>('call/transcript', line => {
      this.#told.add(line.itemId);
      host.line(line);
    });
    this.#on<{ words?: unknown }>('call/waiting', p => this.#host.emit('waiting', { words: typeof p.words === 'string' ? p.words : null }));
    this.#on<{ state: RecordingState }>('call/recording', p => {
      this.#told.add('call/recording');
      this.#setRecording(p.state);
    });
    this.#on<{ code?: unknown; message?: unknown }>('call/problem', p => this.#tellProblem(p));
    // The server's other node takes the call while it goes on.
    this.rpc.handle('call/offer', async () => ({ sdp: await this.link.offerBeside() }));
    this.rpc.handle('call/answer', async p => (await this.link.answerBeside(String((p as { sdp?: unknown }).sdp)), {}));
    this.#on('call/moved', () => this.link.moved());
    this.#on('call/stay', () => this.link.stay());
    this.#on<{ reason?: string }>('call/ended', p => this.#end(p.reason ?? 'ended'));
  }

  get state(): CallState {
    return this.#state;
  }

  /** The server knows this page. */
  get ready(): boolean {
    return this.#ready;
  }

  /** The server is being restarted, and the call begins when it is back. */
  get waiting(): boolean {
    return this.#waiting;
  }

  get info(): CallEvents['info'] | undefined {
    return this.#info;
  }

  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  /** From the introduction to its answer. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  get resumable(): boolean {
    return this.#remembered() !== undefined;
  }

  /**
   * Begins with `begin`, which opens the microphone as it was before a reload, in the person's click; resolves when the
   * conversation can begin.
   */
  async start(begin: (before?: CallMemory) => Promise<void>): Promise<void> {
    this.#mustBeIdle();
    const before = this.#remembered();
    const ready = async (memory: CallMemory) => {
      if (!(await heldElsewhere(memory.callId, memory.left === true))) this.#resumeToken = memory.resumeToken;
    };
    await this.#connect(() => begin(before), before && (() => ready(before)));
  }

  /**
   * Goes on with the call that this tab held, and opens none: nobody clicked. `begin` is called once the server has the
   * call. When it is over, what was said comes back, the session ends as `call_over`, and the recap follows if there is one.
   */
  async resume(begin: (before?: CallMemory) => Promise<void>): Promise<void> {
    this.#mustBeIdle();
    this.#abandoned = false;
    const before = this.#remembered();
    if (!before || (await heldElsewhere(before.callId, before.left === true)))
      throw new BridgeError('not_resumable', 'This tab holds no call to go on with.');
    if (this.#abandoned) throw callOver();
    this.#mustBeIdle();
    this.#resumeToken = before.resumeToken;
    this.#resumeOnly = true;
    this.#restore(before);
    await this.#connect(() => this.#joinedOnce.promise.then(() => begin(before)));
  }

  #mustBeIdle(): void {
    if (this.#state !== 'idle') throw new BridgeError('started', 'A call is started once; make a new one.');
  }

  /** The call that this tab held; not one that goes on in this document. */
  #remembered(): CallMemory | undefined {
    const memory = this.#options.resume === false ? undefined : this.#memory.load();
    return memory && !heldHere(memory.callId) ? memory : undefined;
  }

  #restore(memory: CallMemory): void {
    this.#restored = true;
    this.#startedAt = memory.startedAt;
    this.tools.restore(memory.journal);
    this.#host.restore(memory);
  }

  async #connect(begin: () => Promise<void>, ready?: () => Promise<void>): Promise<void> {
    const late = () => setTimeout(() => this.#fail(new BridgeError('timeout', 'The server did not answer in time.')), connectMs);
    let timeout = late();
    const heed = () => {
      clearTimeout(timeout);
      timeout = late();
    };
    // First of all: to draw the call and to open the sound takes the page longer than the server needs for its answer.
    let dialing = ready ? undefined : this.#dial(heed);
    dialing?.catch(() => undefined);
    this.#setState('connecting');
    globalThis.addEventListener?.('pagehide', this.#pageHide);
    for (const message of this.#caller.faults) this.#host.emit('error', { code: 'attributes', message, fatal: false });
    const microphone = begin();
    void microphone.then(
      () => this.#host.note('microphone'),
      () => undefined,
    );
    // A person who is still answering the browser's question should not miss the first words; typing answers it, too. A
    // microphone that is allowed later joins the call that runs.
    const decided = Promise.race([microphone.catch(() => undefined), new Promise<void>(go => (this.#letIn = go)), delay(decideMs)]);
    try {
      this.#gate = Promise.all([this.#gate, decided]);
      if (ready) await ready();
      if (this.#finished) throw callOver();
      dialing ??= this.#dial(heed);
      // A person who hangs up meanwhile does not wait for a hub that may take its time.
      await Promise.all([dialing, this.#opened.promise]);
    } catch (error) {
      const problem =
        error instanceof BridgeError
          ? error
          : new BridgeError('page_failed', error instanceof Error ? error.message : String(error), { cause: error });
      this.#fail(problem);
      throw problem;
    } finally {
      clearTimeout(timeout);
    }
  }

  /** A server that is being restarted is waited for: the click that began this call goes on. */
  async #dial(heed: () => void): Promise<void> {
    for (const since = Date.now(); ;) {
      if (this.#finished) throw callOver();
      try {
        return await this.link.connect();
      } catch (cause) {
        const error = refusal(cause);
        const restarts = error.code === 'shutting_down' || (this.#waiting && error.code === 'unreachable');
        if (!restarts || Date.now() - since > restartMs) throw cause;
        if (!this.#waiting) {
          this.#waiting = true;
          this.#host.emit('error', { code: error.code, message: error.message, fatal: false });
        }
        heed();
        await delay(error.retryAfter ? error.retryAfter * 1_000 : restartPauseMs);
      }
    }
  }

  prepare(work: Promise<unknown>): void {
    this.tools.expect(work);
    this.#gate = Promise.all([this.#gate, Promise.race([work.catch(() => undefined), delay(prepareMs)])]);
  }

  /** Tells the server of tools that changed; several that are registered together are sent in one message. */
  introduceSoon(): void {
    if (!this.#ready) return;
    clearTimeout(this.#helloTimer);
    this.#helloTimer = setTimeout(() => void this.#hello(), 0);
  }

  /** A request that waits until the conversation has begun. */
  async request(method: string, params: unknown): Promise<void> {
    this.#letIn?.();
    if (this.#finished || this.#state === 'idle') throw new BridgeError('not_connected', 'There is no call.');
    await this.#opened.promise;
    await this.rpc.request(method, params);
  }

  /**
   * Everything is quiet at once; the line stays for the recap, at most 15 s. `keep`: the page is left, and whoever comes
   * back to it shall find what was said.
   */
  async hangup(keep = false): Promise<void> {
    this.#abandoned = this.#state === 'idle';
    if (this.#abandoned || this.#finished) return;
    if (this.#over) return;
    if (keep) this.#persist({ left: true });
    this.#keepMemory = keep;
    const over = new Promise<string>(resolve => (this.#over = resolve));
    this.#host.silence();
    this.#setState('ended');
    this.#forget();
    let reason = 'hangup';
    // The channel may be lost on the way; the recap comes over the next one.
    for (let attempt = 0; attempt < 2 && !this.#toldOver && (attempt === 0 ? this.rpc.attached : await this.#attached(5_000)); attempt++) {
      try {
        await this.rpc.request('page/hangup', {}, { timeoutMs: recapMs });
        reason = await Promise.race([over, delay(recapMs).then(() => 'hangup')]);
        break;
      } catch {
        // Once more; then the hub, below, says it.
      }
    }
    if (this.#info && !this.#toldOver) await this.#signaling.hangup(this.#info.callId).catch(() => undefined);
    this.#finish(reason);
  }

  /** Something changed that a reload must not lose. */
  keep(): void {
    if (this.#finished) return;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => this.#persist(), 200);
  }

  // --- the way up -----------------------------------------------------------------------------------------------

  #joinRequest(): JoinRequest {
    const { attributes } = this.#caller;
    return {
      role: this.#options.role,
      ...(this.#resumeToken ? { resumeToken: this.#resumeToken } : {}),
      ...(this.#resumeOnly ? { resumeOnly: true } : {}),
      ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
      ...this.#caller.place,
    };
  }

  #joined(reply: JoinReply): void {
    const memory = this.#info || this.#restored || !reply.resumed ? undefined : this.#memory.load();
    if (memory?.callId === reply.callId) this.#restore(memory);
    this.#waiting = false;
    this.#startedAt = (reply.resumed ? this.#startedAt : undefined) ?? Date.now();
    this.#resumeToken = reply.resumeToken;
    // From here on this session is that call: on every way back it takes this one or none.
    this.#resumeOnly = true;
    this.#letGo ??= hold(reply.callId);
    this.#setInfo(reply);
    this.#persist();
    this.#joinedOnce.resolve();
  }

  /** Ends a call that the server opened for a page that is not there any more: nobody else would hang up. The end of its earlier call is reported elsewhere. */
  async #stray(callId: string): Promise<void> {
    if (this.#info ? callId !== this.#info.callId : !this.#toldOver) await this.#signaling.hangup(callId).catch(() => undefined);
  }

  #setInfo(info: CallEvents['info']): void {
    // Not every message that names the role says everything of it.
    const role = { ...(this.#info?.role.slug === info.role.slug ? this.#info.role : {}), ...info.role };
    this.#info = { callId: info.callId, role, model: info.model };
    this.#host.emit('info', this.#info);
  }

  #channelChanged(channel: RTCDataChannel | undefined): void {
    if (!channel) {
      this.rpc.detach();
      return;
    }
    this.#told.clear();
    this.rpc.attach(portOf(channel));
    void this.#hello();
    this.#onAttached?.();
    this.#onAttached = undefined;
  }

  #channelMoved(channel: RTCDataChannel): void {
    this.#told.clear();
    this.rpc.move(portOf(channel));
    void this.#hello();
  }

  async #hello(): Promise<void> {
    if (!this.#ready) await this.#gate;
    if (!this.rpc.attached || this.#finished) return;
    const asked = performance.now();
    try {
      const answer = await this.rpc.request<HelloAnswer>(
        'page/hello',
        { tools: this.tools.declarations(), ...this.#caller.place, attributes: this.#caller.attributes },
        { timeoutMs: helloMs },
      );
      this.#roundTripMs = performance.now() - asked;
      // The answer is the call as it was when it was made; a notification that came before it is newer.
      const news = (key: string) => !this.#told.has(key);
      if (answer?.callId && answer.role && answer.model && news('call/info'))
        this.#setInfo({ callId: answer.callId, role: answer.role, model: answer.model });
      // After a reload or a lost channel: what was said meanwhile.
      if (answer?.transcript) this.#host.retold(answer.transcript, answer.earlier === true, news);
      this.#tellRefused(answer?.refusedTools ?? []);
      if (answer?.recording && news('call/recording')) this.#setRecording(answer.recording);
      if (answer?.state && news('call/state')) this.#serverState = answer.state;
      this.#ready = true;
      this.#host.introduced();
      this.#updateState();
      this.#opened.resolve();
    } catch (error) {
      if (!this.rpc.attached) return;
      const message = error instanceof Error ? error.message : String(error);
      if (!this.#ready) this.#fail(new BridgeError('hello_failed', message, { cause: error }));
      else this.#host.emit('error', { code: 'hello_failed', message, fatal: false });
    }
  }

  #setRecording(state: RecordingState): void {
    if (state === this.recording && state !== 'asked') return;
    this.recording = state;
    this.#host.emit('recording', { state });
  }

  /** Reports each tool that the server leaves out once, to the page and in the console; one that was corrected may be reported again. */
  #tellRefused(tools: RefusedTool[]): void {
    for (const { name, message } of tools) {
      if (this.#refused.get(name) === message) continue;
      console.warn(`Voice bridge: ${message}`);
      this.#host.emit('error', { code: 'tool_refused', message, fatal: false });
    }
    this.#refused = new Map(tools.map(tool => [tool.name, tool.message]));
  }

  /** Refusals of the model's service in mid-call: reported like the tools that the server leaves out. */
  #tellProblem({ code, message }: { code?: unknown; message?: unknown }): void {
    if (typeof code !== 'string' || typeof message !== 'string') return;
    console.warn(`Voice bridge: ${message}`);
    this.#host.emit('error', { code, message, fatal: false });
  }

  /** True once there is a channel, false when none came in time. */
  #attached(ms: number): Promise<boolean> {
    if (this.rpc.attached) return Promise.resolve(true);
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#onAttached = () => (clearTimeout(timer), resolve(true));
    });
  }

  #on<P>(method: string, handler: (params: P) => void): void {
    this.rpc.handle(method, params => {
      handler((params ?? {}) as P);
      return null;
    });
  }

  // --- state ----------------------------------------------------------------------------------------------------

  #updateState(): void {
    if (this.#state === 'idle' || this.#state === 'ended') return;
    if (this.link.state === 'reconnecting') this.#setState('reconnecting');
    else
      this.#setState(
        this.#ready && this.link.state === 'connected' ? this.#serverState : this.#state === 'reconnecting' ? 'reconnecting' : 'connecting',
      );
  }

  #setState(state: CallState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    this.#host.state(state, previous);
  }

  // --- the end --------------------------------------------------------------------------------------------------

  #end(reason: string): void {
    // Another node goes on with it; a page that is hanging up lets it be.
    if (reason === 'moved' && !this.#over && !this.#finished) return this.link.move();
    this.#toldOver = true;
    if (this.#over) this.#over(reason);
    else this.#finish(reason);
  }

  #fail(error: BridgeError): void {
    if (this.#finished) return;
    this.#opened.reject(error);
    this.#host.emit('error', { code: error.code, message: error.message, fatal: true });
    this.#finish(error.code, error.code === 'call_over' ? this.#lastWords() : undefined);
  }

  /** The call ended while this page was away: what was written of it, the server knows for some minutes. */
  async #lastWords(): Promise<void> {
    const end = await Promise.race([this.#signaling.recap(this.#resumeToken ?? ''), delay(recapMs)]).catch(() => undefined);
    if (end?.markdown) this.#host.emit('recap', { markdown: end.markdown });
  }

  /** `last`: what the hub is still needed for. */
  #finish(reason: string, last?: Promise<void>): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#opened.reject(callOver());
    this.#host.silence();
    this.tools.cancelAll();
    void Promise.all([this.link.close(), last])
      .then(() => this.#signaling.close())
      .catch(() => undefined);
    this.#letGo?.();
    this.rpc.detach();
    clearTimeout(this.#saveTimer);
    clearTimeout(this.#helloTimer);
    // A call that broke off, or ended unseen, can be found again after a reload; one that the person saw end can not.
    if (reason === 'connection_lost' || reason === 'unreachable') this.#persist({ left: true, always: true });
    else if (reason !== 'call_over' && !(this.#resumeOnly && !this.#info)) this.#forget();
    globalThis.removeEventListener?.('pagehide', this.#pageHide);
    this.#setState('ended');
    this.#host.emit('ended', { reason });
  }

  #persist({ left = false, always = false } = {}): void {
    if ((!always && (this.#finished || this.#state === 'ended')) || !this.#info || !this.#resumeToken) return;
    const { callId } = this.#info;
    const mark = left ? { left } : {};
    this.#memory.save({
      callId,
      resumeToken: this.#resumeToken,
      savedAt: Date.now(),
      startedAt: this.#startedAt!,
      journal: this.tools.journal,
      ...mark,
      ...this.#host.memory(),
    });
  }

  #forget(): void {
    if (!this.#keepMemory && this.#info) this.#memory.clear(this.#info.callId);
  }
}

function portOf(channel: RTCDataChannel): MessagePort {
  return { send: text => channel.send(text), maxMessageSize: 262_144 };
}
