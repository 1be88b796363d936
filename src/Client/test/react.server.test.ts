import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { useVoiceCall, useVoiceConfirmations, useVoiceLevels, useVoiceTool, VoiceCallProvider } from '../src/react/index.js';

function Inner() {
  useVoiceTool('set_lamp', { handler: () => null });
  const { input } = useVoiceLevels();
  return h('i', null, `${input} ${useVoiceConfirmations().length}`);
}

function Page() {
  const call = useVoiceCall({ role: 'lamp', url: 'https://bridge.example.org' });
  return h(VoiceCallProvider, { call }, h('b', null, call.state, call.transcript.length), h(Inner));
}

describe('on a server', () => {
  it('has no window here', () => expect(globalThis).not.toHaveProperty('window'));

  it('renders an idle call, and opens nothing', () => {
    expect(renderToString(h(Page))).toBe('<b>idle<!-- -->0</b><i>0 0</i>');
  });
});
