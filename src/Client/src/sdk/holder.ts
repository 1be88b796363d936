/** Which calls are being held: by this document, or by another one that the same tab's store was copied to. */

import { delay } from './later.js';

/** Calls of this document that are not over. A second `connect()` must not take the first one's. */
export const heldCalls = new Set<string>();

/** Pauses, one after the other, in which a document that was just left may release its lock. */
const patience = [0, 50, 150, 400, 600];

function lockName(callId: string): string {
  return `bridge:${callId}`;
}

function locks(): LockManager | undefined {
  return globalThis.navigator?.locks;
}

/** Says that this document holds the call until the returned function is called. */
export function hold(callId: string): () => void {
  heldCalls.add(callId);
  const waiting = new AbortController();
  let release: (() => void) | undefined;
  const holding = () => new Promise<void>(done => (release = done));
  // A browser may forbid locks (storage blocked, no secure context): a copy is then told apart by `left` alone.
  void locks()
    ?.request(lockName(callId), { signal: waiting.signal }, holding)
    .catch(() => undefined);
  return () => {
    heldCalls.delete(callId);
    waiting.abort();
    release?.();
  };
}

export function heldHere(callId: string): boolean {
  return heldCalls.has(callId);
}

/**
 * True when another document holds the call: `window.open` and "Duplicate tab" copy the tab's store, and a copy must not
 * take the call away. `left` says that the document which saved the memory was left afterwards.
 */
export async function heldElsewhere(callId: string, left: boolean): Promise<boolean> {
  const manager = locks();
  if (!manager) return !left;
  for (const ms of left ? patience : [0]) {
    if (ms > 0) await delay(ms);
    try {
      const { held: taken = [] } = await manager.query();
      if (!taken.some(l => l.name === lockName(callId))) return false;
    } catch {
      return !left;
    }
  }
  return true;
}
