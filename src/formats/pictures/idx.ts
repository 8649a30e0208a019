import { bytePictures, type LabelledPictures, PicturesError } from './labelled.js';

/**
 * IDX, MNIST's format: two zeros, the type of the numbers, how many axes there are, their lengths (32 bits, big-endian), then the
 * numbers. Pictures and labels are two files. http://yann.lecun.com/exdb/mnist
 */
interface Idx {
  readonly lengths: readonly number[];
  readonly numbers: Uint8Array;
}

const UNSIGNED_BYTES = 0x08;

function readIdx(bytes: Uint8Array, what: string): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw new PicturesError(`${what}: the file is cut short: it has no header`);
  const [a, b, type, axes = 0] = bytes;
  if (a !== 0 || b !== 0)
    throw new PicturesError(`${what}: this is no IDX file: it begins with ${hex(bytes)}, not with two zeros`);
  if (type !== UNSIGNED_BYTES)
    throw new PicturesError(
      `${what}: its numbers are of type 0x${(type ?? 0).toString(16)}; only bytes (0x8) are read`,
    );
  const start = 4 + 4 * axes;
  if (bytes.length < start) throw new PicturesError(`${what}: the file is cut short: its header is not complete`);
  const lengths = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = lengths.reduce((product, length) => product * length, 1);
  if (bytes.length - start !== expected)
    throw new PicturesError(
      `${what}: ${bytes.length - start} numbers where the header tells of ${lengths.join('×')} = ${expected}`,
    );
  return { lengths, numbers: bytes.subarray(start) };
}

const hex = (bytes: Uint8Array): string =>
  [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Pictures and their labels, out of two files. */
export function readIdxPictures(pictures: Uint8Array, labels: Uint8Array): LabelledPictures {
  const { lengths, numbers } = readIdx(pictures, 'pictures');
  const [count = 0, height = 0, width = 0, channels = 1] = lengths;
  if (lengths.length !== 3 && lengths.length !== 4)
    throw new PicturesError(`pictures: they have ${lengths.length} axes, not 3 (count, height, width) or 4`);
  const given = readIdx(labels, 'labels');
  if (given.lengths.length !== 1) throw new PicturesError(`labels: they have ${given.lengths.length} axes, not 1`);
  if (given.lengths[0] !== count)
    throw new PicturesError(`There are ${count} pictures, but ${given.lengths[0]} labels`);
  return bytePictures({ height, width, channels }, given.numbers, numbers);
}
