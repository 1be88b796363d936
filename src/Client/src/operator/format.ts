import type { Words } from './words.js';

export interface Format {
  moment(iso: string): string;
  /** A day, and an hour of a day, of the charts: UTC. */
  utcDay(iso: string): string;
  utcHour(iso: string): string;
  /** The same for the axis of a chart. */
  utcDate(iso: string): string;
  utcShort(iso: string): string;
  number(value: number, digits?: number): string;
  money(value: number | null): string;
  ms(value: number | null | undefined): string;
  bytes(value: number): string;
}

const none = '–';
const made = new WeakMap<Words, Format>();

/** Minutes and seconds, with hours where there are any. */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** Figures and times as the operator's region writes them; made once for each language, for that is slow. */
export function formatOf(words: Words): Format {
  const known = made.get(words);
  if (known) return known;
  const moment = new Intl.DateTimeFormat(words.locale, { dateStyle: 'medium', timeStyle: 'short' });
  const utc = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(words.locale, { ...options, timeZone: 'UTC' });
    return (iso: string) => made.format(new Date(iso));
  };
  const money = new Intl.NumberFormat(words.locale, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: 4,
  });
  const digits = [0, 1, 2].map(n => new Intl.NumberFormat(words.locale, { maximumFractionDigits: n }));
  const number = (value: number, n = 0) => digits[n]!.format(value);
  const format: Format = {
    moment: iso => moment.format(new Date(iso)),
    utcDay: utc({ dateStyle: 'medium' }),
    utcHour: utc({ dateStyle: 'medium', timeStyle: 'short' }),
    utcDate: utc({ day: 'numeric', month: 'short' }),
    utcShort: utc({ weekday: 'short', hour: '2-digit', minute: '2-digit' }),
    number,
    money: value => (value === null ? none : money.format(value)),
    ms: value => (value === null || value === undefined ? none : `${number(value, value < 10 ? 1 : 0)}\u00a0ms`),
    bytes: value => {
      const power = Math.min(4, Math.floor(Math.log2(Math.max(value, 1)) / 10));
      return `${number(value / 1024 ** power, power > 2 ? 1 : 0)}\u00a0${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
    },
  };
  made.set(words, format);
  return format;
}
