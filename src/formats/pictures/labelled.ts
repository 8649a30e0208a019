import { type Shape, volumeOf } from '../../network/shape.js';
import { passOver, type Reading, type Records } from './source.js';

/** Pictures of which the class is known, as a file has them. */
export interface LabelledPictures {
  readonly shape: Shape;
  readonly count: number;
  /** The class of each, counted from 0. */
  readonly labels: Uint8Array;
  /** Writes the pixels of a picture, 0 to 1, NHWC; at once where they are in memory. */
  readonly read: (index: number, to: Float32Array) => void | Promise<void>;
}

/** A picture's pixels, 0 to 1, of its record in a file. */
export type Unpack = (record: Uint8Array, to: Float32Array) => void;

/** Of a byte a pixel, in the order in which they are wanted. */
export const unpackBytes: Unpack = (record, to) => {
  for (let i = 0; i < record.length; i++) to[i] = (record[i] as number) / 255;
};

/** Pictures of records: kept in memory where `kept` is all of them, else read one by one. */
export const recordPictures = (
  shape: Shape,
  labels: Uint8Array,
  { source, first, step }: Records,
  kept: Uint8Array | null,
  unpack: Unpack,
): LabelledPictures => ({
  shape,
  count: labels.length,
  labels,
  read: kept
    ? (index, to) => unpack(kept.subarray(index * step, (index + 1) * step), to)
    : async (index, to) => unpack(await source.read(first + index * step, step), to),
});

/** Pictures of a byte a number. */
export async function bytePictures(
  shape: Shape,
  labels: Uint8Array,
  records: Omit<Records, 'step' | 'count'>,
  reading: Reading,
): Promise<LabelledPictures> {
  const all = { ...records, step: volumeOf(shape), count: labels.length };
  return recordPictures(shape, labels, all, await passOver(all, reading), unpackBytes);
}

/** All pictures of several files, which are of one size. */
export function joined(parts: readonly LabelledPictures[]): LabelledPictures {
  const [first] = parts;
  if (!first || parts.length === 1) return first as LabelledPictures;
  const starts: number[] = [];
  let count = 0;
  for (const part of parts) {
    starts.push(count);
    count += part.count;
  }
  const labels = new Uint8Array(count);
  for (const [i, part] of parts.entries()) labels.set(part.labels, starts[i]);
  return {
    shape: first.shape,
    count,
    labels,
    read(index, to) {
      const at = starts.findLastIndex((start) => start <= index);
      return parts[at]?.read(index - (starts[at] as number), to);
    },
  };
}
