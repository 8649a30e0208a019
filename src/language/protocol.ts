import type { LayerFacts, Totals } from '../network/check.js';
import type { Network, SourceRange } from '../network/network.js';
import type { Severity } from '../network/problem.js';

/**
 * What the language server and its client say to each other beyond the language server protocol. Plain data only: it
 * crosses process and worker borders.
 */

/** Server → client, after each check of an open document. */
export const NETWORKS_NOTIFICATION = 'convnet/networks';

/** Server → client: the text of the file at a URI, or null when there is none. Asked by servers without files of their own. */
export const READ_FILE_REQUEST = 'convnet/readFile';

/** Server → client: the table of the weights file at a URI, a `WeightsFile` (network/weights-file.ts). */
export const READ_WEIGHTS_REQUEST = 'convnet/readWeights';

/** Client → server: the weights files at these URIs have changed. */
export const WEIGHTS_CHANGED_NOTIFICATION = 'convnet/weightsChanged';

export interface NetworkMessage {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly range: SourceRange;
}

/** A checked network, ready to be shown and run. */
export interface NetworkReport {
  readonly network: Network;
  /** One entry a layer of the network, in the same order. */
  readonly facts: readonly LayerFacts[];
  readonly totals: Totals;
  /** What is wrong inside this network; it can be run when no message is an error. */
  readonly messages: readonly NetworkMessage[];
}

export interface NetworksMessage {
  readonly uri: string;
  /** The version of the document that was checked. */
  readonly version: number;
  readonly networks: readonly NetworkReport[];
}
