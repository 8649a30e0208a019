import type { TransposedAxis, WindowAxis } from '../../network/window.js';
import { transposedOf, weightOf } from '../ops/op.js';
import { type FastMaker, packBias, packed } from './op.js';
import { padded } from './padded.js';
import { type Product, productFunction, tileFor } from './product.js';
import { sliceRows } from './slices.js';

const PANEL = 8;

/** Every stride-th place of the output along an axis: they see the same taps, as a convolution at stride 1 does. */
interface Phase {
  /** The first place, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** The taps `offset`, `offset + stride`, …: of neighbouring inputs, the last tap of the first. */
  readonly offset: number;
  readonly taps: number;
  /** The first input under the first place; may lie before the beginning. */
  readonly from: number;
}

function phasesOf({ kernel, stride, before, output }: TransposedAxis): Phase[] {
  return Array.from({ length: stride }, (_, offset) => {
    const first = (((offset - before) % stride) + stride) % stride;
    const taps = Math.ceil((kernel - offset) / stride);
    const from = (first + before - offset) / stride - (taps - 1);
    return { first, count: Math.max(0, Math.ceil((output - first) / stride)), offset, taps, from };
  }).filter(({ count }) => count > 0);
}

/** The input with so much of a border that no phase reads beyond it. */
function borderOf(input: number, phases: readonly Phase[]): WindowAxis {
  const before = Math.max(0, ...phases.map(({ from }) => -from));
  const end = Math.max(input, ...phases.map(({ from, taps, count }) => from + taps - 1 + count));
  const output = before + end;
  return { input, kernel: 1, stride: 1, dilation: 1, before, after: end - input, exact: output, output, unseen: 0 };
}

/**
 * A transposed convolution at stride S is S×S convolutions at stride 1, each of every S-th tap, turned round, for every S-th
 * place of the output. Without groups and dilation, and where each of them has a tap.
 */
export const convtranspose: FastMaker<'convtranspose'> = (context) => {
  const {
    inputs: [input],
    output,
    activation,
    relaxed,
    attributes,
  } = context;
  const { y, x } = transposedOf(context);
  if (!input || attributes.groups !== 1) return undefined;
  if ([y, x].some(({ kernel, stride, dilation }) => dilation !== 1 || kernel < stride)) return undefined;
  const filters = output.channels;
  const depth = input.channels;
  const [rows, columns] = [phasesOf(y), phasesOf(x)];
  const image = padded(input, { y: borderOf(input.height, rows), x: borderOf(input.width, columns) }, 0);
  const pixel = depth * 4;
  const line = image.width * pixel;
  const [left, top] = [Math.max(0, ...columns.map(({ from }) => -from)), Math.max(0, ...rows.map(({ from }) => -from))];
  const [fullPanels, rest] = [Math.floor(filters / PANEL), filters % PANEL];
  const panels = Math.ceil(filters / PANEL);
  let constants = 0;
  const phases = rows.flatMap((row) =>
    columns.map((column) => {
      const k = row.taps * column.taps * depth;
      const product: Omit<Product, 'lanes'> = {
        run: column.taps * depth,
        outer: { count: row.taps, stride: line },
        inner: { count: 1, stride: 0 },
        columns: column.count,
        columnStride: pixel,
        rowStride: line,
        outputColumnStride: x.stride * filters * 4,
        outputRowStride: y.stride * output.width * filters * 4,
        tile: tileFor(column.count, relaxed),
        panel: PANEL,
        bias: true,
        activation,
        relaxed,
      };
      const start = constants;
      constants += panels * PANEL * k;
      return { row, column, k, product, start };
    }),
  );
  return {
    algorithm: `direct, ${rows.length}×${columns.length} phases`,
    // Which of them each row needs is not told to those who share a network.
    needsAllRows: true,
    key: JSON.stringify(['transposed', phases, filters]),
    functions: () =>
      Object.fromEntries(
        phases.flatMap(({ product }, i) => [
          ...(fullPanels > 0 ? [[`full${i}`, productFunction({ ...product, lanes: PANEL })]] : []),
          ...(rest > 0 ? [[`rest${i}`, productFunction({ ...product, lanes: rest })]] : []),
        ]),
      ),
    scratchBytes: image.scratchBytes,
    constants: constants + panels * PANEL,
    *pack(weights, host) {
      const weight = weightOf(weights, 'weight');
      const taps = y.kernel * x.kernel;
      for (const { row, column, k, start } of phases)
        for (let filter = 0; filter < panels * PANEL; filter++) {
          const numbers = packed(host);
          const scale = filter < filters ? (weights.scale?.[filter] ?? 1) : 0;
          let to = start + Math.floor(filter / PANEL) * PANEL * k + (filter % PANEL);
          for (let v = row.taps - 1; v >= 0; v--)
            for (let u = column.taps - 1; u >= 0; u--) {
              const tap = (row.offset + v * y.stride) * x.kernel + column.offset + u * x.stride;
              for (let channel = 0; channel < depth; channel++, to += PANEL)
                numbers[to] = scale === 0 ? 0 : scale * (weight[(channel * filters + filter) * taps + tap] as number);
            }
          yield;
        }
      packBias(host, constants, filters, weights.bias);
    },
    *run(functions, { inputs: [from = 0], output: to, constants: packedAt, scratch }, memory) {
      const picture = image.prepare(memory(), from, scratch);
      for (const [i, { row, column, k, product, start }] of phases.entries()) {
        const first = picture + (top + row.from) * line + (left + column.from) * pixel;
        const target = to + (row.first * output.width + column.first) * filters * 4;
        const weights = packedAt + start * 4;
        const bias = packedAt + constants * 4;
        for (const slice of sliceRows(row.count, column.count * panels * PANEL * k)) {
          const a = first + slice.first * product.rowStride;
          const c = target + slice.first * product.outputRowStride;
          if (fullPanels > 0) functions[`full${i}`]?.(a, weights, bias, c, slice.count, fullPanels, 0);
          const done = fullPanels * PANEL * 4;
          if (rest > 0) functions[`rest${i}`]?.(a, weights + done * k, bias + done, c + done, slice.count, 1, 0);
          yield;
        }
      }
    },
  };
};
