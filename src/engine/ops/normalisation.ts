import { type Random, randomFrom } from '../random.js';
import type { Tensor } from '../tensor.js';
import {
  addTo,
  type BackwardContext,
  identity,
  type LayerWeights,
  type Op,
  type OpContext,
  type Steps,
  weightOf,
} from './op.js';

/**
 * y = (x − mean)/√(variance + epsilon) · weight + bias, per channel (Ioffe & Szegedy 2015): running statistics in use, those of
 * the batch in training, which then also moves the running ones, the variance without bias, m/(m − 1), as PyTorch and
 * Caffe do.
 */
export const batchnorm: Op<'batchnorm'> = {
  *forward({ input, output, weights, attributes, rules, training }) {
    const { channels, width, data: x } = input;
    const { epsilon, momentum } = attributes;
    const { weight, bias } = weights;
    const runningMean = weightOf(weights, 'running_mean');
    const runningVariance = weightOf(weights, 'running_var');
    const { mean, variance } = training
      ? yield* batchStatistics(input)
      : { mean: runningMean, variance: runningVariance };
    if (training) {
      const part = rules.momentumMeans === 'keep' ? 1 - momentum : momentum;
      const count = x.length / channels;
      const unbiased = count > 1 ? count / (count - 1) : 1;
      for (let c = 0; c < channels; c++) {
        runningMean[c] = (1 - part) * (runningMean[c] as number) + part * (mean[c] as number);
        runningVariance[c] = (1 - part) * (runningVariance[c] as number) + part * unbiased * (variance[c] as number);
      }
    }
    const scale = Float64Array.from(variance, (v, c) => (weight?.[c] ?? 1) / Math.sqrt(v + epsilon));
    for (let row = 0; row < x.length; row += width * channels) {
      for (let pixel = row; pixel < row + width * channels; pixel += channels)
        for (let c = 0; c < channels; c++)
          output.data[pixel + c] =
            ((x[pixel + c] as number) - (mean[c] as number)) * (scale[c] as number) + (bias?.[c] ?? 0);
      yield;
    }
  },
  *backward({
    input,
    outputGradient: { data: dy },
    inputGradients: [gradient],
    weights,
    weightGradients,
    attributes,
    training,
  }) {
    const { channels, width, data: x } = input;
    const count = x.length / channels;
    const { mean, variance } = training
      ? yield* batchStatistics(input)
      : { mean: weightOf(weights, 'running_mean'), variance: weightOf(weights, 'running_var') };
    const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + attributes.epsilon));
    const byScale = new Float64Array(channels);
    const byShift = new Float64Array(channels);
    for (let row = 0; row < x.length; row += width * channels) {
      for (let i = row; i < row + width * channels; i++) {
        const c = i % channels;
        const normalised = ((x[i] as number) - (mean[c] as number)) * (inverse[c] as number);
        byShift[c] = (byShift[c] as number) + (dy[i] as number);
        byScale[c] = (byScale[c] as number) + (dy[i] as number) * normalised;
      }
      yield;
    }
    addTo(weightGradients.weight, byScale);
    addTo(weightGradients.bias, byShift);
    if (!gradient) return;
    // The statistics of a batch depend on its numbers: what moves all of them alike changes nothing.
    const share = training ? 1 / count : 0;
    for (let row = 0; row < x.length; row += width * channels) {
      for (let i = row; i < row + width * channels; i++) {
        const c = i % channels;
        const normalised = ((x[i] as number) - (mean[c] as number)) * (inverse[c] as number);
        const change = (dy[i] as number) - share * ((byShift[c] as number) + normalised * (byScale[c] as number));
        gradient.data[i] = (gradient.data[i] as number) + change * (inverse[c] as number) * (weights.weight?.[c] ?? 1);
      }
      yield;
    }
  },
};

/** The mean and the (biased) variance of each channel over a batch. */
function* batchStatistics({
  channels,
  width,
  data,
}: Tensor): Generator<void, { readonly mean: Float64Array; readonly variance: Float64Array }, void> {
  const count = data.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let row = 0; row < data.length; row += width * channels) {
    for (let i = row; i < row + width * channels; i++)
      mean[i % channels] = (mean[i % channels] as number) + (data[i] as number);
    yield;
  }
  for (let c = 0; c < channels; c++) mean[c] = (mean[c] as number) / count;
  for (let row = 0; row < data.length; row += width * channels) {
    for (let i = row; i < row + width * channels; i++)
      variance[i % channels] =
        (variance[i % channels] as number) + ((data[i] as number) - (mean[i % channels] as number)) ** 2;
    yield;
  }
  for (let c = 0; c < channels; c++) variance[c] = (variance[c] as number) / count;
  return { mean, variance };
}

