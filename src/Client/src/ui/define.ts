/**
 * Registers an inner element under a name that no other copy of this client on the page has taken: a second version, or the
 * script tag beside the npm package. Its own classes can then be made with `new`, and style sheets go by class.
 */
export function define(name: string, element: CustomElementConstructor): void {
  let free = name;
  for (let n = 2; customElements.get(free); n++) free = `${name}-${n}`;
  customElements.define(free, element);
}
