// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Speaker } from '../src/sdk/speaker.js';

afterEach(() => vi.restoreAllMocks());

describe('a voice that the browser blocks', () => {
  it.each(['pointerup', 'keydown', 'click'])('is heard after the first %s anywhere, and waits for no other', async act => {
    let allowed = false;
    const play = vi
      .spyOn(HTMLMediaElement.prototype, 'play')
      .mockImplementation(() =>
        allowed ? Promise.resolve() : Promise.reject(Object.assign(new Error('no'), { name: 'NotAllowedError' })),
      );
    vi.spyOn(HTMLMediaElement.prototype, 'pause').mockImplementation(() => undefined);
    const blocked: boolean[] = [];
    const speaker = new Speaker();
    speaker.onBlocked = b => blocked.push(b);
    Object.defineProperty(speaker.element, 'srcObject', { value: null, writable: true });
    speaker.play({} as MediaStream);
    await vi.waitFor(() => expect(blocked).toEqual([true]));
    allowed = true;
    document.body.append(document.createElement('input'));
    document.querySelector('input')!.dispatchEvent(new Event(act, { bubbles: true }));
    await vi.waitFor(() => expect(blocked).toEqual([true, false]));
    const plays = play.mock.calls.length;
    document.body.dispatchEvent(new Event(act, { bubbles: true }));
    expect(play.mock.calls.length).toBe(plays);
    speaker.close();
  });

  it('waits no longer once the call is over', async () => {
    const play = vi
      .spyOn(HTMLMediaElement.prototype, 'play')
      .mockImplementation(() => Promise.reject(Object.assign(new Error('no'), { name: 'NotAllowedError' })));
    vi.spyOn(HTMLMediaElement.prototype, 'pause').mockImplementation(() => undefined);
    const speaker = new Speaker();
    Object.defineProperty(speaker.element, 'srcObject', { value: null, writable: true });
    speaker.play({} as MediaStream);
    await vi.waitFor(() => expect(speaker.blocked).toBe(true));
    speaker.close();
    const plays = play.mock.calls.length;
    document.body.dispatchEvent(new Event('click', { bubbles: true }));
    expect(play.mock.calls.length).toBe(plays);
  });
});
