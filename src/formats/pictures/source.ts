import type { ByteSource } from '../byte-source.js';

/** Where pictures come from: files, whoever reads them, in parts of which each fits memory. */

/** What is wrong with a file of pictures. */
export class PicturesError extends Error {
  override readonly name = 'PicturesError';
}

/** What lies at a path. */
export type Found =
  | { readonly type: 'file'; readonly size: number }
  | { readonly type: 'folder'; readonly entries: readonly { readonly name: string; readonly isFolder: boolean }[] };

export interface FilePart {
  readonly from: number;
  readonly length: number;
}

/** Files and folders by the path from the network's file; parts of a path are divided by `/`. */
export interface PictureFiles {
  /** Null where nothing is there. */
  readonly look: (path: string) => Promise<Found | null>;
  /** Of a file, so many bytes from an offset on, or all of it. */
  readonly read: (path: string, part?: FilePart) => Promise<Uint8Array>;
}

/** How pictures are read. */
export interface Reading {
  readonly files: PictureFiles;
  /** How many bytes of pictures may still be kept in memory; what does not fit is read again whenever it is needed. */
  readonly room: { left: number };
  /** How far reading is, in bytes of the files that are read now. */
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** Bytes of one part of a file: what is in memory at once, of files that do not fit. */
export const PART = 2 ** 22;

/** Records of `step` bytes each, one after the other from `first` on. */
export interface Records {
  readonly source: ByteSource;
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/**
 * Goes over records once, part by part, and keeps them all in memory if there is room. `see` is shown each; without it, and
 * without room, nothing is read. Gives what it kept, or null.
 */
export async function passOver(
  { source, first, step, count }: Records,
  { room, onProgress, signal }: Pick<Reading, 'room' | 'onProgress' | 'signal'>,
  see?: (record: Uint8Array, index: number) => void,
): Promise<Uint8Array | null> {
  const size = step * count;
  const there = source.bytes?.subarray(first, first + size) ?? null;
  const isKept = there === null && size <= room.left;
  if (!isKept && !see) return there;
  const kept = isKept ? new Uint8Array(size) : null;
  if (kept) room.left -= size;
  const each = Math.max(1, Math.floor(PART / step));
  for (let index = 0; index < count; index += each) {
    signal?.throwIfAborted();
    const records = Math.min(each, count - index);
    const part = await source.read(first + index * step, records * step);
    kept?.set(part, index * step);
    if (see) for (let i = 0; i < records; i++) see(part.subarray(i * step, (i + 1) * step), index + i);
    onProgress?.((index + records) * step, size);
  }
  return kept ?? there;
}

/** The whole of a source, which must fit. `what` names it in a message. */
export async function readWhole(
  source: ByteSource,
  reading: Omit<Reading, 'files'>,
  what: string,
): Promise<Uint8Array> {
  const { size } = source;
  const all = await passOver({ source, first: 0, step: 1, count: size }, reading);
  if (!all) throw new PicturesError(`${what} takes ${inMiB(size)}, more than there is memory for`);
  return all;
}

export const inMiB = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
