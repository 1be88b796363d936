import { html, type TemplateResult } from 'lit';
import { icon } from '../ui/icons.js';
import type { Words } from '../ui/strings.js';

/** The question before a call is left: the platform's dialog, opened by `showModal()`. */
export function leaveQuestion(words: Words, hangup: () => void): TemplateResult {
  const { t } = words;
  return html`<dialog class="leave" data-testid="leave" aria-labelledby="leave-title">
    <form method="dialog">
      <h2 id="leave-title">${t('leave.title')}</h2>
      <p>${t('leave.text')}</p>
      <div class="after-buttons">
        <button class="button primary" data-testid="leave-stay">${t('leave.stay')}</button>
        <button class="button" data-testid="leave-hangup" @click=${hangup}>${icon('hangup')}${t('call.hangup')}</button>
      </div>
    </form>
  </dialog>`;
}
