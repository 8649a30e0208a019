import type { LayerWeights } from '../../../src/engine/index.js';
import type { LayerKind } from '../../../src/network/catalogue.js';
import type { LayerFacts } from '../../../src/network/check.js';
import { rulesOf } from '../../../src/network/frameworks.js';
import type { Layer } from '../../../src/network/network.js';
import type { WindowAxis } from '../../../src/network/window.js';
import { kernelExtent } from '../../../src/network/window.js';
import { type Contest, onlyReader, type Ready } from '../contest.js';

/** TensorFlow.js has no types here: it is installed apart from the project. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type TensorFlow = any;
type TfTensor = TensorFlow;

/**
 * A network by TensorFlow.js' functions, as its converter would make it: batchnorm folded into the weights before it, bias
 * and activation function fused into the convolution.
 */
export async function prepareTfjs(tf: TensorFlow, backend: string, contest: Contest): Promise<Ready> {
  await tf.setBackend(backend);
  await tf.ready();
  const { network, facts, input } = contest;
  const steps = network.layers.map(
    (): ((inputs: readonly TfTensor[]) => TfTensor) =>
      ([x]) =>
        x,
  );
  const done = new Set<number>();
  for (const [index, layer] of network.layers.entries()) {
    if (layer.kind === 'input' || done.has(index)) continue;
    const fusion = fusable.has(layer.kind) ? fusionAt(network.layers, index) : { batchnorm: null, activation: null };
    for (const inside of [fusion.batchnorm, fusion.activation]) if (inside !== null) done.add(inside);
    const make = makers[layer.kind] as Maker<LayerKind> | undefined;
    if (!make) throw new Error(`TensorFlow.js does not run ${layer.kind} here`);
    const activation = fusion.activation === null ? undefined : network.layers[fusion.activation]?.kind;
    steps[index] = make({
      tf,
      layer,
      facts: facts[index] as LayerFacts,
      weights: folded(contest, index, fusion.batchnorm),
      divide: rulesOf(network.framework).lrnDividesBySize,
      channelsFirst: rulesOf(network.framework).flattenOrder === 'CHW',
      activation: activation === 'relu6' ? 'relu6' : activation === 'relu' ? 'relu' : 'linear',
    });
  }
  return {
    async run() {
      await tf.setBackend(backend);
      const logits: TfTensor = tf.tidy(() => {
        const values: TfTensor[] = [];
        for (const [index, { kind, inputs }] of network.layers.entries())
          values.push(
            kind === 'input'
              ? tf.tensor4d(input.data, [1, input.height, input.width, input.channels])
              : steps[index]?.(inputs.map((source) => values[source])),
          );
        return values.at(-1);
      });
      const data = logits.dataSync();
      logits.dispose();
      return data;
    },
    dispose() {
      tf.disposeVariables();
      tf.removeBackend(backend);
    },
  };
}

interface Making<K extends LayerKind> {
  readonly tf: TensorFlow;
  readonly layer: Layer<K>;
  readonly facts: LayerFacts;
  readonly weights: LayerWeights;
  readonly divide: boolean;
  readonly channelsFirst: boolean;
  readonly activation: 'linear' | 'relu' | 'relu6';
}

type Maker<K extends LayerKind> = (making: Making<K>) => (inputs: readonly TfTensor[]) => TfTensor;

const fusable: ReadonlySet<LayerKind> = new Set<LayerKind>(['conv', 'depthwise', 'fc']);

function fusionAt(layers: readonly Layer[], index: number) {
  const next = onlyReader(layers, index);
  const batchnorm = next !== null && layers[next]?.kind === 'batchnorm' ? next : null;
  const after = onlyReader(layers, batchnorm ?? index);
  const kind = after === null ? undefined : layers[after]?.kind;
  return { batchnorm, activation: kind === 'relu' || kind === 'relu6' ? after : null };
}

function folded({ network, facts, weights }: Contest, index: number, batchnorm: number | null): LayerWeights {
  const own = weights(index);
  if (batchnorm === null) return own;
  const { weight: scale, bias: shift, running_mean: mean, running_var: variance } = weights(batchnorm);
  const { attributes } = network.layers[batchnorm] as Layer<'batchnorm'>;
  const channels = facts[index]?.output?.channels ?? 0;
  const weight = own.weight?.slice() ?? new Float32Array(0);
  const bias = new Float32Array(channels);
  const each = weight.length / channels;
  for (let c = 0; c < channels; c++) {
    const factor = (scale?.[c] ?? 1) / Math.sqrt((variance?.[c] ?? 1) + (attributes?.epsilon ?? 0));
    for (let i = 0; i < each; i++) weight[c * each + i] = (weight[c * each + i] as number) * factor;
    bias[c] = ((own.bias?.[c] ?? 0) - (mean?.[c] ?? 0)) * factor + (shift?.[c] ?? 0);
  }
  return { weight, bias };
}

const padAfter = ({ input, output, kernel, stride, dilation, before }: WindowAxis): number =>
  Math.max(0, (output - 1) * stride + kernelExtent(kernel, dilation) - input - before);

