import { matchLayers } from '../../network/diff.js';
import type { Network } from '../../network/network.js';

/** The names that seed the random weights, one a layer. */
export type SeedNames = readonly string[];

/**
 * Lets layers keep their weights while the text is edited: a layer goes on with the weights of the one it was before, whatever
 * it is called now (network/diff.ts). Inserting a conv renames its followers and gives new weights to none of them.
 */
export function seedNamesAfter(old: Network, oldSeeds: SeedNames, next: Network): SeedNames {
  const kept = matchLayers(old, next).map((index) => (index === null ? undefined : oldSeeds[index]));
  const used = new Set(kept);
  return next.layers.map(({ name }, index) => {
    const seed = kept[index] ?? firstUnused(name, used);
    used.add(seed);
    return seed;
  });
}

/** A name taken by a layer that was renamed must not make twins of the two. */
function firstUnused(name: string, used: ReadonlySet<string | undefined>): string {
  if (!used.has(name)) return name;
  let count = 2;
  while (used.has(`${name}/${count}`)) count++;
  return `${name}/${count}`;
}

export const ownNames = (network: Network): SeedNames => network.layers.map(({ name }) => name);
