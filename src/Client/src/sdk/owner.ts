import type { Call } from './call.js';
import type { ToolDefinition } from './types.js';

/**
 * The time that an owner may be out of the document before its call is over: frameworks mount twice, hot reloads mount anew, and a
 * dialog takes an element out for a moment.
 */
const leaveMs = 1_000;

/** The part of an owner that differs between a component and an element. */
export interface OwnerHooks {
  /** Makes a call; with `resume` one that may go on from before a reload. */
  make(resume: boolean): Call;
  /** This call is the owner's from now on; it has not begun. */
  taken(call: Call): void;
  /** The owner has no call any more: it was left, or the server no longer had it. */
  released(): void;
}

/** Owns the calls of one component or element, one at a time, and the functions that the model may call in each of them. */
export class CallOwner {
  readonly #hooks: OwnerHooks;
  readonly #tools = new Map<string, ToolDefinition<never>>();
  /** By name of a function: takes it back from the call that runs. */
  readonly #offered = new Map<string, () => void>();
  #call: Call | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #mounted = 0;
  #here = false;

  constructor(hooks: OwnerHooks) {
    this.#hooks = hooks;
  }

  /** The call that is running or was the last; undefined before the first. */
  get call(): Call | undefined {
    return this.#call;
  }

  /** It is in the document. True when it was not a moment ago, so that a call of this tab may be looked for. */
  mount(): boolean {
    clearTimeout(this.#leaving);
    this.#mounted++;
    const came = !this.#here;
    this.#here = true;
    return came;
  }

  /** It is out of the document. Unless it is mounted again within a second, its call is left. */
  unmount(): void {
    if (--this.#mounted > 0) return;
    this.#leaving = setTimeout(() => {
      this.#here = false;
      void this.#call?.leave();
      this.#release();
    }, leaveMs);
  }

  /** Begins a call, unless one is running. Rejects as `Call.start()` does. */
  async start(): Promise<void> {
    if (this.#call && this.#call.state !== 'ended') return;
    await this.#take(this.#hooks.make(false)).start();
  }

  /** Goes on with the call that this tab held on another page or before a reload; false when there is none. */
  async resume(): Promise<boolean> {
    const call = this.#hooks.make(true);
    if (!call.resumable) return false;
    this.#take(call);
    await call.resume().catch(() => undefined);
    if (call.state !== 'idle' || this.#call !== call) return true;
    this.#release();
    return false;
  }

  /** Adds a function that the model may call, now and in later calls; the returned function takes it back. */
  registerTool(name: string, tool: ToolDefinition<never>): () => void {
    this.#tools.set(name, tool);
    this.#offer(name, tool);
    return () => {
      // Another one may have its name by now.
      if (this.#tools.get(name) !== tool) return;
      this.#tools.delete(name);
      this.#offered.get(name)?.();
      this.#offered.delete(name);
    };
  }

  #take(call: Call): Call {
    this.#offered.clear();
    this.#call = call;
    for (const [name, tool] of this.#tools) this.#offer(name, tool);
    this.#hooks.taken(call);
    return call;
  }

  #offer(name: string, tool: ToolDefinition<never>): void {
    const remove = this.#call?.registerTool(name, tool);
    if (remove) this.#offered.set(name, remove);
  }

  #release(): void {
    this.#offered.clear();
    this.#call = undefined;
    this.#hooks.released();
  }
}
