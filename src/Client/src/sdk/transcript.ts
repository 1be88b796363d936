import type { TranscriptItem } from './types.js';

/** The utterances of a call in the order of the conversation, whatever the order of arrival. */
export class Transcript {
  readonly #items: TranscriptItem[] = [];

  get items(): readonly TranscriptItem[] {
    return this.#items;
  }

  /** Adds an utterance or replaces what was known of it; `previousItemId` puts it behind that item. */
  put(item: TranscriptItem): TranscriptItem {
    const known = this.#items.findIndex(i => i.itemId === item.itemId);
    const previous = known >= 0 ? this.#items[known] : undefined;
    const merged: TranscriptItem = { ...previous, ...item };
    // An interruption may be reported once and the final text again without it.
    if (previous?.interrupted && item.interrupted === undefined) merged.interrupted = true;
    if (known >= 0) this.#items.splice(known, 1);
    const anchor = merged.previousItemId === undefined ? -1 : this.#items.findIndex(i => i.itemId === merged.previousItemId);
    if (anchor >= 0 && (known < 0 || anchor >= known || previous?.previousItemId !== merged.previousItemId))
      this.#items.splice(anchor + 1, 0, merged);
    else if (known >= 0) this.#items.splice(known, 0, merged);
    else this.#insertBeforeFollower(merged);
    return merged;
  }

  /** Takes an utterance back, for instance words that turned out to be noise. */
  withdraw(itemId: string): TranscriptItem | undefined {
    const index = this.#items.findIndex(i => i.itemId === itemId);
    return index < 0 ? undefined : this.#items.splice(index, 1)[0];
  }

  /** An item that is known to follow this one may have come first. */
  #insertBeforeFollower(item: TranscriptItem): void {
    const follower = this.#items.findIndex(i => i.previousItemId === item.itemId);
    if (follower >= 0) this.#items.splice(follower, 0, item);
    else this.#items.push(item);
  }

  /** Plain text for copying: one line per utterance; words that nobody heard are left out. */
  toText(names: { user: string; agent: string }): string {
    return this.#items
      .map(i => ({
        who: names[i.speaker],
        said: i.interrupted && i.heard !== undefined ? `${i.text.slice(0, i.heard).trimEnd()}…` : i.text.trim(),
      }))
      .filter(l => l.said.length > 0 && l.said !== '…')
      .map(l => `${l.who}: ${l.said}`)
      .join('\n');
  }
}
