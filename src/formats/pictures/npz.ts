import type { Shape } from '../../network/shape.js';
import { type NpyArray, NpyError, readNpy } from '../npz.js';
import { ZipError, zipEntries } from '../zip.js';
import { bytePictures, type LabelledPictures, PicturesError } from './labelled.js';

/** The arrays of a .npz file (a zip) by name: x_train, y_train, x_test, y_test. Numbers of pictures are 0 to 255, or 0 to 1. */
export async function readNpzPictures(
  bytes: Uint8Array,
  part: 'train' | 'test',
): Promise<LabelledPictures | undefined> {
  try {
    return await readArrays(bytes, part);
  } catch (error) {
    if (error instanceof ZipError || error instanceof NpyError) throw new PicturesError(error.message);
    throw error;
  }
}

async function readArrays(bytes: Uint8Array, part: 'train' | 'test'): Promise<LabelledPictures | undefined> {
  const files = zipEntries(bytes);
  const find = async (names: readonly string[]): Promise<NpyArray | undefined> => {
    const name = names.find((one) => files.has(`${one}.npy`));
    const open = name === undefined ? undefined : files.get(`${name}.npy`);
    return open && name !== undefined ? readNpy(await open.open(), name) : undefined;
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
