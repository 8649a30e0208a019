import { formatShape, type Shape, sameShape, volumeOf } from '../../network/shape.js';
import { type ByteSource, memorySource } from '../byte-source.js';
import { gunzip, ZipError } from '../zip.js';
import { readCifar } from './cifar.js';
import { readCsvPictures } from './csv.js';
import { readIdxPictures } from './idx.js';
import { joined, type LabelledPictures, unpackBytes } from './labelled.js';
import { readNpzPictures } from './npz.js';
import { PicturesError, type Reading, readWhole } from './source.js';

/** Pictures of known classes. */
interface PictureSet {
  /** The names of the classes, by number. */
  readonly classes: readonly string[];
  readonly count: number;
  readonly shape: Shape;
  /** Writes a picture's pixels, 0 to 1, NHWC, and gives its class, counted from 0. */
  readonly read: (index: number, to: Float32Array) => number | Promise<number>;
}

/** What a file or folder has to learn from, and to test with if it says what that is. */
export interface OpenedPictures {
  readonly train: PictureSet;
  readonly test?: PictureSet;
}

/** Decodes a PNG or JPEG, cut and resized to a shape, into pixels from 0 to 1. Throws a {@link PicturesError}. */
type DecodePicture = (bytes: Uint8Array, name: string, shape: Shape, to: Float32Array) => Promise<void>;

export interface OpenOptions extends Reading {
  /** Of the network's input. */
  readonly shape: Shape;
  readonly decode: DecodePicture;
}

/**
 * The pictures at a path: a folder with MNIST's files, with CIFAR-10's batches, or with a folder of PNG and JPEG files for each
 * class, which are decoded when they are needed; or a file that is .npz or .csv. What does not fit the room that there is is read
 * anew whenever it is needed. Throws a {@link PicturesError} that names the path.
 */
export async function openPictures(path: string, options: OpenOptions): Promise<OpenedPictures> {
  const found = await options.files.look(path);
  if (!found)
    throw new PicturesError(`there is no file or folder ${path} to learn from; built in are digits and shapes`);
  try {
    const opened =
      found.type === 'folder' ? await openFolder(path, found, options) : await openFile(path, found.size, options);
    const { train, test = train } = opened;
    for (const { shape } of [train, test])
      if (!sameShape(shape, options.shape))
        throw new PicturesError(
          `its pictures are ${formatShape(shape)}, the network's input is ${formatShape(options.shape)}`,
        );
    return opened;
  } catch (error) {
    if (error instanceof PicturesError || error instanceof ZipError)
      throw new PicturesError(`${path} cannot be read: ${error.message}`);
    throw error;
  }
}

type Folder = Extract<Awaited<ReturnType<Reading['files']['look']>>, { type: 'folder' }>;

const sourceOf = (path: string, size: number, { files }: Reading): ByteSource => ({
  size,
  read: async (from, length) => {
    const bytes = await files.read(path, { from, length });
    if (bytes.length !== length) throw new PicturesError(`${path} was cut short while it was read`);
    return bytes;
  },
});

/** Numbers as names where there are none, as many as the labels ask for. */
function setOf(pictures: LabelledPictures, names: readonly string[] = []): PictureSet {
  const largest = pictures.labels.reduce((most, label) => Math.max(most, label), -1);
  const classes = Array.from({ length: Math.max(largest + 1, names.length) }, (_, i) => names[i] ?? `${i}`);
  return {
    classes,
    count: pictures.count,
    shape: pictures.shape,
    read(index, to) {
      const label = pictures.labels[index] as number;
      const pending = pictures.read(index, to);
      return pending ? pending.then(() => label) : label;
    },
  };
}

/** The same, where every class must have pictures. */
function learnable(pictures: LabelledPictures, names?: readonly string[]): PictureSet {
  const set = setOf(pictures, names);
  const seen = new Set(pictures.labels);
  const empty = set.classes.findIndex((_, i) => !seen.has(i));
  if (empty < 0) return set;
  const beyond = pictures.labels.findIndex((label) => label > empty);
  throw new PicturesError(
    `class ${set.classes[empty]} has no pictures${beyond < 0 || names ? '' : `, though picture ${beyond + 1} has the label ${pictures.labels[beyond]}: classes are counted from 0 without a gap`}`,
  );
}

/** A set and its test, which must have the same classes. */
function pair(train: PictureSet, test: PictureSet): OpenedPictures {
  if (test.classes.length > train.classes.length)
    throw new PicturesError(`its test has ${test.classes.length} classes, training ${train.classes.length}`);
  return { train, test: { ...test, classes: train.classes } };
}

async function openFile(path: string, size: number, options: OpenOptions): Promise<OpenedPictures> {
  const source = sourceOf(path, size, options);
  if (/\.csv$/i.test(path)) return { train: learnable(await readCsvPictures(source, options.shape, options)) };
  if (!/\.npz$/i.test(path)) throw new PicturesError('it is neither .npz nor .csv, nor a folder of pictures');
  const train = await readNpzPictures(source, 'train', options);
  const test = await readNpzPictures(source, 'test', options);
  if (!train) throw new PicturesError('it has no pictures');
  return test ? pair(learnable(train), setOf(test)) : { train: learnable(train) };
}

