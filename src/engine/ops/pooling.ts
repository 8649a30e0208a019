import { adaptiveRange } from '../../network/layers/pooling.js';
import type { Window } from '../../network/window.js';
import type { Tensor } from '../tensor.js';
import { type Op, type Steps, windowOf } from './op.js';

/** Folds the numbers of one channel under one window to one. */
interface Fold {
  /** Before the first number of a window. */
  start(): void;
  take(value: number): void;
  /** The result; `counted` is how many places of the window lie in the picture or its padding. */
  finish(counted: number): number;
}

/** Slides the window over each channel by itself. Places beyond the padding (after rounding up) are not there at all. */
function* pool(input: Tensor, output: Tensor, { y: vertical, x: horizontal }: Window, fold: Fold): Steps {
  const { channels } = input;
  for (let n = 0; n < output.batch; n++)
    for (let oy = 0; oy < output.height; oy++) {
      for (let ox = 0; ox < output.width; ox++)
        for (let c = 0; c < channels; c++) {
          let counted = 0;
          fold.start();
          for (let ky = 0; ky < vertical.kernel; ky++) {
            const iy = oy * vertical.stride - vertical.before + ky * vertical.dilation;
            if (iy >= vertical.input + vertical.after) break;
            for (let kx = 0; kx < horizontal.kernel; kx++) {
              const ix = ox * horizontal.stride - horizontal.before + kx * horizontal.dilation;
              if (ix >= horizontal.input + horizontal.after) break;
              counted++;
              if (iy < 0 || iy >= input.height || ix < 0 || ix >= input.width) continue;
              fold.take(input.data[((n * input.height + iy) * input.width + ix) * channels + c] as number);
            }
          }
          output.data[((n * output.height + oy) * output.width + ox) * channels + c] = fold.finish(counted);
        }
      yield;
    }
}

/** The largest number, −∞ where there is none; NaN wins. */
function largest(): Fold {
  let best = Number.NEGATIVE_INFINITY;
  return {
    start: () => {
      best = Number.NEGATIVE_INFINITY;
    },
    take: (value) => {
      if (value > best || Number.isNaN(value)) best = value;
    },
    finish: () => best,
  };
}

/** The mean over the real numbers, or over all places in picture and padding; 0 where the window sees nothing. */
function mean(countPadding: boolean): Fold {
  let sum = 0;
  let real = 0;
  return {
    start: () => {
      sum = 0;
      real = 0;
    },
    take: (value) => {
      sum += value;
      real++;
    },
    finish: (counted) => (real === 0 ? 0 : sum / (countPadding ? counted : real)),
  };
}

/** The largest number under each window. Padding counts as −∞; NaN propagates, as in PyTorch. */
export const maxpool: Op<'maxpool'> = (context) => pool(context.input, context.output, windowOf(context), largest());

/**
 * The mean under each window. With `countpad` the divisor counts the zeros of the padding, but not what a window rounded
 * up sticks out beyond them (PyTorch's rule, and Caffe's).
 */
export const avgpool: Op<'avgpool'> = (context) =>
  pool(context.input, context.output, windowOf(context), mean(context.attributes.countpad));

/** Folds each channel of each picture to one number. */
function* poolAll({ batch, height, width, channels, data }: Tensor, output: Tensor, fold: Fold): Steps {
  const pixels = height * width;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++) {
      fold.start();
      for (let pixel = 0; pixel < pixels; pixel++) fold.take(data[(n * pixels + pixel) * channels + c] as number);
      output.data[n * channels + c] = fold.finish(pixels);
      yield;
    }
}

/** The largest number of each channel. */
export const globalmaxpool: Op<'globalmaxpool'> = ({ input, output }) => poolAll(input, output, largest());

/** The mean of each channel. */
export const globalavgpool: Op<'globalavgpool'> = ({ input, output }) => poolAll(input, output, mean(false));

/** The mean over the rows and columns of {@link adaptiveRange}, in each channel by itself. */
export const adaptiveavgpool: Op<'adaptiveavgpool'> = function* ({ input, output }) {
  const { channels } = input;
  for (let n = 0; n < output.batch; n++)
    for (let oy = 0; oy < output.height; oy++) {
      const rows = adaptiveRange(oy, input.height, output.height);
      for (let ox = 0; ox < output.width; ox++) {
        const columns = adaptiveRange(ox, input.width, output.width);
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let iy = rows.from; iy < rows.to; iy++)
            for (let ix = columns.from; ix < columns.to; ix++)
              sum += input.data[((n * input.height + iy) * input.width + ix) * channels + c] as number;
          output.data[((n * output.height + oy) * output.width + ox) * channels + c] =
            sum / ((rows.to - rows.from) * (columns.to - columns.from));
        }
      }
      yield;
    }
};
