import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call } from '../src/sdk/call.js';
import { heldCalls } from '../src/sdk/holder.js';
import { deferred } from '../src/sdk/later.js';
import { refusal } from '../src/sdk/signaling.js';
import { BridgeError, type CallEvents, type ConnectOptions, type ToolContext } from '../src/sdk/types.js';
import { FakeAudio, FakeMicrophones, FakePeerConnection, FakeSignaling, FakeStore, installFakes, serve, settle } from './fakes.js';

const times = { showAfter: 700, restartAfter: 2_500, attempt: 6_000, giveUp: 60_000 };

describe('a call', () => {
  let signaling: FakeSignaling;
  let store: FakeStore;
  let heard: { [K in keyof CallEvents]?: CallEvents[K][] };

  const make = (options: Partial<ConnectOptions> = {}) => {
    const call = new Call(
      { role: 'demo', url: 'http://bridge.test', audio: false, locale: 'en', timeZone: 'UTC', ...options },
      { signaling, store, times },
    );
    heard = {};
    for (const type of ['state', 'info', 'transcript', 'progress', 'show', 'recap', 'error', 'ended', 'audio', 'note', 'notice'] as const)
      call.on(type, event => ((heard[type] ??= []) as unknown[]).push(event));
    return call;
  };
  const states = () => heard.state?.map(s => s.state) ?? [];
  const pc = () => FakePeerConnection.last;
  /** Starts a call whose server answers everything. */
  const running = async (options: Partial<ConnectOptions> = {}, more?: (m: Record<string, unknown>) => unknown) => {
    const call = make(options);
    signaling.onOffer = () => {
      serve(pc().channel, 'listening', more);
      queueMicrotask(() => pc().connect());
    };
    await call.start();
    return call;
  };

  /** The document is left and loaded anew. */
  const reloaded = async () => {
    await vi.advanceTimersByTimeAsync(300);
    left?.();
    heldCalls.clear();
  };
  let left: (() => void) | undefined;

  beforeEach(() => {
    vi.useFakeTimers();
    installFakes();
    heldCalls.clear();
    Object.assign(globalThis, { addEventListener: (type: string, heard: () => void) => type === 'pagehide' && (left = heard) });
    signaling = new FakeSignaling();
    store = new FakeStore();
  });
  afterEach(() => vi.useRealTimers());

  it('joins and offers in two messages where the server knows no other way', async () => {
    signaling.old = true;
    await running();
    expect([signaling.starts, signaling.joins.length, signaling.offers.length]).toEqual([0, 1, 1]);
  });

  it('measures the steps of the way up', async () => {
    const measure = vi.spyOn(performance, 'measure');
    await running();
    expect(measure.mock.calls.map(([name]) => name)).toEqual(
      expect.arrayContaining(['hub open', 'peer connected', 'channel open', 'ready'].map(step => `bridge: ${step}`)),
    );
    measure.mockClear();
    pc().become('disconnected');
    expect(measure).not.toHaveBeenCalled();
  });

  it('joins, offers at once, and introduces its tools', async () => {
    const call = await running({
      tools: { add: { description: 'Adds', parameters: { type: 'object' }, handler: () => 1 } },
      attributes: { plan: 'pro', seats: 3 },
    });
    expect(signaling.joins).toEqual([{ role: 'demo', attributes: { plan: 'pro', seats: '3' }, locale: 'en', timeZone: 'UTC' }]);
    expect(signaling.offers).toEqual(['offer 0.1']);
    expect([signaling.starts, signaling.candidates]).toEqual([1, []]);
    expect(pc().channel.sent[0]).toMatchObject({
      method: 'page/hello',
      params: {
        tools: [{ name: 'add', description: 'Adds', parameters: { type: 'object' } }],
        locale: 'en',
        timeZone: 'UTC',
        attributes: { plan: 'pro', seats: '3' },
      },
    });
    expect(states()).toEqual(['connecting', 'listening']);
    expect([call.state, call.callId, call.role?.name, call.model?.kind]).toEqual(['listening', 'call-1', 'Demo', 'rehearsal']);
  });

  it('tells each key of a telephone keypad once, from the first moment on', async () => {
    const early: string[] = [];
    const call = await running({ on: { dtmf: ({ digit }) => early.push(digit) } });
    const keys: CallEvents['dtmf'][] = [];
    const stop = call.on('dtmf', key => keys.push(key));
    const { channel } = pc();
    for (const digit of '4*#D') channel.receive({ method: 'call/dtmf', params: { digit } });
    await settle();
    expect(keys).toEqual([{ digit: '4' }, { digit: '*' }, { digit: '#' }, { digit: 'D' }]);
    stop();
    channel.receive({ method: 'call/dtmf', params: { digit: '1' } });
    await settle();
    expect(keys).toHaveLength(4);
    expect(early.join('')).toBe('4*#D1');
    expect(channel.sent.filter(m => m.error)).toEqual([]);
  });

  it('sends its candidates to a server that is not ICE-lite', async () => {
    signaling.answer = 'v=0\r\n';
    await running();
    (pc().onicecandidate as (e: unknown) => void)({ candidate: { candidate: 'candidate:1 1 udp 1 10.0.0.1 5000 typ host', sdpMid: '0' } });
    expect(signaling.candidates).toEqual(['candidate:1 1 udp 1 10.0.0.1 5000 typ host']);
  });

  it('waits for a server that is being restarted, without another click, and says so once', async () => {
    signaling.refuse = new BridgeError('shutting_down', 'The server is shutting down.', undefined, 3);
    const call = make();
    const started = call.start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(signaling.joins.length).toBe(11);
    expect(heard.error).toEqual([{ code: 'shutting_down', message: 'The server is shutting down.', fatal: false }]);
    expect([call.state, call.waiting]).toEqual(['connecting', true]);

    // The old process is gone, the new one is not up yet.
    [signaling.refuse, signaling.unreachable] = [undefined, true];
    await vi.advanceTimersByTimeAsync(60_000);
    expect([call.state, call.waiting]).toEqual(['connecting', true]);

    signaling.unreachable = false;
    signaling.onOffer = () => (serve(pc().channel, 'listening'), queueMicrotask(() => pc().connect()));
    await vi.advanceTimersByTimeAsync(3_000);
    await started;
    expect([call.state, call.waiting]).toEqual(['listening', false]);
    expect(heard.error?.length).toBe(1);
    expect(FakePeerConnection.made.filter(made => !made.closed)).toEqual([pc()]);
  });

  it('gives up a restart that takes too long, and one that the person hangs up on', async () => {
    signaling.refuse = new BridgeError('shutting_down', 'The server is shutting down.', undefined, 3);
    let call = make();
    let started = expect(call.start()).rejects.toMatchObject({ code: 'shutting_down' });
    await vi.advanceTimersByTimeAsync(5 * 60_000 + 4_000);
    await started;
    expect(heard.ended).toEqual([{ reason: 'shutting_down' }]);

    call = make();
    started = expect(call.start()).rejects.toMatchObject({ code: 'ended' });
    await vi.advanceTimersByTimeAsync(4_000);
    await call.hangup();
    const joins = signaling.joins.length;
    await vi.advanceTimersByTimeAsync(60_000);
    await started;
    expect([signaling.joins.length, heard.ended]).toEqual([joins, [{ reason: 'hangup' }]]);
  });

  it('does not wait for a server that was never there', async () => {
    signaling.unreachable = true;
    await expect(make().start()).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('says what is wrong when the server refuses', async () => {
    signaling.refuse = new BridgeError('unknown_role', 'There is no role "demo".');
    const call = make();
    await expect(call.start()).rejects.toMatchObject({ code: 'unknown_role' });
    expect(heard.error).toEqual([{ code: 'unknown_role', message: 'There is no role "demo".', fatal: true }]);
    expect(heard.ended).toEqual([{ reason: 'unknown_role' }]);
    expect(call.state).toBe('ended');
    expect(pc().closed).toBe(true);
    expect(signaling.closed).toBe(true);
  });

  it('gives up when nobody answers', async () => {
    signaling.onOffer = () => undefined;
    const call = make();
    const started = call.start().catch((e: BridgeError) => e);
    await vi.advanceTimersByTimeAsync(21_000);
    expect(await started).toMatchObject({ code: 'timeout' });
    expect(call.state).toBe('ended');
  });

  it('says so where the browser, or an extension, lets no page make calls', async () => {
    vi.stubGlobal('RTCPeerConnection', undefined);
    await expect(make().start()).rejects.toMatchObject({ code: 'no_webrtc' });
    expect([heard.ended, signaling.joins]).toEqual([[{ reason: 'no_webrtc' }], []]);
    vi.unstubAllGlobals();
  });

  it('does not blame the server for what fails on the page', async () => {
    vi.stubGlobal(
      'RTCPeerConnection',
      class {
        constructor() {
          throw new TypeError('blocked');
        }
      },
    );
    await expect(make().start()).rejects.toMatchObject({ code: 'page_failed', message: 'blocked' });
    vi.unstubAllGlobals();
  });

  it('says that the network blocks it when no path stands', async () => {
    signaling.onOffer = () => queueMicrotask(() => pc().become('failed'));
    await expect(make().start()).rejects.toMatchObject({ code: 'no_path' });
  });

  it('tells states, words, activity and what is shown', async () => {
    const call = await running();
    const { channel } = pc();
    channel.receive({ method: 'call/state', params: { state: 'thinking' } });
    channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'user', text: 'Hel', final: false } });
    channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'user', text: 'Hello', final: true } });
    channel.receive({ method: 'tool/activity', params: { callId: 't1', name: 'find', target: 'http', phase: 'started' } });
    channel.receive({
      method: 'tool/activity',
      params: { callId: 't1', name: 'find', target: 'http', phase: 'progress', message: 'still looking' },
    });
    channel.receive({ method: 'tool/activity', params: { callId: 't1', name: 'find', target: 'http', phase: 'done' } });
    channel.receive({ id: 50, method: 'stage/show', params: { id: 's', kind: 'markdown', markdown: '# Hi' } });
    await settle();
    expect(call.state).toBe('thinking');
    expect(call.transcript).toMatchObject([{ itemId: 'i1', text: 'Hello', final: true }]);
    expect(heard.transcript?.map(e => e.item.text)).toEqual(['Hel', 'Hello']);
    expect(call.activities).toMatchObject([{ callId: 't1', phase: 'done', message: 'still looking' }]);
    expect(channel.sent.at(-1)).toMatchObject({ id: 50, result: { shown: true } });
    channel.receive({ method: 'call/transcript', params: { itemId: 'i1', withdrawn: true } });
    expect(call.transcript).toEqual([]);
    expect(heard.transcript?.at(-1)?.item.withdrawn).toBe(true);
  });

  it('stops a function at once that the person cancels, and says so in both ways', async () => {
    let stopped = false;
    const handler = (_: unknown, { signal }: ToolContext) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => ((stopped = true), reject(new Error('stopped')))));
    const call = await running({ tools: { find: { description: 'Looks', parameters: { type: 'object' }, handler } } });
    const { channel } = pc();
    channel.receive({ id: 1, method: 'tool/call', params: { callId: 'c1', name: 'find', arguments: {} } });
    await settle();
    const cancelled = call.cancelTool('c1');
    expect(stopped).toBe(true);
    await cancelled;
    await settle();
    expect(channel.sent).toContainEqual(expect.objectContaining({ method: 'page/tool/cancel', params: { callId: 'c1' } }));
    expect(channel.sent).toContainEqual(expect.objectContaining({ id: 1, error: expect.objectContaining({ code: -32004 }) }));
  });

  it('runs a function of the page for the model, once, and tells its progress', async () => {
    let runs = 0;
    await running({
      tools: {
        find: {
          handler: (args: { what: string }, context: ToolContext) => {
            context.progress('looking');
            return { found: args.what, runs: ++runs };
          },
        } as never,
      },
    });
    const { channel } = pc();
    const ask = (id: number) =>
      channel.receive({ id, method: 'tool/call', params: { callId: 'c1', name: 'find', arguments: { what: 'salt' }, workDoneToken: id } });
    ask(7);
    await settle();
    ask(8);
    await settle();
    expect(channel.sent.find(m => m.method === '$/progress')).toMatchObject({
      params: { token: 7, value: { kind: 'report', message: 'looking' } },
    });
    expect(channel.sent.filter(m => m.result !== undefined)).toMatchObject([
      { id: 7, result: { found: 'salt', runs: 1 } },
      { id: 8, result: { found: 'salt', runs: 1 } },
    ]);
    expect(heard.progress?.at(-1)).toMatchObject({ callId: 'c1', message: 'looking' });
  });

  it('says that it has a call before it enters the function, which may block the page for long', async () => {
    const order: string[] = [];
    await running({
      tools: {
        order: {
          handler: () =>
            order.push(
              ...pc()
                .channel.sent.slice(-1)
                .map(m => String(m.method)),
            ),
        },
      },
    });
    pc().channel.receive({ id: 7, method: 'tool/call', params: { callId: 'c1', name: 'order', arguments: {} } });
    await settle();
    expect(order).toEqual(['$/received']);
    expect(pc().channel.sent.filter(m => m.method === '$/received')).toMatchObject([{ params: { id: 7 } }]);
  });

  it('starts no function whose cancel is already there, by either way of cancelling', async () => {
    let runs = 0;
    await running({ tools: { order: { handler: () => ++runs } } });
    const { channel } = pc();
    // While the page was blocked, both came in.
    channel.receive({ id: 7, method: 'tool/call', params: { callId: 'c1', name: 'order', arguments: {} } });
    channel.receive({ method: '$/cancelRequest', params: { id: 7 } });
    channel.receive({ id: 8, method: 'tool/call', params: { callId: 'c2', name: 'order', arguments: {} } });
    channel.receive({ method: '$/acknowledge', params: { callIds: ['c2'] } });
    await settle();
    expect(runs).toBe(0);
    expect(channel.sent).toContainEqual(expect.objectContaining({ id: 7, error: expect.objectContaining({ code: -32004 }) }));
    // The next one runs.
    channel.receive({ id: 9, method: 'tool/call', params: { callId: 'c3', name: 'order', arguments: {} } });
    await settle();
    expect([runs, channel.sent.at(-1)]).toMatchObject([1, { id: 9, result: 1 }]);
  });

  it('introduces a tool that is registered later, several in one message', async () => {
    const call = await running();
    const before = pc().channel.sent.length;
    call.registerTool('one', { handler: () => 1 });
    call.registerTool('two', { handler: () => 2 });
    await vi.advanceTimersByTimeAsync(1);
    const hellos = pc()
      .channel.sent.slice(before)
      .filter(m => m.method === 'page/hello');
    expect(hellos).toHaveLength(1);
    expect((hellos[0]!.params as { tools: { name: string }[] }).tools.map(t => t.name)).toEqual(['one', 'two']);
  });

  it('tells the line for an answer that takes long, and that it is there', async () => {
    const call = await running();
    const lines: (string | null)[] = [];
    call.on('waiting', ({ words }) => lines.push(words));
    for (const words of ['One moment.', null, 7]) pc().channel.receive({ method: 'call/waiting', params: { words } });
    await settle();
    expect(lines).toEqual(['One moment.', null, null]);
  });

  it('tells what the model’s service refused in mid-call, and nothing that is no problem', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const call = await running();
    const message = 'bad is left out: the model’s service refuses it (invalid_function_parameters).';
    for (const params of [{ code: 'tool_refused', message }, { code: 'tool_refused' }, { code: 1, message }, null])
      pc().channel.receive({ method: 'call/problem', params });
    await settle();
    expect(heard.error).toEqual([{ code: 'tool_refused', message, fatal: false }]);
    expect(warned.mock.calls).toEqual([[`Voice bridge: ${message}`]]);
    warned.mockRestore();
    expect(call.state).toBe('listening');
  });

  it('tells once which tool the server leaves out, and why', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const call = await running();
    const message = 'bad is left out: #/pattern is no regular expression: (.';
    let refusedTools = [{ name: 'bad', message }];
    serve(pc().channel, 'listening', m => (m.method === 'page/hello' ? { callId: 'call-1', state: 'listening', refusedTools } : undefined));
    for (const name of ['bad', 'good']) {
      call.registerTool(name, { handler: () => 1 });
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(heard.error).toEqual([{ code: 'tool_refused', message, fatal: false }]);
    expect(warned.mock.calls).toEqual([[`Voice bridge: ${message}`]]);
    expect(call.state).toBe('listening');

    // Mended, and broken again: that is news.
    refusedTools = [];
    call.registerTool('bad', { handler: () => 1 });
    await vi.advanceTimersByTimeAsync(1);
    refusedTools = [{ name: 'bad', message }];
    call.registerTool('bad', { handler: () => 1 });
    await vi.advanceTimersByTimeAsync(1);
    expect(heard.error).toHaveLength(2);
    warned.mockRestore();
  });

  it('says it when the server does not take tools that come later', async () => {
    const call = await running();
    pc().channel.onSent = m =>
      queueMicrotask(() => pc().channel.receive({ id: m.id, error: { code: -32602, message: 'tools has to be an array.' } }));
    call.registerTool('one', { handler: () => 1 });
    await vi.advanceTimersByTimeAsync(1);
    expect(heard.error).toEqual([{ code: 'hello_failed', message: 'tools has to be an array.', fatal: false }]);
    expect(call.state).toBe('listening');
  });

  it('sends text, and waits with it until the line stands', async () => {
    const call = make();
    signaling.onOffer = () => {
      serve(pc().channel);
      setTimeout(() => pc().connect(), 500);
    };
    void call.start();
    const sent = call.sendText('hello');
    await vi.advanceTimersByTimeAsync(499);
    expect(pc().channel.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    await sent;
    expect(pc().channel.sent.at(-1)).toMatchObject({ method: 'page/text', params: { text: 'hello' } });
  });

  it('waits a short disconnect out without a word', async () => {
    const call = await running();
    pc().become('disconnected');
    await vi.advanceTimersByTimeAsync(600);
    pc().become('connected');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states()).toEqual(['connecting', 'listening']);
    expect(signaling.offers).toHaveLength(1);
    expect(call.state).toBe('listening');
  });

  it('restarts ICE on the same connection after a longer one', async () => {
    const call = await running();
    pc().become('disconnected');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(call.state).toBe('reconnecting');
    signaling.onOffer = () => queueMicrotask(() => pc().become('connected'));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(FakePeerConnection.made).toHaveLength(1);
    expect(pc().restarts).toEqual([false, true]);
    expect(call.state).toBe('listening');
    expect(signaling.joins).toHaveLength(1);
  });

  it('rejoins on a new connection when the restart leads nowhere, and the conversation is the same', async () => {
    const call = await running();
    pc().channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'user', text: 'Hello', final: true } });
    signaling.onOffer = undefined;
    pc().become('failed');
    await vi.advanceTimersByTimeAsync(100);
    expect(call.state).toBe('reconnecting');
    signaling.onOffer = sdp => {
      if (!sdp.startsWith('offer 1')) return;
      serve(pc().channel, 'speaking', m =>
        m.method === 'page/hello'
          ? {
              callId: 'call-1',
              state: 'speaking',
              transcript: [
                { itemId: 'i1', speaker: 'user', text: 'Hello', final: true },
                { itemId: 'i2', speaker: 'agent', text: 'Hi!', final: true, previousItemId: 'i1' },
              ],
            }
          : undefined,
      );
      queueMicrotask(() => pc().connect());
    };
    await vi.advanceTimersByTimeAsync(7_000);
    expect(FakePeerConnection.made).toHaveLength(2);
    expect(signaling.joins.at(-1)?.resumeToken).toBe('token-1');
    expect(call.state).toBe('speaking');
    expect(call.transcript.map(i => i.text)).toEqual(['Hello', 'Hi!']);
    expect(heard.error).toBeUndefined();
  });

  it('goes on at another node when it is told that its call has moved', async () => {
    const call = await running();
    const states: string[] = [];
    call.on('state', e => states.push(e.state));
    signaling.onOffer = () => {
      serve(pc().channel, 'listening');
      queueMicrotask(() => pc().connect());
    };
    pc().channel.receive({ id: 90, method: 'call/ended', params: { reason: 'moved' } });
    await vi.advanceTimersByTimeAsync(500);
    expect(FakePeerConnection.made).toHaveLength(2);
    expect(signaling.joins.at(-1)?.resumeToken).toBe('token-1');
    expect(call.state).toBe('listening');
    expect(states).not.toContain('ended');
    expect(heard.error).toBeUndefined();
  });

  it('is on two connections while its call changes its node, and asks again what was not answered', async () => {
    const call = await running();
    const first = pc();
    const states: string[] = [];
    call.on('state', e => states.push(e.state));
    const answered = (channel: typeof first.channel, id: number) => channel.sent.find(m => m['id'] === id && !m['method']);
    first.channel.receive({ id: 90, method: 'call/offer', params: {} });
    await vi.advanceTimersByTimeAsync(10);
    expect(FakePeerConnection.made).toHaveLength(2);
    expect(answered(first.channel, 90)?.['result']).toMatchObject({ sdp: expect.any(String) as string });
    const second = pc();
    first.channel.receive({ id: 91, method: 'call/answer', params: { sdp: 'v=0' } });
    await vi.advanceTimersByTimeAsync(10);
    expect(answered(first.channel, 91)).toBeUndefined();
    serve(second.channel, 'listening');
    second.connect();
    await vi.advanceTimersByTimeAsync(10);
    expect(answered(first.channel, 91)?.['result']).toEqual({});

    // The new node speaks before the page knows; the old one has left a request unanswered.
    first.channel.onSent = undefined;
    const said = call.sendText('Still there?');
    await vi.advanceTimersByTimeAsync(10);
    second.channel.receive({ method: 'call/transcript', params: { itemId: 'n1', speaker: 'agent', text: 'Here', final: true } });
    expect(call.transcript.map(i => i.text)).not.toContain('Here');
    first.channel.receive({ method: 'call/moved', params: {} });
    await said;
    expect(second.channel.sent.filter(m => m['method'] === 'page/text')).toHaveLength(1);
    expect(second.channel.sent.filter(m => m['method'] === 'page/hello')).toHaveLength(1);
    expect(call.transcript.map(i => i.text)).toContain('Here');
    expect(first.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([first.closed, second.closed]).toEqual([true, false]);
    expect(states).not.toContain('connecting');
    expect(states).not.toContain('reconnecting');
    expect(signaling.joins).toHaveLength(1);
    expect(heard.error).toBeUndefined();

    // The loss of the new connection is heeded as that of the old one was.
    signaling.onOffer = () => (serve(pc().channel, 'listening'), queueMicrotask(() => pc().connect()));
    second.channel.lose();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(FakePeerConnection.made).toHaveLength(3);
    expect(call.state).toBe('listening');
  });

  it('stays where it is when the other node does not take its call', async () => {
    const call = await running();
    const first = pc();
    first.channel.receive({ id: 90, method: 'call/offer', params: {} });
    await vi.advanceTimersByTimeAsync(10);
    const second = pc();
    first.channel.receive({ method: 'call/stay', params: {} });
    await vi.advanceTimersByTimeAsync(1_000);
    expect([first.closed, second.closed]).toEqual([false, true]);
    expect(call.state).toBe('listening');
    await call.sendText('Hello');
    expect(first.channel.sent.some(m => m['method'] === 'page/text')).toBe(true);
  });

  it('goes on at the node that took its call when the word of the one before is lost', async () => {
    const call = await running();
    const first = pc();
    first.channel.receive({ id: 90, method: 'call/offer', params: {} });
    await vi.advanceTimersByTimeAsync(10);
    const second = pc();
    first.channel.receive({ id: 91, method: 'call/answer', params: { sdp: 'v=0' } });
    serve(second.channel, 'listening');
    second.connect();
    await vi.advanceTimersByTimeAsync(10);
    second.channel.receive({ method: 'call/state', params: { state: 'listening' } });
    await vi.advanceTimersByTimeAsync(3_000);
    expect([first.closed, second.closed]).toEqual([true, false]);
    expect(call.state).toBe('listening');
    expect(signaling.joins).toHaveLength(1);
  });

  it('comes back to its call while the node that held it is being replaced', async () => {
    const call = await running();
    const joins = signaling.joins.length;
    signaling.refuse = new BridgeError(
      'node_away',
      'The server that holds this call does not answer; try again in a moment.',
      undefined,
      1,
    );
    pc().channel.lose();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(call.state).toBe('reconnecting');
    expect(signaling.joins.length - joins).toBe(3);
    signaling.refuse = undefined;
    signaling.onOffer = () => {
      serve(pc().channel, 'listening');
      queueMicrotask(() => pc().connect());
    };
    await vi.advanceTimersByTimeAsync(2_000);
    expect(call.state).toBe('listening');
    expect(signaling.joins.at(-1)?.resumeToken).toBe('token-1');
    expect(heard.error).toBeUndefined();
  });

  it('takes nothing back that was told before the answer to its introduction came', async () => {
    const call = await running();
    signaling.onOffer = () => {
      serve(pc().channel, 'listening', m => {
        if (m.method !== 'page/hello') return undefined;
        pc().channel.receive({ method: 'call/state', params: { state: 'listening' } });
        pc().channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'agent', text: 'Hello, you.', final: true } });
        return {
          callId: 'call-1',
          state: 'reconnecting',
          transcript: [
            { itemId: 'i1', speaker: 'agent', text: 'Hel', final: false },
            { itemId: 'i0', speaker: 'user', text: 'Hi', final: true },
          ],
        };
      });
      queueMicrotask(() => pc().connect());
    };
    pc().channel.onclose?.();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(call.state).toBe('listening');
    expect(call.transcript.map(i => i.text)).toEqual(['Hello, you.', 'Hi']);
  });

  it.each([
    { earlier: false, left: ['Hello', 'Hi!'] },
    // Lines before those that are told again may only have been too long for one message.
    { earlier: true, left: ['Long ago', 'Hello', 'Hi!'] },
  ])('takes lines away that were withdrawn while it was away (earlier lines: $earlier)', async ({ earlier, left }) => {
    const call = await running();
    const lines = [
      { itemId: 'i0', speaker: 'agent', text: 'Long ago', final: true },
      { itemId: 'i1', speaker: 'user', text: 'Hello', final: true, previousItemId: 'i0' },
      { itemId: 'i2', speaker: 'user', text: '(coughs)', final: false, previousItemId: 'i1' },
    ];
    for (const params of lines) pc().channel.receive({ method: 'call/transcript', params });
    signaling.onOffer = () => {
      serve(pc().channel, 'listening', m => {
        if (m.method !== 'page/hello') return undefined;
        pc().channel.receive({
          method: 'call/transcript',
          params: { itemId: 'i3', speaker: 'agent', text: 'Hi!', final: true, previousItemId: 'i1' },
        });
        return { callId: 'call-1', state: 'listening', transcript: [lines[1]], earlier };
      });
      queueMicrotask(() => pc().connect());
    };
    pc().channel.onclose?.();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(call.state).toBe('listening');
    expect(call.transcript.map(i => i.text)).toEqual(left);
    expect(heard.transcript?.filter(e => e.item.withdrawn).map(e => e.item.itemId)).toEqual(earlier ? ['i2'] : ['i0', 'i2']);
  });

  it('goes to a new connection when the hub was reopened in between, because the server expects one', async () => {
    await running();
    signaling.onReopened?.();
    await settle();
    expect(signaling.joins).toHaveLength(2);
    expect(FakePeerConnection.made).toHaveLength(1);
    pc().become('failed');
    await vi.advanceTimersByTimeAsync(100);
    expect(FakePeerConnection.made).toHaveLength(2);
  });

  it('goes on when the hub drops again while it claims its call, and claims it at the next reopening', async () => {
    const call = await running();
    signaling.refuse = refusal(new Error('WebSocket closed with status code: 1006 (no reason given).'));
    signaling.onReopened?.();
    await settle();
    expect([call.state, heard.ended, store.items.size]).toEqual(['listening', undefined, 1]);
    signaling.refuse = undefined;
    signaling.onReopened?.();
    await settle();
    expect(signaling.joins).toHaveLength(3);
    signaling.refuse = new BridgeError('shutting_down', 'The server is shutting down.');
    signaling.onReopened?.();
    await settle();
    expect(heard.ended).toEqual([{ reason: 'shutting_down' }]);
  });

  it('ends when the server lost the call, and opens no other in its place', async () => {
    await running();
    signaling.over = true;
    signaling.onReopened?.();
    await settle();
    expect(signaling.joins.at(-1)).toMatchObject({ resumeToken: 'token-1', resumeOnly: true });
    expect(heard.ended).toEqual([{ reason: 'call_over' }]);
  });

  it('ends when its way back leads to no call, for instance after a sleep, and brings the recap', async () => {
    const call = await running();
    pc().channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'user', text: 'Hello', final: true } });
    signaling.over = true;
    signaling.end = { reason: 'connection_lost', markdown: '**Said**' };
    pc().channel.lose();
    await vi.advanceTimersByTimeAsync(500);
    expect([heard.ended, heard.recap, call.transcript.length]).toEqual([[{ reason: 'call_over' }], [{ markdown: '**Said**' }], 1]);
    expect([signaling.joins.length, signaling.closed, pc().closed]).toEqual([2, true, true]);
  });

  it('hangs up what a server opened that does not know of resuming alone', async () => {
    await running();
    signaling.callId = 'call-2';
    signaling.join = async request => (
      signaling.joins.push(request),
      {
        callId: 'call-2',
        resumeToken: 't',
        resumed: false,
        iceServers: [],
        model: { kind: 'x', name: 'x' },
        role: { slug: 'demo', name: 'Demo' },
      }
    );
    signaling.onReopened?.();
    await settle();
    expect(heard.ended).toEqual([{ reason: 'call_over' }]);
    expect(signaling.hangups).toEqual(['call-2']);
  });

  it('gives up after a minute, and can still be found again by a reload', async () => {
    const call = await running();
    signaling.unreachable = true;
    pc().become('failed');
    await vi.advanceTimersByTimeAsync(80_000);
    expect(heard.ended).toEqual([{ reason: 'connection_lost' }]);
    expect(call.state).toBe('ended');
    expect(make().resumable).toBe(true);
  });

  it('is the same conversation after a reload', async () => {
    const before = await running();
    pc().channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'user', text: 'Hello', final: true } });
    pc().channel.receive({ id: 1, method: 'stage/show', params: { id: 's', kind: 'markdown', markdown: 'x' } });
    before.widgetState = { step: 3 };
    const began = before.startedAt;
    expect(began).toBe(Date.now());
    await reloaded();

    const after = make();
    expect(after.resumable).toBe(true);
    signaling.onOffer = () => (serve(pc().channel), queueMicrotask(() => pc().connect()));
    await after.resume();
    expect(signaling.joins.at(-1)).toMatchObject({ resumeToken: 'token-1', resumeOnly: true });
    expect(after.transcript.map(i => i.text)).toEqual(['Hello']);
    expect(after.shown.map(s => s.id)).toEqual(['s']);
    expect(after.widgetState).toEqual({ step: 3 });
    expect(after.startedAt).toBe(began);
    expect(heard.show).toHaveLength(1);
  });

  it('asks again when the node of its call does not answer the offer in time', async () => {
    await running();
    await reloaded();
    const after = make();
    signaling.onOffer = () => (serve(pc().channel), queueMicrotask(() => pc().connect()));
    signaling.away = 1;
    const resumed = after.resume();
    await vi.advanceTimersByTimeAsync(500);
    expect(after.state).toBe('connecting');
    const joins = signaling.joins.length;
    await vi.advanceTimersByTimeAsync(1_000);
    await resumed;
    expect(after.state).toBe('listening');
    expect(signaling.joins).toHaveLength(joins);
    expect(heard.error).toBeUndefined();
  });

  it('is gone on with by nobody while it runs in this document: a second one is a call of its own', async () => {
    await running();
    const ended = signaling.onEnded;
    signaling.callId = 'call-2';
    const second = await running({}, m =>
      m.method === 'page/hello'
        ? { callId: 'call-2', role: { slug: 'demo', name: 'Demo' }, model: { kind: 'x', name: 'x' }, state: 'listening' }
        : undefined,
    );
    expect(second.resumable).toBe(false);
    expect(signaling.joins.map(j => j.resumeToken)).toEqual([undefined, undefined]);
    await expect(make().resume()).rejects.toMatchObject({ code: 'not_resumable' });
    expect(signaling.joins).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(300);
    // The first one's end does not forget the second, which the tab remembers.
    ended?.({ callId: 'call-1', reason: 'hangup' });
    expect(JSON.parse([...store.items.values()][0]!)).toMatchObject({ callId: 'call-2' });
  });

  it('is left alone by a copy of the tab, which window.open makes', async () => {
    await running();
    await vi.advanceTimersByTimeAsync(300);
    heldCalls.clear();
    const copy = make();
    await expect(copy.resume()).rejects.toMatchObject({ code: 'not_resumable' });
    expect([copy.state, signaling.joins.length, heard.state]).toEqual(['idle', 1, undefined]);
    // A click there is a call of its own.
    signaling.callId = 'call-2';
    await running();
    expect(signaling.joins.at(-1)).not.toHaveProperty('resumeToken');
  });

  it('shows what was said when it was over before the page came back, opens neither call nor microphone, and brings the recap', async () => {
    const microphones = new FakeMicrophones();
    vi.stubGlobal('navigator', { mediaDevices: microphones });
    vi.stubGlobal('isSecureContext', true);
    await running({ audio: false });
    pc().channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'user', text: 'Hello', final: true } });
    await reloaded();
    signaling.over = true;
    signaling.end = { reason: 'connection_lost', markdown: '**Said**' };
    const after = make({ audio: {} });
    await expect(after.resume()).rejects.toMatchObject({ code: 'call_over' });
    await settle();
    expect([after.state, heard.ended, heard.recap, after.transcript.map(i => i.text)]).toEqual([
      'ended',
      [{ reason: 'call_over' }],
      [{ markdown: '**Said**' }],
      ['Hello'],
    ]);
    expect([microphones.asked.length, signaling.offers.length, signaling.closed]).toEqual([0, 1, true]);
    // Another reload finds the same again.
    const later = make();
    await expect(later.resume()).rejects.toMatchObject({ code: 'call_over' });
    expect(later.transcript).toHaveLength(1);
    vi.unstubAllGlobals();
  });

  it('is found again, with its recap, by whoever left its page and comes back', async () => {
    const call = await running();
    pc().channel.receive({ method: 'call/transcript', params: { itemId: 'i1', speaker: 'user', text: 'Hello', final: true } });
    void call.leave();
    await settle();
    pc().channel.receive({ method: 'call/ended', params: { reason: 'hangup' } });
    await settle();
    expect(heard.ended).toEqual([{ reason: 'hangup' }]);
    signaling.over = true;
    signaling.end = { reason: 'hangup', markdown: 'Later' };
    const after = make();
    await expect(after.resume()).rejects.toMatchObject({ code: 'call_over' });
    await settle();
    expect([heard.recap, after.transcript.length]).toEqual([[{ markdown: 'Later' }], 1]);
  });

  it('that is given up while it is still being looked for begins nothing', async () => {
    await running();
    await reloaded();
    const after = make();
    const resumed = after.resume().catch((e: BridgeError) => e);
    await after.hangup();
    expect(await resumed).toMatchObject({ code: 'ended' });
    expect(signaling.joins).toHaveLength(1);
  });

  it('tells that a budget comes to its end, in the words of the role', async () => {
    await running();
    pc().channel.receive({ method: 'call/notice', params: { kind: 'cost_low', text: 'Soon we have to stop.' } });
    expect(heard.notice).toEqual([{ kind: 'cost_low', text: 'Soon we have to stop.' }]);
  });

  it('hangs up: quiet at once, the recap still comes, then all is released', async () => {
    const call = await running();
    const { channel } = pc();
    const over = call.hangup();
    expect(call.state).toBe('ended');
    await settle();
    expect(channel.sent.at(-1)).toMatchObject({ method: 'page/hangup' });
    expect(heard.ended).toBeUndefined();
    channel.receive({ method: 'call/recap', params: { markdown: '**Done**' } });
    channel.receive({ method: 'call/ended', params: { reason: 'hangup' } });
    await over;
    expect(heard.recap).toEqual([{ markdown: '**Done**' }]);
    expect(heard.ended).toEqual([{ reason: 'hangup' }]);
    expect([pc().closed, signaling.closed, store.items.size]).toEqual([true, true, 0]);
    expect(signaling.hangups).toEqual([]);
  });

  it('hangs up over the next channel when this one is lost in between, and still gets its recap', async () => {
    const call = await running();
    FakePeerConnection.made[0]!.channel.onSent = m => {
      if (m.method === 'page/hangup') queueMicrotask(() => FakePeerConnection.made[0]!.channel.lose());
    };
    const over = call.hangup();
    await vi.advanceTimersByTimeAsync(500);
    expect(FakePeerConnection.made).toHaveLength(2);
    expect(pc().channel.sent.map(m => m.method)).toContain('page/hangup');
    pc().channel.receive({ method: 'call/recap', params: { markdown: 'late' } });
    pc().channel.receive({ method: 'call/ended', params: { reason: 'hangup' } });
    await over;
    expect(heard.recap).toEqual([{ markdown: 'late' }]);
    expect(pc().closed).toBe(true);
  });

  it('hangs up over the hub when the server says nothing on the channel', async () => {
    const call = await running();
    const over = call.hangup();
    await vi.advanceTimersByTimeAsync(16_000);
    await over;
    expect(signaling.hangups).toEqual(['call-1']);
    expect(heard.ended).toEqual([{ reason: 'hangup' }]);
  });

  it('joins nothing when it was hung up while the hub opened', async () => {
    const opening = deferred();
    signaling.opening = opening.promise;
    const call = make();
    const started = call.start().catch((e: BridgeError) => e);
    await call.hangup();
    expect(await started).toMatchObject({ code: 'ended' });
    opening.resolve();
    await settle();
    expect([signaling.joins, signaling.closed, pc().closed]).toEqual([[], true, true]);
  });

  it('hangs up what the server opened for it while it was hung up', async () => {
    const joining = deferred();
    signaling.joining = joining.promise;
    const call = make();
    const started = call.start().catch((e: BridgeError) => e);
    await settle();
    await call.hangup();
    expect(heard.ended).toEqual([{ reason: 'hangup' }]);
    expect(await started).toMatchObject({ code: 'ended' });
    expect(signaling.closed).toBe(false);
    joining.resolve();
    await settle();
    expect([signaling.hangups, signaling.closed, heard.info, store.items.size]).toEqual([['call-1'], true, undefined, 0]);
  });

  it('looks for no way back once it was hung up', async () => {
    const call = await running();
    const opening = deferred();
    signaling.opening = opening.promise;
    pc().channel.lose();
    await settle();
    await call.hangup();
    opening.resolve();
    await settle();
    expect([FakePeerConnection.made.length, signaling.joins.length]).toEqual([1, 1]);
  });

  it('hears of the network as long as it lasts', async () => {
    const heeded = new Set<string>();
    Object.assign(globalThis, {
      addEventListener: (type: string) => heeded.add(type),
      removeEventListener: (type: string) => heeded.delete(type),
    });
    const call = await running();
    expect(heeded).toContain('online');
    const over = call.hangup();
    await vi.advanceTimersByTimeAsync(16_000);
    await over;
    const opening = deferred();
    signaling.opening = opening.promise;
    const brief = make();
    void brief.start().catch(() => undefined);
    await brief.hangup();
    opening.resolve();
    await settle();
    expect([...heeded]).toEqual([]);
  });

  describe('in a network that changes', () => {
    class Connection extends EventTarget {
      type: string | undefined = 'wifi';
      rtt = 50;
      change(change: Partial<Connection> = {}) {
        Object.assign(this, change);
        this.dispatchEvent(new Event('change'));
      }
    }
    let connection: Connection;

    beforeEach(() => {
      connection = new Connection();
      vi.stubGlobal('navigator', { language: 'en', connection });
    });
    afterEach(() => vi.unstubAllGlobals());

    it('takes no new estimate of speed for another network', async () => {
      await running();
      for (let i = 0; i < 100; i++) connection.change({ rtt: i });
      connection.type = undefined;
      await vi.advanceTimersByTimeAsync(10_000);
      expect(signaling.offers).toHaveLength(1);
    });

    it('restarts ICE at once for another network, and once more for all that follow within seconds', async () => {
      await running();
      signaling.onOffer = undefined;
      const { channel } = pc();
      for (let i = 0; i < 40; i++) {
        connection.change({ type: i % 2 ? 'wifi' : 'cellular' });
        await vi.advanceTimersByTimeAsync(100);
      }
      expect(signaling.offers).toHaveLength(2);
      await vi.advanceTimersByTimeAsync(10_000);
      expect([signaling.offers.length, FakePeerConnection.made.length, signaling.joins.length, channel.readyState]).toEqual([
        3,
        1,
        1,
        'open',
      ]);
    });

    it('waits "slow down" out on the connection that it has', async () => {
      const call = await running();
      pc().become('disconnected');
      signaling.slowDown = 3;
      signaling.onOffer = () => queueMicrotask(() => pc().become('connected'));
      await vi.advanceTimersByTimeAsync(20_000);
      expect([call.state, FakePeerConnection.made.length, signaling.joins.length]).toEqual(['listening', 1, 1]);
      expect(pc().restarts).toEqual([false, true, true, true, true]);
    });
  });

  it('reports what was played where the browser refuses an audio graph, and leaves nothing unhandled', async () => {
    vi.stubGlobal(
      'AudioContext',
      class {
        state = 'running';
        createMediaStreamSource() {
          throw Object.assign(new Error('another rate'), { name: 'NotSupportedError' });
        }
        close = async () => undefined;
      },
    );
    vi.stubGlobal(
      'AnalyserNode',
      class {
        fftSize = 1024;
        disconnect(): void {}
      },
    );
    FakeAudio.blocked = true;
    const call = await running();
    const receiver = { getSynchronizationSources: () => [{ rtpTimestamp: 960, timestamp: performance.timeOrigin + performance.now() }] };
    (pc().ontrack as (e: unknown) => void)({ track: {}, receiver, streams: [{}] });
    await vi.advanceTimersByTimeAsync(200);
    expect(pc().channel.sent.filter(m => m.method === 'page/playout').length).toBeGreaterThan(0);
    expect(call.audio.blocked).toBe(true);
    left?.();
    expect(
      pc()
        .channel.sent.filter(m => m.method === 'page/playout')
        .at(-1)!.params,
    ).toMatchObject({ silenced: true, delayMs: 0 });
    vi.unstubAllGlobals();
  });

  it('keeps a message that is too long, and says so', async () => {
    const call = await running();
    await expect(call.sendText('x'.repeat(8_001))).rejects.toMatchObject({ code: 'text_too_long' });
  });

  it('ends when the server ends it, on either way', async () => {
    await running();
    pc().channel.receive({ method: 'call/ended', params: { reason: 'time_limit' } });
    expect(heard.ended).toEqual([{ reason: 'time_limit' }]);
    const second = await running();
    signaling.onEnded?.({ callId: 'call-1', reason: 'shutdown' });
    expect(heard.ended).toEqual([{ reason: 'shutdown' }]);
    await expect(second.sendText('late')).rejects.toMatchObject({ code: 'not_connected' });
  });

  it('leaves the call to the tab that took it over, also when it hears of it on its way back', async () => {
    await running();
    signaling.unreachable = true;
    pc().channel.lose();
    await settle();
    signaling.onEnded?.({ callId: 'call-1', reason: 'replaced' });
    signaling.unreachable = false;
    await vi.advanceTimersByTimeAsync(80_000);
    expect([heard.ended, signaling.joins.length, signaling.hangups, store.items.size]).toEqual([[{ reason: 'replaced' }], 1, [], 0]);
  });

  it('makes no offer when its call was taken over while it joined again, and hangs only a new one up', async () => {
    for (const [callId, hangups] of [
      ['call-1', []],
      ['call-2', ['call-2']],
    ] as const) {
      signaling = new FakeSignaling();
      await running();
      const joining = deferred();
      signaling.joining = joining.promise;
      pc().channel.lose();
      await settle();
      expect(signaling.joins).toHaveLength(2);
      signaling.onEnded?.({ callId: 'call-1', reason: 'replaced' });
      signaling.callId = callId;
      joining.resolve();
      await settle();
      expect([heard.ended, signaling.offers.length, signaling.hangups, signaling.closed, store.items.size]).toEqual([
        [{ reason: 'replaced' }],
        1,
        hangups,
        true,
        0,
      ]);
    }
  });

  it('goes on in text when there is no microphone here', async () => {
    const call = await running({ audio: {} });
    await settle();
    expect(call.audio.microphone).toBe('insecure');
    expect(heard.error).toMatchObject([{ code: 'insecure', fatal: false }]);
    await call.sendText('typed');
    expect(call.state).toBe('listening');
  });

  it('says that the browser wants a click before sound', async () => {
    FakeAudio.blocked = true;
    const call = await running();
    (pc().ontrack as (e: unknown) => void)({ track: {}, receiver: {}, streams: [{}] });
    await settle();
    expect(call.audio.blocked).toBe(true);
    FakeAudio.blocked = false;
    await call.unlockAudio();
    expect(call.audio.blocked).toBe(false);
  });

  it('mutes, and tells the server again after a lost channel', async () => {
    const call = await running();
    await call.mute();
    expect(pc().channel.sent.at(-1)).toMatchObject({ method: 'page/mute', params: { muted: true } });
    signaling.onOffer = () => (serve(pc().channel), queueMicrotask(() => pc().connect()));
    pc().channel.lose();
    await vi.advanceTimersByTimeAsync(100);
    expect(pc().channel.sent.some(m => m.method === 'page/mute')).toBe(true);
  });

  it('talks while the key is held', async () => {
    const call = await running();
    pc().channel.sent.length = 0;
    await call.pushToTalk(true);
    expect([call.audio.pushToTalk, call.audio.talking]).toEqual([true, true]);
    await call.pushToTalk(true);
    await call.pushToTalk(false);
    expect(
      pc()
        .channel.sent.filter(m => m.method === 'page/pushToTalk')
        .map(m => m.params),
    ).toEqual([{ down: true }, { down: false }]);
  });

  it('is started once', async () => {
    const call = await running();
    await expect(call.start()).rejects.toMatchObject({ code: 'started' });
  });
});
