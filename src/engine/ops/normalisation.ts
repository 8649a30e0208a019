import type { Tensor } from '../tensor.js';
import { copy, type LayerWeights, type Op, type Steps, weightOf } from './op.js';

/** y = (x − running_mean)/√(running_var + epsilon) · weight + bias, per channel (Ioffe & Szegedy 2015, inference). */
export const batchnorm: Op<'batchnorm'> = function* ({ input, output, weights, attributes: { epsilon } }) {
  const mean = weightOf(weights, 'running_mean');
  const variance = weightOf(weights, 'running_var');
  const { weight, bias } = weights;
  const { channels, width, data: x } = input;
  const scale = Float64Array.from(variance, (v, c) => (weight?.[c] ?? 1) / Math.sqrt(v + epsilon));
  for (let row = 0; row < x.length; row += width * channels) {
    for (let pixel = row; pixel < row + width * channels; pixel += channels)
      for (let c = 0; c < channels; c++)
        output.data[pixel + c] =
          ((x[pixel + c] as number) - (mean[c] as number)) * (scale[c] as number) + (bias?.[c] ?? 0);
    yield;
  }
};

/** y = (x − mean)/√(variance + epsilon) · weight + bias over the channels of each pixel; weight and bias per channel. */
export const layernorm: Op<'layernorm'> = function* ({ input, output, weights, attributes: { epsilon } }) {
  const { channels, width, data: x } = input;
  for (let row = 0; row < x.length; row += width * channels) {
    for (let pixel = row; pixel < row + width * channels; pixel += channels)
      normalise(x, output.data, { first: pixel, run: channels, step: channels, runs: 1 }, 0, epsilon, weights);
    yield;
  }
};

/** As {@link layernorm}, over all pixels of each group of neighbouring channels of a picture. */
export const groupnorm: Op<'groupnorm'> = ({ input, output, weights, attributes: { groups, epsilon } }) =>
  normaliseGroups(input, output, groups, epsilon, weights);

/** {@link groupnorm} with a group for every channel. */
export const instancenorm: Op<'instancenorm'> = ({ input, output, weights, attributes: { epsilon } }) =>
  normaliseGroups(input, output, input.channels, epsilon, weights);

function* normaliseGroups(
  { batch, height, width, channels, data }: Tensor,
  output: Tensor,
  groups: number,
  epsilon: number,
  weights: LayerWeights,
): Steps {
  const pixels = height * width;
  for (let n = 0; n < batch; n++)
    for (let group = 0; group < groups; group++) {
      // By proportion, so that groups that do not divide (an error) still cover every channel.
      const from = Math.floor((group * channels) / groups);
      const run = Math.floor(((group + 1) * channels) / groups) - from;
      const span = { first: n * pixels * channels + from, run, step: channels, runs: pixels };
      normalise(data, output.data, span, from, epsilon, weights);
      yield;
    }
}

/** `runs` runs of `run` neighbouring numbers, the beginnings of the runs `step` apart. */
interface Span {
  readonly first: number;
  readonly run: number;
  readonly step: number;
  readonly runs: number;
}

/** Brings the numbers of a span to mean 0 and variance 1, scaled and shifted per channel; its runs begin at `channel`. */
function normalise(
  x: Float32Array,
  y: Float32Array,
  { first, run, step, runs }: Span,
  channel: number,
  epsilon: number,
  { weight, bias }: LayerWeights,
): void {
  const end = first + runs * step;
  let sum = 0;
  for (let from = first; from < end; from += step) for (let i = from; i < from + run; i++) sum += x[i] as number;
  const mean = sum / (run * runs);
  let squares = 0;
  for (let from = first; from < end; from += step)
    for (let i = from; i < from + run; i++) squares += ((x[i] as number) - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / (run * runs) + epsilon);
  for (let from = first; from < end; from += step)
    for (let i = 0; i < run; i++)
      y[from + i] =
        ((x[from + i] as number) - mean) * scale * (weight?.[channel + i] ?? 1) + (bias?.[channel + i] ?? 0);
}

/**
 * y_c = x_c/(k + a · Σ x_j²)^beta, over `size` channels around c at the same pixel: ⌊size/2⌋ before it and ⌊(size − 1)/2⌋
 * after, fewer at the ends (Krizhevsky et al. 2012). a is alpha/size, in Lasagne alpha.
 */
export const lrn: Op<'lrn'> = function* ({ input, output, rules, attributes: { size, alpha, beta, k } }) {
  const { channels, width, data: x } = input;
  const factor = rules.lrnDividesBySize ? alpha / size : alpha;
  const before = Math.floor(size / 2);
  const after = Math.floor((size - 1) / 2);
  for (let row = 0; row < x.length; row += width * channels) {
    for (let pixel = row; pixel < row + width * channels; pixel += channels)
      for (let c = 0; c < channels; c++) {
        let squares = 0;
        for (let j = Math.max(0, c - before); j <= Math.min(channels - 1, c + after); j++)
          squares += (x[pixel + j] as number) ** 2;
        output.data[pixel + c] = (x[pixel + c] as number) / (k + factor * squares) ** beta;
      }
    yield;
  }
};

/** Does nothing outside training. */
export const dropout: Op<'dropout'> = copy;
