import type { LayerKind } from '../../network/catalogue.js';
import type { Op } from './op.js';

/** Numbers a pointwise op works on between two steps. */
const STEP = 16384;

/** The op that applies a function to every number by itself; `of` makes the function from the layer's attributes. */
const pointwise = <K extends LayerKind>(
  of: (attributes: Parameters<Op<K>>[0]['attributes']) => (x: number) => number,
): Op<K> =>
  function* ({ attributes, input: { data: x }, output: { data: y } }) {
    const f = of(attributes);
    for (let from = 0; from < x.length; from += STEP) {
      const to = Math.min(from + STEP, x.length);
      for (let i = from; i < to; i++) y[i] = f(x[i] as number);
      yield;
    }
  };

/** y = max(0, x); NaN stays NaN. */
export const relu = pointwise<'relu'>(() => (x) => Math.max(x, 0));

/** y = x where x > 0, otherwise alpha·x. */
export const leakyrelu = pointwise<'leakyrelu'>(
  ({ alpha }) =>
    (x) =>
      x > 0 ? x : alpha * x,
);

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** y = 1/(1 + e⁻ˣ). */
export const sigmoid = pointwise<'sigmoid'>(() => logistic);

/** y = tanh x. */
export const tanh = pointwise<'tanh'>(() => Math.tanh);

/** y = −1, 0 or 1. */
export const sign = pointwise<'sign'>(() => Math.sign);

/**
 * y_c = e^(x_c − m)/Σ e^(x_j − m) over the channels of each pixel; m, their largest, keeps the powers from overflowing.
 */
export const softmax: Op<'softmax'> = function* ({ input: { channels, width, data: x }, output: { data: y } }) {
  for (let row = 0; row < x.length; row += width * channels) {
    for (let pixel = row; pixel < row + width * channels; pixel += channels) {
      const largest = largestOf(x, pixel, channels);
      let sum = 0;
      for (let i = pixel; i < pixel + channels; i++) sum += Math.exp((x[i] as number) - largest);
      for (let i = pixel; i < pixel + channels; i++) y[i] = Math.exp((x[i] as number) - largest) / sum;
    }
    yield;
  }
};

function largestOf(x: Float32Array, from: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + count; i++) largest = Math.max(largest, x[i] as number);
  return largest;
}
