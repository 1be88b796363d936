import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RpcCode, RpcPeer, type RpcError } from '../src/sdk/rpc.js';
import { settle } from './fakes.js';

type Json = Record<string, unknown>;

describe('the RPC peer', () => {
  let peer: RpcPeer;
  let sent: Json[];
  const last = () => sent.at(-1)!;
  const receive = (message: unknown) => peer.receive(JSON.stringify(message));

  beforeEach(() => {
    vi.useRealTimers();
    peer = new RpcPeer();
    sent = [];
    peer.attach({ send: text => sent.push(JSON.parse(text) as Json), maxMessageSize: 2_000 });
  });

  it('gives the result of a request to its asker', async () => {
    const answer = peer.request('page/text', { text: 'hi' });
    expect(last()).toEqual({ jsonrpc: '2.0', id: 1, method: 'page/text', params: { text: 'hi' } });
    receive({ jsonrpc: '2.0', id: 1, result: { ok: true } });
    await expect(answer).resolves.toEqual({ ok: true });
  });

  it('gives an error with its code and data to the asker', async () => {
    const answer = peer.request('page/text', {});
    receive({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'text is missing', data: { field: 'text' } } });
    await expect(answer).rejects.toMatchObject({ code: -32602, message: 'text is missing', data: { field: 'text' } });
  });

  it('gives up after the deadline and tells the other side', async () => {
    vi.useFakeTimers();
    const answer = peer.request('slow', {}, { timeoutMs: 500 }).catch((e: RpcError) => e);
    await vi.advanceTimersByTimeAsync(501);
    expect(await answer).toMatchObject({ code: RpcCode.timeout });
    expect(last()).toMatchObject({ method: '$/cancelRequest', params: { id: 1 } });
  });

  it('cancels a request when its signal is aborted, and ignores the late answer', async () => {
    const abort = new AbortController();
    const answer = peer.request('slow', {}, { signal: abort.signal }).catch((e: RpcError) => e);
    abort.abort();
    expect(await answer).toMatchObject({ code: RpcCode.cancelled });
    receive({ jsonrpc: '2.0', id: 1, result: 1 });
  });

  it('fails what waits when the channel is lost', async () => {
    const answer = peer.request('slow', {}).catch((e: RpcError) => e);
    peer.detach();
    expect(await answer).toMatchObject({ code: RpcCode.disconnected });
    await expect(peer.request('more', {})).rejects.toMatchObject({ code: RpcCode.disconnected });
    expect(peer.notify('more', {})).toBe(false);
  });

  it('refuses to send what is larger than a message may be', async () => {
    await expect(peer.request('big', { text: 'x'.repeat(3_000) })).rejects.toMatchObject({
      code: RpcCode.tooLarge,
      data: { limit: 2_000 },
    });
    // Counted in bytes: 700 characters of three bytes each do not fit.
    await expect(peer.request('big', { text: '語'.repeat(700) })).rejects.toMatchObject({ code: RpcCode.tooLarge });
    expect(sent).toHaveLength(0);
  });

  it('replaces a result that is too large by an error', async () => {
    peer.handle('everything', () => 'x'.repeat(5_000));
    receive({ jsonrpc: '2.0', id: 5, method: 'everything' });
    await settle();
    expect(last()).toMatchObject({ id: 5, error: { code: RpcCode.tooLarge } });
  });

  it('answers a request, and an unknown one with method not found', async () => {
    peer.handle('add', params => (params as { a: number; b: number }).a + (params as { a: number; b: number }).b);
    receive({ jsonrpc: '2.0', id: 'x', method: 'add', params: { a: 2, b: 3 } });
    await settle();
    expect(last()).toEqual({ jsonrpc: '2.0', id: 'x', result: 5 });
    receive({ jsonrpc: '2.0', id: 2, method: 'dance' });
    await settle();
    expect(last()).toMatchObject({ id: 2, error: { code: RpcCode.methodNotFound } });
  });

  it('carries the message of a handler that throws, and no stack', async () => {
    peer.handle('broken', () => {
      throw new TypeError('no price');
    });
    receive({ jsonrpc: '2.0', id: 1, method: 'broken' });
    await settle();
    expect(last()).toEqual({ jsonrpc: '2.0', id: 1, error: { code: RpcCode.handlerFailed, message: 'no price' } });
  });

  it('aborts the handler of a cancelled request and still answers it', async () => {
    peer.handle(
      'wait',
      (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    );
    receive({ jsonrpc: '2.0', id: 9, method: 'wait' });
    receive({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 9 } });
    await settle();
    expect(last()).toMatchObject({ id: 9, error: { code: RpcCode.cancelled } });
  });

  it('says that it has a request which takes longer', async () => {
    vi.useFakeTimers();
    peer.handle('slow', () => new Promise(resolve => setTimeout(() => resolve('done'), 1_000)));
    receive({ jsonrpc: '2.0', id: 3, method: 'slow' });
    await vi.advanceTimersByTimeAsync(110);
    expect(last()).toMatchObject({ method: '$/received', params: { id: 3 } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last()).toMatchObject({ id: 3, result: 'done' });
  });

  it('reports progress under the token that the asker gave, and none unasked', async () => {
    peer.handle('work', (_, { progress }) => void progress({ kind: 'report', message: 'half' }));
    receive({ jsonrpc: '2.0', id: 1, method: 'work', params: { workDoneToken: 77 } });
    await settle();
    expect(sent[0]).toMatchObject({ method: '$/progress', params: { token: 77, value: { message: 'half' } } });
    sent.length = 0;
    receive({ jsonrpc: '2.0', id: 2, method: 'work' });
    await settle();
    expect(sent.map(m => m.method)).toEqual([undefined]);
  });

  it('hears the progress of its own requests', async () => {
    const heard: unknown[] = [];
    const answer = peer.request('look', { where: 'here' }, { onProgress: v => heard.push(v) });
    expect(last().params).toEqual({ where: 'here', workDoneToken: 1 });
    receive({ jsonrpc: '2.0', method: '$/progress', params: { token: 1, value: { message: 'still looking' } } });
    receive({ jsonrpc: '2.0', id: 1, result: null });
    await answer;
    expect(heard).toEqual([{ message: 'still looking' }]);
  });

  it('answers a batch with one array, and a batch of notifications with nothing', async () => {
    peer.handle('echo', params => params);
    receive([
      { jsonrpc: '2.0', id: 1, method: 'echo', params: ['a'] },
      { jsonrpc: '2.0', method: 'echo', params: ['b'] },
      { jsonrpc: '2.0', id: 2, method: 'nothing' },
    ]);
    await settle();
    expect(sent).toHaveLength(1);
    const answers = (sent[0] as unknown as Json[]).sort((a, b) => Number(a.id) - Number(b.id));
    expect(answers).toMatchObject([
      { id: 1, result: ['a'] },
      { id: 2, error: { code: RpcCode.methodNotFound } },
    ]);
    receive([{ jsonrpc: '2.0', method: 'echo' }]);
    await settle();
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['no JSON at all', '{"jsonrpc"', RpcCode.parse],
    ['an empty batch', '[]', RpcCode.invalidRequest],
    ['a number', '5', RpcCode.invalidRequest],
    ['a method that is no name', '{"jsonrpc":"2.0","id":2,"method":5}', RpcCode.invalidRequest],
  ])('answers %s with an error and lives on', async (_, text, code) => {
    peer.receive(text);
    await settle();
    expect(last()).toMatchObject({ error: { code } });
    const answer = peer.request('after', {});
    receive({ jsonrpc: '2.0', id: 1, result: 'fine' });
    await expect(answer).resolves.toBe('fine');
  });

  it('drops the answer of a handler whose channel is gone', async () => {
    let finish!: (v: unknown) => void;
    peer.handle('slow', () => new Promise(resolve => (finish = resolve)));
    receive({ jsonrpc: '2.0', id: 4, method: 'slow' });
    const after: Json[] = [];
    peer.attach({ send: text => after.push(JSON.parse(text) as Json), maxMessageSize: 2_000 });
    finish('late');
    await settle();
    expect(after).toEqual([]);
  });
});
