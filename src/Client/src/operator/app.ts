import type { TemplateResult } from 'lit';
import type { Api } from './api.js';
import type { LiveState } from './types.js';
import type { Words } from './words.js';

/** A question before something that can't be undone. */
export interface Question {
  title: string;
  text: string;
  yes: string;
  run(): Promise<void>;
}

/** The common part of the views. */
export interface App {
  readonly words: Words;
  readonly api: Api;
  /** The latest of the stream; undefined before the first event. */
  readonly live: LiveState | undefined;
  /** How many living calls the stream is asked for. */
  most: number;
  /** Draws the page again, once for however many changes there were. */
  paint(): void;
  go(place: string): void;
  ask(question: Question): void;
  /** Says something to a person who does not see the page, and shows it for a while unless it is to be seen anyway. */
  tell(sentence: string, seen?: boolean): void;
  /** Handles a request that failed: signs out where the right is gone; otherwise the sentence to show. */
  failed(error: unknown): string;
}

/** One place of the page. */
export interface View {
  /** It comes into sight: the rest of its address behind the first slash. */
  open?(rest: string): void;
  /** It goes out of sight: nothing of it may go on. */
  close?(): void;
  render(): TemplateResult;
  /** After each drawing. */
  drawn?(root: HTMLElement): void;
}
