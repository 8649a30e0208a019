import { volumeOf } from '../../network/shape.js';
import { weightOf } from '../ops/op.js';
import type { FastMaker } from './op.js';
import { type Product, productFunction } from './product.js';
import { sliceRows } from './slices.js';

/** Units of one panel: eight vectors, so that as many sums are under way while each waits for the one before. */
const PANEL = 32;

/**
 * Matrix times vector, at the speed at which the weights come from memory: [panel][input][unit of the panel], then the
 * biases. The inputs are in the order in which the volume lies (HWC), whatever order the framework reads it in.
 */
export const fc: FastMaker<'fc'> = ({ inputs: [input], rules, attributes: { units }, relaxed, activation }) => {
  if (!input) return undefined;
  const length = volumeOf(input);
  const pixels = input.height * input.width;
  const product: Omit<Product, 'lanes'> = {
    run: length,
    outer: { count: 1, stride: 0 },
    inner: { count: 1, stride: 0 },
    columns: 1,
    columnStride: 0,
    rowStride: 0,
    outputColumnStride: 0,
    outputRowStride: 0,
    tile: 1,
    panel: PANEL,
    bias: true,
    activation,
    relaxed,
  };
  const fullPanels = Math.floor(units / PANEL);
  const rest = units % PANEL;
  const rounded = Math.ceil(units / PANEL) * PANEL;
  return {
    algorithm: `matrix × vector 1×${PANEL}`,
    key: JSON.stringify(['fc', product, rest]),
    functions: () => ({
      ...(fullPanels > 0 && { full: productFunction({ ...product, lanes: PANEL }) }),
      ...(rest > 0 && { rest: productFunction({ ...product, lanes: rest }) }),
    }),
    scratchBytes: 0,
    constants: rounded * (length + 1),
    *pack(weights, to) {
      const weight = weightOf(weights, 'weight');
      const isChannelsFirst = rules.flattenOrder === 'CHW';
      for (let unit = 0; unit < units; unit++) {
        const packed = to();
        let lane = Math.floor(unit / PANEL) * PANEL * length + (unit % PANEL);
        for (let pixel = 0; pixel < pixels; pixel++)
          for (let c = 0; c < input.channels; c++, lane += PANEL)
            packed[lane] = weight[
              unit * length + (isChannelsFirst ? c * pixels + pixel : pixel * input.channels + c)
            ] as number;
        packed[rounded * length + unit] = weights.bias?.[unit] ?? 0;
        yield;
      }
    },
    *run({ full, rest: partial }, { inputs: [x = 0], output, constants }) {
      const bias = constants + rounded * length * 4;
      for (const { first, count } of sliceRows(fullPanels, PANEL * length * MEMORY_COST)) {
        const done = first * PANEL * 4;
        full?.(x, constants + done * length, bias + done, output + done, 1, count);
        yield;
      }
      const done = fullPanels * PANEL * 4;
      partial?.(x, constants + done * length, bias + done, output + done, 1, 1);
      yield;
    },
  };
};

/** Each weight is used once: it takes as long as several multiplications in the cache. */
const MEMORY_COST = 3;
