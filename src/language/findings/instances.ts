import type { LayerFacts } from '../../network/check.js';
import { formatShape, type Shape } from '../../network/shape.js';
import type { Layer } from '../generated/ast.js';
import type { Instantiation, Origin } from '../meaning/elaboration.js';
import type { AnalysedNetwork, Analysis } from './analysis.js';

/** A layer of a flat network that a line of the text made. */
export interface Instance {
  readonly network: AnalysedNetwork;
  readonly index: number;
}

/** A call of a block, unfolded: the layers from `first` to `last` of a network. */
export interface CallInstance {
  readonly network: AnalysedNetwork;
  readonly instantiation: Instantiation;
  readonly first: number;
  readonly last: number;
}

/** The way back from the text to the networks: what each line became. */
export interface Instances {
  readonly layers: ReadonlyMap<Layer, readonly Instance[]>;
  readonly calls: ReadonlyMap<Layer, readonly CallInstance[]>;
}

const known = new WeakMap<Analysis, Instances>();

/** What the lines of a file became in its networks; worked out once an analysis. */
export function instancesOf(analysis: Analysis): Instances {
  const cached = known.get(analysis);
  if (cached) return cached;
  const layers = new Map<Layer, Instance[]>();
  const calls = new Map<Layer, CallInstance[]>();
  for (const network of analysis.networks) {
    const spans = new Map<Instantiation, { first: number; last: number }>();
    for (const [index, { node, instantiation }] of network.origins.entries()) {
      append(layers, node, { network, index });
      for (let call = instantiation; call; call = call.outer) {
        const span = spans.get(call);
        if (span) span.last = index;
        else spans.set(call, { first: index, last: index });
      }
    }
    for (const [instantiation, span] of spans) append(calls, instantiation.call, { network, instantiation, ...span });
  }
  const instances = { layers, calls };
  known.set(analysis, instances);
  return instances;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

export const factsOf = ({ network, index }: Instance): LayerFacts | undefined => network.checked.facts[index];

export const originOf = ({ network, index }: Instance): Origin | undefined => network.origins[index];

/** What enters and leaves an unfolded block, and what it costs. Null is what an error leaves unknown. */
export interface CallFacts {
  readonly input: Shape | null;
  readonly output: Shape | null;
  readonly params: number | null;
  readonly macs: number | null;
  readonly layers: number;
}

export function callFacts({ network, first, last }: CallInstance): CallFacts {
  const facts = network.checked.facts.slice(first, last + 1);
  const sum = (of: (fact: LayerFacts) => number | null) =>
    facts.reduce<number | null>((total, fact) => {
      const value = of(fact);
      return total === null || value === null ? null : total + value;
    }, 0);
  return {
    input: facts[0]?.inputs[0] ?? null,
    output: facts.at(-1)?.output ?? null,
    params: sum(({ params }) => params),
    macs: sum(({ macs }) => macs),
    layers: facts.length,
  };
}

/** The output sizes of a line, one for each time it is used: a layer's, or those of a block that is called. */
export function outputsOf(analysis: Analysis, line: Layer): readonly (Shape | null)[] {
  const { layers, calls } = instancesOf(analysis);
  return (
    layers.get(line)?.map((instance) => factsOf(instance)?.output ?? null) ??
    calls.get(line)?.map((call) => callFacts(call).output) ??
    []
  );
}

/** `28×28×6`, or `56×56×64 … 7×7×512` where a block is used at several sizes; empty when none is known. */
export function formatSizes(shapes: readonly (Shape | null)[]): string {
  return firstToLast(shapes.flatMap((shape) => (shape ? [formatShape(shape)] : [])));
}

/** What a line stands for over all its uses, in short: the one text, both, or the first and the last. */
export function firstToLast(texts: readonly string[]): string {
  const distinct = [...new Set(texts)];
  const [first = '', second] = distinct;
  if (second === undefined) return first;
  return `${first}${distinct.length === 2 ? ', ' : ' … '}${distinct.at(-1)}`;
}

/** The values that a line sees, one map for each of its uses. */
export function valuesSeenBy(analysis: Analysis, line: Layer): readonly Origin['values'][] {
  const { layers, calls } = instancesOf(analysis);
  return (
    layers.get(line)?.flatMap((instance) => originOf(instance)?.values ?? []) ??
    calls.get(line)?.map(({ instantiation }) => instantiation.values) ??
    []
  );
}

/** The networks that stand in the file itself. */
export const ownNetworks = ({ networks, model }: Analysis): readonly AnalysedNetwork[] =>
  networks.filter(({ network }) => network.source?.file === model.uri);
