import type { CheckedNetwork } from '../network/check.js';
import { tensorName } from '../network/weights-file.js';
import type { LayerWeights } from './ops/op.js';

/** A tensor of a weights file, by name: its numbers as float32, in the layout of the layer's spec (PyTorch's). */
interface NamedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The weights of each layer out of a file's tensors, which are called `<layer>.<weight>`; undefined for a layer of which
 * the file has none. Whether the shapes are right, `weightMismatches` (network/weights-file.ts) says.
 */
export function weightsFromTensors(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  tensors: ReadonlyMap<string, NamedTensor>,
): readonly (LayerWeights | undefined)[] {
  return network.layers.map(({ name }, index) => {
    const found = (facts[index]?.weights ?? []).flatMap((spec) => {
      const values = tensors.get(tensorName(name, spec.name))?.values;
      return values ? [[spec.name, values] as const] : [];
    });
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  });
}

/** The weights of a network as the tensors of a file, in the order of its layers. */
export function weightsToTensors(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  weights: (layer: number) => LayerWeights | undefined,
): ReadonlyMap<string, NamedTensor> {
  const tensors = new Map<string, NamedTensor>();
  for (const [index, { name }] of network.layers.entries())
    for (const spec of facts[index]?.weights ?? []) {
      const values = weights(index)?.[spec.name];
      if (values) tensors.set(tensorName(name, spec.name), { shape: spec.shape, values });
    }
  return tensors;
}
