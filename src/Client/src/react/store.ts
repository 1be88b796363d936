import { Call } from '../sdk/call.js';
import type { Confirmation } from '../sdk/confirmations.js';
import { warm } from '../sdk/warm.js';
import type { BridgeError, CallEvents, ConnectOptions, ToolDefinition } from '../sdk/types.js';
import { idle, read, type VoiceCallSnapshot } from './snapshot.js';

/** The time that a component may be unmounted before its call is over: React mounts twice under StrictMode and at hot reloads. */
const leaveMs = 1_000;

/** Options of the hook, with which a call is made. */
export type VoiceCallOptions = Omit<ConnectOptions, 'tools' | 'on'>;

const none: readonly Confirmation[] = [];

/** Events after which something in the snapshot is another. */
const followed = ['state', 'info', 'transcript', 'progress', 'show', 'note', 'audio'] as const;

/**
 * The calls of one component, one at a time, and the functions that components have registered for them. It lives as long as the
 * component and survives its double mounting.
 */
export class VoiceCallStore {
  #options: VoiceCallOptions;
  readonly #make: (options: ConnectOptions) => Call;
  readonly #tools = new Map<string, ToolDefinition<never>>();
  readonly #listeners = new Set<() => void>();
  readonly #callListeners = new Set<(call: Call) => () => void>();
  /** By name of a function: takes it back from the call that runs. */
  readonly #offered = new Map<string, () => void>();
  #offs: (() => void)[] = [];
  #call: Call | undefined;
  #snapshot = idle;
  #questions: readonly Confirmation[] = none;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #mounted = 0;
  #looked = false;

  constructor(options: VoiceCallOptions, make: (options: ConnectOptions) => Call = o => new Call(o)) {
    this.#options = options;
    this.#make = make;
  }

  /** The call that is running or was the last. */
  get call(): Call | undefined {
    return this.#call;
  }

  readonly snapshot = (): VoiceCallSnapshot => this.#snapshot;

  /** Options as of the last render; they are read when a call begins. */
  configure(options: VoiceCallOptions): void {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The component is there: a call of this tab goes on, and else the way to the server is opened. */
  readonly mount = (): (() => void) => {
    clearTimeout(this.#leaving);
    this.#mounted++;
    if (!this.#looked) {
      this.#looked = true;
      void this.#resume();
    }
    return () => {
      if (--this.#mounted > 0) return;
      this.#leaving = setTimeout(() => {
        this.#looked = false;
        void this.#call?.leave();
        this.#release();
        this.#show(idle);
      }, leaveMs);
    };
  };

  /** Begins a call. From a click, so that the browser lets it speak. */
  readonly start = async (): Promise<void> => {
    if (this.#call && this.#call.state !== 'ended') return;
    const call = this.#hold(this.#fresh(false));
    try {
      await call.start();
    } catch (error) {
      if (this.#call !== call || this.#snapshot.error) return;
      const { code, message } = error as BridgeError;
      this.#show({ ...this.#snapshot, error: { code, message, fatal: true } });
    }
  };

  readonly hangup = async (): Promise<void> => this.#call?.hangup();

  readonly sendText = async (text: string): Promise<void> => this.#call?.sendText(text);

  readonly mute = async (muted = true): Promise<void> => this.#call?.mute(muted);

  readonly interrupt = async (): Promise<void> => this.#call?.interrupt();

  readonly unlockAudio = async (): Promise<void> => this.#call?.unlockAudio();

  /** Adds a function that the model may call, now and in later calls. */
  registerTool(name: string, tool: ToolDefinition<never>): () => void {
    this.#tools.set(name, tool);
    this.#offer(name, tool);
    return () => {
      if (this.#tools.get(name) !== tool) return;
      this.#tools.delete(name);
      this.#offered.get(name)?.();
      this.#offered.delete(name);
    };
  }

  /** Hears an event of this call and of later ones. */
  on<K extends keyof CallEvents>(type: K, listener: (event: CallEvents[K]) => void): () => void {
    const attach = (call: Call) => call.on(type, listener);
    let off = this.#call && attach(this.#call);
    const again = (call: Call) => (off = attach(call));
    this.#callListeners.add(again);
    return () => {
      this.#callListeners.delete(again);
      off?.();
    };
  }

  /** Function calls that wait for the person's word, as far as somebody listens. */
  readonly questions = (): readonly Confirmation[] => this.#questions;

  readonly subscribeToQuestions = (listener: () => void): (() => void) =>
    this.on('confirm', ({ pending }) => {
      this.#questions = pending;
      listener();
    });

  async #resume(): Promise<void> {
    if (this.#options.resume !== false) {
      const call = this.#fresh(true);
      if (call.resumable) {
        this.#hold(call);
        await call.resume().catch(() => undefined);
        if (call.state !== 'idle' || this.#call !== call) return;
        this.#release();
        this.#show(idle);
      }
    }
    const { url, ticket } = this.#options;
    warm({ ...(url === undefined ? {} : { url }), ...(ticket === undefined ? {} : { ticket }) });
  }

  #fresh(resume: boolean): Call {
    return this.#make({ ...this.#options, resume });
  }

  #hold(call: Call): Call {
    this.#release();
    this.#call = call;
    this.#snapshot = idle;
    for (const [name, tool] of this.#tools) this.#offer(name, tool);
    const change = (more: Partial<VoiceCallSnapshot> = {}) => this.#show({ ...this.#snapshot, ...more, ...read(call) });
    this.#offs = [
      ...followed.map(type => call.on(type, () => change())),
      call.on('waiting', ({ words }) => change({ waiting: words })),
      call.on('notice', notice => change({ notice })),
      call.on('recap', ({ markdown }) => change({ recap: markdown })),
      call.on('error', error => change({ error })),
      call.on('ended', ({ reason }) => change({ endReason: reason })),
    ];
    for (const attach of this.#callListeners) attach(call);
    change();
    return call;
  }

  #offer(name: string, tool: ToolDefinition<never>): void {
    const remove = this.#call?.registerTool(name, tool);
    if (remove) this.#offered.set(name, remove);
  }

  #release(): void {
    this.#questions = none;
    this.#offered.clear();
    for (const off of this.#offs.splice(0)) off();
    this.#call = undefined;
  }

  #show(snapshot: VoiceCallSnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) listener();
  }
}
