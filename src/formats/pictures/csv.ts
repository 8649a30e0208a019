import { type Shape, volumeOf } from '../../network/shape.js';
import type { ByteSource } from '../byte-source.js';
import { type LabelledPictures, unpackBytes } from './labelled.js';
import { PART, PicturesError, type Reading } from './source.js';

/** What a class is called at most: labels are bytes. */
const LARGEST_LABEL = 255;

/** Longer numbers are none of a picture. */
const LONGEST_NUMBER = 32;

const NEW_LINE = 10;

/**
 * A line a picture: its class, then its pixels, whole numbers from 0 to 255, row by row, the channels of a pixel next to each
 * other. A first line of words is skipped. How large the pictures are the lines do not say: they must be of `shape`.
 */
export async function readCsvPictures(source: ByteSource, shape: Shape, reading: Reading): Promise<LabelledPictures> {
  const { room } = reading;
  const volume = volumeOf(shape);
  const labels = new Growing(Uint8Array, 1);
  /** Where the line of each picture begins. */
  const starts = new Growing(Float64Array, 1);
  let pixels: Growing<Uint8Array> | null = new Growing(Uint8Array, volume);
  const pixel = new Uint8Array(volume);
  const budget = room.left;
  for await (const { start, text, number } of linesOf(source, (volume + 1) * LONGEST_NUMBER, reading)) {
    if (number === 1 && /[a-z]/i.test(text)) continue;
    labels.add(readLine(text, number, shape, pixel));
    starts.add(start);
    // While it grows there is another copy of it, of twice the length.
    if (pixels && 3 * labels.count * volume > budget) pixels = null;
    pixels?.add(pixel);
  }
  const { count } = labels;
  if (count === 0) throw new PicturesError('There are no pictures in it');
  const kept = pixels?.values();
  if (kept) room.left -= kept.length;
  const ends = starts.values();
  return {
    shape,
    count,
    labels: labels.values(),
    read: kept
      ? (index, to) => unpackBytes(kept.subarray(index * volume, (index + 1) * volume), to)
      : async (index, to) => {
          const start = ends[index] as number;
          const line = await source.read(start, (ends[index + 1] ?? source.size) - start);
          const record = new Uint8Array(volume);
          readLine(new TextDecoder().decode(line).trimEnd(), index + 1, shape, record);
          unpackBytes(record, to);
        },
  };
}

/** Fills the pixels of a line and gives its class. */
function readLine(text: string, number: number, shape: Shape, to: Uint8Array): number {
  const fail = (message: string) => new PicturesError(`Line ${number}: ${message}`);
  const values = text.split(',');
  if (values.length !== to.length + 1)
    throw fail(
      `${values.length} values; a class and ${shape.height}×${shape.width}×${shape.channels} pixels are ${to.length + 1}`,
    );
  let label = 0;
  for (const [i, written] of values.entries()) {
    const value = Number(written);
    const isGood = written.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= LARGEST_LABEL;
    if (!isGood && i === 0) throw fail(`${written} is no class: a whole number from 0 to ${LARGEST_LABEL}`);
    if (!isGood) throw fail(`${written.trim() || 'nothing'} is no whole number from 0 to 255`);
    if (i === 0) label = value;
    else to[i - 1] = value;
  }
  return label;
}

interface Line {
  /** The offset of its first byte. */
  readonly start: number;
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
}

/** The lines of a text but for empty ones at its end, part by part. */
async function* linesOf(
  source: ByteSource,
  longest: number,
  { onProgress, signal }: Pick<Reading, 'onProgress' | 'signal'>,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let [start, number, empty] = [0, 0, 0];
  let rest = new Uint8Array();
  for (let at = 0; at < source.size; ) {
    signal?.throwIfAborted();
    const part = await source.read(at, Math.min(PART, source.size - at));
    at += part.length;
    const bytes = new Uint8Array(rest.length + part.length);
    bytes.set(rest);
    bytes.set(part, rest.length);
    let from = 0;
    for (;;) {
      const found = bytes.indexOf(NEW_LINE, from);
      const end = found < 0 && at >= source.size ? bytes.length : found;
      if (end < 0 || (found < 0 && from === end)) break;
      const text = decoder.decode(bytes.subarray(from, end)).replace(/\r$/, '');
      number++;
      if (text === '') empty++;
      else {
        // What stood between lines is none itself.
        if (empty > 0) throw new PicturesError(`Line ${number - empty}: it is empty`);
        yield { start: start + from, number, text };
      }
      if (found < 0) {
        from = end;
        break;
      }
      from = found + 1;
    }
    rest = bytes.subarray(from);
    start += from;
    if (rest.length > longest) throw new PicturesError(`Line ${number + 1}: it is too long for a picture`);
    onProgress?.(at, source.size);
  }
}

/** Numbers of which it is not known how many there will be, `each` at a time. */
class Growing<A extends Uint8Array | Float64Array> {
  count = 0;
  private all: A;

  constructor(
    private readonly make: new (length: number) => A,
    private readonly each: number,
  ) {
    this.all = new make(64 * each);
  }

  add(values: number | ArrayLike<number>): void {
    const at = this.count++ * this.each;
    if (at === this.all.length) {
      const larger = new this.make(2 * at);
      larger.set(this.all);
      this.all = larger;
    }
    if (typeof values === 'number') this.all[at] = values;
    else this.all.set(values, at);
  }

  values(): A {
    return this.all.slice(0, this.count * this.each) as A;
  }
}
