import levelMeterUrl from './level-meter.worklet.js?url&no-inline';
import { BridgeError, type AudioOptions, type AudioState } from './types.js';

export type MicrophoneState = AudioState['microphone'];

/** The person's microphone: asks for it, meters it, switches it. */
export class Microphone {
  /** Root mean square 0..1 and the milliseconds it stands for. */
  onLevel: ((rms: number, ms: number) => void) | undefined;
  /** The device was pulled out or the system took it away. */
  onLost: (() => void) | undefined;

  readonly #options: AudioOptions;
  #stream: MediaStream | undefined;
  #owned = true;
  readonly #context: () => AudioContext | undefined;
  #meter: { stop(): void } | undefined;

  constructor(options: AudioOptions, context: () => AudioContext | undefined) {
    this.#options = options;
    this.#context = context;
  }

  /** What is heard; a track that ended is none. */
  get track(): MediaStreamTrack | undefined {
    return liveTrack(this.#stream);
  }

  get deviceId(): string | undefined {
    return this.track?.getSettings().deviceId;
  }

  /** Opens the microphone, or another one. Throws a BridgeError whose code is a microphone state. */
  async open(input: string | MediaStream | undefined = this.#options.input): Promise<MediaStreamTrack> {
    let stream: MediaStream;
    if (typeof input === 'object') {
      stream = input;
    } else {
      if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia)
        throw new BridgeError('insecure', 'A browser gives the microphone to pages on HTTPS or localhost only.');
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          audio: {
            echoCancellation: this.#options.echoCancellation ?? true,
            noiseSuppression: this.#options.noiseSuppression ?? true,
            autoGainControl: this.#options.autoGainControl ?? true,
            channelCount: 1,
            ...(input ? { deviceId: { exact: input } } : {}),
          },
        });
      } catch (cause) {
        throw microphoneProblem(cause);
      }
    }
    const track = liveTrack(stream);
    if (!track) throw new BridgeError('missing', 'This stream has no audio.');
    this.#release();
    this.#stream = stream;
    this.#owned = typeof input !== 'object';
    track.addEventListener('ended', () => {
      if (this.#stream === stream) this.onLost?.();
    });
    void this.#meterOf(stream);
    return track;
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
    const source = context.createMediaStreamSource(stream);
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

/** Audio devices by kind. Labels are empty until the microphone was allowed once. */
export async function devices(): Promise<{ inputs: MediaDeviceInfo[]; outputs: MediaDeviceInfo[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return { inputs: all.filter(d => d.kind === 'audioinput' && d.deviceId), outputs: all.filter(d => d.kind === 'audiooutput' && d.deviceId) };
}
