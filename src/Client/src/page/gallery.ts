import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../ui/icons.js';
import type { Words } from '../ui/strings.js';
import { callAddress } from './place.js';
import { hueOf, roles, type RoleCard, type RoleList } from './roles.js';

/** The roles as cards. Broken ones show their errors, where the server sends them (on localhost). */
export class Gallery extends LitElement {
  static override properties = { words: { attribute: false }, list: { state: true }, failed: { state: true } };
  declare words: Words;
  declare list: RoleList | undefined;
  declare failed: boolean;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load(true);
  }

  async #load(again: boolean): Promise<void> {
    this.failed = false;
    try {
      this.list = await roles(again);
      if (this.list.model) this.dispatchEvent(new CustomEvent('bridge-model', { detail: this.list.model, bubbles: true }));
    } catch {
      this.failed = true;
    }
  }

  protected override updated(): void {
    // Colours come through the style object, because the page's policy forbids style attributes.
    for (const card of this.querySelectorAll<HTMLElement>('[data-hue]')) card.style.setProperty('--hue', card.dataset.hue!);
  }

  protected override render(): TemplateResult {
    const { t } = this.words;
    return html`<div class="gallery">
      <div class="hero">
        <h1>${t('gallery.title')}</h1>
        <p>${t('gallery.lead')}</p>
      </div>
      ${this.failed ? this.#failure() : this.list ? this.#cards(this.list.roles) : this.#waiting()}
    </div>`;
  }

  #waiting(): TemplateResult {
    return html`<ul class="cards" aria-busy="true" aria-label=${this.words.t('gallery.loading')}>
      ${[1, 2, 3].map(() => html`<li class="card ghost" aria-hidden="true"></li>`)}
    </ul>`;
  }

  #failure(): TemplateResult {
    const { t } = this.words;
    return html`<div class="blank" role="alert">
      <span class="blank-icon">${icon('warn')}</span>
      <h2>${t('gallery.failed')}</h2>
      <p>${t('gallery.failed.hint')}</p>
      <button class="button" @click=${() => void this.#load(true)}>${t('gallery.retry')}</button>
    </div>`;
  }

  #cards(list: RoleCard[]): TemplateResult {
    const { t } = this.words;
    if (list.length === 0) {
      return html`<div class="blank">
        <span class="blank-icon">${icon('hand')}</span>
        <h2>${t('gallery.empty')}</h2>
        <p>${t('gallery.empty.hint')}</p>
      </div>`;
    }
    return html`<ul class="cards">
      ${repeat(
        list,
        r => r.slug,
        r => this.#card(r),
      )}
    </ul>`;
  }

  #card(role: RoleCard): TemplateResult {
    const { t } = this.words;
    const errors = role.errors ?? [];
    const inside = html`<span class="tile" aria-hidden="true">${role.emoji || role.name.slice(0, 1)}</span>
      <h2>${role.name}</h2>
      ${role.description ? html`<p>${role.description}</p>` : nothing}`;
    return html`<li class="card ${errors.length > 0 ? 'broken' : ''}" data-hue=${hueOf(role.slug)}>
      ${
        role.available === false
          ? html`<div data-testid="role-card" data-role=${role.slug}>${inside}</div>`
          : html`<a href=${callAddress(role.slug)} data-testid="role-card" data-role=${role.slug} lang=${role.language ?? nothing}
              >${inside}</a
            >`
      }
      ${
        role.tools?.length
          ? html`<ul class="chips" aria-label=${t('gallery.tools')}>
              ${role.tools.slice(0, 4).map(label => html`<li>${label}</li>`)}
            </ul>`
          : nothing
      }
      ${
        errors.length > 0
          ? html`<div class="errors" data-testid="role-errors">
              <strong>${icon('warn')} ${t('gallery.broken')}</strong>
              <ul>
                ${errors.map(e => html`<li><code>${e.file}${e.line ? html`, ${t('gallery.line', { line: e.line })}` : nothing}</code> ${e.message}</li>`)}
              </ul>
              ${role.available === false ? nothing : html`<p>${t('gallery.broken.old')}</p>`}
            </div>`
          : nothing
      }
    </li>`;
  }
}

customElements.define('bridge-gallery', Gallery);
