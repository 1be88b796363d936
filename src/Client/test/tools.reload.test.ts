import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../src/sdk/memory.js';
import { RpcCode, RpcError } from '../src/sdk/rpc.js';
import { ToolBox } from '../src/sdk/tools.js';
import { settle } from './fakes.js';

const quiet = () => undefined;

/** Where a reload may cut a call off, from the request's arrival to its acknowledgement. */
const boundaries = [
  'before the request',
  'request read',
  'handler running',
  'handler done',
  'response sent',
  'acknowledged',
  'never',
] as const;

/** A page that can be reloaded: what it stored is all that is left. */
class Page {
  stored = '{}';
  runs = 0;
  finish: () => void = quiet;
  box!: ToolBox;

  constructor(private readonly idempotent: boolean) {
    this.load();
  }

  load(): void {
    const life = {};
    this.#life = life;
    const box = new ToolBox(JSON.parse(this.stored) as Record<string, JournalEntry>, () => {
      // A page that is gone stores nothing any more.
      if (this.#life === life) this.stored = JSON.stringify(box.journal);
    });
    box.register('add', {
      idempotent: this.idempotent,
      handler: async () => {
        // Nothing runs in a page that is gone.
        if (this.#life !== life) return new Promise(quiet);
        this.runs++;
        await new Promise<void>(resolve => (this.finish = resolve));
        return { added: true };
      },
    });
    this.box = box;
  }

  #life: object = {};
}

/** Asks as the server does: again on every new channel, until there is an answer. */
async function play(boundary: (typeof boundaries)[number], idempotent: boolean): Promise<{ answer: unknown; runs: number }> {
  const page = new Page(idempotent);
  const ask = () => page.box.call('call_1', 'add', {}, quiet).catch((error: unknown) => error);
  if (boundary === 'before the request') page.load();
  let answer = ask();
  if (boundary === 'request read') {
    page.load();
    answer = ask();
  }
  await settle();
  if (boundary === 'handler running') {
    page.load();
    answer = ask();
    await settle();
  }
  page.finish();
  await settle();
  if (boundary === 'handler done' || boundary === 'response sent') {
    // Whether the response was on its way or not: it is lost with the channel.
    page.load();
    answer = ask();
  }
  const got = await answer;
  page.box.acknowledge(['call_1']);
  if (boundary === 'acknowledged') {
    page.load();
    expect(await ask()).toMatchObject({ code: RpcCode.duplicate, data: { reason: 'acknowledged' } });
  }
  return { answer: got, runs: page.runs };
}

describe('a reload at every boundary of a call', () => {
  it.each(boundaries)('%s: runs once at most and is answered', async boundary => {
    const { answer, runs } = await play(boundary, false);
    expect(runs).toBe(1);
    if (boundary === 'handler running') expect(answer).toMatchObject({ code: RpcCode.duplicate, data: { reason: 'interrupted' } });
    else expect(answer).toEqual({ added: true });
  });

  it.each(boundaries)('%s: a function that may run twice always ends with its result', async boundary => {
    const { answer, runs } = await play(boundary, true);
    expect(answer).toEqual({ added: true });
    expect(runs).toBe(boundary === 'handler running' ? 2 : 1);
  });

  it('leaves an interrupted call interrupted, whoever asks how often, also when its function is gone', async () => {
    const box = new ToolBox({ cut: { state: 'started' } });
    const interrupted = { code: RpcCode.duplicate, data: { reason: 'interrupted' } };
    await expect(box.call('cut', 'add', {}, quiet)).rejects.toMatchObject(interrupted);
    box.register('add', { handler: () => 1 });
    await expect(box.call('cut', 'add', {}, quiet)).rejects.toMatchObject(interrupted);
    await expect(box.call('cut', 'add', {}, quiet)).rejects.toBeInstanceOf(RpcError);
    expect(box.journal).toEqual({ cut: { state: 'started' } });
  });
});
