import { type Shape, volumeOf } from '../../network/shape.js';
import { type ByteSource, memorySource, partOf } from '../byte-source.js';
import { NPY_HEADER, NpyError, type NpyNumber, readNpyHeader, unsignedByte } from '../npz.js';
import { type ZipEntry, ZipError, zipEntries } from '../zip.js';
import { bytePictures, type LabelledPictures, recordPictures } from './labelled.js';
import { inMiB, PicturesError, passOver, type Reading } from './source.js';

/** An array of which the numbers are not read yet. */
interface OpenArray {
  readonly shape: readonly number[];
  readonly number: NpyNumber;
  readonly numbers: ByteSource;
}

/**
 * The arrays of a .npz file (a zip) by name: x_train, y_train, x_test, y_test. Numbers of pictures are 0 to 255, or 0 to 1. Arrays
 * that are not packed (`numpy.savez`) are read in parts, others are unpacked into memory.
 */
export async function readNpzPictures(
  source: ByteSource,
  part: 'train' | 'test',
  reading: Reading,
): Promise<LabelledPictures | undefined> {
  try {
    return await readArrays(source, part, reading);
  } catch (error) {
    if (error instanceof ZipError || error instanceof NpyError) throw new PicturesError(error.message);
    throw error;
  }
}

async function readArrays(
  source: ByteSource,
  part: 'train' | 'test',
  reading: Reading,
): Promise<LabelledPictures | undefined> {
  const files = await zipEntries(source);
  const find = async (names: readonly string[]): Promise<OpenArray | undefined> => {
    const name = names.find((one) => files.has(`${one}.npy`));
    const entry = name === undefined ? undefined : files.get(`${name}.npy`);
    return entry && name !== undefined ? openArray(entry, name, reading) : undefined;
  };
  const pictures = await find([`x_${part}`, ...(part === 'train' ? ['x', 'arr_0'] : [])]);
  const labels = await find([`y_${part}`, ...(part === 'train' ? ['y', 'arr_1'] : [])]);
  if (!pictures || !labels) {
    if (part === 'test') return undefined;
    throw new PicturesError(
      `It has no arrays x_train and y_train, nor x and y; it has ${[...files.keys()].join(', ') || 'none'}`,
    );
  }
  const [count = 0, height = 0, width = 0, channels = 1] = pictures.shape;
  if (pictures.shape.length !== 3 && pictures.shape.length !== 4)
    throw new PicturesError(`The pictures are ${pictures.shape.join('×')}, not count×height×width or with ×channels`);
  const classes = await readLabels(labels, count);
  return readPictures({ height, width, channels }, classes, pictures, reading);
}

async function openArray(entry: ZipEntry, name: string, { room }: Reading): Promise<OpenArray> {
  const source = (await entry.asItIs()) ?? memorySource(await unpack(entry, room));
  const header = await source.read(0, Math.min(source.size, NPY_HEADER));
  const { shape, number, start } = readNpyHeader(header, source.size, name);
  return { shape, number, numbers: partOf(source, start, source.size - start) };
}

async function unpack(entry: ZipEntry, room: Reading['room']): Promise<Uint8Array> {
  if (entry.size > room.left)
    throw new PicturesError(
      `${entry.name} is packed and has ${inMiB(entry.size)}, more than there is memory for: what numpy.savez writes can be read in parts`,
    );
  const bytes = await entry.open(room.left);
  room.left -= bytes.length;
  return bytes;
}

async function readLabels({ shape, number, numbers }: OpenArray, count: number): Promise<Uint8Array> {
  const given = shape.reduce((product, length) => product * length, 1);
  if (given !== count) throw new PicturesError(`There are ${count} pictures, but ${given} labels`);
  const bytes = await numbers.read(0, count * number.bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint8Array.from({ length: count }, (_, i) => {
    const label = number.read(view, i * number.bytes);
    if (Number.isInteger(label) && label >= 0 && label <= 255) return label;
    throw new PicturesError(`Picture ${i + 1} has the label ${label}; they are whole numbers from 0 to 255`);
  });
}

async function readPictures(
  shape: Shape,
  labels: Uint8Array,
  { number, numbers }: OpenArray,
  reading: Reading,
): Promise<LabelledPictures> {
  if (number === unsignedByte) return bytePictures(shape, labels, { source: numbers, first: 0 }, reading);
  const volume = volumeOf(shape);
  const records = { source: numbers, first: 0, step: volume * number.bytes, count: labels.length };
  const unpackWith = (scale: number) => (record: Uint8Array, to: Float32Array) => {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    for (let i = 0; i < volume; i++) to[i] = number.read(view, i * number.bytes) / scale;
  };
  const pixels = new Float32Array(volume);
  let most = 0;
  const look = unpackWith(1);
  const kept = await passOver(records, reading, (record, index) => {
    look(record, pixels);
    for (const value of pixels) {
      if (!Number.isFinite(value)) throw new PicturesError(`Picture ${index + 1} has a pixel that is no number`);
      most = Math.max(most, value);
    }
  });
  return recordPictures(shape, labels, records, kept, unpackWith(most > 1 ? 255 : 1));
}
