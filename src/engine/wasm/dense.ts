import { volumeOf } from '../../network/shape.js';
import { type FastMaker, packBias } from './op.js';
import { type Filters, packingCode, packPanels, packScratchBytes } from './pack.js';
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
  // Read in the order of channels, pixels are what the taps of a kernel are.
  const taps = rules.flattenOrder === 'CHW' ? pixels : 1;
  const filters: Filters = { filters: units, depth: length / taps, taps, panel: PANEL };
  const fullPanels = Math.floor(units / PANEL);
  const rest = units % PANEL;
  const rounded = Math.ceil(units / PANEL) * PANEL;
  return {
    algorithm: `matrix × vector 1×${PANEL}`,
    key: JSON.stringify(['fc', product, filters]),
    packing: packingCode(PANEL),
    functions: () => ({
      ...(fullPanels > 0 && { full: productFunction({ ...product, lanes: PANEL }) }),
      ...(rest > 0 && { rest: productFunction({ ...product, lanes: rest }) }),
    }),
    scratchBytes: packScratchBytes(filters),
    constants: rounded * (length + 1),
    *pack(weights, host) {
      const panelBytes = PANEL * length * 4;
      yield* packPanels(weights, host, filters, { first: 0, to: host.constants, panelBytes, last: taps });
      packBias(host, rounded * length, units, weights.bias);
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
