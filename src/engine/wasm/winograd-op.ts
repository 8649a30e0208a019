import type { Shape } from '../../network/shape.js';
import type { Window } from '../../network/window.js';
import { weightOf } from '../ops/op.js';
import { blockBytes } from './machine.js';
import type { Epilogue, FastOp } from './op.js';
import { padded } from './padded.js';
import { productFunction, tileFor } from './product.js';
import { filterTransform, inputTransform, outputTransform, type TileSize } from './winograd.js';

const PANEL = 8;

/** Tiles transformed and multiplied together: so many stay in the cache between the three steps. */
const BLOCK = 48;

/** In multiply–accumulates: transforming a number of a tile, and bringing a weight from memory. */
const TRANSFORM_COST = 8;
const WEIGHT_COST = 6;

const tilesOf = (output: Shape, size: TileSize) => ({
  y: Math.ceil(output.height / size),
  x: Math.ceil(output.width / size),
});

/** The tile size with which Winograd's method costs least, or undefined where the direct way costs less still. */
export function winogradSize(input: Shape, output: Shape, { y, x }: Window): TileSize | undefined {
  const is3x3 = [y, x].every(({ kernel, stride, dilation }) => kernel === 3 && stride === 1 && dilation === 1);
  if (!is3x3 || input.channels % 4 !== 0 || output.channels % PANEL !== 0) return undefined;
  const filters = input.channels * output.channels;
  let least = (output.height * output.width + WEIGHT_COST) * 9 * filters;
  let best: TileSize | undefined;
  for (const size of [2, 4] as const) {
    const tiles = tilesOf(output, size);
    const elements = (size + 2) ** 2;
    const transforming = tiles.y * tiles.x * TRANSFORM_COST * (input.channels + output.channels);
    const cost = elements * ((tiles.y * tiles.x + WEIGHT_COST) * filters + transforming);
    if (cost >= least) continue;
    least = cost;
    best = size;
  }
  return best;
}

/**
 * In blocks of tiles: transform the input to V[element][tile][channel], multiply each element's matrix with its filters
 * U[element][panel][channel][filter of the panel] to M[element][tile][filter], transform M to the output.
 */
export function winogradOp(
  input: Shape,
  output: Shape,
  { y, x }: Window,
  size: TileSize,
  { relaxed, activation }: Epilogue,
): FastOp {
  const { channels } = input;
  const filters = output.channels;
  const tiles = tilesOf(output, size);
  const count = tiles.y * tiles.x;
  const block = Math.ceil(count / Math.ceil(count / BLOCK));
  const elements = (size + 2) ** 2;
  // The picture ends with a whole tile; so does the output, which is cut where that is more than there is.
  const image = padded(input, { y: { ...y, output: tiles.y * size }, x: { ...x, output: tiles.x * size } }, 0);
  const outputLine = tiles.x * size * filters * 4;
  const isCut = tiles.y * size > output.height || tiles.x * size > output.width;
  // A line more than the matrix, so that the elements of a tile do not fall on the same lines of the cache.
  const vStride = block * channels * 4 + 64;
  const mStride = block * filters * 4 + 64;
  const vStart = blockBytes(image.scratchBytes);
  const mStart = vStart + blockBytes(elements * vStride);
  const cutStart = mStart + blockBytes(elements * mStride);
  const tile = tileFor(block, relaxed);
  const line = image.width * channels * 4;
  const weightCount = elements * channels * filters;
  return {
    algorithm: `Winograd F(${size}×${size}, 3×3)`,
    key: JSON.stringify(['winograd', size, input, output, y.before, x.before, relaxed, activation]),
    functions: () => ({
      toTiles: inputTransform(size, {
        channels,
        from: { y: line, x: channels * 4 },
        to: { y: (size + 2) * vStride, x: vStride },
      }),
      multiply: productFunction({
        run: channels,
        outer: { count: 1, stride: 0 },
        inner: { count: 1, stride: 0 },
        columns: block,
        columnStride: channels * 4,
        rowStride: 0,
        outputColumnStride: filters * 4,
        outputRowStride: 0,
        tile,
        panel: PANEL,
        lanes: PANEL,
        bias: false,
        activation: 'none',
        relaxed,
      }),
      fromTiles: outputTransform(
        size,
        {
          channels: filters,
          from: { y: (size + 2) * mStride, x: mStride },
          to: { y: outputLine, x: filters * 4 },
        },
        activation,
      ),
    }),
    scratchBytes: cutStart + (isCut ? tiles.y * size * outputLine : 0),
    constants: weightCount + filters,
    *pack(weights, to) {
      const weight = weightOf(weights, 'weight');
      const transform = filterTransform(size);
      const transformed = new Float64Array(elements);
      for (let filter = 0; filter < filters; filter++) {
        const packed = to();
        const lane = Math.floor(filter / PANEL) * PANEL * channels + (filter % PANEL);
        for (let channel = 0; channel < channels; channel++) {
          transform(weight, (filter * channels + channel) * 9, transformed);
          for (let element = 0; element < elements; element++)
            packed[element * channels * filters + lane + channel * PANEL] = transformed[element] as number;
        }
        packed[weightCount + filter] = weights.bias?.[filter] ?? 0;
        yield;
      }
    },
    *run({ toTiles, multiply, fromTiles }, { inputs: [from = 0], output: to, scratch, constants }, memory) {
      const picture = image.prepare(memory(), from, scratch);
      const [v, m] = [scratch + vStart, scratch + mStart];
      const target = isCut ? scratch + cutStart : to;
      for (let first = 0; first < count; first += block) {
        const here = Math.min(block, count - first);
        for (let i = 0; i < here; i++) {
          const [ty, tx] = [Math.floor((first + i) / tiles.x), (first + i) % tiles.x];
          toTiles?.(picture + ty * size * line + tx * size * channels * 4, v + i * channels * 4, 0);
        }
        yield;
        for (let element = 0; element < elements; element++) {
          const filter = constants + element * channels * filters * 4;
          multiply?.(v + element * vStride, filter, 0, m + element * mStride, 1, filters / PANEL);
          yield;
        }
        for (let i = 0; i < here; i++) {
          const [ty, tx] = [Math.floor((first + i) / tiles.x), (first + i) % tiles.x];
          const place = target + ty * size * outputLine + tx * size * filters * 4;
          fromTiles?.(m + i * filters * 4, place, constants + weightCount * 4);
        }
        yield;
      }
      if (!isCut) return;
      const numbers = memory();
      for (let row = 0; row < output.height; row++) {
        const cut = (target + row * outputLine) / 4;
        numbers.copyWithin(to / 4 + row * output.width * filters, cut, cut + output.width * filters);
      }
    },
  };
}
