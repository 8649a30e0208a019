import type { Shape } from '../../network/shape.js';
import type { Window } from '../../network/window.js';
import { weightOf, windowOf } from '../ops/op.js';
import { depthwiseFunction, tilesAtEdges } from './depthwise.js';
import { type Epilogue, type FastMaker, type FastOp, packBias, packed } from './op.js';
import { type Filters, packingCode, packPanels, packScratchBytes } from './pack.js';
import { asItLies, type Padded, padded, patches } from './padded.js';
import { columnCost, type Product, productFunction, tileFor } from './product.js';
import { sliceRows } from './slices.js';
import { winogradOp, winogradScheme } from './winograd-op.js';

/** Filters of one panel: two vectors, so that six columns' sums fit the sixteen vector registers. */
const PANEL = 8;

export const conv: FastMaker<'conv'> = (context) => {
  const { attributes, inputs, output } = context;
  const [input] = inputs;
  const { groups } = attributes;
  if (!input || input.channels % groups !== 0 || output.channels % groups !== 0) return undefined;
  if (groups === input.channels && groups === output.channels && isWrittenOut(windowOf(context)))
    return depthwiseOp(input, windowOf(context), context);
  const layer = { input, output, window: windowOf(context), groups };
  const scheme = context.precise ? { why: 'precise: no Winograd' } : winogradScheme(layer);
  if (typeof scheme === 'string') return winogradOp(layer, scheme, context);
  return { ...directOp(input, output, layer.window, groups, context), why: scheme.why };
};

export const depthwise: FastMaker<'depthwise'> = (context) => {
  const [input] = context.inputs;
  if (!input) return undefined;
  const window = windowOf(context);
  return context.attributes.multiplier === 1 && isWrittenOut(window)
    ? depthwiseOp(input, window, context)
    : directOp(input, context.output, window, input.channels, context);
};

/** Each tap of a depthwise filter is code of its own; what is larger than 5×5 would be much of it. */
const isWrittenOut = ({ y, x }: Window): boolean => y.kernel * x.kernel <= 25;

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

/** In multiply–accumulates: copying a number, and beginning to copy a run of them. */
const COPY_COST = 12;
const RUN_COST = 1000;

/** Whether less is lost by copying the patch of each output than by the broken tiles of short rows. */
function gatherPays({ y, x }: Window, k: number, filters: number, relaxed: boolean): boolean {
  if (x.dilation !== 1) return false;
  const pixels = y.output * x.output;
  const saved = y.output * columnCost(x.output, relaxed) - columnCost(pixels, relaxed);
  return saved * k * filters > pixels * (k * COPY_COST + y.kernel * RUN_COST);
}

/** Where a direct convolution reads its columns from. */
interface Columns extends Pick<Product, 'run' | 'outer' | 'inner' | 'columns' | 'columnStride' | 'rowStride'> {
  readonly rows: number;
  readonly image: Padded;
}

function columnsOf(input: Shape, output: Shape, window: Window, groups: number, relaxed: boolean): Columns {
  const { y, x } = window;
  const depth = input.channels / groups;
  const k = y.kernel * x.kernel * depth;
  const single = { count: 1, stride: 0 };
  const image = padded(input, window, 0);
  const joined = image.scratchBytes === 0 ? joinedRows(window, input) : 1;
  if (joined === 1 && groups === 1 && gatherPays(window, k, output.channels, relaxed))
    return {
      run: k,
      outer: single,
      inner: single,
      columns: y.output * x.output,
      columnStride: k * 4,
      rowStride: 0,
      rows: 1,
      image: patches(input, window),
    };
  const pixel = input.channels * 4;
  const line = image.width * pixel;
  const contiguous = groups === 1 && x.dilation === 1;
  return {
    run: contiguous ? x.kernel * depth : depth,
    outer: { count: y.kernel, stride: y.dilation * line },
    inner: contiguous ? single : { count: x.kernel, stride: x.dilation * pixel },
    columns: x.output * joined,
    columnStride: x.stride * pixel,
    rowStride: joined * y.stride * line,
    rows: y.output / joined,
    image,
  };
}

/**
 * Convolution as {@link Product}s, one a group. The ks of a filter lie [ky][kx][channel]: the kernel's row is one run where
 * there are neither groups nor gaps in it.
 */
