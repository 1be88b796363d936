import type { CallMemory } from './memory.js';
import { allowed, devices, Microphone } from './microphone.js';
import { PlayoutReporter, type PlayoutReport } from './playout.js';
import { Speaker } from './speaker.js';
import { SpeechDetector } from './speech.js';
import { BridgeError, type AudioOptions, type AudioState, type CallState } from './types.js';

/** How long a local guess of speech silences the agent without the server's agreement. */
const confirmMs = 900;

/** How often it is looked whether a silenced sentence has run out; three times unmoved, it has. */
const dryStepMs = 40;

/** The call as its sound sees it. */
export interface SoundHost {
  readonly state: CallState;
  /** The agent listens while it speaks. */
  readonly fullDuplex: boolean;
  /** The server knows this page; before that nothing is reported to it. */
  readonly ready: boolean;
  changed(audio: AudioState): void;
  problem(code: string, message: string): void;
  /** The track that is sent from now on. */
  track(track: MediaStreamTrack | undefined): Promise<void>;
  /** Speech was heard here, or is over. */
  speech(active: boolean): void;
  playout(report: PlayoutReport): void;
}

/**
 * Both ends of a call's audio: the person's microphone with its meter and speech detector, and the agent's voice with
 * the position that was played. When the person speaks, or asks for it, the agent is ducked here at once; the server's
 * agreement comes as a change of state, and without one the agent is audible again.
 */
export class Sound {
  readonly #options: AudioOptions | false | undefined;
  readonly #host: SoundHost;
  readonly #speech = new SpeechDetector();
  readonly #playout: PlayoutReporter;
  #speaker: Speaker | undefined;
  #microphone: Microphone | undefined;
  #state: AudioState = { microphone: 'off', muted: false, pushToTalk: false, talking: false, silenced: false, blocked: false };
  #inputLevel = 0;
  #confirmTimer: ReturnType<typeof setTimeout> | undefined;
  #over = false;
  #receiverBeside: RTCRtpReceiver | undefined;

  constructor(options: AudioOptions | false | undefined, host: SoundHost) {
    this.#options = options;
    this.#host = host;
    this.#playout = new PlayoutReporter(report => host.playout(report));
  }

  get state(): Readonly<AudioState> {
    return this.#state;
  }

  get canChooseOutput(): boolean {
    return this.#speaker?.canChoose ?? false;
  }

