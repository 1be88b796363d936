// @vitest-environment jsdom
import { act, createElement as h, StrictMode, useState } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useVoiceCall, useVoiceConfirmations, useVoiceTool, VoiceCallProvider, type VoiceCall } from '../src/react/index.js';
import { Emitter } from '../src/sdk/emitter.js';
import type { CallEvents, CallState, ConnectOptions, ToolDefinition } from '../src/sdk/types.js';

/** A call whose server is the test. */
class FakeCall extends Emitter<CallEvents> {
  static made: FakeCall[] = [];
  static resumable = false;
  /** The next `start()` fails with this. */
  static refusal: Error | undefined;
  state: CallState = 'idle';
  readonly transcript: unknown[] = [];
  readonly shown = [];
  readonly notes = [];
  readonly activities = [];
  readonly confirmations = [];
  readonly audio = { microphone: 'off' };
  readonly tools = new Map<string, ToolDefinition<never>>();
  readonly registrations: string[] = [];
  readonly resumable = FakeCall.resumable;
  left = false;

  constructor(readonly options: ConnectOptions) {
    super();
    FakeCall.made.push(this);
  }

  static get started(): FakeCall[] {
    return FakeCall.made.filter(call => call.state !== 'idle');
  }

  to(state: CallState): void {
    const previous = this.state;
    this.state = state;
    this.emit('state', { state, previous });
  }

  tell<K extends keyof CallEvents>(type: K, event: CallEvents[K]): void {
    this.emit(type, event);
  }

  hears(type: keyof CallEvents): boolean {
    return this.has(type);
  }

  async start(): Promise<void> {
    if (FakeCall.refusal) throw FakeCall.refusal;
    this.to('listening');
  }

  async resume(): Promise<void> {
    this.to('listening');
  }

  async leave(): Promise<void> {
    this.left = true;
    this.to('ended');
  }

  registerTool(name: string, tool: ToolDefinition<never>): () => void {
    this.registrations.push(name);
    this.tools.set(name, tool);
    return () => void (this.tools.get(name) === tool && this.tools.delete(name));
  }
}

vi.mock('../src/sdk/call.js', () => ({
  Call: class {
    constructor(options: ConnectOptions) {
      return new FakeCall(options);
    }
  },
}));
vi.mock('../src/sdk/warm.js', () => ({ warm: vi.fn() }));

let root: Root;
let box: HTMLElement;
let call: VoiceCall;
let unknown: unknown[];

function Lamp({ colour, description = 'Lights the lamp.' }: { colour: string; description?: string }) {
  useVoiceTool('set_lamp', { description, parameters: { type: 'object', properties: {} }, handler: () => colour });
  return h('i', null, colour);
}

function Page({ lamp = 'red', description }: { lamp?: string | null; description?: string }) {
  call = useVoiceCall({ role: 'lamp' });
  return h(
    VoiceCallProvider,
    { call },
    h('b', null, call.state),
    lamp && h(Lamp, { colour: lamp, ...(description ? { description } : {}) }),
  );
}

const show = (page: ReturnType<typeof h>) => act(async () => root.render(h(StrictMode, null, page)));

beforeEach(() => {
  vi.useFakeTimers();
  (globalThis as Record<string, unknown>).IS_REACT_ACT_ENVIRONMENT = true;
  FakeCall.made = [];
  FakeCall.resumable = false;
  FakeCall.refusal = undefined;
  unknown = [];
  vi.spyOn(console, 'error').mockImplementation((...words) => void unknown.push(words));
  box = document.body.appendChild(document.createElement('div'));
  root = createRoot(box);
});

afterEach(async () => {
  await act(async () => root.unmount());
  vi.useRealTimers();
  box.remove();
  expect(unknown).toEqual([]);
});

