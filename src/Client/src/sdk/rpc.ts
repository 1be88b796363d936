/** JSON-RPC 2.0 over a text port, symmetrical: both sides ask and answer. Error codes are those of docs/rpc.md. */

import { nextTask } from './later.js';

export const RpcCode = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  timeout: -32001,
  disconnected: -32002,
  tooLarge: -32003,
  cancelled: -32004,
  duplicate: -32005,
  handlerFailed: -32006,
} as const;

/** The other side's answer, or why there is none. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = 'RpcError';
  }
}

/** Where messages leave: a data channel, or memory in tests. */
export interface MessagePort {
  send(text: string): void;
  /** Bytes that the other side takes in one message. */
  readonly maxMessageSize: number;
}

export interface RequestOptions {
  /** Milliseconds until the request fails with `timeout`; 15 s by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
  onProgress?(value: unknown): void;
}

export interface RpcContext {
  /** Aborted by `$/cancelRequest`. */
  signal: AbortSignal;
  progress(value: unknown): void;
}

export interface HandleOptions {
  /**
   * The handler is code of the page, which may block the thread for as long as it likes: `$/received` leaves before it is
   * entered, and a cancel that is already there comes before it.
   */
  foreign?: boolean;
}

export type RpcHandler = (params: unknown, context: RpcContext) => unknown;

/** One message as the inspector sees it. */
export interface RpcTrace {
  direction: 'in' | 'out';
  kind: 'request' | 'notification' | 'response';
  method: string;
  bytes: number;
  durationMs?: number;
  error?: string;
}

type Id = number | string;
interface Pending {
  method: string;
  started: number;
  resolve(value: unknown): void;
  reject(error: RpcError): void;
  onProgress?: ((value: unknown) => void) | undefined;
}

interface Message {
  jsonrpc?: unknown;
  id?: unknown;
  method?: unknown;
  params?: unknown;
  result?: unknown;
  error?: { code?: unknown; message?: unknown; data?: unknown };
}

const receivedNoticeMs = 100;
const maxBatch = 128;
const longestMessage = 500;
const encoder = new TextEncoder();

/** Bytes of a text in UTF-8, without encoding it when its length alone settles the question. */
export function utf8Length(text: string, limit = Infinity): number {
  if (text.length * 3 <= limit) return text.length;
  return encoder.encode(text).length;
}

export class RpcPeer {
  readonly #handlers = new Map<string, { run: RpcHandler; foreign: boolean }>();
  readonly #pending = new Map<Id, Pending>();
  readonly #running = new Map<Id, AbortController>();
  #port: MessagePort | undefined;
  #nextId = 1;
  /** Requests that wait, as they were sent. */
  readonly #sent = new Map<Id, { message: object; trace: Omit<RpcTrace, 'bytes'> }>();

  /** Told of every message; for the inspector. */
  trace: ((entry: RpcTrace) => void) | undefined;

  get attached(): boolean {
    return this.#port !== undefined;
  }

  attach(port: MessagePort): void {
    this.detach();
    this.#port = port;
  }

