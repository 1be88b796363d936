// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallView } from '../src/page/call-view.js';
import { Dock } from '../src/page/dock.js';
import type { Call } from '../src/sdk/call.js';
import { Announcer } from '../src/ui/announcer.js';
import { Orb } from '../src/ui/orb.js';
import { wordsFor } from '../src/ui/strings.js';
import { FakeMicrophones, FakePeerConnection } from './fakes.js';

const settle = () => new Promise(resolve => setTimeout(resolve));

afterEach(() => {
  document.body.replaceChildren();
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

describe('the states of a full-duplex call', () => {
  it('are shown by the orb, and both are not told to somebody who is talking', async () => {
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
    const orb = new Orb();
    const region = document.createElement('div');
    document.body.append(region);
    const heard = new Map<string, (event: unknown) => void>();
    const call = { on: (type: string, listener: (event: unknown) => void) => heard.set(type, listener) };
    new Announcer(region).follow(call as unknown as Call, () => wordsFor('en'));
    let previous = 'listening';
    vi.useFakeTimers();
    for (const state of ['working', 'speaking', 'both', 'speaking', 'listening'] as const) {
      orb.state = state;
      expect(orb.dataset.state).toBe(state);
      heard.get('state')!({ state, previous });
      previous = state;
    }
    await vi.advanceTimersByTimeAsync(2_000);
    vi.useRealTimers();
    expect([...region.children].map(line => line.textContent)).toEqual(['Working.', 'Speaking.', 'Listening.']);
  });

  it('can be stopped while both talk, and not while it works', async () => {
    for (const [state, stops] of [
      ['both', true],
      ['working', false],
    ] as const) {
      const audio = { microphone: 'live', muted: false, pushToTalk: false, talking: false, blocked: false };
      const call = { audio, state, on: () => () => undefined };
      const dock = Object.assign(new Dock(), { words: wordsFor('en'), call: call as unknown as Call });
      document.body.append(dock);
      await dock.updateComplete;
      expect(dock.querySelector<HTMLButtonElement>('[data-testid=interrupt]')!.disabled).toBe(!stops);
    }
  });
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

  const key = (type: string, target: EventTarget = document.body) =>
    target.dispatchEvent(new KeyboardEvent(type, { code: 'Space', bubbles: true, cancelable: true }));
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

  it('does not scroll the page while it is held', () => {
    key('keydown');
    expect(
      document.body.dispatchEvent(new KeyboardEvent('keydown', { code: 'Space', repeat: true, bubbles: true, cancelable: true })),
    ).toBe(false);
    expect(keys).toEqual([true]);
  });

  it('leaves a space that is typed alone', () => {
    expect(key('keydown', box())).toBe(true);
    expect(key('keyup', box())).toBe(true);
    expect(keys).toEqual([]);
  });
});

describe('a call that a reload cut off', () => {
  it('is not gone on with by a page that was left before the roles came', async () => {
    const microphones = new FakeMicrophones();
    vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
    vi.stubGlobal('isSecureContext', true);
    Object.defineProperty(navigator, 'mediaDevices', { value: microphones, configurable: true });
    for (const name of ['ResizeObserver', 'IntersectionObserver'])
      vi.stubGlobal(
        name,
        class {
          observe(): void {}
          disconnect(): void {}
        },
      );
    vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener: () => undefined }));
    HTMLCanvasElement.prototype.getContext = () => null;
    let answer!: (response: unknown) => void;
    vi.stubGlobal('fetch', () => new Promise(resolve => (answer = resolve)));
    sessionStorage.setItem(
      'bridge:http://localhost:3000:demo',
      JSON.stringify({ callId: 'call-1', resumeToken: 'token-1', savedAt: Date.now() }),
    );
    const view = Object.assign(new CallView(), { words: wordsFor('en'), slug: 'demo' });
    document.body.append(view);
    await view.updateComplete;
    document.title = 'Bridge';
    view.remove();
    answer({ ok: true, json: async () => ({ roles: [{ slug: 'demo', name: 'Demo' }] }) });
    await settle();
    expect([microphones.asked.length, FakePeerConnection.made.length, document.title]).toEqual([0, 0, 'Bridge']);
  });
});
