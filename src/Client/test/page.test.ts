// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dock } from '../src/page/dock.js';
import type { Call } from '../src/sdk/call.js';
import { wordsFor } from '../src/ui/strings.js';

afterEach(() => {
  document.body.replaceChildren();
});

describe('the talk key', () => {
  let keys: boolean[];
  let dock: Dock;

  beforeEach(async () => {
    keys = [];
    const audio = { microphone: 'live', muted: false, pushToTalk: true, talking: false, blocked: false };
    const call = {
      audio,
      state: 'listening',
      on: () => () => undefined,
      pushToTalk: async (down: boolean) => {
        if (audio.talking !== down) keys.push((audio.talking = down));
      },
    };
    dock = Object.assign(new Dock(), { words: wordsFor('en'), call: call as unknown as Call });
    document.body.append(dock);
    await dock.updateComplete;
  });

  const key = (type: string, target: EventTarget = document.body) => target.dispatchEvent(new KeyboardEvent(type, { code: 'Space', bubbles: true, cancelable: true }));
  const box = () => dock.querySelector<HTMLInputElement>('#text')!;

  it('is let go by a key-up wherever the keyboard is by then', () => {
    key('keydown');
    key('keyup', box());
    expect(keys).toEqual([true, false]);
  });

  it('is let go when the window loses the keyboard, or is not seen any more', () => {
    key('keydown');
    dispatchEvent(new Event('blur'));
    expect(keys).toEqual([true, false]);
    key('keydown');
    document.dispatchEvent(new Event('visibilitychange'));
    expect(keys).toEqual([true, false, true, false]);
    dispatchEvent(new Event('blur'));
    expect(keys).toHaveLength(4);
  });

  it('leaves a space that is typed alone', () => {
    expect(key('keydown', box())).toBe(true);
    expect(key('keyup', box())).toBe(true);
    expect(keys).toEqual([]);
  });
});
