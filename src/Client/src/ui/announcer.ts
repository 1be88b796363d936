import type { Call } from '../sdk/call.js';
import type { StringKey, Words } from './strings.js';

/** Says states and finished utterances to a screen reader, one after the other, never half a word. */
export class Announcer {
  readonly #region: HTMLElement;
  #queue: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #said = new Set<string>();

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  say(text: string): void {
    this.#queue.push(text);
    this.#timer ??= setTimeout(() => this.#next(), 60);
  }

  /** Follows a call until it is over. */
  follow(call: Call, words: () => Words): void {
    call.on('state', ({ state, previous }) => {
      // Between the agent's sentences it listens for a moment; only changes that last are worth a word.
      if (state === 'idle' || (state === 'listening' && previous === 'thinking')) return;
      // Talking over each other is not announced to somebody who is talking.
      if (state === 'both' || previous === 'both') return;
      this.say(words().t(`say.state.${state}` as StringKey));
    });
    call.on('transcript', ({ item }) => {
      if (!item.final || this.#said.has(item.itemId) || item.text.trim() === '') return;
      this.#said.add(item.itemId);
      const { t } = words();
      this.say(
        item.speaker === 'user'
          ? t('say.you', { text: item.text })
          : t('say.agent', { name: call.role?.name ?? t('call.agent'), text: item.text }),
      );
    });
  }

  #next(): void {
    this.#timer = undefined;
    const text = this.#queue.shift();
    if (text === undefined) return;
    const line = document.createElement('p');
    line.textContent = text;
    this.#region.append(line);
    while (this.#region.childElementCount > 6) this.#region.firstElementChild!.remove();
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#next(), 250);
  }
}
