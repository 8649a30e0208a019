import type { LayerAttributes } from '../../network/catalogue.js';
import { gaborFilter, gaussianBell, sampled } from '../fixed-filters.js';
import type { Tensor } from '../tensor.js';
import { type Op, type Steps, windowOf } from './op.js';

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

/** Reads one map of numbers, height × width; beyond its border the edge goes on. */
type Plane = (y: number, x: number) => number;

const clampTo = (value: number, length: number): number => Math.min(Math.max(value, 0), length - 1);

/** A number of a tensor, the edge going on beyond the border. */
const numberAt = ({ height, width, channels, data }: Tensor, n: number, y: number, x: number, c: number): number =>
  data[((n * height + clampTo(y, height)) * width + clampTo(x, width)) * channels + c] as number;

const channelOf =
  (tensor: Tensor, picture: number, channel: number): Plane =>
  (y, x) =>
    numberAt(tensor, picture, y, x, channel);

const meanOfChannels = (input: Tensor, picture: number): Plane => {
  const planes = Array.from({ length: input.channels }, (_, c) => channelOf(input, picture, c));
  return (y, x) => planes.reduce((total, plane) => total + plane(y, x), 0) / planes.length;
};

/** The filter's answer at one place. */
function answer({ size, weights }: FixedFilter, plane: Plane, y: number, x: number): number {
  const half = (size - 1) / 2;
  let total = 0;
  for (let ky = 0; ky < size; ky++)
    for (let kx = 0; kx < size; kx++)
      total += (weights[ky * size + kx] as number) * plane(y + ky - half, x + kx - half);
  return total;
}

/** Fills every number of the output by its picture, row, column and channel; a step a pixel. */
function* fill(output: Tensor, value: (n: number, y: number, x: number, c: number) => number): Steps {
  let to = 0;
  for (let n = 0; n < output.batch; n++)
    for (let y = 0; y < output.height; y++)
      for (let x = 0; x < output.width; x++) {
        for (let c = 0; c < output.channels; c++) output.data[to++] = value(n, y, x, c);
        yield;
      }
}

/** Each channel under {@link gaussianBell}, first across, then down; beyond the border the edge goes on. */
export const gaussian: Op<'gaussian'> = function* (context) {
  const { input, output, attributes } = context;
  const size = windowOf(context).y.kernel;
  const weights = gaussianBell(attributes.sigma, size);
  const half = (size - 1) / 2;
  const blurred = (along: (i: number) => number) =>
    weights.reduce((total, weight, i) => total + weight * along(i - half), 0);
  const across: Tensor = { ...input, data: new Float32Array(input.data.length) };
  yield* fill(across, (n, y, x, c) => blurred((i) => numberAt(input, n, y, x + i, c)));
  yield* fill(output, (n, y, x, c) => blurred((i) => numberAt(across, n, y + i, x, c)));
};

/** The mean of the channels under each of {@link gaborFilters}. */
export const gabor: Op<'gabor'> = function* (context) {
  const { input, output, attributes } = context;
  const filters = gaborFilters(attributes, windowOf(context).y.kernel);
  const greys: Tensor = { ...input, channels: 1, data: new Float32Array(input.data.length / input.channels) };
  yield* fill(greys, (n, y, x) => meanOfChannels(input, n)(y, x));
  yield* fill(output, (n, y, x, c) => answer(filters[c] as FixedFilter, channelOf(greys, n, 0), y, x));
};

/** Of each channel the change to the right and downwards, (1, 2, 1)ᵀ(−1, 0, 1) and its transpose, or √(gx² + gy²). */
export const sobel: Op<'sobel'> = ({ input, output, attributes: { mode } }) =>
  mode === 'gradient'
    ? fill(output, (n, y, x, c) =>
        answer(c % 2 === 0 ? sobelRight : sobelDown, channelOf(input, n, Math.floor(c / 2)), y, x),
      )
    : fill(output, (n, y, x, c) => {
        const plane = channelOf(input, n, c);
        return Math.hypot(answer(sobelRight, plane, y, x), answer(sobelDown, plane, y, x));
      });
