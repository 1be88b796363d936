/** The Bridge's own address, below whatever path a proxy serves it; ends with a slash. */
export const home = import.meta.env.DEV
  ? new URL('/', globalThis.location?.href ?? 'http://localhost').href
  : new URL('../', import.meta.url).href;
