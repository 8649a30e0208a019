import type { CheckedNetwork, LayerFacts } from '../network/check.js';
import type { Layer, Network } from '../network/network.js';

/** What a layer needs of its network: the layer and all that it comes of. */
export interface NetworkPart {
  readonly network: Network;
  readonly facts: readonly LayerFacts[];
  /** For each layer of the part its index in the whole network. */
  readonly layers: readonly number[];
}

/** The network that ends in one of a network's layers, with nothing in it that the layer does not depend on. */
export function partUpTo({ network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>, last: number): NetworkPart {
  const needed = new Set([0, last]);
  for (let index = last; index > 0; index--)
    if (needed.has(index)) for (const input of network.layers[index]?.inputs ?? []) needed.add(input);
  const layers = [...network.layers.keys()].filter((index) => needed.has(index));
  const places = new Map(layers.map((index, place) => [index, place]));
  return {
    network: {
      ...network,
      layers: layers.map((index) => {
        const layer = network.layers[index] as Layer;
        return { ...layer, inputs: layer.inputs.map((input) => places.get(input) ?? input) };
      }),
      structure: { kind: 'network', name: '', label: '', children: layers.map((_, place) => place) },
    },
    facts: layers.map((index) => facts[index] as LayerFacts),
    layers,
  };
}