  /** Levels of both sides, 0..1. */
  get levels(): { input: number; output: number } {
    return { input: this.#inputLevel, output: Math.min(1, (this.#speaker?.level() ?? 0) * 2.5) };
  }

  /**
   * Begins as it was before a reload, which should be in the person's click; settled when the microphone is open or known
   * to be out of reach.
   */
  start(before?: CallMemory['audio']): Promise<void> {
    if (before) this.#change({ muted: before.muted, pushToTalk: before.pushToTalk });
    globalThis.navigator?.mediaDevices?.addEventListener?.('devicechange', this.#devicesChanged);
    this.#speaker = new Speaker();
    this.#speaker.onBlocked = blocked => this.#change({ blocked });
    // Made here, because this is still the person's click.
    void this.#speaker.context;
    if (this.#options === false || before?.microphone === 'off') return Promise.resolve();
    if (this.#options?.output) void this.setOutput(this.#options.output).catch(() => undefined);
    return this.setInput();
  }

  /** The agent's voice has come. */
  play(stream: MediaStream, receiver: RTCRtpReceiver): void {
    this.#playout.receiver = receiver;
    this.#speaker?.play(stream);
  }

  /** The voice of a connection that is about to take over. */
  playBeside(stream: MediaStream, receiver: RTCRtpReceiver): void {
    this.#receiverBeside = receiver;
    this.#speaker?.playBeside(stream);
  }

  /** That connection has taken over: the last of the voice before it is heard to its end. */
  takeBeside(lastMs: number): void {
    this.#playout.receiver = this.#receiverBeside;
    this.#speaker?.takeBeside(lastMs);
  }

  /** It does not take over. */
  dropBeside(): void {
    this.#receiverBeside = undefined;
    this.#speaker?.dropBeside();
  }

  async setInput(input?: string | MediaStream): Promise<void> {
    const microphone = (this.#microphone ??= this.#newMicrophone());
    this.#change({ microphone: 'asking' });
    try {
      const track = await microphone.open(input);
      if (this.#over) return microphone.close();
      this.#applyTrack();
      await this.#host.track(track);
      this.#change({
        microphone: 'live',
        silenced: track.muted === true,
        ...(microphone.deviceId ? { inputDevice: microphone.deviceId } : {}),
      });
      if (microphone.replaced)
        this.#host.problem('input_replaced', `The chosen microphone is not there; ${track.label || 'another one'} is used now.`);
    } catch (error) {
      if (this.#over) return;
      const problem = error instanceof BridgeError ? error : new BridgeError('failed', String(error));
      this.#change({ microphone: microphone.track ? 'live' : (problem.code as AudioState['microphone']) });
      this.#host.problem(problem.code, problem.message);
    }
  }

  /** The microphone is gone: another one takes its place, if the browser lets this page have one without asking. */
  async #lost(): Promise<void> {
    this.#change({ microphone: 'missing', silenced: false });
    void this.#host.track(undefined).catch(() => undefined);
    this.#host.problem('missing', 'The microphone is gone.');
    await this.#reopen();
  }

  /** A device came or went: a microphone that was missing or taken may be there now. */
  readonly #devicesChanged = () => void this.#reopen();

  async #reopen(): Promise<void> {
    const lacking = () =>
      !this.#over && this.#microphone !== undefined && (this.#state.microphone === 'missing' || this.#state.microphone === 'busy');
    if (!lacking() || !(await allowed()) || !lacking()) return;
    const { inputs } = await devices().catch(() => ({ inputs: [] }));
    if (inputs.length > 0 && lacking()) await this.setInput();
  }

  async setOutput(deviceId: string): Promise<void> {
    await this.#speaker?.choose(deviceId);
    this.#change({ outputDevice: deviceId });
  }

  async unlock(): Promise<void> {
    await this.#speaker?.unlock();
  }

  mute(muted: boolean): void {
    this.#change({ muted });
    this.#applyTrack();
  }

  setPushToTalk(enabled: boolean): void {
    this.#change({ pushToTalk: enabled, talking: false });
    this.#applyTrack();
  }

  pushToTalk(down: boolean): void {
    this.#change({ pushToTalk: true, talking: down });
    this.#applyTrack();
    if (down) this.interrupt();
  }

  /** The agent falls silent here; the server is told how far it was heard. */
  interrupt(): void {
    if (this.#isAudible) this.#duck();
    else this.#playout.tick(true);
  }

  /** The page is being left: nothing more is heard here, and the server is told up to where. */
  leave(): void {
    this.#playout.silence();
  }

  /** Tells how far the agent was heard when that moved, or in any case. */
  report(force = false): void {
    this.#playout.tick(force);
  }

  /** Decoder to loudspeaker; without the browser's own figure what the output device says. */
  playoutDelay(ms: number | undefined): void {
    this.#playout.delayMs = ms ?? (this.#speaker?.context?.outputLatency ?? 0) * 1000;
  }

  /** The call left `previous`: the server agreed to an interruption, or the agent finished. */
  left(previous: CallState): void {
    // The rest in the jitter buffer is short then.
    if ((previous === 'speaking' || previous === 'both') && !this.#isAudible && this.#speaker?.ducked) this.#unduckWhenDry();
  }

  /** Everything is switched off and released, at once and for good. */
  close(): void {
    this.#over = true;
    globalThis.navigator?.mediaDevices?.removeEventListener?.('devicechange', this.#devicesChanged);
    clearTimeout(this.#confirmTimer);
    this.#microphone?.close();
    this.#speaker?.close();
    this.#inputLevel = 0;
  }

  #newMicrophone(): Microphone {
    const microphone = new Microphone(this.#options || {}, () => this.#speaker?.context);
    microphone.onLevel = (rms, ms) => this.#heard(rms, ms);
    microphone.onLost = () => void this.#lost();
    microphone.onSilenced = silenced => this.#change({ silenced });
    return microphone;
  }

  #applyTrack(): void {
    const track = this.#microphone?.track;
    if (track) track.enabled = !this.#state.muted && (!this.#state.pushToTalk || this.#state.talking);
    if (!track?.enabled) this.#quiet();
  }

  #quiet(): void {
    this.#inputLevel = 0;
    if (this.#speech.active) this.#host.speech(false);
    this.#speech.reset();
  }

  #heard(rms: number, ms: number): void {
    const track = this.#microphone?.track;
    if (!track?.enabled || !this.#host.ready) return;
    this.#inputLevel = Math.min(1, rms * 4);
    const speaking = this.#isAudible;
    if (!this.#speech.push(rms, ms, speaking)) return;
    const active = this.#speech.active;
    if (active && speaking && this.#localBargeIn) this.#duck();
    else if (active) this.#playout.tick(true);
    this.#host.speech(active);
    if (!active) this.#unduck();
  }

  get #localBargeIn(): boolean {
    // A full-duplex agent decides for itself whether it is interrupted.
    return !this.#host.fullDuplex && (!this.#options || this.#options.localBargeIn !== false);
  }

  get #isAudible(): boolean {
    return this.#host.state === 'speaking' || this.#host.state === 'both';
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
      if (unmoved >= 3 || waited >= confirmMs || this.#isAudible) this.#unduck();
      else this.#unduckWhenDry(waited + dryStepMs, position, unmoved);
    }, dryStepMs);
  }

  #change(change: Partial<AudioState>): void {
    this.#state = { ...this.#state, ...change };
    this.#host.changed(this.#state);
  }
}