type Normalised = 'layernorm' | 'groupnorm' | 'instancenorm';

/** All of them have one, which a union of kinds cannot express. */
const epsilonOf = ({ attributes }: { readonly attributes: object }): number =>
  (attributes as { readonly epsilon: number }).epsilon;

/** The op that brings each span of numbers to mean 0 and variance 1. */
const normalising = <K extends Normalised>(spansOf: (context: OpContext<K>) => Iterable<Span>): Op<K> => ({
  *forward(context) {
    for (const span of spansOf(context)) {
      normalise(context.input.data, context.output.data, span, epsilonOf(context), context.weights);
      if (span.isStep) yield;
    }
  },
  *backward(context) {
    const { channels } = context.input;
    const sums = { weight: new Float64Array(channels), bias: new Float64Array(channels) };
    for (const span of spansOf(context)) {
      normaliseBack(context, span, epsilonOf(context), sums);
      if (span.isStep) yield;
    }
    addTo(context.weightGradients.weight, sums.weight);
    addTo(context.weightGradients.bias, sums.bias);
  },
});

/** y = (x − mean)/√(variance + epsilon) · weight + bias over the channels of each pixel; weight and bias per channel. */
export const layernorm = normalising<'layernorm'>(function* ({ input: { channels, width, data } }) {
  for (let first = 0; first < data.length; first += channels)
    yield { first, run: channels, step: channels, runs: 1, channel: 0, isStep: first % (width * channels) === 0 };
});

/** As {@link layernorm}, over all pixels of each group of neighbouring channels of a picture. */
export const groupnorm = normalising<'groupnorm'>(({ input, attributes: { groups } }) => groupSpans(input, groups));

/** {@link groupnorm} with a group for every channel. */
export const instancenorm = normalising<'instancenorm'>(({ input }) => groupSpans(input, input.channels));

function* groupSpans({ batch, height, width, channels }: Tensor, groups: number): Iterable<Span> {
  const pixels = height * width;
  for (let n = 0; n < batch; n++)
    for (let group = 0; group < groups; group++) {
      // By proportion, so that groups that do not divide (an error) still cover every channel.
      const channel = Math.floor((group * channels) / groups);
      const run = Math.floor(((group + 1) * channels) / groups) - channel;
      yield { first: n * pixels * channels + channel, run, step: channels, runs: pixels, channel, isStep: true };
    }
}

/** `runs` runs of `run` neighbouring numbers, the beginnings of the runs `step` apart. */
interface Span {
  readonly first: number;
  readonly run: number;
  readonly step: number;
  readonly runs: number;
  /** The channel of the first number. */
  readonly channel: number;
  /** Enough work for one step. */
  readonly isStep: boolean;
}

function meanAndScale(x: Float32Array, { first, run, step, runs }: Span, epsilon: number) {
  const end = first + runs * step;
  let sum = 0;
  for (let from = first; from < end; from += step) for (let i = from; i < from + run; i++) sum += x[i] as number;
  const mean = sum / (run * runs);
  let squares = 0;
  for (let from = first; from < end; from += step)
    for (let i = from; i < from + run; i++) squares += ((x[i] as number) - mean) ** 2;
  return { mean, scale: 1 / Math.sqrt(squares / (run * runs) + epsilon) };
}

/** Brings the numbers of a span to mean 0 and variance 1, scaled and shifted per channel. */
function normalise(
  x: Float32Array,
  y: Float32Array,
  span: Span,
  epsilon: number,
  { weight, bias }: LayerWeights,
): void {
  const { first, run, step, runs, channel } = span;
  const { mean, scale } = meanAndScale(x, span, epsilon);
  for (let from = first; from < first + runs * step; from += step)
    for (let i = 0; i < run; i++)
      y[from + i] =
        ((x[from + i] as number) - mean) * scale * (weight?.[channel + i] ?? 1) + (bias?.[channel + i] ?? 0);
}

