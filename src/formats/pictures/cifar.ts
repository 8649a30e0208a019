import type { ByteSource } from '../byte-source.js';
import { type LabelledPictures, recordPictures, type Unpack } from './labelled.js';
import { PicturesError, passOver, type Reading } from './source.js';

const SIDE = 32;
const AREA = SIDE * SIDE;
const RECORD = 1 + 3 * AREA;

/** A byte of label, then a red, a green and a blue map. */
const unpack: Unpack = (record, to) => {
  for (let channel = 0; channel < 3; channel++)
    for (let pixel = 0; pixel < AREA; pixel++)
      to[pixel * 3 + channel] = (record[1 + channel * AREA + pixel] as number) / 255;
};

/** CIFAR-10's binary files: a byte of label, then a red, a green and a blue map of 32×32, again and again. */
export async function readCifar(source: ByteSource, reading: Reading): Promise<LabelledPictures> {
  if (source.size === 0 || source.size % RECORD !== 0)
    throw new PicturesError(`${source.size} bytes are no whole number of CIFAR-10 pictures of ${RECORD} bytes each`);
  const records = { source, first: 0, step: RECORD, count: source.size / RECORD };
  const labels = new Uint8Array(records.count);
  const kept = await passOver(records, reading, ([label = 0], index) => {
    if (label > 9) throw new PicturesError(`Picture ${index + 1} has the label ${label}; they go from 0 to 9`);
    labels[index] = label;
  });
  return recordPictures({ height: SIDE, width: SIDE, channels: 3 }, labels, records, kept, unpack);
}
