import { html, nothing, type TemplateResult } from 'lit';
import { clock } from './format.js';
import type { AudioPart, CallRecord } from './types.js';
import type { Words } from './words.js';

/** Before a mark, so that the ear is there when it comes. */
const leadSeconds = 1;

/** The recordings of a call: a player for each track, all on one clock, and what was cut off unheard. */
export function recordings(call: CallRecord, words: Words, blob: (path: string) => string | undefined): TemplateResult | typeof nothing {
  const { t } = words;
  if (!call.audio?.length) return nothing;
  return html`<section class="sheet" data-testid="audio">
    <h2>${t('call.audio')}</h2>
    ${call.audio.map(
      part =>
        html`<div class="recording-part">
          <p class="quiet small">
            ${t('audio.from', { at: clock(Date.parse(part.started) - Date.parse(call.started)) })}${part.state === 'complete' ? nothing : html` · ${t(`audio.${part.state}`)}`}
          </p>
          ${part.tracks.map(track => {
            const url = blob(`api/calls/${encodeURIComponent(call.id)}/audio/${encodeURIComponent(track.name)}`);
            return html`<div class="track">
              <span>${t(`audio.${track.side}`)} · ${clock(track.seconds * 1_000)}</span>${
                url
                  ? html`<audio
                      controls
                      preload="metadata"
                      aria-label=${t(`audio.${track.side}`)}
                      data-side=${track.side}
                      src=${url}
                      @play=${together}
                      @pause=${together}
                      @seeked=${together}
                      @ratechange=${together}
                    ></audio>`
                  : html`<span class="quiet small">${t('loading')}</span>`
              }
            </div>`;
          })}
          ${marks(part, words)}
        </div>`,
    )}
  </section>`;
}

function marks(part: AudioPart, words: Words): TemplateResult | typeof nothing {
  const { t } = words;
  if (part.marks.length === 0) return nothing;
  return html`<h3>${t('audio.cut')}</h3>
    <ul class="audio-marks">
      ${part.marks.map(mark => {
        const times = { from: tenths(mark.from), to: tenths(mark.to) };
        return html`<li>
          <button
            class="button small"
            data-testid="mark"
            aria-label=${t('audio.play', times)}
            @click=${(e: Event) => playFrom(e.currentTarget as Element, mark.from - leadSeconds)}
          >
            ${times.from} – ${times.to}
          </button>
        </li>`;
      })}
    </ul>`;
}

function tenths(seconds: number): string {
  return `${clock(seconds * 1_000)}.${Math.floor((seconds * 10) % 10)}`;
}

function players(inside: Element): HTMLAudioElement[] {
  return [...(inside.closest('.recording-part')?.querySelectorAll('audio') ?? [])];
}

function playFrom(button: Element, seconds: number): void {
  const [first, ...others] = players(button);
  if (!first) return;
  for (const player of [first, ...others]) player.currentTime = Math.max(0, seconds);
  void first.play().catch(() => undefined);
}

/** The other track's player does as this one does; each keeps a volume of its own. */
function together(event: Event): void {
  const led = event.currentTarget as HTMLAudioElement;
  for (const other of players(led)) {
    if (other === led) continue;
    if (event.type === 'ratechange') other.playbackRate = led.playbackRate;
    else if (event.type === 'pause') {
      // A track that has come to its end, a little shorter than the other, stops nothing.
      if (!other.paused && !led.ended) other.pause();
    } else {
      if (Math.abs(other.currentTime - led.currentTime) > 0.1) other.currentTime = led.currentTime;
      if (event.type === 'play' && other.paused) void other.play().catch(() => undefined);
    }
  }
}