/** dx = scale·(g − mean g − x̂·mean(g·x̂)), with g = dy·weight and x̂ the normalised numbers. */
function normaliseBack(
  {
    input: { data: x },
    outputGradient: { data: dy },
    inputGradients: [gradient],
    weights,
  }: BackwardContext<Normalised>,
  span: Span,
  epsilon: number,
  sums: { readonly weight: Float64Array; readonly bias: Float64Array },
): void {
  const { first, run, step, runs, channel } = span;
  const { mean, scale } = meanAndScale(x, span, epsilon);
  const end = first + runs * step;
  let total = 0;
  let along = 0;
  for (let from = first; from < end; from += step)
    for (let i = 0; i < run; i++) {
      const c = channel + i;
      const normalised = ((x[from + i] as number) - mean) * scale;
      const given = dy[from + i] as number;
      sums.weight[c] = (sums.weight[c] as number) + given * normalised;
      sums.bias[c] = (sums.bias[c] as number) + given;
      const g = given * (weights.weight?.[c] ?? 1);
      total += g;
      along += g * normalised;
    }
  if (!gradient) return;
  const count = run * runs;
  for (let from = first; from < end; from += step)
    for (let i = 0; i < run; i++) {
      const normalised = ((x[from + i] as number) - mean) * scale;
      const g = (dy[from + i] as number) * (weights.weight?.[channel + i] ?? 1);
      gradient.data[from + i] =
        (gradient.data[from + i] as number) + scale * (g - total / count - (normalised * along) / count);
    }
}

/**
 * y_c = x_c/(k + a · Σ x_j²)^beta, over `size` channels around c at the same pixel: ⌊size/2⌋ before it and ⌊(size − 1)/2⌋
 * after, fewer at the ends (Krizhevsky et al. 2012). a is alpha/size, in Lasagne alpha.
 */
const lrnAcross: Op<'lrn'> = {
  *forward(context) {
    const { input, output } = context;
    const { channels, width, data: x } = input;
    const { beta } = context.attributes;
    for (let row = 0; row < x.length; row += width * channels) {
      for (let pixel = row; pixel < row + width * channels; pixel += channels)
        for (let c = 0; c < channels; c++)
          output.data[pixel + c] = (x[pixel + c] as number) / crowd(context, pixel, c) ** beta;
      yield;
    }
  },
  /** dx_i = dy_i/D_i^beta − 2·a·beta·x_i·Σ dy_c·x_c/D_c^(beta + 1) over the c that see i, D being the sum in brackets. */
  *backward(context) {
    const {
      input,
      outputGradient: { data: dy },
      inputGradients: [gradient],
    } = context;
    const { channels, width, data: x } = input;
    const { beta } = context.attributes;
    if (!gradient) return;
    const { factor, before, after } = neighbours(context);
    const crowds = new Float64Array(channels);
    for (let row = 0; row < x.length; row += width * channels) {
      for (let pixel = row; pixel < row + width * channels; pixel += channels) {
        for (let c = 0; c < channels; c++) crowds[c] = crowd(context, pixel, c);
        for (let i = 0; i < channels; i++) {
          let sum = 0;
          for (let c = Math.max(0, i - after); c <= Math.min(channels - 1, i + before); c++)
            sum += ((dy[pixel + c] as number) * (x[pixel + c] as number)) / (crowds[c] as number) ** (beta + 1);
          gradient.data[pixel + i] =
            (gradient.data[pixel + i] as number) +
            (dy[pixel + i] as number) / (crowds[i] as number) ** beta -
            2 * factor * beta * (x[pixel + i] as number) * sum;
        }
      }
      yield;
    }
  },
};

const neighbours = ({ rules, attributes: { size, alpha } }: OpContext<'lrn'>) => ({
  factor: rules.lrnDividesBySize ? alpha / size : alpha,
  before: Math.floor(size / 2),
  after: Math.floor((size - 1) / 2),
});

/** k + a · Σ x_j² around a channel of a pixel. */
function crowd(context: OpContext<'lrn'>, pixel: number, c: number): number {
  const { channels, data: x } = context.input;
  const { factor, before, after } = neighbours(context);
  let squares = 0;
  for (let j = Math.max(0, c - before); j <= Math.min(channels - 1, c + after); j++)
    squares += (x[pixel + j] as number) ** 2;
  return context.attributes.k + factor * squares;
}

/**
 * y = x/(k + a · Σ x_j²)^beta, over size × size pixels of the same channel around it: ⌊(size − 1)/2⌋ rows and columns before
 * it and ⌊size/2⌋ after, fewer at the borders; a is alpha/size² (Caffe's WITHIN_CHANNEL).
 */
