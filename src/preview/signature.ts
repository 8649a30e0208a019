import type { Network } from '../network/network.js';

/** A text that is equal for networks that compute the same: where their layers stand in the file does not matter. */
export const signatureOf = (network: Network): string =>
  JSON.stringify(network, (key, value) => (key === 'source' ? undefined : value));
