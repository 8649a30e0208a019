import { copy } from './input.js';
import { type Op, weightOf } from './op.js';

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
