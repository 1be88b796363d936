/**
 * The memory that a reload of the tab must not lose: the resume token, the transcript, what was decided about the microphone, and
 * the results of finished tools.
 */

import type { AudioState, Note, Shown, TranscriptItem } from './types.js';

export interface JournalEntry {
  /**
   * `started` without a result: the page went away while it ran, and nobody knows how far it came. `acknowledged`: the
   * server has the result, or wants it no more.
   */
  state: 'started' | 'done' | 'failed' | 'acknowledged';
  result?: unknown;
  error?: { code: number; message: string };
}

export interface CallMemory {
  callId: string;
  resumeToken: string;
  savedAt: number;
  /** When the conversation began. Absent in what an older page of this tab saved. */
  startedAt?: number;
  items: TranscriptItem[];
  shown: Shown[];
  notes: Note[];
  journal: Record<string, JournalEntry>;
  /** The state that the role's page module saved. */
  widget?: unknown;
  /** The document that saved this was left: a reload, a link, a closed tab. Without it, it may be alive, and this a copy. */
  left?: boolean;
  /** The person's decisions about the microphone; `off` is a call without one. */
  audio?: Pick<AudioState, 'microphone' | 'muted' | 'pushToTalk'>;
}

/** The part of `Storage` that is needed; sessionStorage in a page. */
export interface MemoryStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A token older than this is not tried: the call is over by far, and the server keeps its recap no longer. */
const maxAgeMs = 10 * 60_000;
const maxBytes = 1_000_000;

export class Memory {
  readonly #key: string;
  readonly #store: MemoryStore | undefined;

  constructor(url: string, role: string, store: MemoryStore | undefined = sessionStore()) {
    this.#key = `bridge:${url}:${role}`;
    this.#store = store;
  }

  load(now = Date.now()): CallMemory | undefined {
    try {
      const text = this.#store?.getItem(this.#key);
      if (!text) return undefined;
      const memory = JSON.parse(text) as CallMemory;
      if (typeof memory.resumeToken !== 'string' || now - memory.savedAt > maxAgeMs) {
        this.clear();
        return undefined;
      }
      return { ...memory, items: memory.items ?? [], shown: memory.shown ?? [], notes: memory.notes ?? [], journal: memory.journal ?? {} };
    } catch {
      return undefined;
    }
  }

  save(memory: CallMemory): void {
    try {
      const text = JSON.stringify(memory);
      // Too much for the tab's store: the token and the journal matter, the shown things can be said again.
      this.#store?.setItem(
        this.#key,
        text.length <= maxBytes ? text : JSON.stringify({ ...memory, shown: [], items: memory.items.slice(-50) }),
      );
    } catch {
      // The store is full or forbidden (private windows): the call works, only a reload starts anew.
    }
  }

  /** Forgets the call, unless another one of this tab has taken its place. */
  clear(callId?: string): void {
    try {
      const text = this.#store?.getItem(this.#key);
      if (callId !== undefined && text && (JSON.parse(text) as Partial<CallMemory>).callId !== callId) return;
      this.#store?.removeItem(this.#key);
    } catch {
      // As above.
    }
  }
}

function sessionStore(): MemoryStore | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
