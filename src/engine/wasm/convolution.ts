import type { Shape } from '../../network/shape.js';
import type { Window } from '../../network/window.js';
import { type LayerWeights, type Steps, weightOf, windowOf } from '../ops/op.js';
import { depthwiseFunction, roundUp } from './depthwise.js';
import type { Epilogue, FastMaker, FastOp } from './op.js';
import { padded } from './padded.js';
import { type Product, productFunction, tileFor } from './product.js';
import { sliceRows } from './slices.js';
import { winogradOp, winogradScheme } from './winograd-op.js';

/** Filters of one panel: two vectors, so that six columns' sums fit the sixteen vector registers. */
const PANEL = 8;

export const conv: FastMaker<'conv'> = (context) => {
  const { attributes, inputs, output } = context;
  const [input] = inputs;
  const { groups } = attributes;
  if (!input || input.channels % groups !== 0 || output.channels % groups !== 0) return undefined;
  if (groups === input.channels && groups === output.channels && fitsRegisters(windowOf(context)))
    return depthwiseOp(input, output, windowOf(context), context);
  const layer = { input, output, window: windowOf(context), groups };
  const scheme = context.precise ? undefined : winogradScheme(layer);
  return scheme ? winogradOp(layer, scheme, context) : directOp(input, output, layer.window, groups, context);
};

export const depthwise: FastMaker<'depthwise'> = (context) => {
  const [input] = context.inputs;
  if (!input) return undefined;
  const window = windowOf(context);
  return context.attributes.multiplier === 1 && fitsRegisters(window)
    ? depthwiseOp(input, context.output, window, context)
    : directOp(input, context.output, window, input.channels, context);
};

/** A depthwise filter is held in registers whole; larger ones would be loaded again and again. */
const fitsRegisters = ({ y, x }: Window): boolean => y.kernel * x.kernel <= 25;

/** Rows joined to one, where the output is as wide as the input and nothing lies between rows: fewer broken tiles. */
const LONGEST_JOINED = 512;

function joinedRows({ y, x }: Window, input: Shape): number {
  const isPointwise = y.kernel * x.kernel * y.stride * x.stride === 1 && y.output === input.height;
  if (!isPointwise || x.output !== input.width) return 1;
  let joined = 1;
  for (let rows = 2; rows <= y.output && rows * x.output <= LONGEST_JOINED; rows++)
    if (y.output % rows === 0) joined = rows;
  return joined;
}

/**
 * Convolution as {@link Product}s, one a group. The ks of a filter lie [ky][kx][channel]: the kernel's row is one run where
 * there are neither groups nor gaps in it.
 */
function directOp(
  input: Shape,
  output: Shape,
  window: Window,
  groups: number,
  { relaxed, activation }: Epilogue,
): FastOp {
  const { y, x } = window;
  const image = padded(input, window, 0);
  const pixel = input.channels * 4;
  const line = image.width * pixel;
  const depth = input.channels / groups;
  const filters = output.channels / groups;
  const contiguous = groups === 1 && x.dilation === 1;
  const joined = image.scratchBytes === 0 ? joinedRows(window, input) : 1;
  const columns = x.output * joined;
  const rows = y.output / joined;
  const product: Omit<Product, 'lanes'> = {
    run: contiguous ? x.kernel * depth : depth,
    outer: { count: y.kernel, stride: y.dilation * line },
    inner: { count: contiguous ? 1 : x.kernel, stride: x.dilation * pixel },
    columns,
    columnStride: x.stride * pixel,
    rowStride: joined * y.stride * line,
    outputColumnStride: output.channels * 4,
    outputRowStride: columns * output.channels * 4,
    tile: tileFor(columns, relaxed),
    panel: PANEL,
    bias: true,
    activation,
    relaxed,
  };
  const fullPanels = Math.floor(filters / PANEL);
  const rest = filters % PANEL;
  const panels = Math.ceil(filters / PANEL);
  const k = y.kernel * x.kernel * depth;
  const groupNumbers = panels * PANEL * (k + 1);
  return {
    algorithm: `direct ${Math.min(product.tile, columns)}×${PANEL}`,
    key: JSON.stringify(['direct', product, rest]),
    functions: () => ({
      ...(fullPanels > 0 && { full: productFunction({ ...product, lanes: PANEL }) }),
      ...(rest > 0 && { rest: productFunction({ ...product, lanes: rest }) }),
    }),
    scratchBytes: image.scratchBytes,
    constants: groups * groupNumbers,
    pack: (weights, to) => packFilters(weights, to, { groups, filters, depth, taps: y.kernel * x.kernel }),
    *run({ full, rest: partial }, places, memory) {
      const from = image.prepare(memory(), places.inputs[0] ?? 0, places.scratch);
      for (let group = 0; group < groups; group++) {
        const weights = places.constants + group * groupNumbers * 4;
        const bias = weights + panels * PANEL * k * 4;
        for (const { first, count } of sliceRows(rows, columns * filters * k)) {
          const a = from + group * depth * 4 + first * product.rowStride;
          const c = places.output + group * filters * 4 + first * product.outputRowStride;
          full?.(a, weights, bias, c, count, fullPanels);
          const done = fullPanels * PANEL * 4;
          partial?.(a, weights + done * k, bias + done, c + done, count, 1);
          yield;
        }
      }
    },
  };
}

