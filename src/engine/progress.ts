import type { LayerFacts } from '../network/check.js';
import { volumeOf } from '../network/shape.js';

/** How much of a network's work lies before each layer, between 0 and 1, counting MACs and the numbers written. */
export function progressOf(facts: readonly LayerFacts[]): { readonly before: (layer: number) => number } {
  const ends: number[] = [];
  let total = 0;
  for (const { output, macs } of facts) {
    total += (macs ?? 0) + (output ? volumeOf(output) : 0);
    ends.push(total);
  }
  return { before: (layer) => (ends[layer - 1] ?? 0) / (total || 1) };
}
