import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Call } from '../sdk/call.js';
import type { ToolActivity } from '../sdk/types.js';
import { icon } from '../ui/icons.js';
import type { StringKey, Words } from '../ui/strings.js';

/** Runs what a button asks for, and says so when it fails. */
export type Run = (work: Promise<unknown>) => void;

/** How long a function call that is over stays in sight. */
const lingerMs = 6_000;

const noMicrophone = ['denied', 'missing', 'busy', 'insecure', 'failed'];

/** Problems that keep the two from hearing each other, in plain words, with the button that helps. */
export function problems(call: Call, words: Words, run: Run): TemplateResult {
  const { t } = words;
  const { microphone, blocked } = call.audio;
  return html`
    ${
      call.state === 'reconnecting'
        ? html`<div class="problem" role="status">
            ${icon('warn')}
            <p>${t('call.reconnecting')}</p>
          </div>`
        : nothing
    }
    ${
      call.waiting
        ? html`<div class="problem" role="status" data-testid="restarting">
            ${icon('warn')}
            <p>${t('call.restarting')}</p>
          </div>`
        : nothing
    }
    ${
      microphone === 'asking' && call.state !== 'reconnecting'
        ? html`<div class="problem quiet-problem" role="status">
            ${icon('mic')}
            <p>${t('mic.asking')}</p>
          </div>`
        : nothing
    }
    ${
      noMicrophone.includes(microphone)
        ? html`<div class="problem" role="alert" data-testid="mic-problem" data-problem=${microphone}>
            ${icon('mic-off')}
            <p><strong>${t(`mic.${microphone}` as StringKey)}</strong> ${t(`mic.${microphone}.hint` as StringKey)}</p>
            ${microphone === 'insecure' ? nothing : html`<button class="button small" data-testid="mic-retry" @click=${() => run(call.setInput())}>${t('mic.retry')}</button>`}
          </div>`
        : nothing
    }
    ${
      call.audio.silenced && microphone === 'live'
        ? html`<div class="problem" role="alert" data-testid="mic-silenced">
            ${icon('mic-off')}
            <p><strong>${t('mic.silenced')}</strong> ${t('mic.silenced.hint')}</p>
          </div>`
        : nothing
    }
    ${
      call.shared
        ? html`<div class="problem quiet-problem" role="status" data-testid="sharing">
            ${icon('screen')}
            <p>${t('share.on')}</p>
            <button class="button small" data-testid="share-stop" @click=${() => call.shared?.stop()}>${t('share.stop')}</button>
          </div>`
        : nothing
    }
    ${
      blocked
        ? html`<div class="problem" role="alert" data-testid="audio-blocked">
            ${icon('sound')}
            <p><strong>${t('audio.blocked')}</strong> ${t('audio.blocked.hint')}</p>
            <button class="button small primary" data-testid="unblock" @click=${() => run(call.unlockAudio())}>
              ${t('audio.unblock')}
            </button>
          </div>`
        : nothing
    }
  `;
}

/**
 * The model's function calls: those that run, with a way to cancel them, and those just over. The name of a function is
 * for developers: one without a label is shown while it runs or when it failed, by what it says of itself.
 */
export function activity(call: Call, words: Words, run: Run, repaint: () => void): TemplateResult | typeof nothing {
  const { t } = words;
  const now = Date.now();
  const running = (a: ToolActivity) => a.phase === 'started' || a.phase === 'progress';
  const told = (a: ToolActivity) => a.label || a.phase !== 'done';
  const shown = call.activities.filter(a => running(a) || (told(a) && now - a.at < lingerMs)).slice(-4);
  if (shown.length === 0) return nothing;
  // A finished entry fades from the list a little later.
  if (shown.some(a => !running(a))) setTimeout(repaint, lingerMs + 100);
  return html`<ul class="activity" aria-label=${t('tool.activity')} data-testid="activity">
    ${repeat(
      shown,
      a => a.callId,
      a =>
        html`<li data-phase=${a.phase} data-tool=${a.name}>
          <span class="tick" aria-hidden="true"></span>
          ${a.label ? html`<span class="tool-name" dir="auto">${a.label}</span>` : nothing}
          <span class="tool-message">${a.message ?? t(`tool.${a.phase}`)}</span>
          ${
            running(a)
              ? html`<button
                  class="icon-button small"
                  data-testid="tool-cancel"
                  aria-label=${t('tool.cancel', { name: a.label ?? a.name.replaceAll('_', ' ') })}
                  title=${t('tool.cancel', { name: a.label ?? a.name.replaceAll('_', ' ') })}
                  @click=${() => run(call.cancelTool(a.callId))}
                >
                  ${icon('close')}
                </button>`
              : nothing
          }
        </li>`,
    )}
  </ul>`;
}
