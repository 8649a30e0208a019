import type { Shape } from '../../network/shape.js';
import type { Window } from '../../network/window.js';
import { blockBytes } from './machine.js';
import { type Epilogue, type FastOp, packBias } from './op.js';
import { type Filters, packPanels, packScratchBytes } from './pack.js';
import { padded } from './padded.js';
import { productFunction, tileFor } from './product.js';
import { edgeOf, filterTransform, inputTransform, outputTransform, type Scheme, schemes } from './winograd.js';

const PANEL = 8;

/** Tiles transformed and multiplied together: at least so many, and so many more that the weights are not brought too often. */
const LEAST_BLOCK = 36;
const LARGEST_BLOCK = 128;

/** In multiply–accumulates: transforming a number of a tile, and bringing a weight from memory. */
const TRANSFORM_COST = 8;
const WEIGHT_COST = 6;

/** Convolutions as Winograd's method sees them: each group by itself. */
export interface WinogradLayer {
  readonly input: Shape;
  readonly output: Shape;
  readonly window: Window;
  readonly groups: number;
}

const tilesOf = ({ output }: WinogradLayer, scheme: Scheme) => ({
  y: Math.ceil(output.height / schemes[scheme].tile),
  x: Math.ceil(output.width / schemes[scheme].tile),
});

/** The scheme with which Winograd's method costs least, or, where the direct way costs less still, why. */
export function winogradScheme(layer: WinogradLayer): Scheme | { readonly why: string } {
  const { input, output, window, groups } = layer;
  const depth = input.channels / groups;
  const filters = output.channels / groups;
  const axes = [window.y, window.x];
  const { y, x } = window;
  if (y.kernel !== x.kernel || !kernels.has(y.kernel)) return { why: `${y.kernel}×${x.kernel} kernel` };
  if (axes.some(({ stride }) => stride !== 1)) return { why: `stride ${Math.max(y.stride, x.stride)}` };
  if (axes.some(({ dilation }) => dilation !== 1)) return { why: 'dilation' };
  if (depth % 4 !== 0 || filters % PANEL !== 0)
    return { why: `${depth} channels, ${filters} filters: not multiples of 4 and ${PANEL}` };
  let least = (output.height * output.width + WEIGHT_COST) * window.y.kernel * window.x.kernel * depth * filters;
  let best: Scheme | undefined;
  for (const scheme of Object.keys(schemes) as Scheme[]) {
    if (axes.some(({ kernel }) => kernel !== schemes[scheme].kernel)) continue;
    const tiles = tilesOf(layer, scheme);
    const count = tiles.y * tiles.x;
    const cost =
      edgeOf(scheme) ** 2 * ((count + WEIGHT_COST) * depth * filters + count * TRANSFORM_COST * (depth + filters));
    if (cost >= least) continue;
    least = cost;
    best = scheme;
  }
  return best ?? { why: 'transforms would cost more than the products they save' };
}

const kernels = new Set<number>(Object.values(schemes).map(({ kernel }) => kernel));

/**
 * How many tiles go together, of `count`: with fewer, all weights are brought from memory again and again; with more, what
 * lies between the three steps leaves the cache. The last tile of columns and the last block may be broken.
 */
function blockFor(count: number, relaxed: boolean): number {
  if (count <= LARGEST_BLOCK) return count;
  let best = LEAST_BLOCK;
  let least = Number.POSITIVE_INFINITY;
  for (let block = LEAST_BLOCK; block <= LARGEST_BLOCK; block++) {
    const tile = tileFor(block, relaxed);
    const cost = Math.ceil(count / block) * (Math.ceil(block / tile) * (tile + 1) + WEIGHT_COST);
    if (cost < least) [least, best] = [cost, block];
  }
  return best;
}

/**
 * In blocks of tiles: transform the input to V[element][tile][channel], multiply each element's matrix with its filters
 * U[element][panel][channel][filter of the panel] to M[element][tile][filter], transform M to the output.
 */
