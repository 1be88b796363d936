import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { App, View } from './app.js';
import { formatOf } from './format.js';
import { blank, failure, faults } from './parts.js';
import { Polled } from './polled.js';
import type { RoleReport } from './types.js';

const againMs = 2_000;

/** The roles as they are served, broken ones first. */
export class RolesView implements View {
  readonly #report: Polled<RoleReport>;

  constructor(private readonly app: App) {
    this.#report = new Polled(app, () => app.api.roles(), againMs);
  }

  open(): void {
    void this.#report.load();
  }

  close(): void {
    this.#report.stop();
  }

  render(): TemplateResult {
    const { t } = this.app.words;
    const f = formatOf(this.app.words);
    const report = this.#report.value;
    if (!report)
      return this.#report.trouble
        ? failure(this.#report.trouble, this.app.words, () => void this.#report.load())
        : html`<p class="quiet">${t('loading')}</p>`;
    const roles = [...report.roles].sort((a, b) => Number(b.errors.length > 0) - Number(a.errors.length > 0));
    return html`${this.#report.trouble ? failure(this.#report.trouble, this.app.words, () => void this.#report.load()) : nothing}${faults(report.errors)}
    ${
      roles.length === 0
        ? blank('hand', t('roles.none'), t('roles.none.hint'))
        : html`<ul class="strips" data-testid="roles">
            ${repeat(
              roles,
              r => r.folder,
              r =>
                html`<li class="strip role" data-role=${r.slug} data-broken=${r.errors.length > 0}>
                  <div class="strip-name">
                    <span class="dot" aria-hidden="true"></span>
                    <div>
                      <p class="name"><span aria-hidden="true">${r.emoji}</span> <bdi dir="auto">${r.name ?? r.folder}</bdi></p>
                      <p class="quiet small">
                        <code>${r.folder}</code>${r.private ? html` · ${t('roles.private')}` : nothing} ·
                        ${t(r.revision === null ? 'roles.never' : r.errors.length > 0 ? 'roles.old' : 'roles.served')}
                      </p>
                    </div>
                  </div>
                  <dl class="facts">
                    <div class="mid">
                      <dt>${t('roles.revision')}</dt>
                      <dd><code>${r.revision?.slice(0, 12) ?? '–'}</code></dd>
                    </div>
                    <div class="mid">
                      <dt>${t('roles.loaded')}</dt>
                      <dd>${f.moment(r.loaded)}</dd>
                    </div>
                    <div>
                      <dt>${t('roles.tools')}</dt>
                      <dd>${f.number(r.tools)}</dd>
                    </div>
                    <div>
                      <dt>${t('roles.language')}</dt>
                      <dd>${r.language || '–'}</dd>
                    </div>
                  </dl>
                  ${faults(r.errors)}
                </li>`,
            )}
          </ul>`
    }`;
  }
}
