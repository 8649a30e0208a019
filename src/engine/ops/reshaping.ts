import type { LayerKind } from '../../network/catalogue.js';
import type { FrameworkRules } from '../../network/frameworks.js';
import { cropAmounts } from '../../network/layers/reshaping.js';
import type { Shape } from '../../network/shape.js';
import type { Sides } from '../../network/values.js';
import { addTo, moving, type Op, type OpContext, type Steps } from './op.js';

/** Where each number of a volume, read as a vector, lies: channel by channel (C, H, W), or as it is stored (H, W, C). */
const placeInVector = ({ height, width, channels }: Shape, order: FrameworkRules['flattenOrder']) => {
  const pixels = height * width;
  return order === 'HWC' ? (i: number) => i : (i: number) => (i % pixels) * channels + Math.floor(i / pixels);
};

/** Numbers moved between two steps. */
const STEP = 16384;

/** Reads the volume as a vector, and that as another volume, in the order of the network's framework. */
const rereading = <K extends 'flatten' | 'reshape'>(): Op<K> =>
  moving(function* ({ input, output, rules }, move) {
    const from = placeInVector(input, rules.flattenOrder);
    const to = placeInVector(output, rules.flattenOrder);
    const volume = input.height * input.width * input.channels;
    for (let n = 0; n < input.batch; n++)
      for (let i = 0; i < volume; i++) {
        move(n * volume + from(i), n * volume + to(i), 1);
        if (i % STEP === 0) yield;
      }
  });

/** The volume as one vector, in the order of the network's framework. */
export const flatten = rereading<'flatten'>();

/** The volume as one vector, read back into another size in the same order. */
export const reshape = rereading<'reshape'>();

/** The pixel of the input that lies at `place` of an axis, which may be beyond it; −1 for none. */
type Border = (place: number, length: number) => number;

const borders: Readonly<Record<'zeros' | 'reflect' | 'edge', Border>> = {
  zeros: (place, length) => (place < length ? place : -1),
  reflect: (place, length) => (place < length ? Math.abs(place) : 2 * (length - 1) - place),
  edge: (place, length) => Math.min(Math.max(place, 0), length - 1),
};

/** Lays the input into the output, `top` and `left` pixels from its corner. */
const placing = <K extends 'pad' | 'crop'>(
  of: (context: OpContext<K>) => { readonly amounts: Sides; readonly border: Border },
): Op<K> =>
  moving(function* (context, move) {
    const { input, output } = context;
    const {
      amounts: { top, left },
      border,
    } = of(context);
    const { channels } = input;
    for (let n = 0; n < output.batch; n++)
      for (let oy = 0; oy < output.height; oy++) {
        const iy = border(oy - top, input.height);
        for (let ox = 0; ox < output.width; ox++) {
          const ix = border(ox - left, input.width);
          if (iy < 0 || ix < 0) continue;
          const from = ((n * input.height + iy) * input.width + ix) * channels;
          move(from, ((n * output.height + oy) * output.width + ox) * channels, channels);
        }
        yield;
      }
  });

/** The input with a border of zeros, of its mirror image, or of its outermost pixels. */
export const pad = placing<'pad'>(({ attributes: { amount, mode } }) => ({ amounts: amount, border: borders[mode] }));

/** The input without its border. */
export const crop = placing<'crop'>(({ input, attributes }) => ({
  amounts: cropAmounts(input, attributes),
  border: borders.zeros,
}));

/** Calls `visit` with the index of each pixel's first number in input and output; a step a row. */
function* eachPixel({ input, output }: OpContext<LayerKind>, visit: (from: number, to: number) => void): Steps {
  const rows = input.batch * input.height;
  for (let row = 0; row < rows; row++) {
    for (let pixel = row * input.width; pixel < (row + 1) * input.width; pixel++)
      visit(pixel * input.channels, pixel * output.channels);
    yield;
  }
}

/** The channels from `start` on. */
export const slice = moving<'slice'>((context, move) =>
  eachPixel(context, (from, to) => move(from + context.attributes.start, to, context.output.channels)),
);

/** Channel g·n + i becomes i·groups + g; n = channels/groups. */
export const channelshuffle = moving<'channelshuffle'>((context, move) => {
  const { groups } = context.attributes;
  const each = Math.floor(context.input.channels / groups);
  return eachPixel(context, (from, to) => {
    for (let g = 0; g < groups; g++) for (let i = 0; i < each; i++) move(from + g * each + i, to + i * groups + g, 1);
  });
});

/** y[h·r + i, w·r + j, c] = x[h, w, c·r² + i·r + j]. */
export const pixelshuffle = moving<'pixelshuffle'>(function* ({ input, output, attributes: { factor } }, move) {
  const { channels } = output;
  for (let n = 0; n < output.batch; n++)
    for (let oy = 0; oy < output.height; oy++) {
      for (let ox = 0; ox < output.width; ox++) {
        const iy = Math.floor(oy / factor);
        const ix = Math.floor(ox / factor);
        const phase = (oy % factor) * factor + (ox % factor);
        const from = ((n * input.height + iy) * input.width + ix) * input.channels + phase;
        const to = ((n * output.height + oy) * output.width + ox) * channels;
        for (let c = 0; c < channels; c++) move(from + c * factor * factor, to + c, 1);
      }
      yield;
    }
});

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
export const upsample: Op<'upsample'> = {
  *forward({ input, output, attributes: { mode, aligncorners } }) {
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
  },
  *backward({
    input,
    output,
    outputGradient: { data: dy },
    inputGradients: [gradient],
    attributes: { mode, aligncorners },
  }) {
    const { channels } = input;
    const rows = placesBetween(input.height, output.height, mode, aligncorners);
    const columns = placesBetween(input.width, output.width, mode, aligncorners);
    const byInput = new Float64Array(input.data.length);
    let from = 0;
    for (let n = 0; n < output.batch; n++)
      for (const row of rows) {
        const lines = [
          { line: (n * input.height + row.a) * input.width, part: 1 - row.share },
          { line: (n * input.height + row.b) * input.width, part: row.share },
        ];
        for (const column of columns)
          for (let c = 0; c < channels; c++) {
            const g = dy[from++] as number;
            for (const { line, part } of lines) {
              const left = (line + column.a) * channels + c;
              const right = (line + column.b) * channels + c;
              byInput[left] = (byInput[left] as number) + g * part * (1 - column.share);
              byInput[right] = (byInput[right] as number) + g * part * column.share;
            }
          }
        yield;
      }
    addTo(gradient?.data, byInput);
  },
};