  /**
   * Goes on at another port whose other side goes on for the one before, which answered all that it handled: requests that wait are sent
   * again.
   */
  move(port: MessagePort): void {
    this.#port = port;
    this.#running.clear();
    for (const { message, trace } of [...this.#sent.values()]) this.#send(message, trace);
  }

  /** Requests that wait fail as `disconnected`; handlers go on, and their answers are dropped. */
  detach(): void {
    this.#port = undefined;
    this.#running.clear();
    for (const [id, pending] of [...this.#pending]) {
      this.#pending.delete(id);
      pending.reject(new RpcError(RpcCode.disconnected, 'The connection was lost before the answer came.'));
    }
  }

  handle(method: string, handler: RpcHandler, { foreign = false }: HandleOptions = {}): void {
    this.#handlers.set(method, { run: handler, foreign });
  }

  request<T = unknown>(method: string, params: unknown, options: RequestOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted) return reject(new RpcError(RpcCode.cancelled, 'The request was cancelled.'));
      const id = this.#nextId++;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(id);
        this.#sent.delete(id);
      };
      const giveUp = (code: number, message: string) => {
        settle();
        this.notify('$/cancelRequest', { id });
        reject(new RpcError(code, message));
      };
      const abort = () => giveUp(RpcCode.cancelled, 'The request was cancelled.');
      const limit = options.timeoutMs ?? 15_000;
      const timer = setTimeout(() => giveUp(RpcCode.timeout, `"${method}" was not answered within ${limit} ms.`), limit);
      this.#pending.set(id, {
        method,
        started: performance.now(),
        resolve: value => (settle(), resolve(value as T)),
        reject: error => (settle(), reject(error)),
        onProgress: options.onProgress,
      });
      const asked = options.onProgress ? { ...(params as object), workDoneToken: id } : params;
      signal?.addEventListener('abort', abort);
      const message = { jsonrpc: '2.0', id, method, params: asked };
      const trace = { direction: 'out', kind: 'request', method } as const;
      try {
        this.#send(message, trace);
        this.#sent.set(id, { message, trace });
      } catch (error) {
        settle();
        reject(error);
      }
    });
  }

  /** False when there is no connection; a notification is never queued. */
  notify(method: string, params: unknown): boolean {
    if (!this.#port) return false;
    try {
      this.#send({ jsonrpc: '2.0', method, params }, { direction: 'out', kind: 'notification', method });
      return true;
    } catch {
      return false;
    }
  }

  receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      this.#reply(null, undefined, { code: RpcCode.parse, message: 'This is no JSON.' });
      return;
    }
    if (!Array.isArray(message)) {
      this.#receiveOne(message, text.length);
      return;
    }
    if (message.length === 0 || message.length > maxBatch) {
      this.#reply(null, undefined, { code: RpcCode.invalidRequest, message: `A batch holds 1 to ${maxBatch} messages.` });
      return;
    }
    const answers: object[] = [];
    const collect = (answer: object) => void answers.push(answer);
    const port = this.#port;
    void Promise.all(message.map(one => this.#receiveOne(one, 0, collect))).then(() => {
      if (answers.length > 0 && this.#port === port) this.#sendBatch(answers);
    });
  }

  /** As one array, or in halves where that would be larger than a message may be. */
  #sendBatch(answers: object[]): void {
    try {
      this.#send(answers, { direction: 'out', kind: 'response', method: `batch of ${answers.length}` });
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== RpcCode.tooLarge || answers.length === 1) return;
      const middle = answers.length >> 1;
      this.#sendBatch(answers.slice(0, middle));
      this.#sendBatch(answers.slice(middle));
    }
  }

  #receiveOne(raw: unknown, bytes: number, answer?: (message: object) => void): Promise<void> | undefined {
    const message = (typeof raw === 'object' && raw !== null ? raw : {}) as Message;
    const id = typeof message.id === 'number' || typeof message.id === 'string' ? message.id : undefined;
    if (typeof message.method === 'string') {
      if (id === undefined) this.#notified(message.method, message.params, bytes);
      else return this.#requested(id, message.method, message.params, bytes, answer);
    } else if (id !== undefined && ('result' in message || 'error' in message)) {
      this.#answered(id, message, bytes);
    } else if (!('result' in message || 'error' in message)) {
      this.#reply(
        id ?? null,
        undefined,
        { code: RpcCode.invalidRequest, message: 'This is no JSON-RPC 2.0 message.' },
        '',
        undefined,
        answer,
      );
    }
    return undefined;
  }

  #notified(method: string, params: unknown, bytes: number): void {
    const body = (params ?? {}) as { id?: Id; token?: Id; value?: unknown };
    if (method === '$/cancelRequest') {
      if (body.id !== undefined) this.#running.get(body.id)?.abort();
      return;
    }
    if (method === '$/received') return;
    if (method === '$/progress') {
      if (body.token !== undefined) this.#pending.get(body.token)?.onProgress?.(body.value);
      return;
    }
    this.trace?.({ direction: 'in', kind: 'notification', method, bytes });
    const handler = this.#handlers.get(method);
    if (!handler) return;
    try {
      const outcome = handler.run(params, { signal: new AbortController().signal, progress: () => undefined });
      if (outcome instanceof Promise) outcome.catch(reportError);
    } catch (error) {
      reportError(error);
    }
  }

  async #requested(id: Id, method: string, params: unknown, bytes: number, answer?: (message: object) => void): Promise<void> {
    this.trace?.({ direction: 'in', kind: 'request', method, bytes });
    const handler = this.#handlers.get(method);
    if (!handler) {
      this.#reply(id, undefined, { code: RpcCode.methodNotFound, message: `There is no method "${method}".` }, method, undefined, answer);
      return;
    }
    if (this.#running.has(id)) {
      this.#reply(
        id,
        undefined,
        { code: RpcCode.duplicate, message: 'A request with this id is being handled.', data: { reason: 'in_use' } },
        method,
        undefined,
        answer,
      );
      return;
    }
    const port = this.#port;
    const abort = new AbortController();
    const started = performance.now();
    this.#running.set(id, abort);
    const token = (params as { workDoneToken?: Id } | undefined)?.workDoneToken;
    // A sign of life for the asker, whose first deadline is short; a quick answer is sign enough.
    const received = () => void (this.#port === port && this.notify('$/received', { id }));
    const notice = handler.foreign ? undefined : setTimeout(received, receivedNoticeMs);
    let result: unknown;
    let error: { code: number; message: string; data?: unknown } | undefined;
    try {
      if (handler.foreign) {
        received();
        await nextTask();
        abort.signal.throwIfAborted();
      }
      result = await handler.run(params, {
        signal: abort.signal,
        progress: value => void (token !== undefined && this.#port === port && this.notify('$/progress', { token, value })),
      });
    } catch (thrown) {
      if (abort.signal.aborted) error = { code: RpcCode.cancelled, message: 'The request was cancelled.' };
      else if (thrown instanceof RpcError) error = { code: thrown.code, message: thrown.message, data: thrown.data };
      else
        error = {
          code: RpcCode.handlerFailed,
          message: (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, longestMessage),
        };
    }
    clearTimeout(notice);
    if (this.#port !== port) return;
    this.#running.delete(id);
    this.#reply(id, result ?? null, error, method, performance.now() - started, answer);
  }

  #answered(id: Id, message: Message, bytes: number): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const failure = message.error;
    this.trace?.({
      direction: 'in',
      kind: 'response',
      method: pending.method,
      bytes,
      durationMs: performance.now() - pending.started,
      ...(failure ? { error: String(failure.message) } : {}),
    });
    if (failure)
      pending.reject(new RpcError(Number(failure.code ?? RpcCode.internal), String(failure.message ?? 'Unknown error'), failure.data));
    else pending.resolve(message.result);
  }

  #reply(
    id: Id | null,
    result: unknown,
    error?: { code: number; message: string; data?: unknown },
    method = '',
    durationMs?: number,
    answer?: (message: object) => void,
  ): void {
    if (!this.#port) return;
    if (answer) {
      answer(error ? { jsonrpc: '2.0', id, error } : { jsonrpc: '2.0', id, result });
      return;
    }
    const trace = { direction: 'out', kind: 'response', method, ...(durationMs === undefined ? {} : { durationMs }) } as const;
    try {
      this.#send(
        error ? { jsonrpc: '2.0', id, error } : { jsonrpc: '2.0', id, result },
        error ? { ...trace, error: error.message } : trace,
      );
    } catch (failure) {
      const reason = failure instanceof RpcError ? failure : new RpcError(RpcCode.internal, 'The result is no JSON value.');
      try {
        this.#send(
          { jsonrpc: '2.0', id, error: { code: reason.code, message: reason.message, data: reason.data } },
          { ...trace, error: reason.message },
        );
      } catch {
        // The channel closed in between: the other side sees a disconnect, and asks again after it.
      }
    }
  }

  #send(message: object, trace: Omit<RpcTrace, 'bytes'>): void {
    const port = this.#port;
    if (!port) throw new RpcError(RpcCode.disconnected, 'There is no connection.');
    const text = JSON.stringify(message);
    const bytes = utf8Length(text, port.maxMessageSize);
    if (bytes > port.maxMessageSize)
      throw new RpcError(
        RpcCode.tooLarge,
        `The ${trace.kind === 'response' ? 'result' : 'message'} is ${bytes} bytes; a message is at most ${port.maxMessageSize}.`,
        { size: bytes, limit: port.maxMessageSize },
      );
    port.send(text);
    this.trace?.({ ...trace, bytes });
  }
}
