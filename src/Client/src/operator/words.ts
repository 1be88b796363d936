import { languageTag } from '../sdk/caller.js';
import { de } from './words/de.js';
import { en } from './words/en.js';
import { fr } from './words/fr.js';

export type Key = keyof typeof en;
export type Strings = Record<Key, string>;

const languages: Record<string, { name: string; strings: Strings; dir?: 'rtl' }> = {
  en: { name: 'English', strings: en },
  de: { name: 'Deutsch', strings: de },
  fr: { name: 'Français', strings: fr },
};

export interface Words {
  readonly language: string;
  /** For figures and dates: the browser's region, where its language is the one of the words. */
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  t(key: Key, values?: Record<string, string | number>): string;
  /** The words for one of the host's stable codes; the code itself where there are none. */
  code(prefix: 'state' | 'ended' | 'wait' | 'session', code: string): string;
}

export function wordsFor(asked: unknown): Words {
  const browser = languageTag(globalThis.navigator?.language);
  const wanted = (languageTag(asked) ?? browser ?? 'en').toLowerCase().split('-')[0]!;
  const language = Object.hasOwn(languages, wanted) ? wanted : 'en';
  const { strings, dir = 'ltr' } = languages[language]!;
  const t = (key: Key, values?: Record<string, string | number>) =>
    values ? strings[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : strings[key];
  return {
    language,
    locale: browser?.toLowerCase().split('-')[0] === language ? browser : language,
    dir,
    t,
    code: (prefix, code) => (Object.hasOwn(strings, `${prefix}.${code}`) ? t(`${prefix}.${code}` as Key) : code.replaceAll('_', ' ')),
  };
}

export function languageNames(): { code: string; name: string }[] {
  return Object.entries(languages).map(([code, { name }]) => ({ code, name }));
}
