import { describe, expect, it } from 'vitest';
import { Api, ApiError } from '../src/operator/api.js';
import { queryOf } from '../src/operator/calls.js';
import { events } from '../src/operator/feed.js';
import { clock, formatOf } from '../src/operator/format.js';
import { lit } from '../src/operator/live.js';
import { differing } from '../src/operator/nodes.js';
import { blocks } from '../src/operator/recap.js';
import { pretty, span, story } from '../src/operator/story.js';
import type { CallRecord } from '../src/operator/types.js';
import { languageNames, wordsFor } from '../src/operator/words.js';

const record: CallRecord = {
  id: 'abc',
  role: 'demo',
  model: 'm',
  caller: null,
  started: '2026-11-30T08:00:00Z',
  ended: '2026-11-30T08:00:20Z',
  reason: 'hangup',
  recap: null,
  notes: [{ id: 'n1', at: '2026-11-30T08:00:08Z', title: 'Order', text: 'Two.' }],
  usage: {},
  cost: null,
  missing: 0,
  turns: [
    { at: '2026-11-30T08:00:01.5Z', modelMs: null, downlinkMs: 4 },
    { at: '2026-11-30T08:00:06.2Z', modelMs: 410, downlinkMs: 6 },
  ],
  conversation: {
    entries: [
      { fact: 'session', at: '00:00:00.1', reason: 'start' },
      { fact: 'item', at: '00:00:01', item: { id: 'a1', kind: 'agentMessage', isAudio: true } },
      { fact: 'text', at: '00:00:02', itemId: 'a1', text: 'Hello there, how are you?' },
      { fact: 'item', at: '00:00:03', item: { id: 'u1', isAudio: true } },
      {
        fact: 'truncated',
        at: '00:00:03.5',
        itemId: 'a1',
        heardMilliseconds: 900,
        generatedMilliseconds: 2000,
        heardText: 'Hello there,',
        unheardText: ' how are you?',
      },
      { fact: 'text', at: '00:00:04', itemId: 'u1', text: 'Two gyoza' },
      { fact: 'item', at: '00:00:04.5', item: { id: 'f1', kind: 'functionCall', callId: 'c1', name: 'save', arguments: '{"n":2}' } },
      { fact: 'progress', at: '00:00:04.7', callId: 'c1', message: 'saving' },
      { fact: 'item', at: '00:00:05', item: { id: 'o1', kind: 'functionOutput', callId: 'c1', output: 'done' } },
      { fact: 'item', at: '00:00:06', item: { id: 'a2', kind: 'agentMessage', isAudio: true, text: 'Saved.' } },
      { fact: 'item', at: '00:00:07', item: { id: 'u2', isAudio: true, text: 'hm' } },
      { fact: 'removed', at: '00:00:07.5', itemId: 'u2', reason: 'cough' },
      { fact: 'removed', itemId: 'nobody' },
      { fact: 'something new' },
    ],
  },
};

