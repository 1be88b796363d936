import { languageTag } from '../sdk/caller.js';

/** A language that a page can speak. */
export interface Language<Key extends string> {
  /** Its own name for itself. */
  name: string;
  strings: Record<Key, string>;
  dir?: 'rtl';
}

/** The words of a page in one language. */
export interface WordsOf<Key extends string> {
  /** Language of the words. */
  readonly language: string;
  /** The reader's own locale: what was asked for, in the region that the browser names, also where the words are another language's. */
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  t(key: Key, values?: Record<string, string | number>): string;
}

/** The words for a language tag, in whatever form a system writes it; English where there is no translation. */
export function wordsOf<Key extends string>(languages: Record<string, Language<Key>>, asked: unknown): WordsOf<Key> {
  const browser = languageTag(globalThis.navigator?.language);
  const tag = languageTag(asked) ?? browser ?? 'en';
  const wanted = tag.toLowerCase().split('-')[0]!;
  const language = Object.hasOwn(languages, wanted) ? wanted : 'en';
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

/** The languages of a page, for a list to choose from. */
export function namesOf(languages: Record<string, Language<string>>): { code: string; name: string }[] {
  return Object.entries(languages).map(([code, { name }]) => ({ code, name }));
}
