import { BridgeError } from './types.js';

/** Tickets that end so soon are not used any more, in milliseconds. */
const marginMs = 5_000;

/** The caller's ticket, and where another one comes from when it has expired. */
export class Tickets {
  readonly #source: string | (() => Promise<string>);
  #ticket: string | undefined;

  constructor(source: string | (() => Promise<string>)) {
    this.#source = source;
  }

  /** A ticket that is good for now as far as the page can tell; asked for once until it ends. */
  async get(now = Date.now()): Promise<string> {
    if (typeof this.#source === 'string') return this.#source;
    if (this.#ticket !== undefined && now < endOf(this.#ticket) - marginMs) return this.#ticket;
    try {
      return (this.#ticket = await this.#source());
    } catch (cause) {
      throw new BridgeError('ticket_unavailable', 'The page could not get a ticket for this call.', { cause });
    }
  }

  /** The server takes this one no longer. True when another one can be asked for. */
  forget(): boolean {
    this.#ticket = undefined;
    return typeof this.#source === 'function';
  }
}

/** Asks a page's own server for a ticket: the answer is the ticket, or JSON with a member `ticket`. */
export async function fetchTicket(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: 'include', cache: 'no-store', headers: { accept: 'application/json, text/plain' } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
  const text = (await answer.text()).trim();
  if (!text.startsWith('{')) return text;
  const { ticket } = JSON.parse(text) as { ticket?: unknown };
  if (typeof ticket !== 'string') throw new Error(`${url} answered without a ticket.`);
  return ticket;
}

/** The `exp` of a JWT in milliseconds; one that can't be read is for the server to judge. */
function endOf(ticket: string): number {
  try {
    const payload = atob((ticket.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    const { exp } = JSON.parse(payload) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1_000 : Infinity;
  } catch {
    return Infinity;
  }
}
