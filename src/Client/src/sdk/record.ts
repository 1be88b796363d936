import type { CallMemory } from './memory.js';
import type { RpcHandler, RpcPeer } from './rpc.js';
import type { ToolBox } from './tools.js';
import { Transcript } from './transcript.js';
import type { CallEvents, CallMetrics, Note, Shown, ToolActivity, TranscriptItem } from './types.js';

/** Shown things that are kept; what an agent showed before that is long off the stage. */
const maxShown = 50;

/** The call as its record sees it. */
export interface RecordHost {
  emit<K extends keyof CallEvents>(type: K, event: CallEvents[K]): void;
  /** Somebody hears events of this type. */
  has(type: keyof CallEvents): boolean;
  /** Something changed that a reload must not lose. */
  keep(): void;
  step(name: string, detail?: string): void;
}

/**
 * The page's record of the conversation: words, shown things, notes, activities, figures. It takes them from the
 * server's messages, tells the listeners, and finds them again after a reload.
 */
export class CallRecord {
  readonly #host: RecordHost;
  readonly #transcript = new Transcript();
  readonly #activities = new Map<string, ToolActivity>();
  shown: readonly Shown[] = [];
  notes: readonly Note[] = [];
  metrics: Readonly<CallMetrics> = {};
  /** The state that the role's widget saved. */
  widget: unknown;

  constructor(host: RecordHost) {
    this.#host = host;
  }

  get transcript(): Transcript {
    return this.#transcript;
  }

  get activities(): readonly ToolActivity[] {
    return [...this.#activities.values()];
  }

  /** Takes from `rpc` the messages about the conversation, and what the model asks of `tools`. */
  follow(rpc: RpcPeer, tools: ToolBox): void {
    const host = this.#host;
    rpc.handle('call/recap', p => (host.emit('recap', p as CallEvents['recap']), null));
    rpc.handle('call/dtmf', p => (host.emit('dtmf', p as CallEvents['dtmf']), null));
    rpc.handle('call/notice', p => (host.emit('notice', p as CallEvents['notice']), null));
    rpc.handle('call/metrics', p => {
      this.metrics = { ...this.metrics, ...(p as CallMetrics) };
      host.emit('metrics', this.metrics);
      return null;
    });
    rpc.handle('tool/activity', p => (this.#activity({ ...(p as ToolActivity), at: Date.now() }), null));
    rpc.handle('stage/show', p => {
      const shown = p as Shown;
      this.shown = [...this.shown.filter(s => s.id !== shown.id), shown].slice(-maxShown);
      host.emit('show', shown);
      host.keep();
      return { shown: host.has('show') };
    });
    rpc.handle('call/note', p => {
      const note = p as Note;
      this.notes = [...this.notes.filter(n => n.id !== note.id), note];
      host.emit('note', note);
      host.keep();
      return { noted: true };
    });
    rpc.handle('$/acknowledge', p => (tools.acknowledge((p as { callIds?: string[] })?.callIds ?? []), null));
    const call: RpcHandler = (p, context) => {
      const { callId, name, arguments: args } = p as { callId: string; name: string; arguments: unknown };
      const progress = (message: string) => {
        context.progress({ kind: 'report', message });
        this.#activity({ callId, name, target: 'page', phase: 'progress', message, at: Date.now() });
      };
      return tools.call(callId, name, args, progress, context.signal);
    };
    rpc.handle('tool/call', call, { foreign: true });
  }

  /** One utterance as the server knows it now. */
  line(line: TranscriptItem): void {
    const item = line.withdrawn ? this.#transcript.withdraw(line.itemId) : this.#transcript.put(line);
    if (!item) return;
    this.#host.emit('transcript', { item: line.withdrawn ? { ...item, withdrawn: true } : item, items: this.#transcript.items });
    this.#host.keep();
  }

  /** The last lines as the server has them: those it has no more were withdrawn while the page was away. */
  retold(lines: readonly TranscriptItem[], earlier: boolean, isNews: (itemId: string) => boolean): void {
    const kept = new Set(lines.map(line => line.itemId));
    const { items } = this.#transcript;
    const from = earlier ? items.findIndex(item => kept.has(item.itemId)) : 0;
    const gone = from < 0 ? [] : items.slice(from).filter(item => !kept.has(item.itemId) && isNews(item.itemId));
    for (const item of gone) this.line({ ...item, withdrawn: true });
    for (const line of lines) if (isNews(line.itemId)) this.line(line);
  }

  /** Restores the memory of an earlier life of this tab. */
  restore(memory: CallMemory): void {
    this.shown = memory.shown;
    this.notes = memory.notes;
    this.widget = memory.widget;
    for (const item of memory.items) this.#transcript.put(item);
    const { items } = this.#transcript;
    const last = items.at(-1);
    if (last) this.#host.emit('transcript', { item: last, items });
    for (const shown of this.shown) this.#host.emit('show', shown);
    for (const note of this.notes) this.#host.emit('note', note);
  }

  /** The memory for a later life of this tab. */
  get memory(): Pick<CallMemory, 'items' | 'shown' | 'notes' | 'widget'> {
    return {
      items: [...this.#transcript.items],
      shown: [...this.shown],
      notes: [...this.notes],
      ...(this.widget === undefined ? {} : { widget: this.widget }),
    };
  }

  #activity(activity: ToolActivity): void {
    const before = this.#activities.get(activity.callId);
    const merged = before
      ? { ...before, ...activity, message: activity.message ?? before.message!, label: activity.label ?? before.label! }
      : activity;
    this.#activities.set(activity.callId, merged);
    if (!before || activity.phase !== 'progress') this.#host.step(`tool ${activity.name}: ${activity.phase}`, activity.message);
    this.#host.emit('progress', merged);
  }
}
