import { Call } from '../sdk/call.js';
import type { Confirmation } from '../sdk/confirmations.js';
import { CallOwner } from '../sdk/owner.js';
import { warm } from '../sdk/warm.js';
import type { BridgeError, CallEvents, ConnectOptions, ToolDefinition } from '../sdk/types.js';
import { idle, read, type VoiceCallSnapshot } from './snapshot.js';

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
  readonly #owner: CallOwner;
  readonly #listeners = new Set<() => void>();
  readonly #callListeners = new Set<(call: Call) => () => void>();
  #offs: (() => void)[] = [];
  #snapshot = idle;
  #questions: readonly Confirmation[] = none;

  constructor(options: VoiceCallOptions, make: (options: ConnectOptions) => Call = o => new Call(o)) {
    this.#options = options;
    this.#owner = new CallOwner({
      make: resume => make({ ...this.#options, resume }),
      taken: call => this.#follow(call),
      released: () => {
        this.#unfollow();
        this.#show(idle);
      },
    });
  }

  /** The call that is running or was the last. */
  get call(): Call | undefined {
    return this.#owner.call;
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
    if (this.#owner.mount()) void this.#look();
    return () => this.#owner.unmount();
  };

  /** Begins a call. From a click, so that the browser lets it speak. */
  readonly start = async (): Promise<void> => {
    const started = this.#owner.start();
    const call = this.call;
    try {
      await started;
    } catch (error) {
      if (this.call !== call || this.#snapshot.error) return;
      const { code, message } = error as BridgeError;
      this.#show({ ...this.#snapshot, error: { code, message, fatal: true } });
    }
  };

  readonly hangup = async (): Promise<void> => this.call?.hangup();

  readonly sendText = async (text: string): Promise<void> => this.call?.sendText(text);

  readonly mute = async (muted = true): Promise<void> => this.call?.mute(muted);

  readonly interrupt = async (): Promise<void> => this.call?.interrupt();

  readonly unlockAudio = async (): Promise<void> => this.call?.unlockAudio();

  /** Adds a function that the model may call, now and in later calls. */
  registerTool(name: string, tool: ToolDefinition<never>): () => void {
    return this.#owner.registerTool(name, tool);
  }

  /** Hears an event of this call and of later ones. */
  on<K extends keyof CallEvents>(type: K, listener: (event: CallEvents[K]) => void): () => void {
    const attach = (call: Call) => call.on(type, listener);
    let off = this.call && attach(this.call);
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

  async #look(): Promise<void> {
    if (this.#options.resume !== false && (await this.#owner.resume())) return;
    const { url, ticket } = this.#options;
    warm({ ...(url === undefined ? {} : { url }), ...(ticket === undefined ? {} : { ticket }) });
  }

  #follow(call: Call): void {
    this.#unfollow();
    this.#snapshot = idle;
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
  }

  #unfollow(): void {
    this.#questions = none;
    for (const off of this.#offs.splice(0)) off();
  }

  #show(snapshot: VoiceCallSnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) listener();
  }
}
