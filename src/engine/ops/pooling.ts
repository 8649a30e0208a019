import type { LayerKind } from '../../network/catalogue.js';
import { adaptiveRange } from '../../network/layers/pooling.js';
import type { Window } from '../../network/window.js';
import { type BackwardContext, type Op, type OpContext, type Steps, windowOf } from './op.js';

/** Folds the numbers of one channel under one window to one, and gives its gradient back to them. */
interface Fold {
  /** Before the first number of a window. */
  start(): void;
  /** A number, and where it lies. */
  take(value: number, index: number): void;
  /** The result; `counted` is how many places of the window lie in the picture or its padding. */
  finish(counted: number): number;
  /** Shares the gradient by the result out between the numbers that were taken. */
  spread(gradient: number, counted: number, to: Float32Array): void;
}

/** Walks over all windows: takes their numbers, then calls `finish` with the place of the result. */
type Walk = (fold: Fold, finish: (to: number, counted: number) => void) => Steps;

/** The op that folds what its walk finds. */
const folding = <K extends LayerKind>(
  walk: (context: OpContext<K>) => Walk,
  foldOf: (context: OpContext<K>) => Fold,
): Op<K> => ({
  forward(context) {
    const fold = foldOf(context);
    return walk(context)(fold, (to, counted) => {
      context.output.data[to] = fold.finish(counted);
    });
  },
  *backward(context: BackwardContext<K>) {
    const {
      outputGradient,
      inputGradients: [gradient],
    } = context;
    if (!gradient) return;
    const fold = foldOf(context);
    yield* walk(context)(fold, (to, counted) => fold.spread(outputGradient.data[to] as number, counted, gradient.data));
  },
});

/** Slides the window over each channel by itself. Places beyond the padding (after rounding up) are not there at all. */
const sliding = (
  { input, output }: Pick<OpContext<LayerKind>, 'input' | 'output'>,
  { y: vertical, x: horizontal }: Window,
): Walk =>
  function* (fold, finish) {
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
                const index = ((n * input.height + iy) * input.width + ix) * channels + c;
                fold.take(input.data[index] as number, index);
              }
            }
            finish(((n * output.height + oy) * output.width + ox) * channels + c, counted);
          }
        yield;
      }
  };

/** The largest number, −∞ where there is none; NaN wins. Of equal ones the first has the gradient, as in PyTorch. */
function largest(): Fold {
  let best = Number.NEGATIVE_INFINITY;
  let place = -1;
  return {
    start: () => {
      best = Number.NEGATIVE_INFINITY;
      place = -1;
    },
    take: (value, index) => {
      if (value > best || Number.isNaN(value) || place < 0) {
        best = value;
        place = index;
      }
    },
    finish: () => best,
    spread: (gradient, _, to) => {
      if (place >= 0) to[place] = (to[place] as number) + gradient;
    },
  };
}

/** The mean over the real numbers, or over all places in picture and padding; 0 where the window sees nothing. */
function mean(countPadding: boolean): Fold {
  let sum = 0;
  let places: number[] = [];
  const divisor = (counted: number) => (countPadding ? counted : places.length);
  return {
    start: () => {
      sum = 0;
      places = [];
    },
    take: (value, index) => {
      sum += value;
      places.push(index);
    },
    finish: (counted) => (places.length === 0 ? 0 : sum / divisor(counted)),
    spread: (gradient, counted, to) => {
      for (const place of places) to[place] = (to[place] as number) + gradient / divisor(counted);
    },
  };
}

/** The largest number under each window. Padding counts as −∞; NaN propagates, as in PyTorch. */
export const maxpool = folding<'maxpool'>((context) => sliding(context, windowOf(context)), largest);

/**
 * The mean under each window. With `countpad` the divisor counts the zeros of the padding, but not what a window rounded
 * up sticks out beyond them (PyTorch's rule, and Caffe's).
 */
export const avgpool = folding<'avgpool'>(
  (context) => sliding(context, windowOf(context)),
  ({ attributes: { countpad } }) => mean(countpad),
);

/** The numbers between these rows and columns of each channel, the ranges depending on the place in the output. */
const ranges = ({ input, output }: Pick<OpContext<LayerKind>, 'input' | 'output'>): Walk =>
  function* (fold, finish) {
    const { channels } = input;
    for (let n = 0; n < output.batch; n++)
      for (let oy = 0; oy < output.height; oy++) {
        const rows = adaptiveRange(oy, input.height, output.height);
        for (let ox = 0; ox < output.width; ox++) {
          const columns = adaptiveRange(ox, input.width, output.width);
          const counted = (rows.to - rows.from) * (columns.to - columns.from);
          for (let c = 0; c < channels; c++) {
            fold.start();
            for (let iy = rows.from; iy < rows.to; iy++)
              for (let ix = columns.from; ix < columns.to; ix++) {
                const index = ((n * input.height + iy) * input.width + ix) * channels + c;
                fold.take(input.data[index] as number, index);
              }
            finish(((n * output.height + oy) * output.width + ox) * channels + c, counted);
            yield;
          }
        }
      }
  };

/** The largest number of each channel. */
export const globalmaxpool = folding<'globalmaxpool'>(ranges, largest);

/** The mean of each channel. */
export const globalavgpool = folding<'globalavgpool'>(ranges, () => mean(false));

/** The mean over the rows and columns of {@link adaptiveRange}, in each channel by itself. */
export const adaptiveavgpool = folding<'adaptiveavgpool'>(ranges, () => mean(false));
