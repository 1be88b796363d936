import { languageTag } from '../sdk/caller.js';
import { de } from './words/de.js';
import { en } from './words/en.js';
import { fr } from './words/fr.js';

/** Every word that a person reads is in `words/`: English is complete by type, the others must have the same keys. */
export type StringKey = keyof typeof en;
export type Strings = Record<StringKey, string>;

const languages: Record<string, { name: string; strings: Strings; dir?: 'rtl' }> = {
  en: { name: 'English', strings: en },
  de: { name: 'Deutsch', strings: de },
  fr: { name: 'Français', strings: fr },
};

export interface Words {
  /** Language of the words. */
  readonly language: string;
  /** The caller's own locale: what was asked for, in the region that the browser names, also where the words are another language's. */
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  t(key: StringKey, values?: Record<string, string | number>): string;
}

/** The words for a language tag, in whatever form a system writes it; English where there is no translation. */
export function wordsFor(asked: unknown): Words {
  const browser = languageTag(globalThis.navigator?.language);
  const tag = languageTag(asked) ?? browser ?? 'en';
  const wanted = tag.toLowerCase().split('-')[0]!;
  const language = wanted in languages ? wanted : 'en';
  const { strings, dir = 'ltr' } = languages[language]!;
  return {
    language,
    locale: browser?.toLowerCase().split('-')[0] === wanted ? browser : tag,
    dir,
    t: (key, values) => {
      const text: string = strings[key] ?? key;
      return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
    },
  };
}

export function languageNames(): { code: string; name: string }[] {
  return Object.entries(languages).map(([code, { name }]) => ({ code, name }));
}

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
