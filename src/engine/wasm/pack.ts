import type { Steps } from '../ops/op.js';
import { weightOf } from '../ops/op.js';
import { FunctionBuilder, type Local } from './assembler.js';
import type { Code } from './machine.js';
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

/** Sets `value` to a number of each of four filters, which lie at the addresses in `lanes`. */
export function gather(code: FunctionBuilder, lanes: readonly Local[], value: Local, offset: number): void {
  for (const [lane, place] of lanes.entries()) code.loadLane(() => code.get(place), value, lane, offset);
}

/** Sets the addresses of four filters, each `filterBytes` long: the first is at `from`, or behind the four before. */
export function nextLanes(code: FunctionBuilder, lanes: readonly Local[], filterBytes: Local, from?: Local): void {
  let before = lanes.at(-1) as Local;
  for (const [lane, place] of lanes.entries()) {
    code.get(lane === 0 && from !== undefined ? from : before);
    if (lane > 0 || from === undefined) code.get(filterBytes).do('i32Add');
    code.set(place);
    before = place;
  }
}

/**
 * Packs one panel: the function (from, to, scales, depth, taps), [filter of the panel][channel][tap] → [tap][channel][filter].
 * Sizes are parameters: the same code packs all layers, so that it is soon compiled for speed.
 */
export function packingCode(panel: number): Code {
  return { key: `pack ${panel}`, functions: () => ({ pack: packFunction(panel) }) };
}

function packFunction(panel: number): FunctionBuilder {
  const vectors = panel / 4;
  return new FunctionBuilder(5, (code, from, to, scales, depth, taps) => {
    const factors = code.locals('v128', vectors);
    const value = code.local('v128');
    const [place, filterBytes, tapBytes] = code.locals('i32', 3) as [Local, Local, Local];
    const lanes = code.locals('i32', 4);
    for (const [v, factor] of factors.entries())
      code
        .get(scales)
        .load(v * 16)
        .set(factor);
    code
      .get(depth)
      .get(taps)
      .do('i32Mul')
      .i32(4)
      .do('i32Mul')
      .set(filterBytes)
      .get(depth)
      .i32(panel * 4)
      .do('i32Mul')
      .set(tapBytes);
    code.repeat({ local: depth }, () => {
      code.get(to).set(place);
      code.repeat({ local: taps }, () => {
        for (const [v, factor] of factors.entries()) {
          nextLanes(code, lanes, filterBytes, v === 0 ? from : undefined);
          gather(code, lanes, value, 0);
          code.get(value).get(factor).vector('multiply').set(value);
          code.store(() => code.get(place), value, v * 16);
        }
        code.increase(from, 4).add(place, tapBytes);
      });
      code.increase(to, panel * 4);
    });
  });
}

/**
 * Packs the filters from `first` on, panel by panel, with the function `pack` of the host, whose last parameter is `last`; `to` is
 * the address of the first panel, `panelBytes` from one to the next. Filters that fill up the last panel are zeros.
 */
export function* packPanels(
  weights: PackableWeights,
  { functions: { pack }, scratch, memory }: PackingHost,
  { filters, depth, taps, panel }: Filters,
  {
    first,
    to,
    panelBytes,
    last,
  }: { readonly first: number; readonly to: number; readonly panelBytes: number; readonly last: number },
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
    pack?.(scratch + panel * 4, to + (filter / panel) * panelBytes, scratch, depth, last);
    yield;
  }
}
