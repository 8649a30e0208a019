import { diffNetworks, type LayerChange, type NetworkDiff } from '../../network/diff.js';
import type { AnalysedNetwork, Analysis } from '../findings/analysis.js';

/** Two networks of one name; one is missing where the other is new or gone. */
export interface ComparedNetwork {
  readonly before: AnalysedNetwork | undefined;
  readonly after: AnalysedNetwork | undefined;
  /** Null where one is missing. */
  readonly diff: NetworkDiff | null;
}

export const differs = ({ diff }: ComparedNetwork): boolean => diff?.differs ?? true;

/** Compares the networks of two files by their names; two that are alone in their files are compared whatever they are called. */
export function compareFiles(before: Analysis, after: Analysis): readonly ComparedNetwork[] {
  const [old, ...others] = before.networks;
  const [next, ...more] = after.networks;
  if (old && next && others.length + more.length === 0) return [compared(old, next)];
  const named = (networks: readonly AnalysedNetwork[]) =>
    new Map(networks.map((network) => [network.network.name, network] as const));
  const [olds, nexts] = [named(before.networks), named(after.networks)];
  return [...new Set([...nexts.keys(), ...olds.keys()])].map((name) => compared(olds.get(name), nexts.get(name)));
}

const compared = (before: AnalysedNetwork | undefined, after: AnalysedNetwork | undefined): ComparedNetwork => ({
  before,
  after,
  diff: before && after ? diffNetworks(before.checked, after.checked) : null,
});

/** What changed about a layer in words: `stride 1 → 2, pad 0 → 1`. */
export function describeChange({ change, attributes, rewired }: LayerChange): string {
  if (change !== 'changed') return change === 'same' ? '' : change;
  const parts = attributes.map(({ name, before, after }) => `${name} ${before} → ${after}`);
  if (rewired) parts.push('reads other layers');
  return parts.join(', ');
}
