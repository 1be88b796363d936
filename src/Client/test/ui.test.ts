// @vitest-environment jsdom
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { markdown } from '../src/ui/markdown.js';
import { define } from '../src/ui/define.js';
import { Stage } from '../src/ui/stage.js';
import { endReason, languageNames, problemWords, wordsFor, type StringKey } from '../src/ui/strings.js';

const rendered = (text: string): HTMLElement => {
  const box = document.createElement('div');
  box.append(markdown(text));
  return box;
};

describe('markdown of the model', () => {
  it('is rendered', () => {
    const box = rendered('# Title\n\nSome **bold** and `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open');
    expect(box.querySelector('h3')?.textContent).toBe('Title');
    expect(box.querySelector('strong')?.textContent).toBe('bold');
    expect(box.querySelectorAll('td')).toHaveLength(2);
    expect([...box.querySelectorAll('input')].map(i => [i.type, i.disabled])).toEqual([
      ['checkbox', true],
      ['checkbox', true],
    ]);
  });

  it.each([
    ['a script', '<script>alert(1)</script>hello'],
    ['an event handler', '<img src=x onerror="alert(1)"> <b onclick=alert(1)>x</b>'],
    ['a script address', '[click](javascript:alert(1)) <a href="jAvAsCrIpT:alert(1)">x</a>'],
    ['a frame', '<iframe src="https://evil.example"></iframe><object data="x"></object><embed src="x">'],
    ['a style', '<style>body{display:none}</style><p style="position:fixed;inset:0">x</p>'],
    ['a form', '<form action="https://evil.example"><input name="password" type="password"><button>send</button></form>'],
    ['vector graphics', '<svg onload=alert(1)><script>alert(1)</script></svg><math><mtext></mtext></math>'],
    [
      'a page of its own',
      '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example"><link rel=stylesheet href=x>',
    ],
    ['a data page', '[x](data:text/html;base64,PHNjcmlwdD4=) <img src="data:image/svg+xml;base64,PHN2Zz4=">'],
    ['an id of the page', '<a id="app" name="main">x</a><div class="notice">x</div>'],
    ['a custom element', '<voice-bridge role="x"></voice-bridge><bridge-stage></bridge-stage>'],
    ['an address without a scheme', '<img src="//evil.example/pixel.png">'],
  ])('brings in no %s', (_, text) => {
    const box = rendered(text);
    for (const node of box.querySelectorAll('*')) {
      expect(node.tagName.toLowerCase()).not.toMatch(/^(script|style|iframe|object|embed|form|button|svg|math|base|meta|link)$|-/);
      for (const attribute of node.attributes) {
        expect(attribute.name).not.toMatch(/^(on|style$|id$|name$|class$|srcset$)/);
        expect(attribute.value).not.toMatch(/^(javascript|data:text|data:image\/svg|\/\/)/i);
      }
      if (node.tagName === 'INPUT') expect((node as HTMLInputElement).type).toBe('checkbox');
    }
  });

  it('has headings below those of the page, and skips no level', () => {
    const levels = (text: string) => [...rendered(text).querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => h.tagName);
    expect(levels('## Only\n\n#### deep')).toEqual(['H3', 'H4']);
    expect(levels('### first\n\n# then\n\n###### last')).toEqual(['H3', 'H3', 'H4']);
  });

  it('opens links elsewhere, and tells nobody where they came from', () => {
    const link = rendered('[docs](https://example.org)').querySelector('a')!;
    expect([link.target, link.rel]).toEqual(['_blank', 'noopener noreferrer nofollow']);
  });
});

describe('the stage', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
    document.body.replaceChildren(stage);
  });

  it('shows markdown and cards, the newest first', () => {
    expect(stage.empty).toBe(true);
    stage.show({ id: 'a', kind: 'markdown', title: 'First', markdown: 'one' });
    stage.show({
      id: 'b',
      kind: 'card',
      title: 'Order',
      card: { emoji: '🧾', fields: [{ label: 'Tea', value: '3.00' }], items: ['plain', { title: 'Ramen', value: '12.50' }] },
    });
    expect([...stage.querySelectorAll('h3')].map(h => h.textContent)).toEqual(['Order', 'First']);
    expect(stage.querySelector('dd')?.textContent).toBe('3.00');
    expect(stage.querySelectorAll('.card-items li')).toHaveLength(2);
    expect(stage.empty).toBe(false);
  });

  it('links a card to where there is more, and nowhere that could run', () => {
    stage.show({ id: 'a', kind: 'card', card: { title: 'Docs', link: 'https://example.org/docs/' } });
    const link = stage.querySelector('a')!;
    expect([link.href, link.textContent, link.rel]).toEqual([
      'https://example.org/docs/',
      'example.org/docs',
      'noopener noreferrer nofollow',
    ]);
    for (const bad of ['javascript:alert(1)', ' javascript:alert(1)', '//evil.example', 'data:text/html,x', 7]) {
      stage.show({ id: 'a', kind: 'card', card: { title: 'Docs', link: bad as string } });
      expect(stage.querySelector('a')).toBeNull();
    }
  });

  it('replaces what is shown again under the same id, in its place', () => {
    stage.show({ id: 'a', kind: 'markdown', markdown: 'one' });
    stage.show({ id: 'b', kind: 'markdown', markdown: 'two' });
    stage.show({ id: 'a', kind: 'markdown', markdown: 'three' });
    expect([...stage.querySelectorAll('article')].map(a => a.textContent?.trim())).toEqual(['two', 'three']);
  });

  it('keeps what it shows when the call is over, and its buttons lead nowhere', () => {
    stage.widgets.append(document.createElement('button'));
    stage.over = true;
    expect([stage.widgets.inert, stage.widgets.childElementCount]).toEqual([true, 1]);
    stage.clear();
    expect([stage.widgets.inert, stage.empty]).toEqual([false, true]);
  });

  it('stands beside one of another copy of the client', () => {
    class Foreign extends HTMLElement {}
    customElements.define('bridge-twice', Foreign);
    class Own extends HTMLElement {}
    define('bridge-twice', Own);
    expect(new Own().localName).toBe('bridge-twice-2');
  });

  it('takes a card that is all wrong', () => {
    stage.show({
      id: 'x',
      kind: 'card',
      card: { title: 5, image: 'javascript:alert(1)', fields: [null], items: [null, 7], text: '<b>no</b>' } as never,
    });
    expect(stage.querySelector('img')).toBeNull();
    expect(stage.querySelector('.card-text')?.textContent).toBe('<b>no</b>');
  });
});

