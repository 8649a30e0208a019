import { type Amounts, cropAmounts } from '../../network/layers/reshaping.js';
import { readVector, type Tensor } from '../tensor.js';
import type { Op, Steps } from './op.js';

/** The volume as one vector, in the order of the network's framework. */
export const flatten: Op<'flatten'> = function* ({ input, output, rules }) {
  for (let n = 0; n < input.batch; n++) {
    output.data.set(readVector(input, n, rules.flattenOrder), n * output.channels);
    yield;
  }
};

/** The volume as one vector, read back into another size in the same order. */
export const reshape: Op<'reshape'> = function* ({ input, output, rules }) {
  const { channels, height, width } = output;
  const pixels = height * width;
  for (let n = 0; n < input.batch; n++) {
    const vector = readVector(input, n, rules.flattenOrder);
    const to = output.data.subarray(n * vector.length, (n + 1) * vector.length);
    if (rules.flattenOrder === 'HWC') to.set(vector);
    else
      for (let i = 0; i < vector.length; i++)
        to[(i % pixels) * channels + Math.floor(i / pixels)] = vector[i] as number;
    yield;
  }
};

/** The pixel of the input that lies at `place` of an axis, which may be beyond it; −1 for none. */
type Border = (place: number, length: number) => number;

const borders: Readonly<Record<'zeros' | 'reflect' | 'edge', Border>> = {
  zeros: (place, length) => (place < length ? place : -1),
  reflect: (place, length) => (place < length ? Math.abs(place) : 2 * (length - 1) - place),
  edge: (place, length) => Math.min(Math.max(place, 0), length - 1),
};

/** Lays the input into the output, `top` and `left` pixels from its corner. */
function* place(input: Tensor, output: Tensor, { top, left }: Amounts, border: Border): Steps {
  const { channels } = input;
  for (let n = 0; n < output.batch; n++)
    for (let oy = 0; oy < output.height; oy++) {
      const iy = border(oy - top, input.height);
      for (let ox = 0; ox < output.width; ox++) {
        const ix = border(ox - left, input.width);
        if (iy < 0 || ix < 0) continue;
        const from = ((n * input.height + iy) * input.width + ix) * channels;
        output.data.set(
          input.data.subarray(from, from + channels),
          ((n * output.height + oy) * output.width + ox) * channels,
        );
      }
      yield;
    }
}

/** The input with a border of zeros, of its mirror image, or of its outermost pixels. */
export const pad: Op<'pad'> = ({ input, output, attributes: { amount, mode } }) =>
  place(input, output, amount, borders[mode]);

/** The input without its border. */
export const crop: Op<'crop'> = ({ input, output, attributes }) =>
  place(input, output, cropAmounts(input, attributes), borders.zeros);

/** Calls `move` with the index of each pixel's first number in input and output; a step a row. */
function* eachPixel(input: Tensor, output: Tensor, move: (from: number, to: number) => void): Steps {
  const rows = input.batch * input.height;
  for (let row = 0; row < rows; row++) {
    for (let pixel = row * input.width; pixel < (row + 1) * input.width; pixel++)
      move(pixel * input.channels, pixel * output.channels);
    yield;
  }
}

/** The channels from `start` on. */
export const slice: Op<'slice'> = ({ input, output, attributes: { start } }) =>
  eachPixel(input, output, (from, to) => {
    output.data.set(input.data.subarray(from + start, from + start + output.channels), to);
  });

/** Channel g·n + i becomes i·groups + g; n = channels/groups. */
export const channelshuffle: Op<'channelshuffle'> = ({ input, output, attributes: { groups } }) => {
  const each = Math.floor(input.channels / groups);
  return eachPixel(input, output, (from, to) => {
    for (let g = 0; g < groups; g++)
      for (let i = 0; i < each; i++) output.data[to + i * groups + g] = input.data[from + g * each + i] as number;
  });
};

/** y[h·r + i, w·r + j, c] = x[h, w, c·r² + i·r + j]. */
export const pixelshuffle: Op<'pixelshuffle'> = function* ({ input, output, attributes: { factor } }) {
  const { channels } = output;
  for (let n = 0; n < output.batch; n++)
    for (let oy = 0; oy < output.height; oy++) {
      for (let ox = 0; ox < output.width; ox++) {
        const iy = Math.floor(oy / factor);
        const ix = Math.floor(ox / factor);
        const phase = (oy % factor) * factor + (ox % factor);
        const from = ((n * input.height + iy) * input.width + ix) * input.channels + phase;
        const to = ((n * output.height + oy) * output.width + ox) * channels;
        for (let c = 0; c < channels; c++) output.data[to + c] = input.data[from + c * factor * factor] as number;
      }
      yield;
    }
};

/** Two input pixels along an axis, and how much of the second. */
interface Between {
  readonly a: number;
  readonly b: number;
  readonly share: number;
}

/** Where each output pixel of an axis lies among the input pixels, inside the border. */
function placesBetween(
  input: number,
  output: number,
  mode: 'nearest' | 'bilinear',
  aligned: boolean,
): readonly Between[] {
  return Array.from({ length: output }, (_, o) => {
    if (mode === 'nearest') {
      const a = Math.floor((o * input) / output);
      return { a, b: a, share: 0 };
    }
    const place = aligned ? (o * (input - 1)) / Math.max(output - 1, 1) : ((o + 0.5) * input) / output - 0.5;
    const inside = Math.min(Math.max(place, 0), input - 1);
    const a = Math.floor(inside);
    return { a, b: Math.min(a + 1, input - 1), share: inside - a };
  });
}

/**
 * Nearest: y[oy, ox] = x[⌊oy/f⌋, ⌊ox/f⌋]. Bilinear: between the four pixels around ((o + ½)/f − ½), or with aligned corners
 * around o·(N − 1)/(fN − 1), the edge going on beyond the border.
 */
export const upsample: Op<'upsample'> = function* ({ input, output, attributes: { mode, aligncorners } }) {
  const { channels, data: x } = input;
  const rows = placesBetween(input.height, output.height, mode, aligncorners);
  const columns = placesBetween(input.width, output.width, mode, aligncorners);
  let to = 0;
  for (let n = 0; n < output.batch; n++)
    for (const row of rows) {
      const above = (n * input.height + row.a) * input.width;
      const below = (n * input.height + row.b) * input.width;
      for (const column of columns)
        for (let c = 0; c < channels; c++) {
          const at = (line: number) => {
            const left = x[(line + column.a) * channels + c] as number;
            const right = x[(line + column.b) * channels + c] as number;
            return left + (right - left) * column.share;
          };
          const top = at(above);
          output.data[to++] = row.share === 0 ? top : top + (at(below) - top) * row.share;
        }
      yield;
    }
};
