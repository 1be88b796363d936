import { afterEach, describe, expect, it, vi } from 'vitest';
import { callerOf, languageTag } from '../src/sdk/caller.js';

afterEach(() => vi.unstubAllGlobals());

describe('the locale of the caller', () => {
  it.each([
    ['en-US', 'en-US'],
    ['de_DE', 'de-DE'],
    ['en-US.UTF-8', 'en-US'],
    ['en-US@posix', 'en-US'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['ar-EG-u-nu-arab', 'ar-EG-u-nu-arab'],
    ['en-US-u-ca-gregory-nu-latn-hc-h23-co-phonebk-x', undefined],
    ['de-AT-u-ca-gregory-co-phonebk-hc-h23-nu-latn', 'de-AT'],
    ['C', undefined],
    ['POSIX', 'posix'],
    ['', undefined],
    ['undefined', undefined],
    [undefined, undefined],
    [7, undefined],
  ])('%s is %s', (given, tag) => expect(languageTag(given)).toBe(tag));

  it('is the browser’s next one where the first is none, and left out where there is none at all', () => {
    vi.stubGlobal('navigator', { language: 'C', languages: ['C', 'pt_BR'] });
    expect(callerOf({}).place.locale).toBe('pt-BR');
    vi.stubGlobal('navigator', { language: undefined });
    expect(callerOf({}).place).not.toHaveProperty('locale');
    vi.stubGlobal('navigator', undefined);
    expect(callerOf({ locale: 'de_AT' }).place.locale).toBe('de-AT');
  });
});

describe('the attributes of the caller', () => {
  const taken = (attributes: Record<string, unknown>) => callerOf({ attributes });

  it('are text; objects become JSON, and nothing is left out', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(taken({ table: 4, vip: true, cart: { tea: 2 }, none: null, gone: undefined, f: () => 1, circle }).attributes).toEqual({
      table: '4',
      vip: 'true',
      cart: '{"tea":2}',
    });
  });

  it('are cut or left out where the server would refuse the call, and the developer is told which', () => {
    const { attributes, faults } = taken({ cart: 'x'.repeat(1_100), ['n'.repeat(65)]: 1, '': 2 });
    expect(attributes).toEqual({ cart: 'x'.repeat(1_024) });
    expect(faults).toEqual([
      'The attribute "cart" has 1100 characters; the role gets the first 1024.',
      `The attribute name "${'n'.repeat(64)}" is left out: it may have 1 to 64 characters.`,
      'The attribute name "" is left out: it may have 1 to 64 characters.',
    ]);
    const many = taken(Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, i])));
    expect([Object.keys(many.attributes).length, many.faults]).toEqual([32, ['The attribute "a32" is left out: there may be 32.']]);
  });
});
