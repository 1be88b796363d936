import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../src/sdk/call.js';
import { CallOwner } from '../src/sdk/owner.js';
import type { ToolDefinition } from '../src/sdk/types.js';

/** A call whose server is the test. */
class FakeCall {
  state = 'idle';
  left = false;
  readonly tools = new Set<string>();

  constructor(
    readonly resumable: boolean,
    readonly known: boolean,
  ) {}

  async start(): Promise<void> {
    this.state = 'listening';
  }

  async resume(): Promise<void> {
    if (!this.known) throw new Error('call_over');
    this.state = 'listening';
  }

  async leave(): Promise<void> {
    this.left = true;
    this.state = 'ended';
  }

  registerTool(name: string): () => void {
    this.tools.add(name);
    return () => void this.tools.delete(name);
  }
}

const lamp: ToolDefinition<never> = { handler: () => 'lit' };
let made: FakeCall[];
let log: string[];
let kept = { resumable: false, known: false };

const owner = () =>
  new CallOwner({
    make: resume => {
      const call = new FakeCall(resume && kept.resumable, kept.known);
      made.push(call);
      return call as unknown as Call;
    },
    taken: () => log.push('taken'),
    released: () => log.push('released'),
  });

describe('an owner of calls', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    made = [];
    log = [];
    kept = { resumable: false, known: false };
  });
  afterEach(() => vi.useRealTimers());

  it('keeps its call over a move within the document, and leaves it after a second outside', async () => {
    const own = owner();
    expect(own.mount()).toBe(true);
    await own.start();
    own.unmount();
    vi.advanceTimersByTime(900);
    expect(own.mount()).toBe(false);
    vi.advanceTimersByTime(5_000);
    expect(made[0]!.left).toBe(false);
    own.unmount();
    vi.advanceTimersByTime(1_000);
    expect(made[0]!.left).toBe(true);
    expect(own.call).toBeUndefined();
    expect(log).toEqual(['taken', 'released']);
    expect(own.mount()).toBe(true);
  });

  it('has one call at a time', async () => {
    const own = owner();
    await own.start();
    await own.start();
    expect(made).toHaveLength(1);
    made[0]!.state = 'ended';
    await own.start();
    expect(made).toHaveLength(2);
  });

  it('goes on with the call of its tab, and has none when the server no longer knows it', async () => {
    const own = owner();
    expect(await own.resume()).toBe(false);
    expect(log).toEqual([]);
    kept = { resumable: true, known: false };
    expect(await own.resume()).toBe(false);
    expect(own.call).toBeUndefined();
    kept = { resumable: true, known: true };
    expect(await own.resume()).toBe(true);
    expect(own.call).toBe(made.at(-1));
  });

  it('offers its functions in each call, until they are taken back', async () => {
    const own = owner();
    const remove = own.registerTool('set_lamp', lamp);
    await own.start();
    expect([...made[0]!.tools]).toEqual(['set_lamp']);
    made[0]!.state = 'ended';
    await own.start();
    expect([...made[1]!.tools]).toEqual(['set_lamp']);
    remove();
    expect([...made[1]!.tools]).toEqual([]);
  });

  it('does not take back a function that has the name by now', async () => {
    const own = owner();
    await own.start();
    const removeFirst = own.registerTool('set_lamp', lamp);
    own.registerTool('set_lamp', { handler: () => 'brighter' });
    removeFirst();
    expect([...made[0]!.tools]).toEqual(['set_lamp']);
  });
});
