import { home } from './home.js';
import type { Chart, CallRecord, Health, NodeList, RoleReport } from './types.js';

/** Where the operator's key is kept: in this tab alone, until it is closed. */
const place = 'bridge:operator';

/** The host's answer was none: the code of HTTP, or 0 when nothing came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** One page of ended calls, and the address of the next. */
export interface Page {
  calls: CallRecord[];
  next: string | undefined;
}

/** Requests to the host, with the operator's key where there is one; a sign-in comes by its cookie. */
export class Api {
  #key: string;

  constructor(private readonly kept: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined = session()) {
    this.#key = this.kept?.getItem(place) ?? '';
  }

  get hasKey(): boolean {
    return this.#key !== '';
  }

  /** Keeps a key, or forgets it. */
  signIn(key: string): void {
    this.#key = key.trim();
    if (this.#key) this.kept?.setItem(place, this.#key);
    else this.kept?.removeItem(place);
  }

  /** Asks for a path below the host's own address. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    // A header takes Latin-1 alone; what else was typed is no key.
    const authorization: Record<string, string> =
      this.#key && /^[\x21-\x7e]+$/.test(this.#key) ? { authorization: `Bearer ${this.#key}` } : {};
    let answer: Response;
    try {
      answer = await fetch(new URL(path, home), { ...init, headers: { ...authorization, ...init.headers }, cache: 'no-store' });
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      throw new ApiError(0, String(error));
    }
    if (!answer.ok) {
      const problem = (await answer.json().catch(() => undefined)) as { detail?: string } | undefined;
      throw new ApiError(answer.status, problem?.detail ?? '');
    }
    return answer;
  }

  async #read<T>(path: string, signal?: AbortSignal): Promise<T> {
    return (await (await this.fetch(path, signal ? { signal } : {})).json()) as T;
  }

  live(most: number, signal: AbortSignal): Promise<Response> {
    return this.fetch(`api/live?most=${most}`, { signal });
  }

  async calls(query: string, signal?: AbortSignal): Promise<Page> {
    const answer = await this.fetch(`api/calls?${query}`, signal ? { signal } : {});
    // RFC 8288; the host writes one link. Its path is absolute, and a proxy may serve the host below another one.
    const next = /<[^?>]*\?([^>]*)>;\s*rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    return { calls: (await answer.json()) as CallRecord[], next };
  }

  call(id: string): Promise<CallRecord> {
    return this.#read(`api/calls/${encodeURIComponent(id)}`);
  }

  charts(by: string, from: string, signal?: AbortSignal): Promise<Chart> {
    return this.#read(`api/charts?by=${by}&from=${encodeURIComponent(from)}`, signal);
  }

  roles(): Promise<RoleReport> {
    return this.#read('api/operator/roles');
  }

  health(): Promise<Health> {
    return this.#read('api/health');
  }

  nodes(): Promise<NodeList> {
    return this.#read('api/nodes');
  }

  /** A node takes no new calls, or takes them again. */
  async rest(node: string, resting: boolean): Promise<void> {
    await this.fetch(`api/nodes/${encodeURIComponent(node)}/${resting ? 'drain' : 'resume'}`, { method: 'POST' });
  }

  async end(id: string): Promise<void> {
    await this.fetch(`api/calls/${encodeURIComponent(id)}/end`, { method: 'POST' });
  }

  /** The call goes on at another node of the cluster. */
  async move(id: string): Promise<void> {
    await this.fetch(`api/calls/${encodeURIComponent(id)}/move`, { method: 'POST' });
  }

  async erase(id: string): Promise<void> {
    await this.fetch(`api/calls/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  /** A file of the host as an address of this page: an image or a recording can carry no key. */
  async blob(path: string): Promise<string> {
    return URL.createObjectURL(await (await this.fetch(path)).blob());
  }
}

function session(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    // Forbidden storage: the key lives as long as the page.
    return undefined;
  }
}
