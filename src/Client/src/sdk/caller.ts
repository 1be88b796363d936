import type { ConnectOptions } from './types.js';

/** Limits of a Join; more is refused by the server. */
const maxAttributes = 32;
const maxName = 64;
const maxValue = 1024;
const maxLocale = 35;

/** The person and the page for the server, in the form that it takes. */
export interface Caller {
  attributes: Record<string, string>;
  place: { locale?: string; timeZone?: string };
  /** The attributes that were left out or cut, in words for a developer. */
  faults: string[];
}

export function callerOf(options: Pick<ConnectOptions, 'attributes' | 'locale' | 'timeZone'>): Caller {
  const faults: string[] = [];
  const locale = [options.locale, globalThis.navigator?.language, ...(globalThis.navigator?.languages ?? [])]
    .map(languageTag)
    .find(tag => tag);
  const timeZone = options.timeZone ?? systemTimeZone();
  return {
    attributes: attributesOf(options.attributes ?? {}, faults),
    place: { ...(locale ? { locale } : {}), ...(timeZone ? { timeZone } : {}) },
    faults,
  };
}

/** A BCP 47 tag of at most 35 characters, also from what systems write (`de_AT.UTF-8`, `en-US@posix`); undefined when it is none. */
export function languageTag(locale: unknown): string | undefined {
  if (typeof locale !== 'string') return undefined;
  const plain = locale.split(/[.@]/)[0]!.replaceAll('_', '-');
  try {
    const tag = new Intl.Locale(plain);
    const whole = tag.toString();
    if (whole.length <= maxLocale) return whole;
    // Extensions (calendar, digits) are what makes a tag long.
    return tag.baseName.length <= maxLocale ? tag.baseName : tag.language;
  } catch {
    return undefined;
  }
}

function attributesOf(given: Record<string, unknown>, faults: string[]): Record<string, string> {
  const taken: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const text = attributeText(value);
    if (text === undefined) continue;
    if (name.length === 0 || name.length > maxName)
      faults.push(`The attribute name "${name.slice(0, maxName)}" is left out: it may have 1 to ${maxName} characters.`);
    else if (Object.keys(taken).length >= maxAttributes) faults.push(`The attribute "${name}" is left out: there may be ${maxAttributes}.`);
    else if (text.length > maxValue) {
      faults.push(`The attribute "${name}" has ${text.length} characters; the role gets the first ${maxValue}.`);
      taken[name] = text.slice(0, maxValue);
    } else taken[name] = text;
  }
  return taken;
}

/** Objects as JSON; what is nothing is left out. */
function attributeText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return typeof value === 'function' || typeof value === 'symbol' ? undefined : String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function systemTimeZone(): string | undefined {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
