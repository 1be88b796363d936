import type { CallMemory, JournalEntry } from './memory.js';
import { RpcCode, RpcError } from './rpc.js';
import type { ToolContext, ToolDefinition } from './types.js';

/** Calls that the journal remembers, settled ones included. */
const maxEntries = 512;

const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;

/** The page's functions, each call of the model executed once however often it is asked for. */
export class ToolBox {
  readonly #tools = new Map<string, ToolDefinition<never>>();
  readonly #running = new Map<string, { promise: Promise<unknown>; abort: AbortController }>();
  #journal: Record<string, JournalEntry>;
  /** Work that will register tools: a name is not called unknown before it is done. */
  #coming: Promise<unknown> = Promise.resolve();
  readonly #save: () => void;

  constructor(journal: CallMemory['journal'] = {}, save: () => void = () => undefined) {
    this.#journal = journal;
    this.#save = save;
  }

  get journal(): Record<string, JournalEntry> {
    return this.#journal;
  }

  /** Results of an earlier life of this tab. */
  restore(journal: Record<string, JournalEntry>): void {
    this.#journal = { ...journal, ...this.#journal };
  }

  expect(work: Promise<unknown>): void {
    this.#coming = Promise.all([this.#coming, work.catch(() => undefined)]);
  }

  register(name: string, tool: ToolDefinition<never>): () => void {
    if (!namePattern.test(name)) throw new TypeError(`"${name}" is no name for a tool: letters, digits, _ and -, at most 64.`);
    if (typeof tool?.handler !== 'function') throw new TypeError(`The tool "${name}" needs a handler.`);
    this.#tools.set(name, tool);
    return () => void (this.#tools.get(name) === tool && this.#tools.delete(name));
  }

  /** The declarations that `page/hello` carries. */
  declarations(): { name: string; description: string; parameters: object }[] {
    return [...this.#tools].map(([name, t]) => ({
      name,
      description: t.description ?? '',
      // `{}` and a bare `properties` mean an object to whoever writes them; to a model's service they mean nothing.
      parameters: { type: 'object', properties: {}, ...t.parameters },
    }));
  }

  /** Executes a call, joins it when it runs, or answers it from the journal when it is done. */
  call(callId: string, name: string, args: unknown, progress: (message: string) => void, signal?: AbortSignal): Promise<unknown> {
    const known = this.#journal[callId];
    const running = this.#running.get(callId);
    if (running) {
      signal?.addEventListener('abort', () => running.abort.abort());
      return running.promise;
    }
    if (known && known.state !== 'started') return this.#fromJournal(known);

    const abort = new AbortController();
    signal?.addEventListener('abort', () => abort.abort());
    const context: ToolContext = { signal: abort.signal, callId, progress };
    const promise = this.#find(name)
      .then(
        tool => (known && !tool.idempotent ? (this.#fromJournal(known) as Promise<never>) : tool),
        (missing: unknown) => (known ? (this.#fromJournal(known) as Promise<never>) : Promise.reject(missing)),
      )
      .then(tool => {
        if (abort.signal.aborted) throw new RpcError(RpcCode.cancelled, 'The call was cancelled.');
        this.#put(callId, { state: 'started' });
        return tool.handler((args ?? {}) as never, context);
      })
      .then(
        result => {
          const value = jsonValue(name, result);
          this.#put(callId, { state: 'done', result: value });
          return value;
        },
        (thrown: unknown) => {
          const error = abort.signal.aborted
            ? new RpcError(RpcCode.cancelled, 'The call was cancelled.')
            : thrown instanceof RpcError
              ? thrown
              : new RpcError(RpcCode.handlerFailed, thrown instanceof Error ? thrown.message : String(thrown));
          // Never begun is nothing to remember: a tool of this name may yet be registered, and what was interrupted stays so.
          if (error.code !== RpcCode.methodNotFound && error.code !== RpcCode.duplicate)
            this.#put(callId, { state: 'failed', error: { code: error.code, message: error.message } });
          throw error;
        },
      )
      .finally(() => this.#running.delete(callId));
    this.#running.set(callId, { promise, abort });
    return promise;
  }

  cancel(callId: string): void {
    this.#running.get(callId)?.abort.abort();
  }

  cancelAll(): void {
    for (const { abort } of this.#running.values()) abort.abort();
  }

  /** The server has these results for good. */
  acknowledge(callIds: readonly string[]): void {
    for (const id of callIds) {
      // Settled by the server while it runs here (cancelled, timed out): nobody waits for the result any more.
      this.cancel(id);
      this.#journal[id] = { state: 'acknowledged' };
    }
    this.#bound();
    this.#save();
  }

  async #find(name: string): Promise<ToolDefinition<never>> {
    if (!this.#tools.has(name)) await this.#coming;
    const tool = this.#tools.get(name);
    if (!tool) throw new RpcError(RpcCode.methodNotFound, `The page has no function "${name}".`);
    return tool;
  }

  /** Oldest first: ids that are settled, then results, until the journal is small enough for the tab's store. */
  #bound(): void {
    const ids = Object.keys(this.#journal);
    let surplus = ids.length - maxEntries;
    for (const settled of [true, false]) {
      for (const id of ids) {
        if (surplus <= 0) return;
        const entry = this.#journal[id];
        if (!entry || this.#running.has(id) || (entry.state === 'acknowledged') !== settled) continue;
        delete this.#journal[id];
        surplus--;
      }
    }
  }

  #fromJournal(entry: JournalEntry): Promise<unknown> {
    if (entry.state === 'done') return Promise.resolve(entry.result ?? null);
    if (entry.error) return Promise.reject(new RpcError(entry.error.code, entry.error.message));
    if (entry.state === 'acknowledged')
      return Promise.reject(
        new RpcError(RpcCode.duplicate, 'This call was acknowledged before; it is not run again.', { reason: 'acknowledged' }),
      );
    return Promise.reject(
      new RpcError(RpcCode.duplicate, 'The page was reloaded while this ran; how far it came is not known.', { reason: 'interrupted' }),
    );
  }

  #put(callId: string, entry: JournalEntry): void {
    this.#journal[callId] = entry;
    this.#bound();
    this.#save();
  }
}

/** The value as JSON will carry it, or an error that names the tool. */
function jsonValue(name: string, result: unknown): unknown {
  if (result === undefined) return null;
  let text: string | undefined;
  try {
    text = JSON.stringify(result);
  } catch {
    text = undefined;
  }
  if (text === undefined) throw new RpcError(RpcCode.handlerFailed, `The result of "${name}" is no JSON value.`);
  return JSON.parse(text);
}
