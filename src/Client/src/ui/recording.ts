import { html, nothing, type LitElement, type TemplateResult } from 'lit';
import type { Call } from '../sdk/call.js';
import type { Words } from './strings.js';

/** The sign that the call is recorded, with the way to decline; and what became of it. */
export function recording(call: Call, words: Words, run: (work: Promise<unknown>) => void): TemplateResult | typeof nothing {
  const state = call.recording;
  if (state === 'off') return nothing;
  const live = state === 'asked' || state === 'on';
  return html`<div class="problem quiet-problem recording" data-testid="recording" data-state=${state} part="recording">
    ${live ? html`<span class="recording-dot" aria-hidden="true"></span>` : nothing}
    <p>${words.t(live ? 'recording.on' : `recording.${state}`)}</p>
    ${live ? html`<button class="button small" data-testid="recording-decline" @click=${() => run(call.setRecording(false))}>${words.t('recording.decline')}</button>` : nothing}
  </div>`;
}

/** Says so to the server each time once the sign is there to be seen, and to a screen reader. */
export function showRecording(call: Call, view: LitElement, words: () => Words, say: (text: string) => void): void {
  let said = '';
  call.on('recording', ({ state }) => {
    view.requestUpdate();
    const key = state === 'asked' ? 'on' : state;
    if (key !== 'off' && key !== said) say(words().t(`recording.${key}`));
    said = key;
    // A connection that is lost on the way brings another question.
    if (state === 'asked') void view.updateComplete.then(() => call.setRecording(true)).catch(() => undefined);
  });
}
