import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../src/sdk/memory.js';
import { RpcCode } from '../src/sdk/rpc.js';
import { ToolBox } from '../src/sdk/tools.js';
import type { ToolContext } from '../src/sdk/types.js';
import { settle } from './fakes.js';

const quiet = () => undefined;

describe('the tools of a page', () => {
  it('run once however often they are asked for', async () => {
    let runs = 0;
    const box = new ToolBox();
    box.register('add', { handler: () => ++runs });
    const [a, b] = await Promise.all([box.call('c1', 'add', {}, quiet), box.call('c1', 'add', {}, quiet)]);
    expect([a, b, await box.call('c1', 'add', {}, quiet)]).toEqual([1, 1, 1]);
    expect(await box.call('c2', 'add', {}, quiet)).toBe(2);
  });

  it('answer from the journal after a reload, and never start again what was cut off', async () => {
    let runs = 0;
    const journal: Record<string, JournalEntry> = {};
    const before = new ToolBox(journal);
    before.register('add', { handler: () => ({ count: ++runs }) });
    before.register('forever', { handler: () => new Promise(quiet) });
    await before.call('done', 'add', {}, quiet);
    void before.call('cut', 'forever', {}, quiet);
    await settle();

    const after = new ToolBox();
    after.restore(JSON.parse(JSON.stringify(before.journal)) as Record<string, JournalEntry>);
    after.register('add', { handler: () => ({ count: ++runs }) });
    expect(await after.call('done', 'add', {}, quiet)).toEqual({ count: 1 });
    await expect(after.call('cut', 'forever', {}, quiet)).rejects.toMatchObject({
      code: RpcCode.duplicate,
      data: { reason: 'interrupted' },
    });
    expect(runs).toBe(1);
  });

  it('are journalled before they start', async () => {
    const saved: string[] = [];
    const box = new ToolBox({}, () => saved.push(JSON.stringify(box.journal)));
    box.register('look', { handler: () => void saved.push('ran') });
    await box.call('c', 'look', {}, quiet);
    expect(saved.map(s => (s === 'ran' ? s : (JSON.parse(s) as Record<string, JournalEntry>).c!.state))).toEqual([
      'started',
      'ran',
      'done',
    ]);
  });

  it('forget an acknowledged result and remember its id', async () => {
    const box = new ToolBox();
    box.register('add', { handler: () => 'x'.repeat(100) });
    await box.call('c', 'add', {}, quiet);
    box.acknowledge(['c']);
    expect(JSON.stringify(box.journal)).not.toContain('xxx');
    await expect(box.call('c', 'add', {}, quiet)).rejects.toMatchObject({ code: RpcCode.duplicate, data: { reason: 'acknowledged' } });
  });

  it('keep a bounded journal, settled ids first to go', async () => {
    const box = new ToolBox();
    box.register('one', { handler: () => 1 });
    await box.call('kept', 'one', {}, quiet);
    for (let i = 0; i < 700; i++) {
      await box.call(`c${i}`, 'one', {}, quiet);
      box.acknowledge([`c${i}`]);
    }
    expect(Object.keys(box.journal).length).toBeLessThanOrEqual(512);
    expect(box.journal.kept).toEqual({ state: 'done', result: 1 });
  });

  it('hear that they are cancelled', async () => {
    const box = new ToolBox();
    box.register('wait', {
      handler: (_: unknown, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stop')))),
    });
    const running = box.call('c', 'wait', {}, quiet);
    await settle();
    box.cancel('c');
    await expect(running).rejects.toMatchObject({ code: RpcCode.cancelled });
  });

  it('tell progress and get their arguments', async () => {
    const box = new ToolBox();
    const progress: string[] = [];
    box.register('find', {
      handler: (args: { what: string }, context: ToolContext) => {
        context.progress(`looking for ${args.what}`);
        return context.callId;
      },
    } as never);
    expect(await box.call('c9', 'find', { what: 'salt' }, m => progress.push(m))).toBe('c9');
    expect(progress).toEqual(['looking for salt']);
  });

  it('wait for modules that are still loading before a name is unknown', async () => {
    const box = new ToolBox();
    let loaded!: () => void;
    box.expect(new Promise<void>(resolve => (loaded = resolve)));
    const early = box.call('c', 'late', {}, quiet);
    await settle();
    box.register('late', { handler: () => 'here' });
    loaded();
    expect(await early).toBe('here');
    await expect(box.call('d', 'never', {}, quiet)).rejects.toMatchObject({ code: RpcCode.methodNotFound });
  });

  it('give null for nothing, and an error for what is no JSON', async () => {
    const box = new ToolBox();
    box.register('nothing', { handler: () => undefined });
    box.register('big', { handler: () => 10n });
    const circle: { self?: unknown } = {};
    circle.self = circle;
    box.register('circle', { handler: () => circle });
    expect(await box.call('1', 'nothing', {}, quiet)).toBeNull();
    await expect(box.call('2', 'big', {}, quiet)).rejects.toMatchObject({ code: RpcCode.handlerFailed });
    await expect(box.call('3', 'circle', {}, quiet)).rejects.toMatchObject({ code: RpcCode.handlerFailed });
  });

  it('have names that a model can say, and handlers', () => {
    const box = new ToolBox();
    expect(() => box.register('two words', { handler: quiet })).toThrow(/no name/);
    expect(() => box.register('x'.repeat(65), { handler: quiet })).toThrow(/no name/);
    expect(() => box.register('ok', {} as never)).toThrow(/handler/);
    const remove = box.register('ok', { handler: quiet });
    expect(box.declarations().map(d => d.name)).toEqual(['ok']);
    remove();
    expect(box.declarations()).toEqual([]);
  });

  it('declares an object schema where its author left the type out', () => {
    const box = new ToolBox();
    box.register('a', { parameters: {}, handler: () => 1 });
    box.register('b', { handler: () => 1 });
    box.register('c', { parameters: { properties: { x: { type: 'string' } }, required: ['x'] }, handler: () => 1 });
    expect(box.declarations().map(d => d.parameters)).toEqual([
      { type: 'object', properties: {} },
      { type: 'object', properties: {} },
      { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] },
    ]);
  });
});
