import type { Layer, Network } from '../../network/network.js';

/** The names that seed the random weights, one a layer. */
export type SeedNames = readonly string[];

const alike = (a: Layer | undefined, b: Layer | undefined): boolean =>
  a !== undefined && a.kind === b?.kind && JSON.stringify(a.attributes) === JSON.stringify(b.attributes);

/**
 * Lets layers keep their weights while the text is edited. A new network's layers are matched with the old one's, from the
 * top and from the bottom, by what they are and not by their counted names: inserting a conv renames its followers and
 * gives new weights to none of them. In between, a layer goes on with the weights of the one of its name.
 */
export function seedNamesAfter(old: Network, oldSeeds: SeedNames, next: Network): SeedNames {
  const [before, after] = [old.layers, next.layers];
  const shorter = Math.min(before.length, after.length);
  let top = 0;
  while (top < shorter && alike(before[top], after[top])) top++;
  let bottom = 0;
  while (bottom < shorter - top && alike(before[before.length - 1 - bottom], after[after.length - 1 - bottom]))
    bottom++;

  const kept = [...oldSeeds.slice(0, top), ...oldSeeds.slice(before.length - bottom)];
  const used = new Set(kept);
  const between = after.slice(top, after.length - bottom).map((layer) => {
    const index = before.findIndex(({ name, kind }) => name === layer.name && kind === layer.kind);
    const seed = firstUnused(oldSeeds[index] ?? layer.name, used);
    used.add(seed);
    return seed;
  });
  return [...kept.slice(0, top), ...between, ...kept.slice(top)];
}

/** A name taken by a layer that was renamed must not make twins of the two. */
function firstUnused(name: string, used: ReadonlySet<string>): string {
  if (!used.has(name)) return name;
  let count = 2;
  while (used.has(`${name}/${count}`)) count++;
  return `${name}/${count}`;
}

export const ownNames = (network: Network): SeedNames => network.layers.map(({ name }) => name);
