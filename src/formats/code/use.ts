import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork, LayerFacts } from '../../network/check.js';
import type { Formula } from '../../network/formula.js';
import { type FrameworkRules, rulesOf } from '../../network/frameworks.js';
import type { Layer } from '../../network/network.js';
import type { Pair, Shape } from '../../network/shape.js';
import type { Window } from '../../network/window.js';
import { CannotSay, type LayerIn } from '../format.js';
import type { LayerStatement, PerInstance } from './program.js';
import type { Literal, Scope, Slot } from './scope.js';

/** The channels of a value, as code can say them. */
export type Channels = Slot<number>;

const pairLiteral = ({ y, x }: Pair): Literal => (y === x ? y : [y, x]);

const isPair = (value: unknown): value is Pair =>
  typeof value === 'object' && value !== null && 'y' in value && 'x' in value && Object.keys(value).length === 2;

/** A layer and what the code around it decides. */
export interface PlacedLayer<K extends LayerKind> extends LayerIn<K> {
  readonly rules: FrameworkRules;
  /** Whether its input is a vector in the code: (N, C), not (N, C, 1, 1). */
  readonly isVector: boolean;
}

/** One layer statement, for the table of a format: what its attributes are in every instance, and how code says them. */
export class Use<K extends LayerKind = LayerKind> {
  constructor(
    readonly statement: LayerStatement,
    readonly layers: PerInstance<PlacedLayer<K>>,
    readonly scope: Scope,
    /** The channels of each input. */
    readonly inputs: readonly Channels[],
  ) {}

  /** One of the layers, for what is the same in all. */
  get first(): PlacedLayer<K> {
    return this.layers.find((layer) => layer) as PlacedLayer<K>;
  }

  each<T>(of: (layer: PlacedLayer<K>) => T): PerInstance<T> {
    return this.layers.map((layer) => layer && of(layer));
  }

  /** What is the same in all instances; refuses to go on where it is not. */
  same<T extends Literal>(of: (layer: PlacedLayer<K>) => T, what: string): T {
    const values = this.each(of);
    if (!this.scope.isOne({ values })) throw new CannotSay(`${what} differs between the calls of its block`);
    return values.find((value) => value !== undefined) as T;
  }

  /** An attribute with the words of the text. */
  attribute(name: keyof LayerAttributes<K> & string): Slot {
    const values = this.each(({ attributes }): Literal => {
      const value = (attributes as Readonly<Record<string, unknown>>)[name];
      return isPair(value) ? pairLiteral(value) : (value as Literal);
    });
    return { values, formula: this.written(name) };
  }

  written(name: string): Formula | undefined {
    return (this.first.layer as Layer).written?.[name];
  }

  /** The code of an attribute, null where it is everywhere as `byDefault`. */
  unless(byDefault: Literal, name: keyof LayerAttributes<K> & string): Slot | null {
    return unlessDefault(this.attribute(name), byDefault);
  }

  /** A pair of numbers that something was worked out from. */
  pair(of: (layer: PlacedLayer<K>) => Pair, formula?: Formula): Slot {
    return { values: this.each((layer) => pairLiteral(of(layer))), formula };
  }

  get outputChannels(): PerInstance<number> {
    return this.each(({ output }) => output.channels);
  }
}

/**
 * What a layer takes, in code where a volume of one pixel is a vector, and gives: `any` both, and gives what it takes; `makes
 * vector` a volume, of which it makes a vector.
 */
export type Takes = 'vector' | 'volume' | 'any' | 'makes vector';

/** Whether each layer's output is a vector in the code. */
export function vectorsOf(
  { network }: CheckedNetwork,
  table: Readonly<Record<LayerKind, { readonly takes: Takes }>>,
): readonly boolean[] {
  const isVector: boolean[] = [];
  for (const { kind, inputs } of network.layers) {
    const { takes } = table[kind];
    const all = inputs.length > 0 && inputs.every((source) => isVector[source]);
    isVector.push(kind !== 'reshape' && (takes === 'vector' || takes === 'makes vector' || (takes === 'any' && all)));
  }
  return isVector;
}

/** The layers that a statement stands for, with what is known of each. `isVector` says of every layer what comes out. */
export function placedLayers(
  { layers }: LayerStatement,
  { network, facts }: CheckedNetwork,
  isVector: readonly boolean[],
): PerInstance<PlacedLayer<never>> {
  const rules = rulesOf(network.framework);
  return layers.map((index): PlacedLayer<never> | undefined => {
    if (index === undefined) return undefined;
    const layer = network.layers[index];
    const fact = facts[index];
    if (!layer?.attributes || !fact?.output) throw new Error(`${layer?.name} has no size`);
    return {
      index,
      layer: layer as never,
      attributes: layer.attributes as never,
      facts: fact,
      inputs: fact.inputs as readonly Shape[],
      output: fact.output,
      rules,
      isVector: layer.inputs.every((source) => isVector[source]),
    };
  });
}

/** Null where the value is `byDefault` in all instances. */
export const unlessDefault = (slot: Slot, byDefault: Literal): Slot | null =>
  slot.values.every((value) => value === undefined || JSON.stringify(value) === JSON.stringify(byDefault))
    ? null
    : slot;

export const windowOf = ({ facts }: { readonly facts: LayerFacts }): Window => facts.window as Window;
