import type { Steps } from '../ops/op.js';
import { weightOf } from '../ops/op.js';
import { FunctionBuilder, type Local } from './assembler.js';
import type { PackableWeights, PackingHost } from './op.js';

/** Filters as PyTorch lays them out, [filter][channel][tap], and how many go together in a panel: a multiple of 4. */
export interface Filters {
  readonly filters: number;
  readonly depth: number;
  readonly taps: number;
  readonly panel: number;
}

/** Bytes of the part of the weights that is copied to be packed: one panel's. */
export const packScratchBytes = ({ depth, taps, panel }: Filters): number => panel * (depth * taps + 1) * 4;

/** Visits the vectors of a panel, each gathered from four filters: [channel][tap] of the first lies at `from`. */
export function gather(
  code: FunctionBuilder,
  { depth, taps }: Filters,
  from: Local,
  value: Local,
  vector: number,
  tap: number,
) {
  for (let lane = 0; lane < 4; lane++)
    code.loadLane(() => code.get(from), value, lane, ((vector * 4 + lane) * depth * taps + tap) * 4);
}

/** The function (from, to, scales) packs one panel: [filter of the panel][channel][tap] → [tap][channel][filter]. */
export function packFunction(layer: Filters): FunctionBuilder {
  const { depth, taps, panel } = layer;
  const vectors = panel / 4;
  return new FunctionBuilder(3, (code, from, to, scales) => {
    const factors = code.locals('v128', vectors);
    const value = code.local('v128');
    const place = code.local('i32');
    for (const [v, factor] of factors.entries())
      code
        .get(scales)
        .load(v * 16)
        .set(factor);
    code.repeat(depth, () => {
      code.get(to).set(place);
      code.repeat(taps, () => {
        for (const [v, factor] of factors.entries()) {
          gather(code, layer, from, value, v, 0);
          code.get(value).get(factor).vector('multiply').set(value);
          code.store(() => code.get(place), value, v * 16);
        }
        code.increase(from, 4).increase(place, depth * panel * 4);
      });
      code.increase(to, panel * 4);
    });
  });
}

/**
 * Packs the filters from `first` on, panel by panel, with the function `pack` of the host; `to` is the address of the first
 * panel, `panelBytes` from one to the next. Filters that fill up the last panel are zeros.
 */
export function* packPanels(
  weights: PackableWeights,
  { functions: { pack }, scratch, memory }: PackingHost,
  { filters, depth, taps, panel }: Filters,
  { first, to, panelBytes }: { readonly first: number; readonly to: number; readonly panelBytes: number },
): Steps {
  const weight = weightOf(weights, 'weight');
  const each = depth * taps;
  const factors = new Float32Array(panel);
  for (let filter = 0; filter < filters; filter += panel) {
    const count = Math.min(panel, filters - filter);
    for (let i = 0; i < panel; i++) factors[i] = i < count ? (weights.scale?.[first + filter + i] ?? 1) : 0;
    const numbers = memory();
    const from = (first + filter) * each;
    numbers.set(factors, scratch / 4);
    numbers.set(weight.subarray(from, from + count * each), scratch / 4 + panel);
    numbers.fill(0, scratch / 4 + panel + count * each, scratch / 4 + panel + panel * each);
    pack?.(scratch + panel * 4, to + (filter / panel) * panelBytes, scratch);
    yield;
  }
}
