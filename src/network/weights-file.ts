import type { CheckedNetwork } from './check.js';
import type { WeightSpec } from './layer.js';

/** A tensor of a weights file, without its numbers. */
export interface TensorHeader {
  readonly name: string;
  /** As the file calls it: `F32`. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** What is found where a network says that its weights are. Plain data. */
export type WeightsFile =
  | { readonly state: 'read'; readonly tensors: readonly TensorHeader[] }
  | { readonly state: 'missing' }
  /** The reason is a sentence without its full stop. */
  | { readonly state: 'unreadable'; readonly reason: string };

/** The name of a layer's weight in a weights file: `conv1.weight`. */
export const tensorName = (layer: string, weight: WeightSpec['name']): string => `${layer}.${weight}`;

/** The types whose numbers can be weights; those of the others are counts or flags. */
const realTypes: ReadonlySet<string> = new Set(['F64', 'F32', 'F16', 'BF16']);

/** A weight that the file does not have as the network needs it. */
export interface WeightMismatch {
  /** Index of the layer. */
  readonly layer: number;
  /** What is found and what is expected, as a clause that names the tensor. */
  readonly message: string;
}

const sizes = (shape: readonly number[]): string => (shape.length === 0 ? 'a single number' : shape.join('×'));

/**
 * Compares the weights of a network with the tensors of a file: shapes must be equal, dtypes real. Tensors that no layer
 * asks for are left alone: a file may hold more than one network.
 */
export function weightMismatches(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  tensors: readonly TensorHeader[],
): readonly WeightMismatch[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const mismatches: WeightMismatch[] = [];
  for (const [index, { name }] of network.layers.entries())
    for (const spec of facts[index]?.weights ?? []) {
      const tensor = tensorName(name, spec.name);
      const message = mismatchOf(tensor, spec, byName.get(tensor));
      if (message) mismatches.push({ layer: index, message });
    }
  return mismatches;
}

function mismatchOf(name: string, { shape }: WeightSpec, found: TensorHeader | undefined): string | undefined {
  if (!found) return `${name} (${sizes(shape)}) is not in it`;
  if (found.shape.length !== shape.length || found.shape.some((length, axis) => length !== shape[axis]))
    return `${name} is ${sizes(found.shape)} in it and must be ${sizes(shape)}`;
  return realTypes.has(found.dtype)
    ? undefined
    : `${name} is of dtype ${found.dtype} and must be one of ${[...realTypes].join(', ')}`;
}
