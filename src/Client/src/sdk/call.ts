import { Emitter } from './emitter.js';
import { Link, type LinkTimes } from './link.js';
import { Memory, type CallMemory, type MemoryStore } from './memory.js';
import { Microphone } from './microphone.js';
import { PlayoutReporter } from './playout.js';
import { RpcPeer } from './rpc.js';
import { HubSignaling, type JoinReply, type JoinRequest, type Signaling } from './signaling.js';
import { Speaker } from './speaker.js';
import { SpeechDetector } from './speech.js';
import { StatsReader } from './stats.js';
import { ToolBox } from './tools.js';
import { Transcript } from './transcript.js';
import {
  BridgeError,
  type AudioState,
  type CallEvents,
  type CallMetrics,
  type CallState,
  type CallStats,
  type ConnectOptions,
  type ModelInfo,
  type Note,
  type RoleInfo,
  type Shown,
  type TimelineEvent,
  type ToolActivity,
  type ToolDefinition,
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
/** How long a local guess of speech silences the agent without the server's agreement. */
const confirmMs = 900;

/** How often it is looked whether a silenced sentence has run out; three times unmoved, it has. */
const dryStepMs = 40;

/** One call with a role. `connect()` makes one and starts it. */
export class Call extends Emitter<CallEvents> {
  readonly url: string;
  readonly roleSlug: string;
  readonly #options: ConnectOptions;
  readonly #rpc = new RpcPeer();
  readonly #tools: ToolBox;
  readonly #transcript = new Transcript();
  readonly #memory: Memory;
  readonly #signaling: Signaling;
  readonly #link: Link;
  readonly #speech = new SpeechDetector();
  readonly #statsReader = new StatsReader();
  readonly #playout: PlayoutReporter;
  #helloGate: Promise<unknown> = Promise.resolve();
  #speaker: Speaker | undefined;
  #microphone: Microphone | undefined;

  #state: CallState = 'idle';
  #serverState: CallState = 'listening';
  #ready = false;
  #stateSince = 0;
  #info: { callId: string; role: RoleInfo; model: ModelInfo } | undefined;
  #resumeToken: string | undefined;
  #shown: Shown[] = [];
  #notes: Note[] = [];
  #widget: unknown;
  #activities = new Map<string, ToolActivity>();
  #audio: AudioState = { microphone: 'off', muted: false, pushToTalk: false, talking: false, blocked: false };
  #inputLevel = 0;
  #lastStats: CallStats | undefined;
  #metrics: CallMetrics = {};
  #startedAt = 0;
  #connectMs: number | undefined;
  #channelMs: number | undefined;
  #timers: ReturnType<typeof setInterval>[] = [];
  #confirmTimer: ReturnType<typeof setTimeout> | undefined;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #opened = deferred();
  #over: ((reason: string) => void) | undefined;
  #finished = false;
  #letIn: (() => void) | undefined;
  #onAttached: (() => void) | undefined;
  readonly #pageHide = () => this.#persist();

  constructor(options: ConnectOptions, seams: CallSeams = {}) {
    super();
    this.#options = options;
    this.url = new URL(options.url ?? '/', globalThis.location?.href ?? 'http://localhost').href.replace(/\/+$/, '');
    this.roleSlug = options.role;
    this.#memory = new Memory(this.url, options.role, ...(seams.store ? [seams.store] : []));
    this.#tools = new ToolBox({}, () => this.#persist());
    for (const [name, tool] of Object.entries(options.tools ?? {})) this.#tools.register(name, tool);
    for (const [type, listener] of Object.entries(options.on ?? {})) if (listener) this.on(type as keyof CallEvents, listener as never);
    this.#opened.promise.catch(() => undefined);
    this.#playout = new PlayoutReporter(report => this.#rpc.notify('page/playout', report));
    this.#signaling = seams.signaling ?? new HubSignaling(this.url);
    this.#signaling.onEnded = notice => {
      if (!this.#info || notice.callId === this.#info.callId) this.#end(notice.reason);
    };
    this.#link = new Link(
      this.#signaling,
      {
        joinRequest: () => this.#joinRequest(),
        joined: reply => this.#joined(reply),
        channel: channel => this.#channelChanged(channel),
        message: text => this.#rpc.receive(text),
        audio: (stream, receiver) => {
          this.#speaker?.play(stream);
          this.#playout.receiver = receiver;
        },
        state: () => {
          if (this.#link.state === 'connected') this.#connectMs ??= performance.now() - this.#startedAt;
          this.#updateState();
        },
        lost: error => this.#fail(error),
        note: (name, detail) => this.#timeline('link', name, undefined, detail),
      },
      seams.times,
    );
    this.#rpc.trace = t => {
      if (t.method === 'page/playout' || t.method === 'call/metrics' || t.method === 'call/event') return;
      const arrow = t.direction === 'in' ? '←' : '→';
      this.#timeline('rpc', `${arrow} ${t.method || t.kind}`, t.durationMs, t.error ?? `${t.kind}, ${t.bytes} B`);
    };
    this.#handle();
  }

  get state(): CallState {
    return this.#state;
  }

  get callId(): string | undefined {
    return this.#info?.callId;
  }

  get role(): RoleInfo | undefined {
    return this.#info?.role;
  }

  get model(): ModelInfo | undefined {
    return this.#info?.model;
  }

  /** The whole transcript in the order of the conversation. */
  get transcript(): readonly TranscriptItem[] {
    return this.#transcript.items;
  }

  /** The transcript as plain text, one line per utterance, without the words that nobody heard. */
  transcriptText(names = { user: 'You', agent: this.#info?.role.name ?? 'Agent' }): string {
    return this.#transcript.toText(names);
  }

  get shown(): readonly Shown[] {
    return this.#shown;
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  get activities(): readonly ToolActivity[] {
    return [...this.#activities.values()];
  }

  get audio(): Readonly<AudioState> {
    return this.#audio;
  }

  get metrics(): Readonly<CallMetrics> {
    return this.#metrics;
  }

  /** True when this tab held a call with this role before a reload, so that `start()` would go on with it. */
  get resumable(): boolean {
    return this.#options.resume !== false && this.#memory.load() !== undefined;
  }

  /** What a widget wants to find again after a reload of the page. */
  get widgetState(): unknown {
    return this.#widget;
  }

  set widgetState(value: unknown) {
    this.#widget = value;
    this.#persistSoon();
  }

  /**
   * Connects, and asks for the microphone meanwhile. Resolves when the server knows this page's tools and the
   * conversation can begin; rejects with a BridgeError. A refused microphone is no error: the call goes on in text.
   */
  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new BridgeError('started', 'A call is started once; make a new one.');
    this.#startedAt = this.#stateSince = performance.now();
    this.#setState('connecting');
    this.#speaker = new Speaker();
    this.#speaker.onBlocked = blocked => this.#setAudio({ blocked });
    // Made here, because this is still the person's click.
    void this.#speaker.context;
    if (this.#options.audio !== false) {
      this.#microphone = this.#newMicrophone();
      const output = this.#options.audio?.output;
      if (output) void this.setOutput(output).catch(() => undefined);
    }
    globalThis.addEventListener?.('pagehide', this.#pageHide);
    const microphone = this.#openMicrophone();
    // Whoever is still answering the browser's question should not miss the first words; typing answers it too.
    const decided = Promise.race([microphone, new Promise<void>(go => (this.#letIn = go)), delay(connectMs)]);
    const timeout = setTimeout(() => this.#fail(new BridgeError('timeout', 'The server did not answer in time.')), connectMs);
    try {
      const before = this.#options.resume === false ? undefined : this.#memory.load();
      if (before) this.#resumeToken = before.resumeToken;
      this.#helloGate = Promise.all([this.#helloGate, decided]);
      await this.#link.connect();
      await this.#opened.promise;
    } catch (error) {
      const problem = error instanceof BridgeError ? error : new BridgeError('failed', error instanceof Error ? error.message : String(error), { cause: error });
      this.#fail(problem);
      throw problem;
    } finally {
      clearTimeout(timeout);
    }
  }

  /**
   * Makes the introduction to the server wait (5 s at most) for work that registers tools, so that the model knows
   * them from its first word.
   */
  prepare(work: Promise<unknown>): void {
    this.#tools.expect(work);
    this.#helloGate = Promise.all([this.#helloGate, Promise.race([work.catch(() => undefined), delay(5_000)])]);
  }

  /** Adds a function that the model may call; at any time. The returned function takes it back. */
  registerTool<A = Record<string, unknown>>(name: string, tool: ToolDefinition<A>): () => void {
    const remove = this.#tools.register(name, tool as unknown as ToolDefinition<never>);
    this.#helloSoon();
    return () => {
      remove();
      this.#helloSoon();
    };
  }

  /** Says something in writing. */
  async sendText(text: string): Promise<void> {
    await this.#open();
    await this.#rpc.request('page/text', { text });
  }

  /** Shows the model a picture: a blob, a canvas, or a data URL; it is made small enough for the channel. */
  async sendImage(image: Blob | HTMLCanvasElement | string, prompt?: string): Promise<void> {
    await this.#open();
    const { toDataUrl } = await import('./image.js');
    await this.#rpc.request('page/image', { dataUrl: await toDataUrl(image), ...(prompt ? { prompt } : {}) });
  }

  /** Stops the agent's speech. */
  async interrupt(): Promise<void> {
    if (this.#state === 'speaking') this.#duck();
    else this.#playout.tick(true);
    await this.#rpc.request('page/interrupt', {});
  }

  async mute(muted = true): Promise<void> {
    this.#setAudio({ muted });
    this.#applyTrack();
    if (this.#rpc.attached) await this.#rpc.request('page/mute', { muted });
  }

  /** Hold-to-talk on or off. While on, the microphone is open only while `pushToTalk(true)` holds. */
  async setPushToTalk(enabled: boolean): Promise<void> {
    if (this.#audio.pushToTalk === enabled) return;
    if (!enabled && this.#audio.talking) await this.pushToTalk(false);
    this.#setAudio({ pushToTalk: enabled, talking: false });
    this.#applyTrack();
  }

  /** The key went down, or up again. The first use turns hold-to-talk on. */
  async pushToTalk(down: boolean): Promise<void> {
    if (this.#audio.pushToTalk && this.#audio.talking === down) return;
    this.#setAudio({ pushToTalk: true, talking: down });
    this.#applyTrack();
    if (down && this.#state === 'speaking') this.#duck();
    else if (down) this.#playout.tick(true);
    if (this.#rpc.attached) await this.#rpc.request('page/pushToTalk', { down });
  }

  /** Cancels a function call of the model, wherever it runs. */
  async cancelTool(callId: string): Promise<void> {
    this.#tools.cancel(callId);
    await this.#rpc.request('page/tool/cancel', { callId });
  }

  /** Opens the microphone again (after a refusal), or another one; mid-call without a new negotiation. */
  async setInput(input?: string | MediaStream): Promise<void> {
    this.#microphone ??= this.#newMicrophone();
    await this.#openMicrophone(input);
  }

  /** Sends the agent's voice to another device; not every browser can. */
  async setOutput(deviceId: string): Promise<void> {
    await this.#speaker?.choose(deviceId);
    this.#setAudio({ outputDevice: deviceId });
  }

  get canChooseOutput(): boolean {
    return this.#speaker?.canChoose ?? false;
  }

  /** Call it from a click when `audio.blocked` is true. */
  async unlockAudio(): Promise<void> {
    await this.#speaker?.unlock();
  }

  /** Looks for a new network path now. The SDK does so by itself; this is for pages that know more. */
  reconnect(): void {
    this.#link.restart();
  }

  /** Figures of the last interval; about once a second they are new. */
  async stats(): Promise<CallStats> {
    const now = Date.now();
    const pc = this.#link.pc;
    if (!pc || (this.#lastStats && now - this.#lastStats.at < 400)) return this.#lastStats ?? { at: now };
    const report = await pc.getStats();
    const stats = this.#statsReader.read((report as unknown as Map<string, Record<string, unknown>>).values(), now);
    if (this.#connectMs !== undefined) stats.connectMs = this.#connectMs;
    if (this.#channelMs !== undefined) stats.channelMs = this.#channelMs;
    if (this.#rpcRoundTripMs !== undefined) stats.rpcRoundTripMs = this.#rpcRoundTripMs;
    this.#playout.delayMs = (this.#statsReader.playoutDelayMs ?? 0) + (this.#statsReader.playoutDelayMs === undefined ? (this.#speaker?.context?.outputLatency ?? 0) * 1000 : 0);
    return (this.#lastStats = stats);
  }

  #rpcRoundTripMs: number | undefined;

  /**
   * Ends the call. Microphone and sound are off at once; the line stays for the recap, at most 15 s. Resolves when
   * everything is released.
   */
  async hangup(): Promise<void> {
    if (this.#state === 'idle' || this.#finished) return;
    if (this.#over) return;
    const over = new Promise<string>(resolve => (this.#over = resolve));
    this.#silence();
    this.#setState('ended');
    this.#memory.clear();
    let reason = 'hangup';
    // The channel may be lost on the way; the recap comes over the next one.
    for (let attempt = 0; attempt < 2 && !this.#toldOver && (attempt === 0 ? this.#rpc.attached : await this.#attached(5_000)); attempt++) {
      try {
        await this.#rpc.request('page/hangup', {}, { timeoutMs: recapMs });
        reason = await Promise.race([over, delay(recapMs).then(() => 'hangup')]);
        break;
      } catch {
        // Once more; then the hub, below, says it.
      }
    }
    if (this.#info && !this.#toldOver) await this.#signaling.hangup(this.#info.callId).catch(() => undefined);
    this.#finish(reason);
  }

  #toldOver = false;

  // --- the way up -----------------------------------------------------------------------------------------------

  #joinRequest(): JoinRequest {
    const attributes = Object.entries(this.#options.attributes ?? {}).map(([k, v]) => [k, String(v)]);
    return {
      role: this.roleSlug,
      ...(this.#resumeToken ? { resumeToken: this.#resumeToken } : {}),
      ...(attributes.length > 0 ? { attributes: Object.fromEntries(attributes) as Record<string, string> } : {}),
      locale: this.#locale(),
      timeZone: this.#timeZone(),
    };
  }

  #joined(reply: JoinReply): void {
    const before = this.#info?.callId ?? this.#memory.load()?.callId;
    const resumed = reply.resumed ?? reply.callId === before;
    if (!this.#info && resumed) this.#restore(this.#memory.load());
    if (this.#info && !resumed) {
      this.emit('error', { code: 'new_conversation', message: 'The earlier conversation was over; this is a new one.', fatal: false });
    }
    this.#resumeToken = reply.resumeToken;
    this.#setInfo(reply);
    this.#persist();
  }

  #setInfo(info: { callId: string; role: RoleInfo; model: ModelInfo }): void {
    // Not every message that names the role says everything of it.
    const role = { ...(this.#info?.role.slug === info.role.slug ? this.#info.role : {}), ...info.role };
    this.#info = { callId: info.callId, role, model: info.model };
    this.emit('info', this.#info);
  }

  #restore(memory: CallMemory | undefined): void {
    if (!memory) return;
    this.#tools.restore(memory.journal);
    this.#shown = memory.shown;
    this.#notes = memory.notes;
    this.#widget = memory.widget;
    for (const item of memory.items) this.#transcript.put(item);
    const last = this.#transcript.items.at(-1);
    if (last) this.emit('transcript', { item: last, items: this.#transcript.items });
    for (const shown of this.#shown) this.emit('show', shown);
    for (const note of this.#notes) this.emit('note', note);
  }

  #channelChanged(channel: RTCDataChannel | undefined): void {
    if (!channel) {
      this.#rpc.detach();
      return;
    }
    this.#channelMs ??= performance.now() - this.#startedAt;
    this.#rpc.attach({
      send: text => channel.send(text),
      get maxMessageSize() {
        return 262_144;
      },
    });
    void this.#hello();
    this.#onAttached?.();
    this.#onAttached = undefined;
  }

  async #hello(): Promise<void> {
    if (!this.#ready) await this.#helloGate;
    if (!this.#rpc.attached || this.#finished) return;
    const asked = performance.now();
    try {
      const answer = await this.#rpc.request<{ callId?: string; role?: RoleInfo; model?: ModelInfo; state?: CallState; transcript?: TranscriptItem[] }>(
        'page/hello',
        { tools: this.#tools.declarations(), locale: this.#locale(), timeZone: this.#timeZone(), attributes: this.#options.attributes ?? {} },
        { timeoutMs: helloMs },
      );
      this.#rpcRoundTripMs = performance.now() - asked;
      if (answer?.callId && answer.role && answer.model) this.#setInfo({ callId: answer.callId, role: answer.role, model: answer.model });
      // After a reload or a lost channel: what was said meanwhile.
      for (const line of answer?.transcript ?? []) this.#line(line);
      if (answer?.state) this.#serverState = answer.state;
      if (this.#audio.muted) void this.#rpc.request('page/mute', { muted: true }).catch(() => undefined);
      this.#run();
      this.#ready = true;
      this.#updateState();
      this.#opened.resolve();
    } catch (error) {
      if (this.#rpc.attached && !this.#ready) this.#fail(new BridgeError('hello_failed', error instanceof Error ? error.message : String(error), { cause: error }));
    }
  }

  /** Several tools registered in one go are told in one message. */
  #helloSoon(): void {
    if (!this.#ready) return;
    clearTimeout(this.#helloTimer);
    this.#helloTimer = setTimeout(() => void this.#hello(), 0);
  }

  #run(): void {
    if (this.#timers.length > 0) return;
    this.#timers.push(
      setInterval(() => this.emit('level', { input: this.#inputLevel, output: Math.min(1, (this.#speaker?.level() ?? 0) * 2.5) }), 50),
      setInterval(() => this.#playout.tick(), PlayoutReporter.intervalMs),
      setInterval(() => void this.stats().catch(() => undefined), 1_000),
    );
  }

  /** True once there is a channel, false when none came in time. */
  #attached(ms: number): Promise<boolean> {
    if (this.#rpc.attached) return Promise.resolve(true);
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#onAttached = () => (clearTimeout(timer), resolve(true));
    });
  }

  async #open(): Promise<void> {
    this.#letIn?.();
    if (this.#finished || this.#state === 'idle') throw new BridgeError('not_connected', 'There is no call.');
    await this.#opened.promise;
  }

  // --- what the server says -------------------------------------------------------------------------------------

  #handle(): void {
    this.#on<{ callId: string; role: RoleInfo; model: ModelInfo }>('call/info', p => p.role && p.model && this.#setInfo(p));
    this.#on<{ state: CallState }>('call/state', p => {
      this.#serverState = p.state;
      this.#updateState();
    });
    this.#on<TranscriptItem>('call/transcript', p => {
      this.#line(p);
    });
    this.#on<{ reason?: string }>('call/ended', p => this.#end(p.reason ?? 'ended'));
    this.#on('call/playout', () => this.#playout.tick(true));
    this.#on<{ markdown: string }>('call/recap', p => this.emit('recap', p));
    this.#on<CallMetrics>('call/metrics', p => {
      this.#metrics = { ...this.#metrics, ...p };
      this.emit('metrics', this.#metrics);
    });
    this.#on<{ name: string; durationMs?: number; detail?: string }>('call/event', p => this.#timeline('model', p.name, p.durationMs, p.detail));
    this.#on<Omit<ToolActivity, 'at'>>('tool/activity', p => this.#activity({ ...p, at: Date.now() }));
    this.#on<{ callIds: string[] }>('$/acknowledge', p => this.#tools.acknowledge(p.callIds ?? []));
    this.#rpc.handle('stage/show', params => {
      const shown = params as Shown;
      this.#shown = [...this.#shown.filter(s => s.id !== shown.id), shown].slice(-50);
      this.emit('show', shown);
      this.#persistSoon();
      return { shown: this.has('show') };
    });
    this.#rpc.handle('call/note', params => {
      const note = params as Note;
      this.#notes = [...this.#notes.filter(n => n.id !== note.id), note];
      this.emit('note', note);
      this.#persistSoon();
      return { noted: true };
    });
    this.#rpc.handle('tool/call', (params, context) => {
      const { callId, name, arguments: args } = params as { callId: string; name: string; arguments: unknown };
      const progress = (message: string) => {
        context.progress({ kind: 'report', message });
        this.#activity({ callId, name, target: 'page', phase: 'progress', message, at: Date.now() });
      };
      return this.#tools.call(callId, name, args, progress, context.signal);
    });
  }

  #line(line: TranscriptItem): void {
    const item = line.withdrawn ? this.#transcript.withdraw(line.itemId) : this.#transcript.put(line);
    if (!item) return;
    this.emit('transcript', { item: line.withdrawn ? { ...item, withdrawn: true } : item, items: this.#transcript.items });
    this.#persistSoon();
  }

  #on<P>(method: string, handler: (params: P) => void): void {
    this.#rpc.handle(method, params => {
      handler((params ?? {}) as P);
      return null;
    });
  }

  #activity(activity: ToolActivity): void {
    const before = this.#activities.get(activity.callId);
    const merged = before ? { ...before, ...activity, message: activity.message ?? before.message! } : activity;
    this.#activities.set(activity.callId, merged);
    if (!before || activity.phase !== 'progress') this.#timeline('turn', `tool ${activity.name}: ${activity.phase}`, undefined, activity.message);
    this.emit('progress', merged);
  }

  // --- state ----------------------------------------------------------------------------------------------------

  #updateState(): void {
    if (this.#state === 'idle' || this.#state === 'ended') return;
    if (this.#link.state === 'reconnecting') this.#setState('reconnecting');
    else this.#setState(this.#ready && this.#link.state === 'connected' ? this.#serverState : this.#state === 'reconnecting' ? 'reconnecting' : 'connecting');
  }

  #setState(state: CallState): void {
    const previous = this.#state;
    if (state === previous) return;
    const now = performance.now();
    this.#timeline('turn', state, undefined, previous === 'idle' ? undefined : `${previous} for ${Math.round(now - this.#stateSince)} ms`);
    this.#stateSince = now;
    this.#state = state;
    // The server agreed (or the agent finished): what is left in the jitter buffer is short.
    if (previous === 'speaking' && this.#speaker?.ducked) this.#unduckWhenDry();
    this.emit('state', { state, previous });
  }

  #timeline(lane: TimelineEvent['lane'], name: string, durationMs?: number, detail?: string): void {
    if (!this.has('timeline')) return;
    this.emit('timeline', { at: Date.now(), lane, name, ...(durationMs === undefined ? {} : { durationMs }), ...(detail === undefined ? {} : { detail }) });
  }

  // --- audio ----------------------------------------------------------------------------------------------------

  async #openMicrophone(input?: string | MediaStream): Promise<void> {
    const microphone = this.#microphone;
    if (!microphone) return;
    this.#setAudio({ microphone: 'asking' });
    microphone.onLevel = (rms, ms) => this.#heard(rms, ms);
    microphone.onLost = () => {
      this.#setAudio({ microphone: 'missing' });
      void this.#link.setTrack(undefined).catch(() => undefined);
      this.emit('error', { code: 'missing', message: 'The microphone is gone.', fatal: false });
    };
    try {
      const track = await microphone.open(input);
      if (this.#finished || this.#state === 'ended') return microphone.close();
      this.#applyTrack();
      await this.#link.setTrack(track);
      this.#setAudio({ microphone: 'live', ...(microphone.deviceId ? { inputDevice: microphone.deviceId } : {}) });
    } catch (error) {
      const problem = error instanceof BridgeError ? error : new BridgeError('failed', String(error));
      this.#setAudio({ microphone: microphone.track ? 'live' : (problem.code as AudioState['microphone']) });
      this.emit('error', { code: problem.code, message: problem.message, fatal: false });
    }
  }

  #applyTrack(): void {
    const track = this.#microphone?.track;
    if (track) track.enabled = !this.#audio.muted && (!this.#audio.pushToTalk || this.#audio.talking);
    if (!track?.enabled) this.#quiet();
  }

  #quiet(): void {
    this.#inputLevel = 0;
    if (this.#speech.active) this.#rpc.notify('page/speech', { active: false });
    this.#speech.reset();
  }

  #heard(rms: number, ms: number): void {
    const track = this.#microphone?.track;
    if (!track?.enabled || !this.#ready) return;
    this.#inputLevel = Math.min(1, rms * 4);
    const speaking = this.#state === 'speaking';
    if (!this.#speech.push(rms, ms, speaking)) return;
    const active = this.#speech.active;
    if (active && speaking && this.#localBargeIn()) this.#duck();
    else if (active) this.#playout.tick(true);
    this.#rpc.notify('page/speech', { active });
    if (!active) this.#unduck();
  }

  #newMicrophone(): Microphone {
    return new Microphone(this.#options.audio || {}, () => this.#speaker?.context);
  }

  #localBargeIn(): boolean {
    return !this.#options.audio || this.#options.audio.localBargeIn !== false;
  }

  #duck(): void {
    this.#speaker?.duck(true);
    this.#playout.silence();
    clearTimeout(this.#confirmTimer);
    this.#confirmTimer = setTimeout(() => this.#unduck(), confirmMs);
  }

  #unduck(): void {
    clearTimeout(this.#confirmTimer);
    if (!this.#speaker?.ducked) return;
    this.#speaker.duck(false);
    this.#playout.resume();
  }

  /** A jitter buffer that grew on a bad network holds some of the sentence that was cut: it runs out unheard. */
  #unduckWhenDry(waited = 0, last = this.#playout.rtpTimestamp, still = 0): void {
    clearTimeout(this.#confirmTimer);
    this.#confirmTimer = setTimeout(() => {
      const position = this.#playout.rtpTimestamp;
      const unmoved = position === last ? still + 1 : 0;
      if (unmoved >= 3 || waited >= confirmMs || this.#state === 'speaking') this.#unduck();
      else this.#unduckWhenDry(waited + dryStepMs, position, unmoved);
    }, dryStepMs);
  }

  #setAudio(change: Partial<AudioState>): void {
    this.#audio = { ...this.#audio, ...change };
    this.emit('audio', this.#audio);
  }

  // --- the end --------------------------------------------------------------------------------------------------

  #end(reason: string): void {
    this.#toldOver = true;
    if (this.#over) this.#over(reason);
    else this.#finish(reason);
  }

  #fail(error: BridgeError): void {
    if (this.#finished) return;
    this.#opened.reject(error);
    this.emit('error', { code: error.code, message: error.message, fatal: true });
    this.#finish(error.code);
  }

  #silence(): void {
    clearTimeout(this.#confirmTimer);
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#microphone?.close();
    this.#speaker?.close();
    this.#inputLevel = 0;
    this.emit('level', { input: 0, output: 0 });
  }

  #finish(reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#opened.reject(new BridgeError('ended', 'The call ended.'));
    this.#silence();
    this.#tools.cancelAll();
    this.#link.close();
    this.#rpc.detach();
    void this.#signaling.close().catch(() => undefined);
    clearTimeout(this.#saveTimer);
    clearTimeout(this.#helloTimer);
    // A call that broke off may be found again after a reload; one that ended may not.
    if (reason === 'connection_lost' || reason === 'unreachable') this.#persist(true);
    else this.#memory.clear();
    globalThis.removeEventListener?.('pagehide', this.#pageHide);
    this.#setState('ended');
    this.emit('ended', { reason });
  }

  #persistSoon(): void {
    if (this.#finished) return;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => this.#persist(), 200);
  }

  #persist(always = false): void {
    if ((!always && (this.#finished || this.#state === 'ended')) || !this.#info || !this.#resumeToken) return;
    this.#memory.save({
      callId: this.#info.callId,
      resumeToken: this.#resumeToken,
      savedAt: Date.now(),
      items: [...this.#transcript.items],
      shown: this.#shown,
      notes: this.#notes,
      journal: this.#tools.journal,
      ...(this.#widget === undefined ? {} : { widget: this.#widget }),
    });
  }

  #locale(): string {
    return this.#options.locale ?? globalThis.navigator?.language ?? 'en';
  }

  #timeZone(): string {
    return this.#options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

/** Makes a call and starts it. The promise is fulfilled when the conversation can begin. */
export async function connect(options: ConnectOptions): Promise<Call> {
  const call = new Call(options);
  await call.start();
  return call;
}

function deferred(): { promise: Promise<void>; resolve(): void; reject(error: unknown): void } {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

function delay(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
