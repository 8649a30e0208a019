import type { LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork, LayerFacts } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import { type StoredTensor, type Weights, weightName } from '../format.js';
import { permute } from '../permute.js';

/** A weight in Keras: its name in its layer, and how its numbers lie there. */
interface Stored {
  readonly name: string;
  /** Lengths in Keras, of a tensor as the network has it. */
  readonly shape: (shape: readonly number[], isVector: boolean) => readonly number[];
  /** The axes of our tensor in Keras's order. */
  readonly order?: readonly number[];
}

const plain = (name: string): Stored => ({ name, shape: (shape) => shape });

const normalisation = { weight: plain('gamma'), bias: plain('beta') };
const statistics = { running_mean: plain('moving_mean'), running_var: plain('moving_variance') };

/** OIHW → HWIO */
const kernel: Stored = { name: 'kernel', shape: ([o = 1, i = 1, h = 1, w = 1]) => [h, w, i, o], order: [2, 3, 1, 0] };

/** In the order in which a Keras layer lists them. Layers without weights have no row. */
const stored: { readonly [K in LayerKind]?: Readonly<Record<string, Stored>> } = {
  conv: { weight: kernel, bias: plain('bias') },
  // [channel · multiplier, 1, h, w] → [h, w, channel, multiplier], which is one order of numbers whatever the multiplier.
  depthwise: {
    weight: { name: 'kernel', shape: ([o = 1, , h = 1, w = 1]) => [h, w, o, 1], order: [2, 3, 0, 1] },
    bias: plain('bias'),
  },
  // IOHW → HWOI
  convtranspose: {
    weight: { name: 'kernel', shape: ([i = 1, o = 1, h = 1, w = 1]) => [h, w, o, i], order: [2, 3, 1, 0] },
    bias: plain('bias'),
  },
  fc: { weight: { name: 'kernel', shape: ([o = 1, i = 1]) => [i, o], order: [1, 0] }, bias: plain('bias') },
  prelu: {
    weight: { name: 'alpha', shape: ([count = 1], isVector) => (isVector ? [count] : [1, 1, count]) },
  },
  batchnorm: { ...normalisation, ...statistics },
  layernorm: normalisation,
  groupnorm: normalisation,
  instancenorm: normalisation,
};

/** An fc's weights [units, features] for features in the order H, W, C instead of C, H, W. */
function reordered(tensor: StoredTensor, { inputs: [input] }: LayerFacts): StoredTensor {
  if (!input || input.height * input.width === 1) return tensor;
  const { height, width, channels } = input;
  const lengths = [tensor.shape[0] ?? 1, channels, height, width];
  return { shape: tensor.shape, values: permute(tensor.values, lengths, [0, 2, 3, 1]) };
}

/** One layer's weights as Keras stores them, in its order. */
export function kerasWeights(
  { network, facts }: CheckedNetwork,
  index: number,
  isVector: boolean,
  weights: Weights,
): readonly (StoredTensor & { readonly name: string })[] {
  const layer = network.layers[index];
  const fact = facts[index];
  if (!layer || !fact) return [];
  const turns = layer.kind === 'fc' && rulesOf(network.framework).flattenOrder === 'CHW';
  return Object.entries(stored[layer.kind] ?? {}).flatMap(([ours, { name, shape, order }]) => {
    const found = weights.get(weightName(layer.name, ours));
    if (!found || !fact.weights.some((spec) => spec.name === ours)) return [];
    const tensor = turns && ours === 'weight' ? reordered(found, fact) : found;
    const multiplier =
      layer.kind === 'depthwise' ? ((layer.attributes as { multiplier?: number } | null)?.multiplier ?? 1) : 1;
    const lengths = shape(tensor.shape, isVector);
    const [h = 1, w = 1, o = 1] = lengths;
    return [
      {
        name,
        shape: multiplier > 1 && ours === 'weight' ? [h, w, o / multiplier, multiplier] : lengths,
        values: order ? permute(tensor.values, tensor.shape, order) : tensor.values,
      },
    ];
  });
}
