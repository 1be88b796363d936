import { warmPeer } from './link.js';
import { bridgeUrl, warmHub } from './signaling.js';
import type { ConnectOptions } from './types.js';

/**
 * Makes the next call of this page connect sooner: opens the way to the server and makes the peer connection with its
 * certificate, for a minute. No call, no microphone, no model. Call it when the start button is shown. Without effect in a
 * hidden page, and with a ticket that has to be asked for: that is done for a call alone.
 */
export function warm({ url, ticket }: Pick<ConnectOptions, 'url' | 'ticket'>): void {
  if (globalThis.document?.hidden || typeof ticket === 'function') return;
  warmHub(bridgeUrl(url), ticket);
  warmPeer();
}
