import type { FilePart, Found } from '../../formats/pictures/source.js';

/** What training asks of the files beside a network: worker → page → extension, and back. Paths are relative to the network's. */
export type DataAsk =
  | { readonly type: 'look'; readonly path: string }
  /** A part of a file, or all of it. */
  | { readonly type: 'read'; readonly path: string; readonly part: FilePart | null };

export type DataAnswer =
  | { readonly type: 'found'; readonly found: Found | null }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** Why there is no answer, in a clause that names the file. */
  | { readonly type: 'problem'; readonly problem: string };
