import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Call } from '../sdk/call.js';
import { icon } from '../ui/icons.js';
import { markdown, reachTables } from '../ui/markdown.js';
import type { Orb } from '../ui/orb.js';
import type { Stage } from '../ui/stage.js';
import { endReason, type Words } from '../ui/strings.js';
import { conversation } from '../ui/transcript.js';
import { home } from './place.js';
import { save } from './save.js';

/**
 * The rest of a call: why it ended, the recap, notes, what was shown, and the transcript to take along. Says `again`
 * when the person wants another call.
 */
export class AfterCall extends LitElement {
  static override properties = {
    words: { attribute: false },
    // The same call with more in it: notes and last words may come after the end.
    call: { attribute: false, hasChanged: () => true },
    name: { attribute: false },
    emoji: { attribute: false },
    orb: { attribute: false },
    stage: { attribute: false },
    seconds: { attribute: false },
    startedAt: { attribute: false },
    recap: { attribute: false },
    reason: { attribute: false },
    fault: { attribute: false },
    rehearsal: { attribute: false },
    copied: { state: true },
  };
  declare words: Words;
  declare call: Call;
  declare name: string;
  declare emoji: string;
  declare orb: Orb;
  declare stage: Stage | undefined;
  /** How long the call was; undefined when nobody here knows. */
  declare seconds: number | undefined;
  declare startedAt: number;
  declare recap: string | undefined;
  declare reason: string | undefined;
  declare fault: string | undefined;
  /** The recap is the rehearsal model's, from its script. */
  declare rehearsal: boolean;
  declare copied: string | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult {
    const { t } = this.words;
    const { call, seconds } = this;
    const names = { user: t('call.you'), agent: this.name };
    const finished = this.reason !== undefined;
    const something = call.transcript.length > 0;
    return html`<section class="after">
      <header>
        ${this.orb}
        <div>
          <h1 class="who-title" tabindex="-1"><span aria-hidden="true">${this.emoji}</span> ${this.name}</h1>
          <p class="state visually-hidden" data-testid="state" data-state="ended">${t('state.ended')}</p>
          <p class="after-line">
            <strong>${t('ended.title')}</strong>
            ${seconds === undefined ? nothing : html` · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`}
          </p>
          <p class="quiet" data-testid="end-reason" data-reason=${this.reason ?? nothing}>
            ${endReason(this.words, this.reason ?? 'hangup')}
          </p>
          ${this.fault ? html`<p class="quiet small" lang="en" data-testid="fault">${this.fault}</p>` : nothing}
        </div>
      </header>
      <div class="after-buttons">
        <button class="button primary" data-testid="start" @click=${() => this.dispatchEvent(new CustomEvent('again'))}>
          ${icon('mic')}${t('call.again')}
        </button>
        <a class="button" href=${home}>${t('app.home')}</a>
      </div>
      ${
        this.recap !== undefined || (something && !finished)
          ? html`<article class="sheet" aria-busy=${this.recap === undefined}>
              <h2>${t('recap.title')}</h2>
              ${this.rehearsal && this.recap !== undefined ? html`<p class="quiet small">${t('recap.rehearsal')}</p>` : nothing}
              ${this.recap === undefined ? html`<p class="quiet waiting">${t('recap.waiting')}</p>` : html`<div class="markdown" data-testid="recap">${markdown(this.recap)}</div>`}
              ${this.recap === undefined ? nothing : this.#copyButton('recap', t('recap.copy'), () => this.recap!)}
            </article>`
          : nothing
      }
      ${
        call.notes.length > 0
          ? html`<article class="sheet">
              <h2>${t('notes.title')}</h2>
              <ul class="notes" data-testid="notes">
                ${call.notes.map(n => html`<li dir="auto">${n.text}</li>`)}
              </ul>
            </article>`
          : nothing
      }
      ${
        this.stage
          ? html`<section class="stage" aria-label=${t('call.stage')}>
              <h2 class="visually-hidden">${t('call.stage')}</h2>
              ${this.stage}
            </section>`
          : nothing
      }
      ${
        something
          ? html`<article class="sheet">
              <h2>${t('call.conversation')}</h2>
              ${conversation(call.transcript, names, this.words)}
              <div class="after-buttons">
                ${this.#copyButton('transcript', t('transcript.copy'), () => this.#text(names))}
                <button class="button small" data-testid="download" @click=${() => this.#download(names)}>
                  ${icon('download')}${t('transcript.download')}
                </button>
              </div>
            </article>`
          : nothing
      }
    </section>`;
  }

  protected override updated(): void {
    reachTables(this);
  }

  #text(names: { user: string; agent: string }): string {
    return this.call.transcriptText(names);
  }

  #copyButton(what: string, label: string, text: () => string): TemplateResult {
    const done = this.copied === what;
    return html`<button class="button small" data-testid="copy-${what}" @click=${() => void this.#copy(what, text())}>
      ${icon('copy')}${done ? this.words.t('copied') : label}
    </button>`;
  }

  async #copy(what: string, text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.copied = what;
      this.dispatchEvent(new CustomEvent('say', { detail: this.words.t('copied') }));
      setTimeout(() => (this.copied = undefined), 2_000);
    } catch {
      this.dispatchEvent(new CustomEvent('notify', { detail: this.words.t('copy.failed') }));
    }
  }

  #download(names: { user: string; agent: string }): void {
    const recap = this.recap ? `\n\n${this.words.t('recap.title')}\n\n${this.recap}\n` : '\n';
    save(
      `${this.call.roleSlug}-${new Date(this.startedAt).toISOString().slice(0, 16).replace(/[T:]/g, '-')}.txt`,
      'text/plain',
      this.#text(names) + recap,
    );
  }
}

customElements.define('bridge-after-call', AfterCall);