describe('the words', () => {
  const keysOf = (language: string) =>
    [...readFileSync(join(import.meta.dirname, `../src/ui/words/${language}.ts`), 'utf8').matchAll(/^ {2}'([^']+)':/gm)].map(
      m => m[1] as StringKey,
    );
  const keys = () => keysOf('en');

  it('are the same in every language, each once and in the same order', () => {
    const languages = languageNames().map(l => l.code);
    expect(languages).toEqual(['en', 'de', 'fr']);
    for (const language of languages) expect([...keysOf(language)].sort(), language).toEqual([...keys()].sort());
    expect(new Set(keys()).size).toBe(keys().length);
  });

  it('exist for every way in which a server ends or refuses a call', () => {
    const codes = (file: string) =>
      [...readFileSync(join(import.meta.dirname, '../../', file), 'utf8').matchAll(/const string \w+ = "([a-z_]+)"/g)].map(m => m[1]!);
    const ends = [...codes('Signaling/SignalCodes.cs'), ...codes('Bridge/Calls/CallEnd.cs'), ...codes('Realtime/Turns/EndReason.cs')];
    expect(ends.length).toBeGreaterThan(15);
    // A candidate that is refused ends nothing.
    for (const code of ends.filter(c => c !== 'invalid_candidate')) expect(keys(), code).toContain(`ended.${code}`);
  });

  it('exist for what goes wrong in a call, and never are the server’s English', () => {
    for (const { code: language } of languageNames()) {
      const words = wordsFor(language);
      for (const code of [-32600, -32602, -32001, -32002, -32003, 'text_too_long', 'bad_image', 'not_connected', 'something_new'])
        expect(problemWords(words, Object.assign(new Error('text has at most 8000 characters.'), { code }))).not.toMatch(
          /at most 8000|^error\./,
        );
      expect(problemWords(words, 'not even an error')).toBe(words.t('error.other'));
    }
  });

  it('say the same things with the same gaps in every language', () => {
    const gaps = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map(m => m[1]).sort();
    expect(keys().length).toBeGreaterThan(100);
    for (const { code } of languageNames())
      for (const key of keys()) {
        expect(wordsFor(code).t(key), `${code} ${key}`).not.toBe('');
        expect(gaps(wordsFor(code).t(key)), `${code} ${key}`).toEqual(gaps(wordsFor('en').t(key)));
      }
  });

  it('are all used', () => {
    const folder = join(import.meta.dirname, '../src');
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(f => f.endsWith('.ts') && !f.includes('words/'))
      .map(f => readFileSync(join(folder, f), 'utf8'))
      .join('\n');
    const built = ['state.', 'recording.', 'say.state.', 'mic.', 'tool.', 'ended.', 'inspect.lane.', 'inspect.voice.'];
    const unused = keys().filter(k => !sources.includes(`'${k}'`) && !built.some(b => k.startsWith(b)));
    expect(unused).toEqual([]);
  });

  it('are English where there is no translation, and run in the direction of their own language', () => {
    expect([wordsFor('fr-CA').language, wordsFor('es').language, wordsFor('ar-EG').language, wordsFor('ar-EG').dir]).toEqual([
      'fr',
      'en',
      'en',
      'ltr',
    ]);
  });

  it('come with the caller’s own locale, however the browser writes it, and are there when it says none', () => {
    const locale = (browser: unknown, asked: unknown) => {
      vi.stubGlobal('navigator', { language: browser });
      const { language, locale } = wordsFor(asked);
      vi.unstubAllGlobals();
      return [language, locale];
    };
    expect(locale('de-AT', 'de-AT').at(-1)).toBe('de-AT');
    expect(locale('fr-CA', 'fr')).toEqual(['fr', 'fr-CA']);
    expect(locale('es-MX', 'fr')).toEqual(['fr', 'fr']);
    expect(locale('en_US', undefined)).toEqual(['en', 'en-US']);
    expect(locale('en-US@posix', 'en-US@posix')).toEqual(['en', 'en-US']);
    expect(locale(undefined, undefined)).toEqual(['en', 'en']);
    expect(locale('undefined', null)).toEqual(['en', 'en']);
    expect(locale('C', '')).toEqual(['en', 'en']);
  });

  it('fill their gaps', () => {
    expect(wordsFor('en').t('tool.cancel', { name: 'find' })).toBe('Cancel find');
    expect(endReason(wordsFor('en'), 'time_limit')).toBe('The time for this call was over.');
    expect(endReason(wordsFor('en'), 'something_new')).toBe('The call is over.');
  });
});
