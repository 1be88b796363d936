import { Confirmations, type Confirmation } from './confirmations.js';
import { Emitter, type Listener } from './emitter.js';
import { PlayoutReporter } from './playout.js';
import { CallRecord } from './record.js';
import type { Share, ShareOptions } from './share.js';
import { Session, type CallSeams } from './session.js';
import { Sound } from './sound.js';
import { StatsReader } from './stats.js';
import { BridgeError } from './types.js';
import type {
  AudioState,
  CallEvents,
  CallMetrics,
  CallState,
  CallStats,
  ConnectOptions,
  ModelInfo,
  Note,
  RecordingState,
  RoleInfo,
  Shown,
  TimelineEvent,
  ToolActivity,
  ToolDefinition,
  TranscriptItem,
} from './types.js';

/** Longest message that the server takes. */
const maxText = 8_000;

/** Methods that come several times a second: they would push all else off the timeline. */
const tooMany = new Set(['page/playout', 'call/transcript', 'call/metrics', 'call/event']);

/** One call with a role. `connect()` makes one and starts it. */
export class Call extends Emitter<CallEvents> {
  readonly url: string;
  readonly roleSlug: string;
  readonly #session: Session;
  readonly #record: CallRecord;
  readonly #sound: Sound;
  readonly #statsReader = new StatsReader();
  #stateSince = 0;
  #startedAt = 0;
  #lastStats: CallStats | undefined;
  #connectMs: number | undefined;
  #channelMs: number | undefined;
  #timers: ReturnType<typeof setInterval>[] = [];
  #watched = false;
  #share: Share | undefined;
  readonly #confirmations = new Confirmations(
    () => this.emit('confirm', { pending: this.confirmations }),
    () => this.has('confirm'),
  );

  constructor(options: ConnectOptions, seams: CallSeams = {}) {
    super();
    this.roleSlug = options.role;
    const emit = <K extends keyof CallEvents>(type: K, event: CallEvents[K]) => this.emit(type, event);
    const session = new Session(options, seams, {
      emit,
      state: (state, previous) => this.#changed(state, previous),
      note: (name, detail) => this.#linked(name, detail),
      audio: (stream, receiver, beside) => (beside ? this.#sound.playBeside(stream, receiver) : this.#sound.play(stream, receiver)),
      beside: lastMs => (lastMs === undefined ? this.#sound.dropBeside() : this.#sound.takeBeside(lastMs)),
      introduced: () => this.#introduced(),
      line: line => this.#record.line(line),
      retold: (lines, earlier, isNews) => this.#record.retold(lines, earlier, isNews),
      memory: () => ({ ...this.#record.memory, audio: this.audio }),
      restore: memory => this.#record.restore(memory),
      silence: () => this.#silence(),
      leaving: () => this.#sound.leave(),
    });
    this.#session = session;
    this.url = session.url;
    this.#record = new CallRecord({
      emit,
      has: type => this.has(type),
      keep: () => session.keep(),
      step: (name, detail) => this.#timeline('turn', name, undefined, detail),
    });
    this.#sound = new Sound(options.audio, {
      get state() {
        return session.state;
      },
      get fullDuplex() {
        return session.info?.role.fullDuplex === true;
      },
      get ready() {
        return session.ready;
      },
      changed: audio => (emit('audio', audio), session.keep()),
      problem: (code, message) => emit('error', { code, message, fatal: false }),
      track: track => session.link.setTrack(track),
      speech: active => {
        session.rpc.notify('page/speech', { active });
        if (active) void this.#share?.turn();
      },
      playout: report => void session.rpc.notify('page/playout', report),
    });
    for (const [type, listener] of Object.entries(options.on ?? {})) if (listener) this.on(type as keyof CallEvents, listener as never);
    const { rpc } = session;
    this.#record.follow(rpc, session.tools);
    rpc.handle('tool/confirm', (p, { signal }) => this.#confirmations.ask(p, signal));
    rpc.handle('call/playout', () => (this.#sound.report(true), null));
    rpc.handle('call/event', p => {
      const { name, durationMs, detail } = p as { name: string; durationMs: number | null; detail: string | null };
      this.#timeline('model', name, durationMs ?? undefined, detail ?? undefined);
      return null;
    });
    rpc.trace = t => {
      if (tooMany.has(t.method)) return;
      const arrow = t.direction === 'in' ? '←' : '→';
      this.#timeline('rpc', `${arrow} ${t.method || t.kind}`, t.durationMs, t.error ?? `${t.kind}, ${t.bytes} B`);
    };
  }

  get state(): CallState {
    return this.#session.state;
  }

  /** The server is being restarted; this call begins when it is back. An `error` that is not fatal (`shutting_down`) told so. */
  get waiting(): boolean {
    return this.#session.waiting;
  }

  get callId(): string | undefined {
    return this.#session.info?.callId;
  }

  /** When the conversation began, Unix milliseconds: before this page was loaded, when it goes on after a reload. */
  get startedAt(): number | undefined {
    return this.#session.startedAt;
  }

  get role(): RoleInfo | undefined {
    return this.#session.info?.role;
  }

  get model(): ModelInfo | undefined {
    return this.#session.info?.model;
  }

  /** The whole transcript in the order of the conversation. */
  get transcript(): readonly TranscriptItem[] {
    return this.#record.transcript.items;
  }

  /** The transcript as plain text, one line per utterance, without the words that nobody heard. */
  transcriptText(names = { user: 'You', agent: this.role?.name ?? 'Agent' }): string {
    return this.#record.transcript.toText(names);
  }

  get shown(): readonly Shown[] {
    return this.#record.shown;
  }

  get notes(): readonly Note[] {
    return this.#record.notes;
  }

  get activities(): readonly ToolActivity[] {
    return this.#record.activities;
  }

  /** Function calls of the model that wait for the person's word. */
  get confirmations(): readonly Confirmation[] {
    return this.#confirmations.pending;
  }

  get audio(): Readonly<AudioState> {
    return this.#sound.state;
  }

  get metrics(): Readonly<CallMetrics> {
    return this.#record.metrics;
  }

  /** True when this tab held a call with this role before a reload, which `resume()` would look for. */
  get resumable(): boolean {
    return this.#session.resumable;
  }

  /** State of a widget that it finds again after a reload of the page. */
  get widgetState(): unknown {
    return this.#record.widget;
  }

  set widgetState(value: unknown) {
    this.#record.widget = value;
    this.#session.keep();
  }

  /**
   * Connects, and asks for the microphone meanwhile. Resolves when the server knows this page's tools and the
   * conversation can begin; rejects with a BridgeError. A refused microphone is no error: the call goes on in text.
   */
  async start(): Promise<void> {
    this.#startedAt ||= this.#stateSince = performance.now();
    await this.#session.start(before => this.#sound.start(before?.audio));
  }

  /**
   * Goes on with the call that this tab held before a reload, without a click: it never opens a call, and the microphone
   * is opened only when the call is still there. When it is over, `transcript`, `shown` and `notes` come back and the call
   * ends as `call_over`; a `recap` may follow. Rejects with `not_resumable`, and stays `idle`, when there is nothing to
   * go on with, or another tab holds the call.
   */
  async resume(): Promise<void> {
    this.#startedAt ||= this.#stateSince = performance.now();
    await this.#session.resume(before => this.#sound.start(before?.audio));
  }

  /**
   * Makes the introduction to the server wait (5 s at most) for work that registers tools, so that the model knows
   * them from its first word.
   */
  prepare(work: Promise<unknown>): void {
    this.#session.prepare(work);
  }

  /** Adds a function that the model may call; at any time. The returned function takes it back. */
  registerTool<A = Record<string, unknown>>(name: string, tool: ToolDefinition<A>): () => void {
    const remove = this.#session.tools.register(name, tool as unknown as ToolDefinition<never>);
    this.#session.introduceSoon();
    return () => {
      remove();
      this.#session.introduceSoon();
    };
  }

  /** Says something in writing. */
  async sendText(text: string): Promise<void> {
    if (text.length > maxText) throw new BridgeError('text_too_long', `A message has at most ${maxText} characters.`);
    await this.#share?.turn();
    await this.#session.request('page/text', { text });
  }

  /** Shows the model a picture: a blob, a canvas, or a data URL; it is made small enough for the channel. */
  async sendImage(image: Blob | HTMLCanvasElement | string, prompt?: string): Promise<void> {
    const { toDataUrl } = await import('./image.js');
    await this.#session.request('page/image', { dataUrl: await toDataUrl(image), ...(prompt ? { prompt } : {}) });
  }

  /** The share that runs, if one does. */
  get shared(): Share | undefined {
    return this.#share?.active ? this.#share : undefined;
  }

  /**
   * Shows the model pictures of a screen or a camera at the person's turns, at most one every 2 s, until `stop()`, the end of
   * the stream, or of the call; the stream's picture is stopped then. The role has to allow it (`images: on`). Show a sign
   * of it: the `share` event tells when it begins and ends.
   */
  async share(stream: MediaStream, options: ShareOptions = {}): Promise<Share> {
    if (!this.role?.images)
      throw new BridgeError(
        'images_off',
        'This role takes no pictures of a screen or a camera; its role.yaml would have to say images: on.',
      );
    const { Share: Sharing } = await import('./share.js');
    this.#share?.stop();
    const share: Share = new Sharing(stream, options, {
      send: dataUrl => this.#session.request('page/image', { dataUrl, shared: true }),
      changed: () => this.emit('share', { active: share.active, sent: share.sent }),
      problem: error =>
        this.emit('error', { code: 'share', message: error instanceof Error ? error.message : String(error), fatal: false }),
    });
    this.#share = share;
    this.emit('share', { active: true, sent: 0 });
    return share;
  }

  /** Whether the sound of this call is kept; the `recording` event tells of each change. */
  get recording(): RecordingState {
    return this.#session.recording;
  }

  /**
   * True: this page shows that the call is recorded, and how to decline; where the role asked for it the recording begins. False: the
   * person declines; nothing is kept, what was kept until then is removed, and nobody asks again in this call.
   */
  async setRecording(accepted: boolean): Promise<void> {
    await this.#rpc('page/recording', { accepted });
  }

  /** Stops the agent's speech. */
  async interrupt(): Promise<void> {
    this.#sound.interrupt();
    await this.#rpc('page/interrupt', {});
  }

  async mute(muted = true): Promise<void> {
    this.#sound.mute(muted);
    if (this.#session.rpc.attached) await this.#rpc('page/mute', { muted });
  }

  /** Hold-to-talk on or off. While on, the microphone is open only while `pushToTalk(true)` holds. */
  async setPushToTalk(enabled: boolean): Promise<void> {
    if (this.audio.pushToTalk === enabled) return;
    if (!enabled && this.audio.talking) await this.pushToTalk(false);
    this.#sound.setPushToTalk(enabled);
  }

  /** The key went down, or up again. The first use turns hold-to-talk on. */
  async pushToTalk(down: boolean): Promise<void> {
    if (this.audio.pushToTalk && this.audio.talking === down) return;
    this.#sound.pushToTalk(down);
    if (this.#session.rpc.attached) await this.#rpc('page/pushToTalk', { down });
  }

  /** Cancels a function call of the model, wherever it runs. */
  async cancelTool(callId: string): Promise<void> {
    // A function of this page stops at once, also while the server can't be told; it answers "cancelled", which says the same.
    this.#session.tools.cancel(callId);
    await this.#rpc('page/tool/cancel', { callId });
  }

  /** Opens the microphone again (after a refusal), or another one; mid-call without a new negotiation. */
  async setInput(input?: string | MediaStream): Promise<void> {
    await this.#sound.setInput(input);
  }

  /** Sends the agent's voice to another device; not every browser can. */
  async setOutput(deviceId: string): Promise<void> {
    await this.#sound.setOutput(deviceId);
  }

  get canChooseOutput(): boolean {
    return this.#sound.canChooseOutput;
  }

  /** Call it from a click when `audio.blocked` is true. */
  async unlockAudio(): Promise<void> {
    await this.#sound.unlock();
  }

  /** Looks for a new network path now. The SDK does so by itself; this is for pages that know more. */
  reconnect(): void {
    this.#session.link.restart();
  }

  /** Figures of the last interval; about once a second they are new. */
  async stats(): Promise<CallStats> {
    const now = Date.now();
    const { pc } = this.#session.link;
    if (!pc || (this.#lastStats && now - this.#lastStats.at < 400)) return this.#lastStats ?? { at: now };
    const report = await pc.getStats();
    const stats = this.#statsReader.read((report as unknown as Map<string, Record<string, unknown>>).values(), now);
    const { roundTripMs } = this.#session;
    if (this.#connectMs !== undefined) stats.connectMs = this.#connectMs;
    if (this.#channelMs !== undefined) stats.channelMs = this.#channelMs;
    if (roundTripMs !== undefined) stats.rpcRoundTripMs = roundTripMs;
    this.#sound.playoutDelay(this.#statsReader.playoutDelayMs);
    return (this.#lastStats = stats);
  }

  /**
   * Ends the call. Microphone and sound are off at once; the line stays for the recap, at most 15 s. Resolves when
   * everything is released.
   */
  async hangup(): Promise<void> {
    await this.#session.hangup();
  }

  /**
   * Ends the call because its page is being left. As `hangup()`, but whoever comes back within ten minutes finds what was
   * said, and the recap, by `resume()`.
   */
  async leave(): Promise<void> {
    await this.#session.hangup(true);
  }

  /** Adds a listener; the returned function removes it again. The server tells of the model's events while somebody hears `timeline`. */
  override on<K extends keyof CallEvents>(type: K, listener: Listener<CallEvents[K]>): () => void {
    const off = super.on(type, listener);
    if (type !== 'timeline') return off;
    this.#watch();
    return () => {
      off();
      this.#watch();
    };
  }

  // --- what the parts tell --------------------------------------------------------------------------------------

  #linked(step: string, detail?: string): void {
    const took = performance.now() - this.#startedAt;
    const first = this.#timers.length === 0;
    // A developer finds the steps of the way up beside the page's own in the browser's performance panel.
    if (first) performance.measure(`bridge: ${step}`, { start: this.#startedAt, duration: took });
    if (step === 'peer connected') this.#connectMs ??= took;
    else if (step === 'channel open') this.#channelMs ??= took;
    this.#timeline('link', step, first ? took : undefined, detail);
  }

  #introduced(): void {
    if (this.#timers.length === 0) this.#linked('ready');
    // The server outlives pages and channels: what it last heard of the microphone may hold no more.
    const { muted, talking } = this.audio;
    void this.#rpc('page/mute', { muted }).catch(() => undefined);
    void this.#rpc('page/pushToTalk', { down: talking }).catch(() => undefined);
    this.#watched = false;
    this.#watch();
    if (this.#timers.length > 0) return;
    this.#timers.push(
      setInterval(() => this.emit('level', this.#sound.levels), 50),
      setInterval(() => this.#sound.report(), PlayoutReporter.intervalMs),
      setInterval(() => void this.stats().catch(() => undefined), 1_000),
    );
  }

  /** The model's events are worth their bytes only while somebody looks. */
  #watch(): void {
    const wanted = this.has('timeline');
    if (wanted === this.#watched || !this.#session.ready || !this.#session.rpc.attached) return;
    this.#watched = wanted;
    void this.#rpc('page/inspect', { on: wanted }).catch(() => undefined);
  }

  #changed(state: CallState, previous: CallState): void {
    const now = performance.now();
    this.#timeline('turn', state, undefined, previous === 'idle' ? undefined : `${previous} for ${Math.round(now - this.#stateSince)} ms`);
    this.#stateSince = now;
    this.#sound.left(previous);
    this.emit('state', { state, previous });
  }

  #silence(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#sound.close();
    this.#share?.stop();
    this.#confirmations.clear();
    this.emit('level', { input: 0, output: 0 });
  }

  #rpc(method: string, params: unknown): Promise<unknown> {
    return this.#session.rpc.request(method, params);
  }

  #timeline(lane: TimelineEvent['lane'], name: string, durationMs?: number, detail?: string): void {
    if (!this.has('timeline')) return;
    this.emit('timeline', {
      at: Date.now(),
      lane,
      name,
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}

/** Makes a call and starts it. The promise is fulfilled when the conversation can begin. */
export async function connect(options: ConnectOptions): Promise<Call> {
  const call = new Call(options);
  await call.start();
  return call;
}
