import type { LayerKind } from '../../network/catalogue.js';
import type { Tensor } from '../tensor.js';
import { GELU_CUBIC, GELU_SCALE, normalBelow } from './normal.js';
import { addTo, type Op, type OpContext, type Steps, weightOf } from './op.js';

/** Numbers a pointwise op works on between two steps. */
const STEP = 16384;

/** A function of one number, and its derivative. */
interface Curve {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}

/** The op that applies a function to every number by itself; `of` makes it from the layer's attributes. */
const pointwise = <K extends LayerKind>(
  of: (attributes: OpContext<K>['attributes']) => Curve,
  { rectifier = false } = {},
): Op<K> => ({
  *forward({ attributes, input: { data: x }, output: { data: y } }) {
    const { value } = of(attributes);
    for (let from = 0; from < x.length; from += STEP) {
      const to = Math.min(from + STEP, x.length);
      for (let i = from; i < to; i++) y[i] = value(x[i] as number);
      yield;
    }
  },
  *backward({ attributes, input: { data: x }, outputGradient: { data: dy }, inputGradients: [gradient] }) {
    if (!gradient) return;
    const { slope } = of(attributes);
    const { data: dx } = gradient;
    for (let from = 0; from < x.length; from += STEP) {
      const to = Math.min(from + STEP, x.length);
      for (let i = from; i < to; i++) dx[i] = (dx[i] as number) + (dy[i] as number) * slope(x[i] as number);
      yield;
    }
  },
  ...(rectifier && { rectifier }),
});

const rectifier = { rectifier: true };

/** y = max(0, x); NaN stays NaN. */
export const relu = pointwise<'relu'>(
  () => ({ value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) }),
  rectifier,
);

/** y = x where x > 0, otherwise alpha·x. */
export const leakyrelu = pointwise<'leakyrelu'>(
  ({ alpha }) => ({ value: (x) => (x > 0 ? x : alpha * x), slope: (x) => (x > 0 ? 1 : alpha) }),
  rectifier,
);

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** y = 1/(1 + e⁻ˣ). */
export const sigmoid = pointwise<'sigmoid'>(() => ({
  value: logistic,
  slope: (x) => logistic(x) * logistic(-x),
}));

/** y = tanh x. */
export const tanh = pointwise<'tanh'>(() => ({ value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 }));

/** y = x/(1 + |x|). */
export const softsign = pointwise<'softsign'>(() => ({
  value: (x) => x / (1 + Math.abs(x)),
  slope: (x) => (1 + Math.abs(x)) ** -2,
}));

/** y = −1, 0 or 1: flat, so that nothing before it learns. */
export const sign = pointwise<'sign'>(() => ({ value: Math.sign, slope: () => 0 }));

/** y = x where x > 0, otherwise alpha·(eˣ − 1). */
export const elu = pointwise<'elu'>(
  ({ alpha }) => ({
    value: (x) => (x > 0 ? x : alpha * Math.expm1(x)),
    slope: (x) => (x > 0 ? 1 : alpha * Math.exp(x)),
  }),
  rectifier,
);

/** y = x·Φ(x), Φ being the normal distribution; or, with `tanh`, ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export const gelu = pointwise<'gelu'>(
  ({ approximate }) =>
    approximate === 'tanh'
      ? {
          value: (x) => 0.5 * x * (1 + Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3))),
          slope: (x) => {
            const t = Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3));
            return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * x * x);
          },
        }
      : {
          value: (x) => x * normalBelow(x),
          slope: (x) => normalBelow(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
        },
  rectifier,
);

/** y = x/(1 + e⁻ˣ). */
export const silu = pointwise<'silu'>(
  () => ({ value: (x) => x * logistic(x), slope: (x) => logistic(x) * (1 + x * logistic(-x)) }),
  rectifier,
);

const clamp = (x: number, least: number, most: number): number => Math.min(Math.max(x, least), most);

/** y = x·min(max(x + 3, 0), 6)/6. */
export const hardswish = pointwise<'hardswish'>(
  () => ({
    value: (x) => (x * clamp(x + 3, 0, 6)) / 6,
    slope: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
  }),
  rectifier,
);

/** y = min(max(slope·x + 0.5, 0), 1). */
export const hardsigmoid = pointwise<'hardsigmoid'>(({ slope }) => ({
  value: (x) => clamp(slope * x + 0.5, 0, 1),
  slope: (x) => (slope * x + 0.5 > 0 && slope * x + 0.5 < 1 ? slope : 0),
}));

/** y = min(max(x, 0), 6). */
export const relu6 = pointwise<'relu6'>(
  () => ({ value: (x) => clamp(x, 0, 6), slope: (x) => (x > 0 && x < 6 ? 1 : 0) }),
  rectifier,
);

/** ln(1 + eˣ), without overflow for large x. */
const softPlus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** y = ln(1 + e^(beta·x))/beta. */
export const softplus = pointwise<'softplus'>(
  ({ beta }) => ({ value: (x) => softPlus(beta * x) / beta, slope: (x) => logistic(beta * x) }),
  rectifier,
);