function directOp(input: Shape, output: Shape, window: Window, groups: number, epilogue: Epilogue): FastOp {
  const { y, x } = window;
  const depth = input.channels / groups;
  const filters = output.channels / groups;
  const { rows, image, ...from } = columnsOf(input, output, window, groups, epilogue.relaxed);
  const { columns, rowStride } = from;
  const product: Omit<Product, 'lanes'> = {
    ...from,
    outputColumnStride: output.channels * 4,
    outputRowStride: columns * output.channels * 4,
    tile: tileFor(columns, epilogue.relaxed),
    panel: PANEL,
    bias: true,
    residual: epilogue.residual,
    activation: epilogue.activation,
    relaxed: epilogue.relaxed,
  };
  const fullPanels = Math.floor(filters / PANEL);
  const rest = filters % PANEL;
  const panels = Math.ceil(filters / PANEL);
  const taps = y.kernel * x.kernel;
  const k = taps * depth;
  const layer: Filters = { filters, depth, taps, panel: PANEL };
  const groupNumbers = panels * PANEL * (k + 1);
  return {
    algorithm: `direct ${Math.min(product.tile, columns)}×${PANEL}${image.copiesPatches ? ', patches copied' : ''}`,
    residual: epilogue.residual,
    key: JSON.stringify(['direct', product, layer]),
    packing: packingCode(PANEL),
    functions: () => ({
      ...(fullPanels > 0 && { full: productFunction({ ...product, lanes: PANEL }) }),
      ...(rest > 0 && { rest: productFunction({ ...product, lanes: rest }) }),
    }),
    scratchBytes: Math.max(image.scratchBytes, packScratchBytes(layer)),
    constants: groups * groupNumbers,
    *pack(weights, host) {
      for (let group = 0; group < groups; group++) {
        const start = group * groupNumbers;
        const first = group * filters;
        yield* packPanels(weights, host, layer, {
          first,
          to: host.constants + start * 4,
          panelBytes: PANEL * k * 4,
          last: taps,
        });
        packBias(host, start + panels * PANEL * k, filters, weights.bias?.subarray(first, first + filters));
      }
    },
    *run({ full, rest: partial }, { inputs: [input = 0, other = 0], output: to, constants, scratch }, memory) {
      const from = image.prepare(memory(), input, scratch);
      for (let group = 0; group < groups; group++) {
        const weights = constants + group * groupNumbers * 4;
        const bias = weights + panels * PANEL * k * 4;
        const macsOfPanel = columns * PANEL * k;
        // Slices of rows; those of one row alone, of panels.
        for (const row of sliceRows(rows, macsOfPanel * panels)) {
          const a = from + group * depth * 4 + row.first * rowStride;
          const offset = group * filters * 4 + row.first * product.outputRowStride;
          const each = rows === 1 ? sliceRows(fullPanels, macsOfPanel) : [{ first: 0, count: fullPanels }];
          for (const { first, count } of full ? each : []) {
            const done = first * PANEL * 4;
            full?.(a, weights + done * k, bias + done, to + offset + done, row.count, count, other + offset + done);
            yield;
          }
          const done = fullPanels * PANEL * 4;
          partial?.(a, weights + done * k, bias + done, to + offset + done, row.count, 1, other + offset + done);
          yield;
        }
      }
    },
  };
}

/** Tiles of a row that reach beyond the picture, each of which is code; with more of them the picture is copied with its padding. */
const MOST_TILES_AT_EDGES = 8;

function depthwiseOp(input: Shape, window: Window, { relaxed, activation }: Epilogue): FastOp {
  const { channels } = input;
  const isCopied = tilesAtEdges(window.x) > MOST_TILES_AT_EDGES;
  const image = isCopied ? padded(input, window, 0) : asItLies(input);
  const y = isCopied ? { ...window.y, before: 0, input: image.height } : window.y;
  const x = isCopied ? { ...window.x, before: 0, input: image.width } : window.x;
  const taps = y.kernel * x.kernel;
  const blocks = Math.ceil(channels / 4);
  // Vectors: the taps of four channels, then their biases.
  const block = (taps + 1) * 4;
  const line = image.width * channels * 4;
  const layer = {
    channels,
    y,
    x,
    line,
    weightStride: { tap: 16, block: block * 4 },
    biasStride: block * 4,
    activation,
    relaxed,
  };
  return {
    algorithm: 'depthwise 4×4',
    key: JSON.stringify(['depthwise', layer]),
    functions: () => ({ slide: depthwiseFunction(layer) }),
    scratchBytes: image.scratchBytes,
    // Behind them a row of zeros, which is read above and below the picture.
    constants: blocks * block + image.width * channels,
    *pack(weights, host) {
      const weight = weightOf(weights, 'weight');
      const { scale, bias } = weights;
      const numbers = packed(host);
      for (let c = 0; c < channels; c++) {
        const factor = scale?.[c] ?? 1;
        const to = Math.floor(c / 4) * block + (c % 4);
        for (let tap = 0; tap < taps; tap++) numbers[to + tap * 4] = (weight[c * taps + tap] as number) * factor;
        numbers[to + taps * 4] = bias?.[c] ?? 0;
      }
      numbers.fill(0, blocks * block, blocks * block + image.width * channels);
      yield;
    },
    *run({ slide }, { inputs: [from = 0], output: to, scratch, constants }, memory) {
      const start = image.prepare(memory(), from, scratch);
      const zeros = constants + blocks * block * 4;
      for (const { first, count } of sliceRows(y.output, x.output * channels * taps * DEPTHWISE_COST)) {
        const top = first * y.stride - y.before;
        const row = to + first * x.output * channels * 4;
        slide?.(start + top * line, constants, constants + taps * 16, row, count, top, zeros);
        yield;
      }
    },
  };
}

/** A depthwise multiplication waits for memory more often than one of a {@link Product}. */
const DEPTHWISE_COST = 3;
