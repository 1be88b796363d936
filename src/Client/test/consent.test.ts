import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Confirmations } from '../src/sdk/confirmations.js';
import { rows } from '../src/ui/consent.js';
import { settle } from './fakes.js';

describe('the person’s word', () => {
  let confirmations: Confirmations;
  let changes: number;
  let shown: boolean;
  let abort: AbortController;
  const order = { callId: 'c1', name: 'place_order', label: 'Place the order', arguments: { dish: 'ramen' } };

  beforeEach(() => {
    changes = 0;
    shown = true;
    abort = new AbortController();
    confirmations = new Confirmations(
      () => changes++,
      () => shown,
    );
  });
  afterEach(() => confirmations.clear());

  it.each([true, false])('lets a call run or not: %s, and counts once', async approved => {
    const answered = confirmations.ask(order, abort.signal);
    const [pending] = confirmations.pending;
    expect(pending).toMatchObject(order);
    pending!.answer(approved);
    pending!.answer(!approved);
    expect(await answered).toEqual({ approved });
    expect([confirmations.pending, changes]).toEqual([[], 2]);
  });

  it('is not asked for where nobody would see the question', () => {
    shown = false;
    expect(() => confirmations.ask(order, abort.signal)).toThrow('shows no question');
  });

  it('is wanted no more when the server withdraws the question, or the call ends', async () => {
    const withdrawn = confirmations.ask(order, abort.signal).catch((e: { code: number }) => e.code);
    abort.abort();
    const over = confirmations.ask({ ...order, callId: 'c2' }, new AbortController().signal).catch((e: { code: number }) => e.code);
    confirmations.clear();
    expect([await withdrawn, await over, confirmations.pending]).toEqual([-32004, -32004, []]);
  });

  it('answers the question that was asked again after a lost channel, not the one before', async () => {
    const first = confirmations.ask(order, abort.signal).catch((e: { code: number }) => e.code);
    const before = confirmations.pending[0]!;
    const second = confirmations.ask(order, abort.signal);
    before.answer(true);
    await settle();
    expect(confirmations.pending).toHaveLength(1);
    confirmations.pending[0]!.answer(false);
    expect([await first, await second]).toEqual([-32005, { approved: false }]);
  });

  it('takes no question that is none', () => {
    for (const wrong of [undefined, {}, { callId: 1, name: 'x' }])
      expect(() => confirmations.ask(wrong, abort.signal)).toThrow('have to be strings');
  });

  it('is asked in words', () => {
    expect(
      rows({
        dish_name: 'Ramen',
        amount: 2,
        spicy: true,
        vegan: false,
        note: null,
        sides: ['egg', 'nori'],
        to: { street: 'Hill 1', door: 3 },
      }),
    ).toEqual([
      ['dish name', 'Ramen'],
      ['amount', '2'],
      ['spicy', '✓'],
      ['vegan', '✗'],
      ['note', '–'],
      ['sides', 'egg, nori'],
      ['to', 'street: Hill 1, door: 3'],
    ]);
    expect(rows({ long: 'x'.repeat(500) })[0]![1]).toHaveLength(301);
    expect(rows(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a${i}`, i])))).toHaveLength(13);
  });
});
