import type { Location, Position, TextEdit } from 'vscode-languageserver-types';
import type { LayerFacts, Totals } from '../network/check.js';
import type { Network, SourceRange } from '../network/network.js';
import type { Severity } from '../network/problem.js';

/**
 * What the language server and its client say to each other beyond the language server protocol. Plain data only: it
 * crosses process and worker borders.
 */

/** Server → client, after each check of an open document. */
export const NETWORKS_NOTIFICATION = 'convnet/networks';

/** Client → server: the networks of the file at a URI, which need not be open; null when it cannot be read. */
export const CHECK_REQUEST = 'convnet/check';

/** Server → client: the text of the file at a URI, or null when there is none. Asked by servers without files of their own. */
export const READ_FILE_REQUEST = 'convnet/readFile';

/** Server → client: the table of the weights file at a URI, a `WeightsFile` (network/weights-file.ts). */
export const READ_WEIGHTS_REQUEST = 'convnet/readWeights';

/** Client → server: the networks of the file at a URI as the last git commit has them, as `NetworkReport`s; null when there are none. */
export const COMMITTED_REQUEST = 'convnet/committedNetworks';

/** Client → server: what must be edited for an attribute of a layer to have another value; null where it cannot be set there. */
export const SET_ATTRIBUTE_REQUEST = 'convnet/setAttribute';

export interface SetAttribute {
  readonly uri: string;
  readonly network: string;
  readonly layer: string;
  readonly attribute: string;
  /** As the language writes it. */
  readonly value: string;
}

export interface AttributeEdit {
  /** Of the document that the edit is for. */
  readonly version: number;
  readonly edit: TextEdit;
}

/** Client → server: the weights files at these URIs have changed. */
export const WEIGHTS_CHANGED_NOTIFICATION = 'convnet/weightsChanged';

/** Server → client: the URIs of the `.convnet` files below a folder, and whether there is a file at a URI. */
export const FIND_FILES_REQUEST = 'convnet/findFiles';
export const FILE_EXISTS_REQUEST = 'convnet/fileExists';

/**
 * Server → client: the text of a file as a commit of git has it, a {@link CommittedFile}, or null when there is none. A client
 * that does not answer gets no comparison.
 */
export const COMMITTED_TEXT_REQUEST = 'convnet/committedText';

export interface CommittedFile {
  readonly uri: string;
  /** `HEAD`, or whatever else git takes for a commit. */
  readonly revision: string;
}

/** Client → server: what changed in a file, a {@link Comparison}, in Markdown; null where the other cannot be read. */
export const COMPARE_REQUEST = 'convnet/compare';

export interface Comparison {
  readonly uri: string;
  /** The same file in a commit, or another file. */
  readonly with: { readonly revision: string } | { readonly uri: string };
}

/** Client → server: another commit is the last one now; what was asked before no longer holds. */
export const COMMIT_NOTIFICATION = 'convnet/commit';

/** Opens the preview of the file at a URI. */
export const PREVIEW_COMMAND = 'convnet.openPreview';

/** Exports a network: the URI of its file, then its name. */
export const EXPORT_COMMAND = 'convnet.export';

/** Shows what changed in the file at a URI; then the commit that it is compared with, which is asked for where it is missing. */
export const COMPARE_COMMAND = 'convnet.compare';

/** Shows places beside a word: VS Code's own command for that wants objects that only its extensions can make. */
export const SHOW_REFERENCES_COMMAND = 'convnet.showReferences';

export interface ShowReferences {
  readonly uri: string;
  readonly position: Position;
  readonly locations: readonly Location[];
}

/** What a client says of itself in `initializationOptions`. */
export interface ClientOptions {
  /** The commands that code lenses may run; the others are not shown. */
  readonly commands?: readonly string[];
}

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
  readonly expectations: readonly ExpectationReport[];
}

/** A claim that stands in the network itself or, once for all its uses, in a block of the same file. */
export interface ExpectationReport {
  /** `expect output 1x1x10` */
  readonly text: string;
  readonly range: SourceRange;
  /** The layer it speaks of; null where it speaks of the network, or of more than one layer. */
  readonly layer: string | null;
  /** Null where an error leaves it unknown. */
  readonly holds: boolean | null;
  /** What is there instead, `1x1x100`; null where it is not known. In a block, of the first use that fails. */
  readonly found: string | null;
  /** Why it does not hold, in a sentence. */
  readonly message: string | null;
}

export interface NetworksMessage {
  readonly uri: string;
  /** The version of the document that was checked. */
  readonly version: number;
  readonly networks: readonly NetworkReport[];
}
