import { namesOf, wordsOf, type Language, type WordsOf } from '../ui/language.js';
import { de } from './words/de.js';
import { en } from './words/en.js';
import { fr } from './words/fr.js';

/** Every word that an operator reads is in `words/`: English is complete by type, the others must have the same keys. */
export type Key = keyof typeof en;
export type Strings = Record<Key, string>;

const languages: Record<string, Language<Key>> = {
  en: { name: 'English', strings: en },
  de: { name: 'Deutsch', strings: de },
  fr: { name: 'Français', strings: fr },
};

export interface Words extends WordsOf<Key> {
  /** The words for one of the host's stable codes; the code itself where there are none. */
  code(prefix: 'state' | 'ended' | 'wait' | 'session', code: string): string;
}

export function wordsFor(asked: unknown): Words {
  const words = wordsOf(languages, asked);
  const { language, t } = words;
  return {
    ...words,
    // Figures and dates stand beside the words, and are written as their language does.
    locale: words.locale.toLowerCase().split('-')[0] === language ? words.locale : language,
    code: (prefix, code) => (Object.hasOwn(en, `${prefix}.${code}`) ? t(`${prefix}.${code}` as Key) : code.replaceAll('_', ' ')),
  };
}

export const languageNames = (): { code: string; name: string }[] => namesOf(languages);
