import { bytePictures, type LabelledPictures, PicturesError } from './labelled.js';

const SIDE = 32;
const AREA = SIDE * SIDE;
const RECORD = 1 + 3 * AREA;

/** CIFAR-10's binary files: a byte of label, then a red, a green and a blue map of 32×32, again and again. */
export function readCifar(bytes: Uint8Array): LabelledPictures {
  if (bytes.length === 0 || bytes.length % RECORD !== 0)
    throw new PicturesError(`${bytes.length} bytes are no whole number of CIFAR-10 pictures of ${RECORD} bytes each`);
  const labels = Uint8Array.from({ length: bytes.length / RECORD }, (_, i) => bytes[i * RECORD] as number);
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) throw new PicturesError(`Picture ${wrong + 1} has the label ${labels[wrong]}; they go from 0 to 9`);
  const place = (i: number) => (i % 3) * AREA + Math.floor(i / 3);
  return bytePictures({ height: SIDE, width: SIDE, channels: 3 }, labels, bytes, { first: 1, step: RECORD, place });
}