/** The padding as TensorFlow.js wants it, and the input beyond it where only a pad of its own does that. */
function padding({ tf, facts: { window } }: Pick<Making<LayerKind>, 'tf' | 'facts'>, fill = 0) {
  if (!window) throw new Error('The layer has no window');
  const { y, x } = window;
  const [bottom, right] = [padAfter(y), padAfter(x)];
  const strides = [y.stride, x.stride];
  if (y.before + x.before + bottom + right === 0) return { pad: 'valid', strides, around: (t: TfTensor) => t };
  const isSame = [
    [y, bottom],
    [x, right],
  ].every(([axis, after]) => {
    const { input, output, stride, before } = axis as WindowAxis;
    return output === Math.ceil(input / stride) && before === Math.floor((before + (after as number)) / 2);
  });
  if (isSame) return { pad: 'same', strides, around: (t: TfTensor) => t };
  const sides = [
    [0, 0],
    [y.before, bottom],
    [x.before, right],
    [0, 0],
  ];
  return { pad: 'valid', strides, around: (t: TfTensor) => tf.pad(t, sides, fill) };
}

const makers: { readonly [K in LayerKind]?: Maker<K> } = {
  conv(making) {
    const { tf, layer, facts, weights, activation } = making;
    const { pad, strides, around } = padding(making);
    const groups = layer.attributes?.groups ?? 1;
    const [filters = 1, depth = 1, height = 1, width = 1] = facts.weights[0]?.shape ?? [];
    // OIHW → HWIO
    const all = tf.tidy(() => tf.transpose(tf.tensor4d(weights.weight, [filters, depth, height, width]), [2, 3, 1, 0]));
    const parts = groups === 1 ? [all] : tf.split(all, groups, 3);
    const bias = weights.bias ? tf.tensor1d(weights.bias) : undefined;
    const biases = !bias || groups === 1 ? [bias] : tf.split(bias, groups);
    return ([x]) => {
      const padded = around(x);
      const inputs = groups === 1 ? [padded] : tf.split(padded, groups, 3);
      const outputs = inputs.map((part: TfTensor, i: number) =>
        tf.fused.conv2d({ x: part, filter: parts[i], strides, pad, bias: biases[i], activation }),
      );
      return groups === 1 ? outputs[0] : tf.concat(outputs, 3);
    };
  },
  depthwise(making) {
    const { tf, facts, weights, activation } = making;
    const { pad, strides, around } = padding(making);
    const [filters = 1, , height = 1, width = 1] = facts.weights[0]?.shape ?? [];
    const filter = tf.tidy(() => tf.transpose(tf.tensor4d(weights.weight, [filters, 1, height, width]), [2, 3, 0, 1]));
    const bias = weights.bias ? tf.tensor1d(weights.bias) : undefined;
    return ([x]) => tf.fused.depthwiseConv2d({ x: around(x), filter, strides, pad, bias, activation });
  },
  fc({ tf, facts, weights, channelsFirst, activation }) {
    const [units = 1, length = 1] = facts.weights[0]?.shape ?? [];
    const { height = 1, width = 1, channels = 1 } = facts.inputs[0] ?? {};
    // [out, in] → [in, out], the ins in the order in which the volume lies.
    const b = tf.tidy(() => {
      const matrix = tf.tensor(weights.weight, [units, length]);
      if (!channelsFirst || height * width === 1) return tf.transpose(matrix);
      return tf.reshape(tf.transpose(tf.reshape(matrix, [units, channels, height, width]), [2, 3, 1, 0]), [
        length,
        units,
      ]);
    });
    const bias = weights.bias ? tf.tensor1d(weights.bias) : undefined;
    return ([x]) => tf.fused.matMul({ a: tf.reshape(x, [1, length]), b, bias, activation });
  },
  maxpool(making) {
    const { tf, facts } = making;
    const { pad, strides, around } = padding(making, Number.NEGATIVE_INFINITY);
    const kernel = [facts.window?.y.kernel, facts.window?.x.kernel];
    return ([x]) => tf.maxPool(around(x), kernel, strides, pad);
  },
  globalavgpool:
    ({ tf }) =>
    ([x]) =>
      tf.mean(x, [1, 2], true),
  relu:
    ({ tf }) =>
    ([x]) =>
      tf.relu(x),
  relu6:
    ({ tf }) =>
    ([x]) =>
      tf.relu6(x),
  dropout:
    () =>
    ([x]) =>
      x,
  add:
    ({ tf }) =>
    (inputs) =>
      tf.addN(inputs),
  /** It has no WebAssembly of its own: the sum over neighbouring channels is a 1×1 convolution with a band of ones. */
  lrn({ tf, layer, facts, divide }) {
    const { size = 1, alpha = 0, beta = 0, k = 0 } = layer.attributes ?? {};
    const channels = facts.output?.channels ?? 0;
    const band = new Float32Array(channels * channels);
    for (let c = 0; c < channels; c++)
      for (let j = c - Math.floor(size / 2); j <= c + Math.floor((size - 1) / 2); j++)
        if (j >= 0 && j < channels) band[j * channels + c] = divide ? alpha / size : alpha;
    const filter = tf.tensor4d(band, [1, 1, channels, channels]);
    const bias = tf.fill([channels], k);
    return ([x]) =>
      tf.div(x, tf.pow(tf.fused.conv2d({ x: tf.square(x), filter, strides: 1, pad: 'valid', bias }), tf.scalar(beta)));
  },
};
