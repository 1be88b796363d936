import type { Call } from '../sdk/call.js';
import type { ToolDefinition } from '../sdk/types.js';
import type { StringKey, Words } from './strings.js';

/** The interface for a role's page module: `export default function setup(api)` in roles/{role}/page/index.js. */
export interface RolePageApi {
  /** Adds a function that the model may call. */
  registerTool(name: string, tool: ToolDefinition): () => void;
  /** The role's own part of the stage. It gets a `languagechange` event when the person chooses another language. */
  stage: HTMLElement;
  /** The role's data/, as the server gives it to the page. */
  data: unknown;
  /** The value that `save` kept before a reload of the page, or undefined. */
  saved: unknown;
  /** Keeps a JSON value through a reload of the page, for the length of the call. */
  save(value: unknown): void;
  /** Words of this page in the person's language. */
  t(key: string, values?: Record<string, string | number>): string;
  language: string;
  /** Says something to the person: on screen, and to a screen reader. */
  notify(text: string): void;
  /** Says something to the model, as if the person had typed it. */
  sendText(text: string): Promise<void>;
  /** Aborted when the call is over: the time to stop timers. */
  signal: AbortSignal;
}

export interface WidgetHost {
  call: Call;
  slug: string;
  stage: HTMLElement;
  readonly words: Words;
  signal: AbortSignal;
  notify(text: string): void;
  /** Where the role's style sheet goes: the document's head or a shadow root. */
  styleRoot: ParentNode & Node;
}

/** Takes the role's style away. It stays as long as what it dresses is on the stage, also after the call. */
export function undress(styleRoot: ParentNode): void {
  for (const style of styleRoot.querySelectorAll('link[data-role-style]')) style.remove();
}

/**
 * Loads the role's page module and its style from the Bridge's own origin, and lets it register its tools. A module
 * that fails costs its own widgets alone.
 */
export async function loadWidgets(host: WidgetHost): Promise<void> {
  const { call, slug } = host;
  const base = `${call.url}/roles/${encodeURIComponent(slug)}`;
  undress(host.styleRoot);
  const style = document.createElement('link');
  style.dataset.roleStyle = slug;
  style.rel = 'stylesheet';
  style.href = `${base}/page/style.css`;
  style.onerror = () => style.remove();
  host.styleRoot.append(style);

  const [module, data] = await Promise.all([
    import(/* @vite-ignore */ `${base}/page/index.js`) as Promise<{ default?: (api: RolePageApi) => unknown }>,
    fetch(`${call.url}/api/roles/${encodeURIComponent(slug)}/page-data`).then(r => (r.ok ? (r.json() as Promise<unknown>) : {})),
  ]);
  if (host.signal.aborted) return;
  if (typeof module.default !== 'function') throw new TypeError(`The page module of "${slug}" has no default function.`);
  await module.default({
    registerTool: (name, tool) => call.registerTool(name, tool),
    stage: host.stage,
    data,
    saved: call.widgetState,
    save: value => (call.widgetState = value),
    t: (key, values) => host.words.t(key as StringKey, values),
    get language() {
      return host.words.language;
    },
    notify: host.notify,
    sendText: text => call.sendText(text),
    signal: host.signal,
  });
}