interface Filters {
  readonly groups: number;
  readonly filters: number;
  readonly depth: number;
  readonly taps: number;
}

/** OIHW → [group]([panel][ky][kx][channel][filter of the panel], [bias]); filters that fill up a panel are 0. */
function* packFilters(weights: LayerWeights, to: () => Float32Array, { groups, filters, depth, taps }: Filters): Steps {
  const weight = weightOf(weights, 'weight');
  const { bias } = weights;
  const k = taps * depth;
  const rounded = Math.ceil(filters / PANEL) * PANEL;
  for (let group = 0; group < groups; group++) {
    const start = group * rounded * (k + 1);
    for (let filter = 0; filter < filters; filter++) {
      const packed = to();
      const lane = start + Math.floor(filter / PANEL) * PANEL * k + (filter % PANEL);
      let from = (group * filters + filter) * k;
      for (let channel = 0; channel < depth; channel++)
        for (let tap = 0; tap < taps; tap++) packed[lane + (tap * depth + channel) * PANEL] = weight[from++] as number;
      packed[start + rounded * k + filter] = bias?.[group * filters + filter] ?? 0;
      yield;
    }
  }
}

function depthwiseOp(input: Shape, output: Shape, window: Window, { relaxed, activation }: Epilogue): FastOp {
  const { y, x } = window;
  const { channels } = input;
  const image = padded(input, window, 0);
  const line = image.width * channels * 4;
  const layer = {
    channels,
    kernel: { y: y.kernel, x: x.kernel },
    stride: x.stride,
    columns: x.output,
    tapStride: { y: y.dilation * line, x: x.dilation * channels * 4 },
    rowStride: y.stride * line,
    activation,
    relaxed,
  };
  const taps = y.kernel * x.kernel;
  const rounded = roundUp(channels);
  return {
    algorithm: 'depthwise 4×4',
    key: JSON.stringify(['depthwise', layer]),
    functions: () => ({ slide: depthwiseFunction(layer) }),
    scratchBytes: image.scratchBytes,
    constants: rounded * (taps + 1),
    *pack(weights, to) {
      const weight = weightOf(weights, 'weight');
      const packed = to();
      for (let c = 0; c < channels; c++) {
        for (let tap = 0; tap < taps; tap++) packed[tap * rounded + c] = weight[c * taps + tap] as number;
        packed[taps * rounded + c] = weights.bias?.[c] ?? 0;
      }
      yield;
    },
    *run({ slide }, places, memory) {
      const from = image.prepare(memory(), places.inputs[0] ?? 0, places.scratch);
      const bias = places.constants + taps * rounded * 4;
      for (const { first, count } of sliceRows(y.output, x.output * channels * taps * DEPTHWISE_COST)) {
        const to = places.output + first * x.output * output.channels * 4;
        slide?.(from + first * layer.rowStride, places.constants, bias, to, count);
        yield;
      }
    },
  };
}

/** A depthwise multiplication waits for memory more often than one of a {@link Product}. */
const DEPTHWISE_COST = 3;
