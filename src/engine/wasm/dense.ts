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
      const { channels } = input;
      const [channelStep, pixelStep] = rules.flattenOrder === 'CHW' ? [pixels, 1] : [1, channels];
      for (let panel = 0; panel < units; panel += PANEL) {
        const packed = to();
        const lanes = Math.min(PANEL, units - panel);
        // A channel of all units after the other: what is written together lies together.
        for (let c = 0; c < channels; c++)
          for (let lane = 0; lane < lanes; lane++) {
            let from = (panel + lane) * length + c * channelStep;
            let place = panel * length + c * PANEL + lane;
            for (let pixel = 0; pixel < pixels; pixel++, from += pixelStep, place += channels * PANEL)
              packed[place] = weight[from] as number;
          }
        if (weights.bias) packed.set(weights.bias.subarray(panel, panel + lanes), rounded * length + panel);
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
