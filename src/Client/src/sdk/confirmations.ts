import { RpcCode, RpcError } from './rpc.js';

/** A function call that waits for the person's word (`confirm: page` in the role). */
export interface Confirmation {
  /** The model's id of the function call. */
  readonly callId: string;
  readonly name: string;
  /** The function in people's words, when the role gives them. */
  readonly label?: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Lets the call run, or not. Counts once. */
  answer(approved: boolean): void;
}

/** The calls that wait for the person's word, in the order of their coming. */
export class Confirmations {
  readonly #pending = new Map<string, { confirmation: Confirmation; settle(error?: RpcError): void }>();
  readonly #changed: () => void;
  /** Somebody shows them to the person; without that, nobody could answer. */
  readonly #shown: () => boolean;

  constructor(changed: () => void, shown: () => boolean) {
    this.#changed = changed;
    this.#shown = shown;
  }

  get pending(): readonly Confirmation[] {
    return [...this.#pending.values()].map(p => p.confirmation);
  }

  /** The server asks; asked again after a lost channel it is the same question. */
  ask(params: unknown, signal: AbortSignal): Promise<{ approved: boolean }> {
    const { callId, name, label, arguments: args } = (params ?? {}) as Partial<Confirmation>;
    if (typeof callId !== 'string' || typeof name !== 'string')
      throw new RpcError(RpcCode.invalidParams, 'callId and name have to be strings.');
    if (!this.#shown()) throw new RpcError(RpcCode.methodNotFound, 'This page shows no question to the person.');
    this.#pending.get(callId)?.settle(new RpcError(RpcCode.duplicate, 'It was asked again.'));
    return new Promise((resolve, reject) => {
      const settle = (error?: RpcError, approved = false) => {
        if (this.#pending.get(callId)?.confirmation !== confirmation) return;
        this.#pending.delete(callId);
        if (error) reject(error);
        else resolve({ approved });
        this.#changed();
      };
      const confirmation: Confirmation = {
        callId,
        name,
        ...(typeof label === 'string' && label ? { label } : {}),
        arguments: typeof args === 'object' && args !== null ? args : {},
        answer: approved => settle(undefined, approved),
      };
      // The server waits no longer: its minute is over, or the model changed its mind.
      signal.addEventListener('abort', () => settle(new RpcError(RpcCode.cancelled, 'The question was withdrawn.')));
      this.#pending.set(callId, { confirmation, settle });
      this.#changed();
    });
  }

  /** The call is over: nothing waits any more. */
  clear(): void {
    for (const { settle } of [...this.#pending.values()]) settle(new RpcError(RpcCode.cancelled, 'The call ended.'));
  }
}