export function winogradOp(layer: WinogradLayer, scheme: Scheme, { relaxed, activation, residual }: Epilogue): FastOp {
  const { input, output, window, groups } = layer;
  const { tile: size, kernel } = schemes[scheme];
  const channels = input.channels / groups;
  const filters = output.channels / groups;
  const edge = edgeOf(scheme);
  const elements = edge ** 2;
  const tiles = tilesOf(layer, scheme);
  const count = tiles.y * tiles.x;
  const block = blockFor(count, relaxed);
  // The picture ends with a whole tile; so does the output, which is cut where that is more than there is.
  const { y, x } = window;
  const image = padded(input, { y: { ...y, output: tiles.y * size }, x: { ...x, output: tiles.x * size } }, 0);
  const outputLine = tiles.x * size * output.channels * 4;
  const rowNumbers = output.width * output.channels;
  const isCut = tiles.y * size > output.height || tiles.x * size > output.width;
  // A line more than the matrix, so that the elements of a tile do not fall on the same lines of the cache.
  const vStride = block * channels * 4 + 64;
  const mStride = block * filters * 4 + 64;
  const vStart = blockBytes(image.scratchBytes);
  const mStart = vStart + blockBytes(elements * vStride);
  const cutStart = mStart + blockBytes(elements * mStride);
  const line = image.width * input.channels * 4;
  // Here, too: a panel of filters is written to all elements at once.
  const elementWeights = channels * filters + 16;
  const groupWeights = elements * elementWeights;
  const panel: Filters = { filters, depth: channels, taps: kernel ** 2, panel: PANEL };
  /** Between the output and the lines, longer and more, that are cut to it. */
  function* eachLine(output: number, lines: number): Generator<readonly [kept: number, cut: number], void> {
    for (let row = 0; row < layer.output.height; row++)
      yield [output / 4 + row * rowNumbers, (lines + row * outputLine) / 4];
  }
  const weightCount = groups * groupWeights;
  /** The tile of this number, in a picture of lines of so many bytes. */
  const place = (number: number, lineBytes: number, pixelBytes: number): number =>
    Math.floor(number / tiles.x) * size * lineBytes + (number % tiles.x) * size * pixelBytes;
  return {
    algorithm: `Winograd ${scheme}`,
    why: `${elements} products for ${size ** 2} outputs instead of ${(size * kernel) ** 2}`,
    residual,
    key: JSON.stringify(['winograd', scheme, layer, relaxed, activation, residual]),
    packing: filterTransform(scheme, PANEL),
    functions: () => ({
      toTiles: inputTransform(scheme, {
        channels,
        from: { y: line, x: input.channels * 4 },
        to: { y: edge * vStride, x: vStride },
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
        tile: tileFor(block, relaxed),
        panel: PANEL,
        lanes: PANEL,
        bias: false,
        activation: 'none',
        relaxed,
      }),
      fromTiles: outputTransform(
        scheme,
        {
          channels: filters,
          from: { y: edge * mStride, x: mStride },
          to: { y: outputLine, x: output.channels * 4 },
        },
        { activation, residual },
      ),
    }),
    scratchBytes: Math.max(packScratchBytes(panel), cutStart + (isCut ? tiles.y * size * outputLine : 0)),
    constants: weightCount + output.channels,
    *pack(weights, host) {
      for (let group = 0; group < groups; group++)
        yield* packPanels(weights, host, panel, {
          first: group * filters,
          to: host.constants + group * groupWeights * 4,
          panelBytes: PANEL * channels * 4,
          last: elementWeights * 4,
        });
      packBias(host, weightCount, output.channels, weights.bias);
    },
    *run({ toTiles, multiply, fromTiles }, { inputs: [from = 0, other = 0], output: to, scratch, constants }, memory) {
      const picture = image.prepare(memory(), from, scratch);
      const [v, m] = [scratch + vStart, scratch + mStart];
      const target = isCut ? scratch + cutStart : to;
      // What is cut is written elsewhere first; so what is added must lie there.
      if (isCut && residual)
        for (const [kept, cut] of eachLine(other, target)) memory().copyWithin(cut, kept, kept + rowNumbers);
      const added = isCut ? target : other;
      for (let group = 0; group < groups; group++) {
        const [firstChannel, firstFilter] = [group * channels * 4, group * filters * 4];
        const bias = constants + weightCount * 4 + firstFilter;
        for (let first = 0; first < count; first += block) {
          const here = Math.min(block, count - first);
          for (let i = 0; i < here; i++)
            toTiles?.(picture + firstChannel + place(first + i, line, input.channels * 4), v + i * channels * 4, 0);
          yield;
          for (let element = 0; element < elements; element++) {
            const filter = constants + (group * groupWeights + element * elementWeights) * 4;
            multiply?.(v + element * vStride, filter, 0, m + element * mStride, 1, filters / PANEL);
            yield;
          }
          for (let i = 0; i < here; i++) {
            const at = firstFilter + place(first + i, outputLine, output.channels * 4);
            fromTiles?.(m + i * filters * 4, target + at, bias, added + at);
          }
          yield;
        }
      }
      if (!isCut) return;
      for (const [kept, cut] of eachLine(to, target)) memory().copyWithin(kept, cut, cut + rowNumbers);
    },
  };
}
