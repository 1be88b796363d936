// @vitest-environment jsdom
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../src/sdk/emitter.js';
import type { CallEvents, CallState } from '../src/sdk/types.js';

/** A call whose server is the test. */
class FakeCall extends Emitter<CallEvents> {
  static last: FakeCall;
  state: CallState = 'idle';
  readonly transcript: unknown[] = [];
  readonly confirmations = [];
  readonly audio = { microphone: 'off' };
  readonly resumable = false;

  constructor() {
    super();
    FakeCall.last = this;
  }

  to(state: CallState): void {
    const previous = this.state;
    this.state = state;
    this.emit('state', { state, previous });
  }

  waits(words: string | null): void {
    this.emit('waiting', { words });
  }

  async start(): Promise<void> {
    this.to('listening');
  }

  async leave(): Promise<void> {
    this.to('ended');
  }

  registerTool(): () => void {
    return () => undefined;
  }
}

vi.mock('../src/sdk/call.js', () => ({
  Call: class {
    constructor() {
      return new FakeCall();
    }
  },
}));
vi.mock('../src/sdk/warm.js', () => ({ warm: vi.fn() }));

describe('<voice-bridge>', () => {
  beforeAll(() => {
    class Observer {
      observe(): void {}
      disconnect(): void {}
    }
    vi.stubGlobal('ResizeObserver', Observer);
    vi.stubGlobal('IntersectionObserver', Observer);
    vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  });
  afterEach(() => document.body.replaceChildren());

  it('shows the role’s line for an answer that takes long, until the answer is there', async () => {
    const { VoiceBridge } = await import('../src/element/voice-bridge.js');
    if (!customElements.get('waiting-bridge')) customElements.define('waiting-bridge', class extends VoiceBridge {});
    const element = document.createElement('waiting-bridge') as InstanceType<typeof VoiceBridge>;
    element.setAttribute('call-role', 'demo');
    document.body.append(element);
    await element.start();
    const line = async () => {
      await element.updateComplete;
      return element.shadowRoot!.querySelector('[data-testid=waiting]')?.textContent;
    };
    FakeCall.last.to('thinking');
    expect(await line()).toBeUndefined();
    FakeCall.last.waits('One moment.');
    expect(await line()).toBe('One moment.');
    FakeCall.last.waits(null);
    expect(await line()).toBeUndefined();
  });
});
