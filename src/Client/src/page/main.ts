import '../ui/tokens.css';
import './page.css';
import '../ui/shared.css';
import { html, render } from 'lit';
import { live } from 'lit/directives/live.js';
import { icon } from '../ui/icons.js';
import { languageNames, wordsFor, type Words } from '../ui/strings.js';
import type { ModelInfo } from '../sdk/types.js';
import type { CallView } from './call-view.js';
import './call-view.js';
import './gallery.js';
import { callAddress, home, placeOf, type Place } from './place.js';

const root = document.getElementById('app')!;
// Relative to this document it would lead elsewhere as soon as the address changes.
document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href = `${home}favicon.svg`;
let words: Words = wordsFor(rememberedLanguage());
let model: ModelInfo | undefined;

function place(): Place {
  return placeOf(new URL(location.href)) ?? { kind: 'gallery' };
}

function callView(): CallView | null {
  return root.querySelector<CallView>('bridge-call-view');
}

function rememberedLanguage(): string {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked) return asked;
  try {
    return localStorage.getItem('bridge:lang') ?? navigator.language;
  } catch {
    return navigator.language;
  }
}

function chooseLanguage(code: string): void {
  words = wordsFor(code);
  try {
    localStorage.setItem('bridge:lang', code);
  } catch {
    // Forbidden storage costs the memory of the choice, not the choice.
  }
  paint();
}

function paint(): void {
  const here = place();
  document.documentElement.lang = words.language;
  document.documentElement.dir = words.dir;
  if (here.kind === 'gallery') document.title = words.t('app.name');
  const rehearsal = model?.kind === 'rehearsal';
  render(
    html`<a class="skip" href="#main">${words.t('app.skip')}</a>
      <header class="top">
        ${
          here.kind === 'call'
            ? html`<a class="back" href=${home} aria-label=${words.t('app.home')} title=${words.t('app.home')}
                >${icon('back')}<span>${words.t('app.home')}</span></a
              >`
            : html`<a class="brand" href=${home}><img src="${home}favicon.svg" alt="" width="26" height="26" />${words.t('app.name')}</a>`
        }
        <span class="grow"></span>
        ${
          model
            ? html`<span
                class="model"
                data-testid="model"
                data-kind=${model.kind}
                title=${words.t(rehearsal ? 'model.rehearsal.hint' : 'model.openai.hint')}
              >
                <span class="dot" aria-hidden="true"></span
                ><span class="model-name">${rehearsal ? words.t('model.rehearsal') : words.t('model.openai', { name: model.name })}</span>
              </span>`
            : ''
        }
        <label class="language">
          <span class="visually-hidden">${words.t('app.language')}</span>
          <select
            data-testid="language"
            .value=${live(words.language)}
            @change=${(e: Event) => chooseLanguage((e.target as HTMLSelectElement).value)}
          >
            ${languageNames().map(l => html`<option value=${l.code} lang=${l.code} ?selected=${l.code === words.language}>${l.name}</option>`)}
          </select>
        </label>
      </header>
      <main id="main" tabindex="-1">
        ${
          here.kind === 'gallery'
            ? html`<bridge-gallery .words=${words}></bridge-gallery>`
            : html`<bridge-call-view .words=${words} .slug=${here.slug}></bridge-call-view>`
        }
      </main>`,
    root,
  );
}

/** Links within the page change the place without loading it anew; everything else stays the browser's business. */
document.addEventListener('click', event => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.composedPath().find((n): n is HTMLAnchorElement => n instanceof HTMLAnchorElement);
  if (!link || link.target || link.hasAttribute('download')) return;
  const url = new URL(link.href);
  if (!placeOf(url)) return;
  if (url.pathname === location.pathname && url.hash) return;
  event.preventDefault();
  if (callView()?.live) {
    callView()!.askToLeave();
    return;
  }
  history.pushState(null, '', url);
  paint();
  scrollTo(0, 0);
  document.getElementById('main')?.focus({ preventScroll: true });
});
addEventListener('popstate', () => {
  const view = callView();
  if (view?.live && !view.asking) {
    // Back to where the call is, and the question there; whoever goes back once more means it.
    history.pushState(null, '', callAddress(view.slug));
    view.askToLeave();
    return;
  }
  paint();
});
root.addEventListener('bridge-model', event => {
  model = (event as CustomEvent<ModelInfo>).detail;
  paint();
});
paint();
