import { catalogue } from './catalogue.js';
import type { CheckedNetwork, LayerFacts } from './check.js';
import { type Layer, type Network, UNKNOWN_INPUT } from './network.js';

/** What an edit did to a network: layers are matched by what they are and where they stand, not by counted names. */

/** Longer stretches of layers than this are matched by their names alone: the comparison below takes as many steps. */
const MOST_COMPARISONS = 4_000_000;

const contentOf = ({ kind, attributes }: Layer): string => `${kind} ${JSON.stringify(attributes)}`;

/**
 * For each layer of `after` the index of the layer of `before` that it goes on with; null where it is new. Layers that are
 * equal are matched first, as many as can be in their order; of what is left between two matches, layers of one kind are taken
 * for one layer that was changed, those of the same name first.
 */
export function matchLayers(before: Network, after: Network): readonly (number | null)[] {
  const old = before.layers.map(contentOf);
  const next = after.layers.map(contentOf);
  const matches = new Array<number | null>(next.length).fill(null);
  const shorter = Math.min(old.length, next.length);
  let top = 0;
  while (top < shorter && old[top] === next[top]) top++;
  let bottom = 0;
  while (bottom < shorter - top && old.at(-1 - bottom) === next.at(-1 - bottom)) bottom++;
  for (let i = 0; i < top; i++) matches[i] = i;
  for (let i = 1; i <= bottom; i++) matches[next.length - i] = old.length - i;

  const equal = commonLayers(old.slice(top, old.length - bottom), next.slice(top, next.length - bottom));
  // The ends of the stretch are matches, too.
  const anchors = [...equal.map(([a, b]) => [top + a, top + b] as const), [old.length - bottom, next.length - bottom]];
  let [fromOld, fromNext] = [top, top];
  for (const [a = 0, b = 0] of anchors) {
    pairChanged(before.layers, after.layers, [fromOld, a], [fromNext, b], matches);
    if (b < next.length - bottom) matches[b] = a;
    [fromOld, fromNext] = [a + 1, b + 1];
  }
  return matches;
}

/** A longest common subsequence: pairs of indices of equal texts, rising in both. */
function commonLayers(old: readonly string[], next: readonly string[]): readonly (readonly [number, number])[] {
  if (old.length * next.length > MOST_COMPARISONS) return [];
  // lengths[i][j]: how many of old[i…] and next[j…] can be matched.
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint32Array(next.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = next.length - 1; j >= 0; j--)
      (lengths[i] as Uint32Array)[j] = old[i] === next[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < old.length && j < next.length; )
    if (old[i] === next[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  return pairs;
}

type Stretch = readonly [from: number, to: number];

/** Matches the layers of one kind in two stretches that have no equal ones. */
function pairChanged(
  before: readonly Layer[],
  after: readonly Layer[],
  [fromOld, toOld]: Stretch,
  [fromNext, toNext]: Stretch,
  matches: (number | null)[],
): void {
  const free = new Set<number>();
  for (let i = fromOld; i < toOld; i++) free.add(i);
  const take = (isMeant: (old: Layer, next: Layer) => boolean) => {
    for (let j = fromNext; j < toNext && free.size > 0; j++) {
      if (matches[j] !== null) continue;
      for (const i of free)
        if (isMeant(before[i] as Layer, after[j] as Layer)) {
          matches[j] = i;
          free.delete(i);
          break;
        }
    }
  };
  take((old, next) => old.kind === next.kind && old.name === next.name);
  take((old, next) => old.kind === next.kind);
}

interface AttributeChange {
  readonly name: string;
  /** As the language writes them; `none` where there is none. */
  readonly before: string;
  readonly after: string;
}

/** One layer of two networks, by its index in each. */
export interface LayerChange {
  /** `affected`: the layer is as it was, but what it gets is not, and so its size, its counts or its receptive field. */
  readonly change: 'added' | 'removed' | 'changed' | 'affected' | 'same';
  readonly before: number | null;
  readonly after: number | null;
  readonly attributes: readonly AttributeChange[];
  /** It reads from other layers than before, though those are still there. */
  readonly rewired: boolean;
}

export interface NetworkDiff {
  /** In the order of the network after; what was removed stands where it was. */
  readonly layers: readonly LayerChange[];
  /** Whether anything differs, be it only the rules of the framework that the network follows. */
  readonly differs: boolean;
}

/** A network and what is known of its layers. */
type Known = Pick<CheckedNetwork, 'network' | 'facts'>;

export function diffNetworks(before: Known, after: Known): NetworkDiff {
  const matches = matchLayers(before.network, after.network);
  const becomes = new Map(matches.flatMap((old, next) => (old === null ? [] : [[old, next] as const])));
  const removed = (index: number): LayerChange => ({
    change: 'removed',
    before: index,
    after: null,
    attributes: [],
    rewired: false,
  });
  const layers: LayerChange[] = [];
  let told = 0;
  for (const [index, old] of matches.entries()) {
    if (old === null) {
      layers.push({ change: 'added', before: null, after: index, attributes: [], rewired: false });
      continue;
    }
    for (; told < old; told++) if (!becomes.has(told)) layers.push(removed(told));
    layers.push(compareLayers(before, after, old, index, becomes));
  }
  for (; told < before.network.layers.length; told++) if (!becomes.has(told)) layers.push(removed(told));
  const differs =
    before.network.framework !== after.network.framework || layers.some(({ change }) => change !== 'same');
  return { layers, differs };
}

function compareLayers(
  before: Known,
  after: Known,
  old: number,
  next: number,
  becomes: ReadonlyMap<number, number>,
): LayerChange {
  const [a, b] = [before.network.layers[old] as Layer, after.network.layers[next] as Layer];
  const attributes = changedAttributes(a, b);
  const rewired = isRewired(a, b, becomes);
  const isSame = sameFacts(before.facts[old], after.facts[next]);
  const change = attributes.length > 0 || rewired ? 'changed' : isSame ? 'same' : 'affected';
  return { change, before: old, after: next, attributes, rewired };
}

function changedAttributes(before: Layer, after: Layer): readonly AttributeChange[] {
  return Object.entries(catalogue[after.kind].attributes).flatMap(([name, { type }]) => {
    const textOf = ({ attributes }: Layer) => {
      const value = (attributes as Readonly<Record<string, unknown>> | null)?.[name];
      return value === null || value === undefined ? 'none' : type.print(value);
    };
    const [from, to] = [textOf(before), textOf(after)];
    return from === to ? [] : [{ name, before: from, after: to }];
  });
}

/** Whether a layer reads another one than it did; what was put in between or taken out is told by itself. */
function isRewired(before: Layer, after: Layer, becomes: ReadonlyMap<number, number>): boolean {
  const old = before.inputs.map((input) => (input === UNKNOWN_INPUT ? input : becomes.get(input)));
  const stillThere = new Set(becomes.values());
  if (old.length !== after.inputs.length) return true;
  return after.inputs.some((input, at) => old[at] !== undefined && old[at] !== input && stillThere.has(input));
}

/** Sizes, counts and receptive field, all that a layer's own attributes do not say. */
const sameFacts = (a: LayerFacts | undefined, b: LayerFacts | undefined): boolean => factsOf(a) === factsOf(b);

const factsOf = (facts: LayerFacts | undefined): string =>
  JSON.stringify([facts?.inputs, facts?.output, facts?.params, facts?.macs, facts?.field]);
