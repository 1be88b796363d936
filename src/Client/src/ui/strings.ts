import { namesOf, wordsOf, type Language, type WordsOf } from './language.js';
import { de } from './words/de.js';
import { en } from './words/en.js';
import { fr } from './words/fr.js';

/** Every word that a person reads is in `words/`: English is complete by type, the others must have the same keys. */
export type StringKey = keyof typeof en;
export type Strings = Record<StringKey, string>;

const languages: Record<string, Language<StringKey>> = {
  en: { name: 'English', strings: en },
  de: { name: 'Deutsch', strings: de },
  fr: { name: 'Français', strings: fr },
};

export type Words = WordsOf<StringKey>;

/** The words for a language tag, in whatever form a system writes it; English where there is no translation. */
export const wordsFor = (asked: unknown): Words => wordsOf(languages, asked);

export const languageNames = (): { code: string; name: string }[] => namesOf(languages);

/** The sentence for the reason a call ended. */
export function endReason(words: Words, reason: string): string {
  const key = `ended.${reason}`;
  return words.t(key in en ? (key as StringKey) : 'ended.other', { origin: location.origin });
}

/** Ends whose sentence for the developer of the page says more than the one for people: it names what was wrong. */
export const developers: ReadonlySet<string> = new Set(['invalid_request', 'invalid_sdp', 'hello_failed', 'page_failed']);

/** JSON-RPC's codes (docs/rpc.md) and the SDK's own, as keys of the words. */
const problems: Record<string, StringKey> = {
  '-32600': 'error.invalid',
  '-32602': 'error.invalid',
  '-32001': 'error.timeout',
  '-32002': 'error.disconnected',
  '-32003': 'error.too_large',
  ended: 'error.over',
  not_connected: 'error.over',
  unreachable: 'error.disconnected',
  text_too_long: 'error.text_too_long',
  bad_image: 'error.bad_image',
  image_too_large: 'error.image_too_large',
  images_off: 'error.images_off',
  widgets_failed: 'error.widgets',
};

/** The sentence for something that a person asked for and did not get. */
export function problemWords(words: Words, error: unknown): string {
  return words.t(problems[String((error as { code?: unknown } | undefined)?.code)] ?? 'error.other');
}
