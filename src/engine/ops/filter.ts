import type { LayerAttributes } from '../../network/catalogue.js';
import { gaborFilter, gaussianBell, sampled } from '../fixed-filters.js';
import { createTensor, type Tensor } from '../tensor.js';
import { type Op, type OpContext, type Steps, windowOf } from './op.js';

/** Weights of a fixed filter, row by row, `size` × `size`. */
interface FixedFilter {
  readonly size: number;
  readonly weights: Float64Array;
}

const filterOf = (size: number, weight: (x: number, y: number) => number): FixedFilter => ({
  size,
  weights: sampled(size, size, weight),
});

/** One filter an orientation θ = kπ/n. */
const gaborFilters = (
  { orientations, ...packet }: Pick<LayerAttributes<'gabor'>, 'orientations' | 'wavelength' | 'sigma'>,
  size: number,
): readonly FixedFilter[] =>
  Array.from({ length: orientations }, (_, k) => ({
    size,
    weights: gaborFilter((k * Math.PI) / orientations, packet, size, size),
  }));

/** (1, 2, 1)ᵀ(−1, 0, 1): the change to the right, eight times the slope. */
const sobelRight = filterOf(3, (x, y) => x * (2 - Math.abs(y)));

/** The change downwards. */
const sobelDown = filterOf(3, (x, y) => y * (2 - Math.abs(x)));

const clampTo = (value: number, length: number): number => Math.min(Math.max(value, 0), length - 1);

/** The index of a number of a tensor, the edge going on beyond the border. */
const placeOf = ({ height, width, channels }: Tensor, n: number, y: number, x: number, c: number): number =>
  ((n * height + clampTo(y, height)) * width + clampTo(x, width)) * channels + c;

const numberAt = (tensor: Tensor, n: number, y: number, x: number, c: number): number =>
  tensor.data[placeOf(tensor, n, y, x, c)] as number;

/** The filter's answer at one place of a channel. */
function answer({ size, weights }: FixedFilter, tensor: Tensor, n: number, y: number, x: number, c: number): number {
  const half = (size - 1) / 2;
  let total = 0;
  for (let ky = 0; ky < size; ky++)
    for (let kx = 0; kx < size; kx++)
      total += (weights[ky * size + kx] as number) * numberAt(tensor, n, y + ky - half, x + kx - half, c);
  return total;
}

/** Gives the numbers that a filter's {@link answer} was summed from their parts of a gradient. */
function spread(
  { size, weights }: FixedFilter,
  g: number,
  tensor: Tensor,
  n: number,
  y: number,
  x: number,
  c: number,
): void {
  const half = (size - 1) / 2;
  for (let ky = 0; ky < size; ky++)
    for (let kx = 0; kx < size; kx++) {
      const at = placeOf(tensor, n, y + ky - half, x + kx - half, c);
      tensor.data[at] = (tensor.data[at] as number) + g * (weights[ky * size + kx] as number);
    }
}

/** Visits every number of a tensor by its index, picture, row, column and channel; a step a pixel. */
function* each(
  { batch, height, width, channels }: Tensor,
  visit: (index: number, n: number, y: number, x: number, c: number) => void,
): Steps {
  let index = 0;
  for (let n = 0; n < batch; n++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) visit(index++, n, y, x, c);
        yield;
      }
}

const like = (tensor: Tensor, channels = tensor.channels): Tensor =>
  createTensor({ ...tensor, channels }, tensor.batch);

/** Each channel under {@link gaussianBell}, first across, then down; beyond the border the edge goes on. */
export const gaussian: Op<'gaussian'> = {
  *forward(context) {
    const { input, output } = context;
    const { half, weights } = bellOf(context);
    const blurred = (along: (i: number) => number) =>
      weights.reduce((total, weight, i) => total + weight * along(i - half), 0);
    const across = like(input);
    yield* each(across, (index, n, y, x, c) => {
      across.data[index] = blurred((i) => numberAt(input, n, y, x + i, c));
    });
    yield* each(output, (index, n, y, x, c) => {
      output.data[index] = blurred((i) => numberAt(across, n, y + i, x, c));
    });
  },
  *backward(context) {
    const {
      outputGradient,
      inputGradients: [gradient],
    } = context;
    if (!gradient) return;
    const { half, weights } = bellOf(context);
    const across = like(gradient);
    const give = (to: Tensor, g: number, weight: number, n: number, y: number, x: number, c: number) => {
      const at = placeOf(to, n, y, x, c);
      to.data[at] = (to.data[at] as number) + g * weight;
    };
    yield* each(outputGradient, (index, n, y, x, c) => {
      for (const [i, weight] of weights.entries())
        give(across, outputGradient.data[index] as number, weight, n, y + i - half, x, c);
    });
    yield* each(across, (index, n, y, x, c) => {
      for (const [i, weight] of weights.entries())
        give(gradient, across.data[index] as number, weight, n, y, x + i - half, c);
    });
  },
};

function bellOf(context: OpContext<'gaussian'>) {
  const size = windowOf(context).y.kernel;
  return { half: (size - 1) / 2, weights: gaussianBell(context.attributes.sigma, size) };
}

/** The mean of the channels under each of {@link gaborFilters}. */
export const gabor: Op<'gabor'> = {
  *forward(context) {
    const { input, output } = context;
    const filters = gaborFilters(context.attributes, windowOf(context).y.kernel);
    const greys = like(input, 1);
    yield* each(greys, (index, n, y, x) => {
      let sum = 0;
      for (let c = 0; c < input.channels; c++) sum += numberAt(input, n, y, x, c);
      greys.data[index] = sum / input.channels;
    });
    yield* each(output, (index, n, y, x, c) => {
      output.data[index] = answer(filters[c] as FixedFilter, greys, n, y, x, 0);
    });
  },
  *backward(context) {
    const {
      outputGradient,
      inputGradients: [gradient],
    } = context;
    if (!gradient) return;
    const filters = gaborFilters(context.attributes, windowOf(context).y.kernel);
    const greys = like(gradient, 1);
    yield* each(outputGradient, (index, n, y, x, c) =>
      spread(filters[c] as FixedFilter, outputGradient.data[index] as number, greys, n, y, x, 0),
    );
    yield* each(gradient, (index, n, y, x) => {
      gradient.data[index] = (gradient.data[index] as number) + numberAt(greys, n, y, x, 0) / gradient.channels;
    });
  },
};

/** Of each channel the change to the right and downwards, (1, 2, 1)ᵀ(−1, 0, 1) and its transpose, or √(gx² + gy²). */
export const sobel: Op<'sobel'> = {
  forward({ input, output, attributes: { mode } }) {
    return each(output, (index, n, y, x, c) => {
      output.data[index] =
        mode === 'gradient'
          ? answer(c % 2 === 0 ? sobelRight : sobelDown, input, n, y, x, Math.floor(c / 2))
          : Math.hypot(answer(sobelRight, input, n, y, x, c), answer(sobelDown, input, n, y, x, c));
    });
  },
  *backward({ input, output, outputGradient, inputGradients: [gradient], attributes: { mode } }) {
    if (!gradient) return;
    yield* each(outputGradient, (index, n, y, x, c) => {
      const g = outputGradient.data[index] as number;
      if (mode === 'gradient') {
        spread(c % 2 === 0 ? sobelRight : sobelDown, g, gradient, n, y, x, Math.floor(c / 2));
        return;
      }
      const length = output.data[index] as number;
      if (length === 0) return;
      for (const filter of [sobelRight, sobelDown])
        spread(filter, (g * answer(filter, input, n, y, x, c)) / length, gradient, n, y, x, c);
    });
  },
};
