import type { Shape } from '../../network/shape.js';
import { bytePictures, type LabelledPictures, PicturesError } from './labelled.js';

/** An array of a .npy file: whole numbers from 0 to 255, or fractions, which are taken as they are. */
interface NpyArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Reads a number at an offset, by NumPy's name of its type. */
const readers: Readonly<
  Record<string, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>
> = {
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '<i2': { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

function readNpy(bytes: Uint8Array, name: string): NpyArray {
  const fail = (message: string) => new PicturesError(`${name}: ${message}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 10 || bytes[0] !== 0x93 || bytes[1] !== 0x4e) throw fail('this is no .npy array');
  const isOld = (bytes[6] ?? 0) < 2;
  const start = (isOld ? 10 : 12) + (isOld ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(isOld ? 10 : 12, start));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .flatMap((text) => (text.trim() ? [Number(text)] : []));
  const reader = readers[type];
  if (!reader) throw fail(`its numbers are of type ${type || 'unknown'}; read are ${Object.keys(readers).join(', ')}`);
  if (/'fortran_order':\s*True/.test(header)) throw fail('it lies column by column (Fortran order)');
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - start < count * reader.bytes)
    throw fail(`it is cut short: ${bytes.length - start} bytes for ${shape.join('×')} numbers of ${reader.bytes}`);
  if (type === '|u1') return { shape, values: bytes.subarray(start, start + count) };
  return { shape, values: Float64Array.from({ length: count }, (_, i) => reader.read(view, start + i * reader.bytes)) };
}

/** The arrays of a .npz file (a zip) by name: x_train, y_train, x_test, y_test. Numbers of pictures are 0 to 255, or 0 to 1. */
export async function readNpzPictures(
  bytes: Uint8Array,
  part: 'train' | 'test',
): Promise<LabelledPictures | undefined> {
  const files = zipEntries(bytes);
  const find = async (names: readonly string[]): Promise<NpyArray | undefined> => {
    const name = names.find((one) => files.has(`${one}.npy`));
    const open = name === undefined ? undefined : files.get(`${name}.npy`);
    return open && name !== undefined ? readNpy(await open(), name) : undefined;
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
  if (labels.values.length !== count)
    throw new PicturesError(`There are ${count} pictures, but ${labels.values.length} labels`);
  for (let i = 0; i < count; i++) {
    const label = labels.values[i] as number;
    if (!(Number.isInteger(label) && label >= 0 && label <= 255))
      throw new PicturesError(`Picture ${i + 1} has the label ${label}; they are whole numbers from 0 to 255`);
  }
  const shape: Shape = { height, width, channels };
  const classes = Uint8Array.from({ length: count }, (_, i) => labels.values[i] as number);
  if (pictures.values instanceof Uint8Array) return bytePictures(shape, classes, pictures.values);
  const { values } = pictures;
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] as number);
  const scale = most > 1 ? 255 : 1;
  const volume = height * width * channels;
  return {
    shape,
    count,
    labels: classes,
    read(index, to) {
      for (let i = 0; i < volume; i++) to[i] = (values[index * volume + i] as number) / scale;
    },
  };
}

/** The files of a zip, by name, from its central directory; unpacked when they are opened. */
function zipEntries(bytes: Uint8Array): ReadonlyMap<string, () => Promise<Uint8Array>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new PicturesError('This is no .npz file, or it is cut short: the list of its arrays is not there');
  const files = new Map<string, () => Promise<Uint8Array>>();
  let at = view.getUint32(end + 16, true);
  for (let i = view.getUint16(end + 10, true); i > 0 && at + 46 <= bytes.length; i--) {
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    files.set(name, async () => {
      if (local + 30 > bytes.length) throw new PicturesError(`${name}: it lies beyond the end of the file`);
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const data = bytes.slice(start, start + packed);
      if (method === 0) return data;
      if (method !== 8) throw new PicturesError(`${name}: it is packed by a method (${method}) that is not read`);
      const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
      try {
        return new Uint8Array(await new Response(stream).arrayBuffer());
      } catch {
        throw new PicturesError(`${name}: it is damaged and cannot be unpacked`);
      }
    });
  }
  return files;
}
