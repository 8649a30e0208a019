import type { LayerKind } from '../../network/catalogue.js';
import { normalBelow } from './normal.js';
import { type Op, weightOf } from './op.js';

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

/** y = x where x > 0, otherwise alpha·(eˣ − 1). */
export const elu = pointwise<'elu'>(
  ({ alpha }) =>
    (x) =>
      x > 0 ? x : alpha * Math.expm1(x),
);

/** y = x·Φ(x), Φ being the normal distribution; or, with `tanh`, ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export const gelu = pointwise<'gelu'>(({ approximate }) =>
  approximate === 'tanh'
    ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : (x) => x * normalBelow(x),
);

/** y = x/(1 + e⁻ˣ). */
export const silu = pointwise<'silu'>(() => (x) => x * logistic(x));

const clamp = (x: number, least: number, most: number): number => Math.min(Math.max(x, least), most);

/** y = x·min(max(x + 3, 0), 6)/6. */
export const hardswish = pointwise<'hardswish'>(() => (x) => (x * clamp(x + 3, 0, 6)) / 6);

/** y = min(max(slope·x + 0.5, 0), 1). */
export const hardsigmoid = pointwise<'hardsigmoid'>(
  ({ slope }) =>
    (x) =>
      clamp(slope * x + 0.5, 0, 1),
);

/** y = min(max(x, 0), 6). */
export const relu6 = pointwise<'relu6'>(() => (x) => clamp(x, 0, 6));

/** ln(1 + eˣ), without overflow for large x. */
const softPlus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** y = ln(1 + e^(beta·x))/beta. */
export const softplus = pointwise<'softplus'>(
  ({ beta }) =>
    (x) =>
      softPlus(beta * x) / beta,
);

/** y = x·tanh(ln(1 + eˣ)). */
export const mish = pointwise<'mish'>(() => (x) => x * Math.tanh(softPlus(x)));

/** y = x where x > 0, otherwise a·x; `weight` holds one a, or one a channel. */
export const prelu: Op<'prelu'> = function* ({ input: { data: x, width, channels }, output: { data: y }, weights }) {
  const slopes = weightOf(weights, 'weight');
  for (let row = 0; row < x.length; row += width * channels) {
    for (let i = row; i < row + width * channels; i++) {
      const slope = slopes[slopes.length === 1 ? 0 : i % channels] as number;
      y[i] = (x[i] as number) > 0 ? (x[i] as number) : slope * (x[i] as number);
    }
    yield;
  }
};

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

/** y_c = x_c − m − ln Σ e^(x_j − m) over the channels of each pixel, m being their largest. */
export const logsoftmax: Op<'logsoftmax'> = function* ({ input: { channels, width, data: x }, output: { data: y } }) {
  for (let row = 0; row < x.length; row += width * channels) {
    for (let pixel = row; pixel < row + width * channels; pixel += channels) {
      const largest = largestOf(x, pixel, channels);
      let sum = 0;
      for (let i = pixel; i < pixel + channels; i++) sum += Math.exp((x[i] as number) - largest);
      for (let i = pixel; i < pixel + channels; i++) y[i] = (x[i] as number) - largest - Math.log(sum);
    }
    yield;
  }
};

function largestOf(x: Float32Array, from: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + count; i++) largest = Math.max(largest, x[i] as number);
  return largest;
}