/** y = x·tanh(ln(1 + eˣ)). */
export const mish = pointwise<'mish'>(
  () => ({
    value: (x) => x * Math.tanh(softPlus(x)),
    slope: (x) => {
      const t = Math.tanh(softPlus(x));
      return t + x * (1 - t * t) * logistic(x);
    },
  }),
  rectifier,
);

/** y = x where x > 0, otherwise a·x; `weight` holds one a, or one a channel. */
export const prelu: Op<'prelu'> = {
  *forward({ input: { data: x, width, channels }, output: { data: y }, weights }) {
    const slopes = weightOf(weights, 'weight');
    for (let row = 0; row < x.length; row += width * channels) {
      for (let i = row; i < row + width * channels; i++) {
        const slope = slopes[slopes.length === 1 ? 0 : i % channels] as number;
        y[i] = (x[i] as number) > 0 ? (x[i] as number) : slope * (x[i] as number);
      }
      yield;
    }
  },
  *backward({
    input: { data: x, width, channels },
    outputGradient: { data: dy },
    inputGradients: [gradient],
    weights,
    weightGradients,
  }) {
    const slopes = weightOf(weights, 'weight');
    const bySlope = new Float64Array(slopes.length);
    for (let row = 0; row < x.length; row += width * channels) {
      for (let i = row; i < row + width * channels; i++) {
        const which = slopes.length === 1 ? 0 : i % channels;
        const isPositive = (x[i] as number) > 0;
        if (gradient)
          gradient.data[i] =
            (gradient.data[i] as number) + (dy[i] as number) * (isPositive ? 1 : (slopes[which] as number));
        if (!isPositive) bySlope[which] = (bySlope[which] as number) + (dy[i] as number) * (x[i] as number);
      }
      yield;
    }
    addTo(weightGradients.weight, bySlope);
  },
  rectifier: true,
};

/** Calls `visit` with the index of each pixel's first number; a step a row. */
function* eachPixel({ width, channels, data }: Tensor, visit: (pixel: number) => void): Steps {
  for (let row = 0; row < data.length; row += width * channels) {
    for (let pixel = row; pixel < row + width * channels; pixel += channels) visit(pixel);
    yield;
  }
}

/**
 * y_c = e^(x_c − m)/Σ e^(x_j − m) over the channels of each pixel; m, their largest, keeps the powers from overflowing.
 * Backwards dx_c = y_c·(dy_c − Σ dy_j·y_j).
 */
export const softmax: Op<'softmax'> = {
  forward: ({ input, output: { data: y } }) =>
    eachPixel(input, (pixel) => {
      const { channels, data: x } = input;
      const largest = largestOf(x, pixel, channels);
      let sum = 0;
      for (let i = pixel; i < pixel + channels; i++) sum += Math.exp((x[i] as number) - largest);
      for (let i = pixel; i < pixel + channels; i++) y[i] = Math.exp((x[i] as number) - largest) / sum;
    }),
  backward: ({ output, outputGradient: { data: dy }, inputGradients: [gradient] }) =>
    eachPixel(output, (pixel) => {
      const { channels, data: y } = output;
      if (!gradient) return;
      let sum = 0;
      for (let i = pixel; i < pixel + channels; i++) sum += (dy[i] as number) * (y[i] as number);
      for (let i = pixel; i < pixel + channels; i++)
        gradient.data[i] = (gradient.data[i] as number) + (y[i] as number) * ((dy[i] as number) - sum);
    }),
};

/**
 * y_c = x_c − m − ln Σ e^(x_j − m) over the channels of each pixel, m being their largest. Backwards
 * dx_c = dy_c − e^y_c·Σ dy_j.
 */
export const logsoftmax: Op<'logsoftmax'> = {
  forward: ({ input, output: { data: y } }) =>
    eachPixel(input, (pixel) => {
      const { channels, data: x } = input;
      const largest = largestOf(x, pixel, channels);
      let sum = 0;
      for (let i = pixel; i < pixel + channels; i++) sum += Math.exp((x[i] as number) - largest);
      for (let i = pixel; i < pixel + channels; i++) y[i] = (x[i] as number) - largest - Math.log(sum);
    }),
  backward: ({ output, outputGradient: { data: dy }, inputGradients: [gradient] }) =>
    eachPixel(output, (pixel) => {
      const { channels, data: y } = output;
      if (!gradient) return;
      let sum = 0;
      for (let i = pixel; i < pixel + channels; i++) sum += dy[i] as number;
      for (let i = pixel; i < pixel + channels; i++)
        gradient.data[i] = (gradient.data[i] as number) + (dy[i] as number) - Math.exp(y[i] as number) * sum;
    }),
};

function largestOf(x: Float32Array, from: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + count; i++) largest = Math.max(largest, x[i] as number);
  return largest;
}