describe("the operator's page", () => {
  it('reads the headings, lists and paragraphs of a recap, and leaves everything else as it was written', () => {
    expect(
      blocks('## In short\r\n\n- Caller: two gyoza\n* **Agent**: saved\n1. paid\n\nOne line\nand one more\n\n<b>no</b> -5 °C'),
    ).toEqual([
      { kind: 'heading', text: 'In short' },
      { kind: 'list', items: ['Caller: two gyoza', '**Agent**: saved', 'paid'] },
      { kind: 'text', text: 'One line\nand one more' },
      { kind: 'text', text: '<b>no</b> -5 °C' },
    ]);
    expect(blocks('#hash\n-dash\n\n \n')).toEqual([{ kind: 'text', text: '#hash\n-dash' }]);
  });

  it('puts the facts of a call together in their order, with what nobody heard', () => {
    const steps = story(record);
    expect(steps.map(s => s.kind)).toEqual(['session', 'said', 'said', 'tool', 'said', 'said', 'note', 'end']);
    expect(steps[1]).toMatchObject({
      who: 'agent',
      heard: 'Hello there,',
      unheard: ' how are you?',
      interrupted: true,
      heardMs: 900,
      modelMs: null,
      downlinkMs: 4,
    });
    expect(steps[2]).toMatchObject({ who: 'user', heard: 'Two gyoza', typed: false });
    expect(steps[3]).toMatchObject({ name: 'save', input: '{"n":2}', output: 'done', tookMs: 500, progress: ['saving'] });
    expect(steps[4]).toMatchObject({ heard: 'Saved.', modelMs: 410, downlinkMs: 6 });
    expect(steps[5]).toMatchObject({ withdrawn: true });
    expect(steps.at(-1)).toMatchObject({ at: 20_000, reason: 'hangup' });
    expect(story({ ...record, ended: null, conversation: null, turns: null, notes: [] })).toEqual([]);
  });

  it('reads spans of time, and takes what is none for nothing', () => {
    expect(span('00:00:01.2345678')).toBeCloseTo(1234.5678);
    expect(span('1.02:03:04')).toBe(((24 + 2) * 60 + 3) * 60_000 + 4_000);
    for (const none of [undefined, '', 'soon', '1:2']) expect(span(none)).toBe(0);
    expect([clock(0), clock(61_000), clock(3_661_000), clock(-5)]).toEqual(['0:00', '1:01', '1:01:01', '0:00']);
    expect([pretty('{"a":1}'), pretty('<b>')]).toEqual(['{\n  "a": 1\n}', '<b>']);
  });

  it('reads a stream of events in whatever pieces it comes, and ends one that has no end', async () => {
    const streamOf = (...pieces: string[]) => new Blob(pieces).stream() as ReadableStream<Uint8Array>;
    const bytes = new TextEncoder().encode('data: {"é":1}\n\n: comment\r\ndata: {"b":2}\r\n\n');
    const single = new ReadableStream<Uint8Array>({
      start(c) {
        for (const byte of bytes) c.enqueue(new Uint8Array([byte]));
        c.close();
      },
    });
    const read: unknown[] = [];
    for await (const value of events(single)) read.push(value);
    expect(read).toEqual([{ é: 1 }, { b: 2 }]);
    await expect(
      (async () => {
        for await (const _ of events(streamOf('x'.repeat(200)), 100));
      })(),
    ).rejects.toThrow(/no end/);
    await expect(
      (async () => {
        for await (const _ of events(streamOf('data: {"a"\n')));
      })(),
    ).rejects.toThrow();
  });

  it('asks for whole days, and leaves out what is empty', () => {
    const query = queryOf([
      ['q', ' gyoza '],
      ['role', ''],
      ['from', '2026-11-01'],
      ['to', '2026-11-30'],
      ['minCost', '0.5'],
      ['to', 'nonsense'],
    ]);
    expect([...query.keys()]).toEqual(['q', 'from', 'to', 'minCost']);
    expect(new Date(query.get('to')!).getTime() - new Date(query.get('from')!).getTime()).toBeGreaterThan(29 * 86_400_000);
  });

  it('lights a meter by decibels', () => {
    expect([null, -127, -60, -30, 0].map(lit)).toEqual([0, 0, 0, 0.5, 1]);
  });

  it('has every word in every language, and the code where there is no word', () => {
    const keys = languageNames()
      .map(l => wordsFor(l.code))
      .map(w => [w.language, w.t('live.more', { count: 3 }), w.code('ended', 'never_heard_of')]);
    expect(keys).toEqual([
      ['en', '3 more calls', 'never heard of'],
      ['de', '3 weitere Anrufe', 'never heard of'],
      ['fr', '3 autres appels', 'never heard of'],
    ]);
    expect(wordsFor('toString').language).toBe('en');
    expect(wordsFor('en').code('ended', 'constructor')).toBe('constructor');
    const f = formatOf(wordsFor('en'));
    expect([f.money(null), f.money(0.1234), f.ms(null), f.ms(3.21), f.bytes(0), f.bytes(5 * 1024 ** 3)]).toEqual([
      '–',
      '$0.1234',
      '–',
      '3.2\u00a0ms',
      '0\u00a0B',
      '5\u00a0GiB',
    ]);
  });

  it('keeps the key in the tab, sends it as a header, and tells refusals apart', async () => {
    const kept = new Map<string, string>();
    const store = {
      getItem: (k: string) => kept.get(k) ?? null,
      setItem: (k: string, v: string) => void kept.set(k, v),
      removeItem: (k: string) => void kept.delete(k),
    };
    const api = new Api(store);
    api.signIn('  a-key  ');
    expect([...kept.values()]).toEqual(['a-key']);
    const asked: RequestInit[] = [];
    const original = globalThis.fetch;
    try {
      globalThis.fetch = (async (_: unknown, init: RequestInit) => {
        asked.push(init);
        return asked.length === 1
          ? new Response('[]', { headers: { link: '</below/api/calls?q=a%20b&after=1-x>; rel="next"' } })
          : new Response('{"detail":"Too bad."}', { status: 400 });
      }) as typeof fetch;
      expect(await api.calls('q=a')).toEqual({ calls: [], next: 'q=a%20b&after=1-x' });
      await expect(api.health()).rejects.toMatchObject({ status: 400, message: 'Too bad.' });
      api.signIn('schlüssel');
      await expect(api.health()).rejects.toBeInstanceOf(ApiError);
      expect(asked.map(a => (a.headers as Record<string, string>).authorization)).toEqual(['Bearer a-key', 'Bearer a-key', undefined]);
    } finally {
      globalThis.fetch = original;
    }
    api.signIn('');
    expect([api.hasKey, kept.size]).toEqual([false, 0]);
  });
});

describe('nodes', () => {
  const node = (name: string, roles: Record<string, string>) => ({
    id: name,
    name,
    version: '1',
    since: '',
    calls: 0,
    maxCalls: 1,
    draining: false,
    roles,
  });

  it('tells which roles a node lacks or serves in another revision than most', () => {
    const [a, b, c] = [node('a', { demo: 'r1', cook: 'x' }), node('b', { demo: 'r1', cook: 'x' }), node('c', { demo: 'r2' })];
    expect([a, b, c].map(n => differing(n, [a, b, c]))).toEqual([[], [], ['cook', 'demo']]);
    expect(differing(a, [a])).toEqual([]);
  });
});
