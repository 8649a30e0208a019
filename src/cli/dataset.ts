import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { builtInDatasets, type Dataset, resizePicture, type SplitDataset, splitOff } from '../engine/index.js';
import { readCifar } from '../formats/pictures/cifar.js';
import { readCsvPictures } from '../formats/pictures/csv.js';
import { readIdxPictures } from '../formats/pictures/idx.js';
import { type LabelledPictures, PicturesError } from '../formats/pictures/labelled.js';
import { readNpzPictures } from '../formats/pictures/npz.js';
import { formatShape, type Shape, sameShape } from '../network/shape.js';
import { isBuiltInDataset } from '../network/training.js';
import { pathBeside, readBytes, readText } from './files.js';
import { decodePicture } from './picture.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** Where a set has no test of its own, every fifth picture is kept for it. */
const KEPT_FOR_TEST = 5;

const MOST_BYTES = 2 ** 31 - 1;

/**
 * The pictures that a `training` block names: drawn at the size of the network's input, or read from a file or folder beside the
 * network. A folder has MNIST's four files, CIFAR-10's batches, or a folder of PNG and JPEG files for each class, which are cut and
 * resized to the input and decoded when they are needed; a file is .npz or .csv.
 */
export async function openDataset(
  name: string,
  shape: Shape,
  networkFile: string,
  terminal: Terminal,
): Promise<SplitDataset> {
  if (isBuiltInDataset(name)) return builtInDatasets[name](shape);
  const path = pathBeside(networkFile, name);
  const status = await stat(resolve(terminal.cwd, path)).catch(() => {
    throw new UsageError(`there is no file or folder ${path} to learn from; built in are digits and shapes`);
  });
  try {
    const found = status.isDirectory()
      ? await openFolder(path, shape, terminal)
      : await openFile(path, shape, terminal);
    if (!sameShape(found.train.shape, shape))
      throw new UsageError(
        `the pictures of ${path} are ${formatShape(found.train.shape)}, the network's input is ${formatShape(shape)}`,
      );
    return found;
  } catch (error) {
    if (error instanceof PicturesError) throw new UsageError(`${path} cannot be read: ${error.message}`);
    throw error;
  }
}

/** Numbers as names, as many as the labels ask for; none may be without a picture. */
function datasetOf(pictures: LabelledPictures, names: readonly string[] = []): Dataset {
  const counts: number[] = [];
  for (const label of pictures.labels) counts[label] = (counts[label] ?? 0) + 1;
  const classes = Array.from({ length: Math.max(counts.length, names.length) }, (_, i) => names[i] ?? `${i}`);
  const empty = classes.findIndex((_, i) => !counts[i]);
  if (empty >= 0) throw new PicturesError(`Class ${classes[empty]} has no pictures`);
  return {
    classes,
    count: pictures.count,
    shape: pictures.shape,
    read(index, to) {
      pictures.read(index, to);
      return pictures.labels[index] as number;
    },
  };
}

/** A set and its test, which must have the same classes. */
function pair(train: Dataset, test: Dataset): SplitDataset {
  if (test.classes.length > train.classes.length)
    throw new PicturesError(`The test has ${test.classes.length} classes, training ${train.classes.length}`);
  return { train, test: { ...test, classes: train.classes } };
}

async function openFile(path: string, shape: Shape, terminal: Terminal): Promise<SplitDataset> {
  if (path.endsWith('.csv'))
    return splitOff(datasetOf(readCsvPictures(await readText(path, terminal, MOST_BYTES), shape)), KEPT_FOR_TEST);
  if (!path.endsWith('.npz')) throw new UsageError(`${path} is neither .npz nor .csv, nor a folder of pictures`);
  const bytes = await readBytes(path, terminal, MOST_BYTES);
  const train = await readNpzPictures(bytes, 'train');
  const test = await readNpzPictures(bytes, 'test');
  if (!train) throw new PicturesError('It has no pictures');
  return test ? pair(datasetOf(train), datasetOf(test)) : splitOff(datasetOf(train), KEPT_FOR_TEST);
}

async function openFolder(path: string, shape: Shape, terminal: Terminal): Promise<SplitDataset> {
  const entries = await readdir(resolve(terminal.cwd, path), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const read = async (name: string) => {
    const bytes = await readBytes(join(path, name), terminal, MOST_BYTES);
    return name.endsWith('.gz') ? unpacked(bytes, name) : bytes;
  };
  const idx = async (kind: string) => {
    const file = (what: string) =>
      names.find((name) => new RegExp(`^${kind}-${what}[.-]idx\\d-ubyte(\\.gz)?$`).test(name));
    const [pictures, labels] = [file('images'), file('labels')];
    return pictures && labels ? datasetOf(readIdxPictures(await read(pictures), await read(labels))) : undefined;
  };
  const train = await idx('train');
  if (train) {
    const test = await idx('t10k');
    return test ? pair(train, test) : splitOff(train, KEPT_FOR_TEST);
  }
  const batches = names.filter((name) => /^data_batch_\d\.bin$/.test(name)).sort();
  if (batches.length > 0) {
    const labels = names.includes('batches.meta.txt')
      ? (await readText(join(path, 'batches.meta.txt'), terminal)).trim().split(/\r?\n/)
      : [];
    const all = Buffer.concat(await Promise.all(batches.map(read)));
    const learned = datasetOf(readCifar(all), labels);
    return names.includes('test_batch.bin')
      ? pair(learned, datasetOf(readCifar(await read('test_batch.bin')), labels))
      : splitOff(learned, KEPT_FOR_TEST);
  }
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  return openClasses(path, folders.sort(), shape, terminal);
}

function unpacked(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    throw new PicturesError(`${name} is damaged and cannot be unpacked`);
  }
}

/** A folder a class; `train` and `test` folders (or `val`) hold those of a set each. */
async function openClasses(
  path: string,
  folders: readonly string[],
  shape: Shape,
  terminal: Terminal,
): Promise<SplitDataset> {
  const test = ['test', 'val'].find((name) => folders.includes(name));
  if (folders.includes('train') && test) {
    const inside = async (name: string) => {
      const entries = await readdir(resolve(terminal.cwd, path, name), { withFileTypes: true });
      const classes = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
      return pictureFiles(join(path, name), classes.sort(), shape, terminal);
    };
    return pair(await inside('train'), await inside(test));
  }
  if (folders.length < 2)
    throw new PicturesError(
      "it has neither MNIST's files (train-images-idx3-ubyte, …), nor CIFAR-10's (data_batch_1.bin, …), nor a folder of pictures for each class",
    );
  return splitOff(await pictureFiles(path, folders, shape, terminal), KEPT_FOR_TEST);
}

async function pictureFiles(
  path: string,
  classes: readonly string[],
  shape: Shape,
  terminal: Terminal,
): Promise<Dataset> {
  const byClass: string[][] = [];
  for (const name of classes) {
    const files = (await readdir(resolve(terminal.cwd, path, name))).filter((file) => /\.(png|jpe?g)$/i.test(file));
    if (files.length === 0) throw new PicturesError(`Class ${name} has no pictures (PNG or JPEG)`);
    byClass.push(files.sort().map((file) => join(path, name, file)));
  }
  const files: { readonly file: string; readonly label: number }[] = [];
  for (const [label, all] of byClass.entries()) for (const file of all) files.push({ file, label });
  return {
    classes,
    count: files.length,
    shape,
    async read(index, to) {
      const { file, label } = files[index] as (typeof files)[number];
      const picture = await decodePicture(await readBytes(file, terminal), file);
      to.set(resizePicture(picture, shape).data);
      return label;
    },
  };
}
