import type { Shape } from '../../network/shape.js';
import { bytePictures, type LabelledPictures, PicturesError } from './labelled.js';

/** What a class is called at most: labels are bytes. */
const LARGEST_LABEL = 255;

/**
 * A line a picture: its class, then its pixels, 0 to 255, row by row, the channels of a pixel next to each other. A first line of
 * words is skipped. How large the pictures are the lines do not say: they must be of `shape`.
 */
export function readCsvPictures(text: string, shape: Shape): LabelledPictures {
  const volume = shape.height * shape.width * shape.channels;
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  const skipped = /[a-z]/i.test(lines[0] ?? '') ? 1 : 0;
  const count = lines.length - skipped;
  if (count === 0) throw new PicturesError('There are no pictures in it');
  const labels = new Uint8Array(count);
  const pixels = new Uint8Array(count * volume);
  for (let n = 0; n < count; n++) {
    const line = n + skipped;
    const fail = (message: string) => new PicturesError(`Line ${line + 1}: ${message}`);
    const values = (lines[line] as string).split(',');
    if (values.length !== volume + 1)
      throw fail(
        `${values.length} values; a class and ${shape.height}×${shape.width}×${shape.channels} pixels are ${volume + 1}`,
      );
    for (const [i, written] of values.entries()) {
      const value = Number(written);
      if (written.trim() === '' || !(value >= 0 && value <= 255))
        throw fail(`${written.trim() || 'nothing'} is no number from 0 to 255`);
      if (i > 0) pixels[n * volume + i - 1] = value;
      else if (Number.isInteger(value) && value <= LARGEST_LABEL) labels[n] = value;
      else throw fail(`${written} is no class: a whole number from 0 to ${LARGEST_LABEL}`);
    }
  }
  return bytePictures(shape, labels, pixels);
}
