import levelMeterUrl from './level-meter.worklet.js?url&no-inline';
import { BridgeError, type AudioOptions, type AudioState } from './types.js';

export type MicrophoneState = AudioState['microphone'];

/** The person's microphone: asks for it, meters it, switches it. */
export class Microphone {
  /** Root mean square 0..1 and the milliseconds it stands for. */
  onLevel: ((rms: number, ms: number) => void) | undefined;
  /** The device was pulled out or the system took it away. */
  onLost: (() => void) | undefined;

  /** The system or the browser silenced the microphone, or gave it back. */
  onSilenced: ((silenced: boolean) => void) | undefined;
  /** The last one that was asked for was not there, and another one is used. */
  replaced = false;

  readonly #options: AudioOptions;
  /** The device of `open()` without an argument; a device that was not there is wanted no more. */
  #wanted: string | MediaStream | undefined;
  #stream: MediaStream | undefined;
  #owned = true;
  readonly #context: () => AudioContext | undefined;
  #meter: { stop(): void } | undefined;

  constructor(options: AudioOptions, context: () => AudioContext | undefined) {
    this.#options = options;
    this.#wanted = options.input;
    this.#context = context;
  }

  /** The live track; a track that ended is none. */
  get track(): MediaStreamTrack | undefined {
    return liveTrack(this.#stream);
  }

  get deviceId(): string | undefined {
    return this.track?.getSettings().deviceId;
  }

  /** Opens the microphone, or another one. Throws a BridgeError whose code is a microphone state. */
  async open(input: string | MediaStream | undefined = this.#wanted): Promise<MediaStreamTrack> {
    this.replaced = false;
    const stream = typeof input === 'object' ? input : await this.#ask(input);
    const track = liveTrack(stream);
    if (!track) throw new BridgeError('missing', 'This stream has no audio.');
    this.#release();
    this.#stream = stream;
    this.#owned = typeof input !== 'object';
    this.#wanted = this.replaced ? undefined : input;
    const heard = (type: string, then: () => void) => track.addEventListener(type, () => void (this.#stream === stream && then()));
    heard('ended', () => this.onLost?.());
    heard('mute', () => this.onSilenced?.(true));
    heard('unmute', () => this.onSilenced?.(false));
    void this.#meterOf(stream);
    return track;
  }

  /** The device that was asked for; when it is not there, whichever the system takes. */
  async #ask(device: string | undefined): Promise<MediaStream> {
    if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia)
      throw new BridgeError('insecure', 'A browser gives the microphone to pages on HTTPS or localhost only.');
    const wishes = {
      echoCancellation: this.#options.echoCancellation ?? true,
      noiseSuppression: this.#options.noiseSuppression ?? true,
      autoGainControl: this.#options.autoGainControl ?? true,
      channelCount: 1,
    };
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: device ? { ...wishes, deviceId: { exact: device } } : wishes });
    } catch (cause) {
      const problem = microphoneProblem(cause);
      if (!device || problem.code !== 'missing') throw problem;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: wishes });
      this.replaced = true;
      return stream;
    } catch (cause) {
      throw microphoneProblem(cause);
    }
  }

  close(): void {
    this.#release();
  }

  #release(): void {
    this.#meter?.stop();
    this.#meter = undefined;
    if (this.#owned) for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
  }

  async #meterOf(stream: MediaStream): Promise<void> {
    const context = this.#context();
    if (!context) return;
    let source: MediaStreamAudioSourceNode;
    try {
      source = context.createMediaStreamSource(stream);
    } catch {
      // Some browsers join no stream of another rate to a context: the person is heard, and only the server listens.
      return;
    }
    let stopped = false;
    this.#meter = { stop: () => ((stopped = true), source.disconnect()) };
    try {
      await context.audioWorklet.addModule(new URL(levelMeterUrl, import.meta.url).href);
      if (stopped) return;
      const node = new AudioWorkletNode(context, 'bridge-level-meter', { numberOfOutputs: 0, channelCount: 1 });
      node.port.onmessage = ({ data }: MessageEvent<{ rms: number; ms: number }>) => this.onLevel?.(data.rms, data.ms);
      source.connect(node);
      this.#meter = {
        stop: () => {
          node.port.onmessage = null;
          node.port.close();
          source.disconnect();
        },
      };
    } catch {
      // The embedding page's policy may forbid the worklet: an analyser, read by a timer, is the coarser meter.
      if (!stopped) this.#analyse(context, source);
    }
  }

  #analyse(context: AudioContext, source: MediaStreamAudioSourceNode): void {
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const s of samples) sum += s * s;
      this.onLevel?.(Math.sqrt(sum / samples.length), 33);
    }, 33);
    this.#meter = { stop: () => (clearInterval(timer), source.disconnect()) };
  }
}

function liveTrack(stream: MediaStream | undefined): MediaStreamTrack | undefined {
  return stream?.getAudioTracks().find(t => t.readyState === 'live');
}

/** Why there is no microphone, as one of the states of `AudioState.microphone`. */
export function microphoneProblem(cause: unknown): BridgeError {
  const name = cause instanceof Error ? cause.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new BridgeError('denied', 'The microphone was not allowed.', { cause });
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new BridgeError('missing', 'No microphone was found.', { cause });
    case 'NotReadableError':
    case 'AbortError':
      return new BridgeError('busy', 'The microphone is in use by another program.', { cause });
    default:
      return new BridgeError('failed', 'The microphone could not be opened.', { cause });
  }
}

/** True when the browser gives this page the microphone without a question: then it may be opened without a click. */
export async function allowed(): Promise<boolean> {
  return (await microphonePermission()) === 'granted';
}

/** The browser's permission for the microphone; undefined where it does not tell. */
export async function microphonePermission(): Promise<PermissionState | undefined> {
  try {
    return (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state;
  } catch {
    return undefined;
  }
}

/** Audio devices by kind. Labels are empty until the microphone was allowed once. */
export async function devices(): Promise<{ inputs: MediaDeviceInfo[]; outputs: MediaDeviceInfo[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return {
    inputs: all.filter(d => d.kind === 'audioinput' && d.deviceId),
    outputs: all.filter(d => d.kind === 'audiooutput' && d.deviceId),
  };
}
