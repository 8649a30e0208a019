import { createTensor, type LayerWeights, seededWeights, type Tensor } from '../../src/engine/index.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import type { Layer } from '../../src/network/network.js';

/** A checked network as it crosses to another process or thread. */
export type PlainNetwork = Pick<CheckedNetwork, 'network' | 'facts'>;

/** What every contender computes: the same network, weights and input. The numbers that come out are logits. */
export interface Contest extends PlainNetwork {
  /** By layer; the same arrays each time. */
  readonly weights: (layer: number) => LayerWeights;
  readonly input: Tensor;
}

/** A contender that is ready: computes the logits once. */
export interface Ready {
  run(): Promise<Float32Array>;
  dispose(): void;
}

/** The network up to its logits: its last softmax tells nothing about how fast or how right they are. */
function withoutSoftmax({ network, facts }: PlainNetwork): PlainNetwork {
  if (network.layers.at(-1)?.kind !== 'softmax') return { network, facts };
  return { network: { ...network, layers: network.layers.slice(0, -1) }, facts: facts.slice(0, -1) };
}

/** Seeded weights, made uneven where they would all be alike: so that scales and means that are mixed up show. */
export function contestOf(plain: PlainNetwork): Contest {
  const { network, facts } = withoutSoftmax(plain);
  const weights = network.layers.map(({ name, kind }, layer) => {
    const values = seededWeights(facts[layer]?.weights ?? [], name, 1);
    if (kind === 'batchnorm')
      for (const [i, table] of [values.weight, values.bias, values.running_mean, values.running_var].entries())
        table?.forEach((value, c) => {
          table[c] = value + 0.2 * Math.sin(c * (i + 2));
        });
    else
      values.bias?.forEach((_, c) => {
        (values.bias as Float32Array)[c] = 0.1 * Math.sin(c);
      });
    return values;
  });
  const size = facts[0]?.output;
  if (!size) throw new Error('The network has no input');
  const input = createTensor(size);
  for (let i = 0; i < input.data.length; i++) input.data[i] = Math.sin(i * 0.37) + Math.sin(i * i * 1e-3);
  return { network, facts, weights: (layer) => weights[layer] ?? {}, input };
}

/** The one layer that reads a layer, if there is but one. */
export function onlyReader(layers: readonly Layer[], index: number): number | null {
  const readers = layers.flatMap(({ inputs }, reader) => (inputs.includes(index) ? [reader] : []));
  return readers.length === 1 ? (readers[0] ?? null) : null;
}
