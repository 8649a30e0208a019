import type { ByteSource } from '../byte-source.js';
import { bytePictures, type LabelledPictures } from './labelled.js';
import { PicturesError, type Reading } from './source.js';

/**
 * IDX, MNIST's format: two zeros, the type of the numbers, how many axes there are, their lengths (32 bits, big-endian), then the
 * numbers. Pictures and labels are two files. http://yann.lecun.com/exdb/mnist
 */
interface Idx {
  readonly lengths: readonly number[];
  /** Where the numbers begin. */
  readonly start: number;
}

const UNSIGNED_BYTES = 0x08;

async function readHeader(source: ByteSource, what: string): Promise<Idx> {
  if (source.size < 4) throw new PicturesError(`${what}: the file is cut short: it has no header`);
  const begin = await source.read(0, 4);
  const [a, b, type, axes = 0] = begin;
  if (a !== 0 || b !== 0)
    throw new PicturesError(`${what}: this is no IDX file: it begins with ${hex(begin)}, not with two zeros`);
  if (type !== UNSIGNED_BYTES)
    throw new PicturesError(
      `${what}: its numbers are of type 0x${(type ?? 0).toString(16)}; only bytes (0x8) are read`,
    );
  const start = 4 + 4 * axes;
  if (source.size < start) throw new PicturesError(`${what}: the file is cut short: its header is not complete`);
  const header = await source.read(4, 4 * axes);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const lengths = Array.from({ length: axes }, (_, i) => view.getUint32(4 * i));
  const expected = lengths.reduce((product, length) => product * length, 1);
  if (source.size - start !== expected)
    throw new PicturesError(
      `${what}: ${source.size - start} numbers where the header tells of ${lengths.join('×')} = ${expected}`,
    );
  return { lengths, start };
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Pictures and their labels, out of two files. */
export async function readIdxPictures(
  pictures: ByteSource,
  labels: ByteSource,
  reading: Reading,
): Promise<LabelledPictures> {
  const { lengths, start } = await readHeader(pictures, 'pictures');
  const [count = 0, height = 0, width = 0, channels = 1] = lengths;
  if (lengths.length !== 3 && lengths.length !== 4)
    throw new PicturesError(`pictures: they have ${lengths.length} axes, not 3 (count, height, width) or 4`);
  const given = await readHeader(labels, 'labels');
  if (given.lengths.length !== 1) throw new PicturesError(`labels: they have ${given.lengths.length} axes, not 1`);
  if (given.lengths[0] !== count)
    throw new PicturesError(`There are ${count} pictures, but ${given.lengths[0]} labels`);
  const classes = await labels.read(given.start, count);
  return bytePictures({ height, width, channels }, classes, { source: pictures, first: start }, reading);
}