describe('useVoiceCall under StrictMode', () => {
  it('opens nothing before start(), and one call then', async () => {
    await show(h(Page));
    expect(FakeCall.started).toHaveLength(0);
    await act(() => call.start());
    await act(() => call.start());
    expect(FakeCall.started).toHaveLength(1);
    expect(box.textContent).toBe('listeningred');
  });

  it('goes on with the call that a reload cut off, once', async () => {
    FakeCall.resumable = true;
    await show(h(Page));
    expect(FakeCall.started).toHaveLength(1);
    expect(call.state).toBe('listening');
  });

  it('keeps its call when it is mounted again at once, and leaves it after a second', async () => {
    function Moved({ page }: { page: boolean }) {
      return page ? h(Page) : null;
    }
    await show(h(Moved, { page: true }));
    await act(() => call.start());
    const [held] = FakeCall.started;
    await show(h(Moved, { page: false }));
    await act(async () => vi.advanceTimersByTime(900));
    expect(held!.left).toBe(false);
    await act(async () => vi.advanceTimersByTime(200));
    expect(held!.left).toBe(true);
    expect(held!.hears('state')).toBe(false);
  });

  it('gives another snapshot after a change, the same functions always', async () => {
    await show(h(Page));
    const before = call;
    await act(() => call.start());
    const [held] = FakeCall.started;
    held!.transcript.push({ itemId: 'a', speaker: 'user', text: 'Hello', final: true });
    await act(async () => held!.tell('transcript', { item: held!.transcript[0] as never, items: [] }));
    expect(before.transcript).toHaveLength(0);
    expect(call.transcript).toHaveLength(1);
    expect(call.start).toBe(before.start);
    await act(async () => held!.tell('ended', { reason: 'hangup' }));
    expect(call.endReason).toBe('hangup');
  });

  it('says why a call did not begin, and does not throw', async () => {
    FakeCall.refusal = Object.assign(new Error('There is no role lamp.'), { code: 'unknown_role' });
    await show(h(Page));
    await act(() => call.start());
    expect(call.error).toEqual({ code: 'unknown_role', message: 'There is no role lamp.', fatal: true });
  });

  it('takes over a page that a server rendered', async () => {
    const html = renderToString(h(Page));
    const served = document.body.appendChild(document.createElement('div'));
    served.innerHTML = html;
    const hydrated = await act(async () => hydrateRoot(served, h(Page)));
    expect(served.textContent).toBe('idlered');
    await act(async () => hydrated.unmount());
    served.remove();
  });
});

describe('useVoiceTool', () => {
  const lamp = () => FakeCall.started[0]!.tools.get('set_lamp');

  it('registers before and during a call, and takes back what is unmounted', async () => {
    await show(h(Page));
    await act(() => call.start());
    expect(lamp()?.description).toBe('Lights the lamp.');
    await show(h(Page, { lamp: null }));
    expect(lamp()).toBeUndefined();
    await show(h(Page));
    expect(lamp()).toBeDefined();
  });

  it('calls the handler of the last render without telling the model again', async () => {
    await show(h(Page));
    await act(() => call.start());
    const told = FakeCall.started[0]!.registrations.length;
    await show(h(Page, { lamp: 'blue' }));
    expect(lamp()!.handler({} as never, {} as never)).toBe('blue');
    expect(FakeCall.started[0]!.registrations).toHaveLength(told);
    await show(h(Page, { lamp: 'blue', description: 'Lights the big lamp.' }));
    expect(lamp()?.description).toBe('Lights the big lamp.');
  });

  it('needs a call', async () => {
    class Boundary extends (await import('react')).Component<{ children: unknown }> {
      override state = { message: '' };
      static getDerivedStateFromError = (error: Error) => ({ message: error.message });
      override render = () => this.state.message || (this.props.children as never);
    }
    await show(h(Boundary, null, h(Lamp, { colour: 'red' })));
    expect(box.textContent).toContain('VoiceCallProvider');
    unknown = [];
  });
});

describe('useVoiceConfirmations', () => {
  function Questions() {
    return h('u', null, String(useVoiceConfirmations().length));
  }
  function Asked({ questions }: { questions: boolean }) {
    call = useVoiceCall({ role: 'lamp' });
    useState(0);
    return h(VoiceCallProvider, { call }, questions && h(Questions));
  }

  it('has the questions asked only while somebody shows them', async () => {
    await show(h(Asked, { questions: false }));
    await act(() => call.start());
    const [held] = FakeCall.started;
    expect(held!.hears('confirm')).toBe(false);
    await show(h(Asked, { questions: true }));
    expect(held!.hears('confirm')).toBe(true);
    await act(async () => held!.tell('confirm', { pending: [{ callId: 'c', name: 'pay', arguments: {}, answer: () => undefined }] }));
    expect(box.textContent).toBe('1');
  });
});