async function openFolder(path: string, { entries }: Folder, options: OpenOptions): Promise<OpenedPictures> {
  const names = entries.filter(({ isFolder }) => !isFolder).map(({ name }) => name);
  const open = async (name: string) => {
    const file = `${path}/${name}`;
    const found = await options.files.look(file);
    return sourceOf(file, found?.type === 'file' ? found.size : 0, options);
  };
  return (
    (await openIdx(names, open, options)) ??
    (await openCifar(names, open, options)) ??
    (await openClasses(
      path,
      entries.filter(({ name, isFolder }) => isFolder && !name.startsWith('.')).map(({ name }) => name),
      options,
    ))
  );
}

type OpenNamed = (name: string) => Promise<ByteSource>;

/** MNIST's files, packed by gzip or not. */
async function openIdx(
  names: readonly string[],
  open: OpenNamed,
  options: OpenOptions,
): Promise<OpenedPictures | undefined> {
  const read = async (name: string) => {
    const source = await open(name);
    if (!name.endsWith('.gz')) return source;
    const { room } = options;
    const unpacked = await gunzip(await readWhole(source, options, name), name, room.left);
    // What was packed is let go of.
    room.left += source.size - unpacked.length;
    return memorySource(unpacked);
  };
  const part = async (kind: string) => {
    const file = (what: string) =>
      names.find((name) => new RegExp(`^${kind}-${what}[.-]idx\\d-ubyte(\\.gz)?$`).test(name));
    const [pictures, labels] = [file('images'), file('labels')];
    return pictures && labels ? await readIdxPictures(await read(pictures), await read(labels), options) : undefined;
  };
  const train = await part('train');
  if (!train) return undefined;
  const test = await part('t10k');
  return test ? pair(learnable(train), setOf(test)) : { train: learnable(train) };
}

async function openCifar(
  names: readonly string[],
  open: OpenNamed,
  options: OpenOptions,
): Promise<OpenedPictures | undefined> {
  const batches = names.filter((name) => /^data_batch_\d\.bin$/.test(name)).sort();
  if (batches.length === 0) return undefined;
  const list = 'batches.meta.txt';
  const classes = names.includes(list)
    ? new TextDecoder()
        .decode(await readWhole(await open(list), options, list))
        .trim()
        .split(/\r?\n/)
    : undefined;
  const parts: LabelledPictures[] = [];
  for (const name of batches) parts.push(await readCifar(await open(name), options));
  const train = learnable(joined(parts), classes);
  const test = 'test_batch.bin';
  return names.includes(test) ? pair(train, setOf(await readCifar(await open(test), options), classes)) : { train };
}

/** A folder a class; `train` and `test` folders (or `val`) hold those of a set each. */
async function openClasses(path: string, folders: readonly string[], options: OpenOptions): Promise<OpenedPictures> {
  const test = ['test', 'val'].find((name) => folders.includes(name));
  if (folders.includes('train') && test) {
    const inside = async (name: string) => {
      const found = await options.files.look(`${path}/${name}`);
      const entries = found?.type === 'folder' ? found.entries : [];
      const classes = entries.filter(({ isFolder }) => isFolder).map((entry) => entry.name);
      return pictureFiles(`${path}/${name}`, classes, options);
    };
    return pair(await inside('train'), await inside(test));
  }
  if (folders.length < 2)
    throw new PicturesError(
      "it has neither MNIST's files (train-images-idx3-ubyte, …), nor CIFAR-10's (data_batch_1.bin, …), nor a folder of pictures for each class",
    );
  return { train: await pictureFiles(path, folders, options) };
}

/** Pixels are rounded to 8 bits, whether they are kept or decoded again, so that memory changes nothing of what is learned. */
async function pictureFiles(
  path: string,
  folders: readonly string[],
  { files, shape, decode, room }: OpenOptions,
): Promise<PictureSet> {
  const classes = folders.toSorted();
  const all: { readonly file: string; readonly label: number }[] = [];
  for (const [label, name] of classes.entries()) {
    const found = await files.look(`${path}/${name}`);
    const names = found?.type === 'folder' ? found.entries.map((entry) => entry.name) : [];
    const pictures = names.filter((file) => /\.(png|jpe?g)$/i.test(file)).sort();
    if (pictures.length === 0) throw new PicturesError(`class ${name} has no pictures (PNG or JPEG)`);
    for (const file of pictures) all.push({ file: `${path}/${name}/${file}`, label });
  }
  const volume = volumeOf(shape);
  const kept = all.length * volume <= room.left ? new Array<Uint8Array | undefined>(all.length) : null;
  if (kept) room.left -= all.length * volume;
  // One at a time: a photo takes a hundred times what is kept of it, and a batch is asked for at once.
  let decoding: Promise<unknown> = Promise.resolve();
  const decodeInTurn = (bytes: Uint8Array, file: string, to: Float32Array): Promise<void> => {
    const turn = decoding.then(() => decode(bytes, file, shape, to));
    decoding = turn.catch(() => undefined);
    return turn.then(() => undefined);
  };
  return {
    classes,
    count: all.length,
    shape,
    async read(index, to) {
      const { file, label } = all[index] as (typeof all)[number];
      let pixels = kept?.[index];
      if (!pixels) {
        const decoded = new Float32Array(volume);
        await decodeInTurn(await files.read(file), file, decoded);
        pixels = Uint8Array.from(decoded, (value) => Math.round(value * 255));
        if (kept) kept[index] = pixels;
      }
      unpackBytes(pixels, to);
      return label;
    },
  };
}
