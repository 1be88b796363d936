import { html, svg, type TemplateResult } from 'lit';

const paths = {
  mic: svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>`,
  'mic-off': svg`<path d="M9 9v2a3 3 0 0 0 4.6 2.5M15 11V6a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10 5.5M18.5 11.5a6.4 6.4 0 0 1-.4 2.3M12 18v3M4 3l16 18"/>`,
  hangup: svg`<path fill="currentColor" d="M3 14.2C3 10.3 7 8 12 8s9 2.3 9 6.2v1.3c0 .9-.8 1.5-1.7 1.3l-2.9-.7c-.7-.2-1.2-.8-1.2-1.5v-1.7a11 11 0 0 0-6.4 0v1.7c0 .7-.5 1.3-1.2 1.5l-2.9.7C3.800 17 3 16.4 3 15.500z"/>`,
  send: svg`<path d="M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4"/>`,
  image: svg`<rect x="3.5" y="4.5" width="17" height="15" rx="2.5"/><circle cx="9" cy="10" r="1.6"/><path d="m4 17 5-4.5 3.5 3 3.5-3.5 4 4"/>`,
  stop: svg`<rect x="7" y="7" width="10" height="10" rx="1.5"/>`,
  sliders: svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
  pulse: svg`<path d="M3 12h4l2.5-7 5 14 2.5-7h4"/>`,
  back: svg`<path d="M14.5 5.5 8 12l6.5 6.5"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  copy: svg`<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/><path d="M15.5 5.5v-.5a1.5 1.5 0 0 0-1.5-1.5H5.5A1.5 1.5 0 0 0 4 5v8.5A1.5 1.5 0 0 0 5.5 15h.5"/>`,
  download: svg`<path d="M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19.5h14"/>`,
  hand: svg`<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="3.5"/>`,
  screen: svg`<rect x="3" y="4.500" width="18" height="12" rx="2"/><path d="M8.500 20h7M12 16.500V20"/>`,
  camera: svg`<rect x="3" y="6.5" width="12.5" height="11" rx="2"/><path d="m15.5 11 5-3v8l-5-3"/>`,
  warn: svg`<path d="M12 8.5v5M12 16.8v.2M10.3 4.5 3.2 17a2 2 0 0 0 1.7 3h14.2a2 2 0 0 0 1.7-3L13.7 4.5a2 2 0 0 0-3.4 0z"/>`,
  sound: svg`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11"/>`,
} as const;

export type IconName = keyof typeof paths;

/** A line icon in the colour of the text. It says nothing to a screen reader; its button does. */
export function icon(name: IconName): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.7"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    ${paths[name]}
  </svg>`;
}