const lrnWithin: Op<'lrn'> = {
  *forward(context) {
    const { input, output, attributes } = context;
    for (const row of rowsOf(input)) {
      for (const at of row)
        output.data[at.index] = (input.data[at.index] as number) / crowdAround(context, at) ** attributes.beta;
      yield;
    }
  },
  /** As across channels: those that see a pixel lie around it the other way round. */
  *backward(context) {
    const { input, attributes, outputGradient, inputGradients } = context;
    const { beta, alpha, size } = attributes;
    const [gradient] = inputGradients;
    if (!gradient) return;
    const shares = new Float64Array(input.data.length);
    for (const row of rowsOf(input)) {
      for (const at of row) {
        const crowd = crowdAround(context, at);
        const dy = outputGradient.data[at.index] as number;
        gradient.data[at.index] = (gradient.data[at.index] as number) + dy / crowd ** beta;
        shares[at.index] = (dy * (input.data[at.index] as number)) / crowd ** (beta + 1);
      }
      yield;
    }
    const factor = (2 * beta * alpha) / size ** 2;
    for (const row of rowsOf(input)) {
      for (const at of row)
        gradient.data[at.index] =
          (gradient.data[at.index] as number) -
          factor *
            (input.data[at.index] as number) *
            sumAround(shares, input, at, Math.floor(size / 2), Math.floor((size - 1) / 2));
      yield;
    }
  },
};

interface PlaceInRow {
  readonly index: number;
  /** Counted over all pictures of the batch; `y` is its place in its own. */
  readonly row: number;
  readonly y: number;
  readonly x: number;
}

function* rowsOf({ batch, height, width, channels }: Tensor): Iterable<Iterable<PlaceInRow>> {
  function* row(row: number): Iterable<PlaceInRow> {
    for (let i = 0; i < width * channels; i++)
      yield { index: row * width * channels + i, row, y: row % height, x: Math.floor(i / channels) };
  }
  for (let at = 0; at < batch * height; at++) yield row(at);
}

/** The sum of the numbers of the same channel up to `before` rows and columns before a place and `after` after it. */
function sumAround(
  numbers: Float64Array | Float32Array,
  { height, width, channels }: Tensor,
  { index, y, x }: PlaceInRow,
  before: number,
  after: number,
  term: (value: number) => number = (value) => value,
): number {
  let sum = 0;
  for (let dy = -Math.min(before, y); dy <= Math.min(after, height - 1 - y); dy++)
    for (let dx = -Math.min(before, x); dx <= Math.min(after, width - 1 - x); dx++)
      sum += term(numbers[index + (dy * width + dx) * channels] as number);
  return sum;
}

const crowdAround = ({ input, attributes: { size, alpha, k } }: OpContext<'lrn'>, at: PlaceInRow): number =>
  k +
  (alpha / size ** 2) *
    sumAround(input.data, input, at, Math.floor((size - 1) / 2), Math.floor(size / 2), (value) => value ** 2);

export const lrn: Op<'lrn'> = {
  forward: (context) => (context.attributes.region === 'within' ? lrnWithin : lrnAcross).forward(context),
  backward: (context) => (context.attributes.region === 'within' ? lrnWithin : lrnAcross).backward(context),
};

/** Does nothing outside training. In it, each number is 0 with the probability `rate`, and the others grow to make up for it. */
export const dropout: Op<'dropout'> = {
  forward: (context) =>
    context.training ? drop(context, context.input, context.output.data) : identity.forward(context),
  backward: (context) => {
    const [gradient] = context.inputGradients;
    if (!context.training) return identity.backward(context);
    return drop(context, context.outputGradient, gradient?.data);
  },
};

/** Adds what is left of the numbers; the same numbers are left forwards and backwards. */
function* drop(
  { attributes: { rate }, training }: Pick<OpContext<'dropout'>, 'attributes' | 'training'>,
  { data: from, width, channels }: Tensor,
  to: Float32Array | undefined,
): Steps {
  const random: Random = randomFrom(training?.seed ?? '');
  if (!to) return;
  for (let row = 0; row < from.length; row += width * channels) {
    for (let i = row; i < row + width * channels; i++)
      if (random.uniform() >= rate) to[i] = (to[i] as number) + (from[i] as number) / (1 - rate);
    yield;
  }
}
