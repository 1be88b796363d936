/** The Bridge's own address, below whatever path a proxy serves it; ends with a slash. */
export const home = import.meta.env.DEV ? new URL('/', location.href).href : new URL('../', import.meta.url).href;

/** A ticket that came with the address, behind its #: no server and no log sees that part. */
export const ticket = new URLSearchParams(globalThis.location?.hash.slice(1)).get('ticket');

/** The two places of this page: the gallery and a call. */
export type Place = { kind: 'gallery' } | { kind: 'call'; slug: string };

/** Where an address of this page leads; undefined when it is none. */
export function placeOf(url: URL): Place | undefined {
  const base = new URL(home);
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return undefined;
  const path = url.pathname.slice(base.pathname.length);
  if (path === '') return { kind: 'gallery' };
  const match = /^call\/([^/]+)\/?$/.exec(path);
  if (!match) return undefined;
  try {
    return { kind: 'call', slug: decodeURIComponent(match[1]!) };
  } catch {
    // Per cent signs that encode nothing.
    return { kind: 'call', slug: match[1]! };
  }
}

export function callAddress(slug: string): string {
  return `${home}call/${encodeURIComponent(slug)}`;
}
