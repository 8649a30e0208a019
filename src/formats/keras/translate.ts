import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { Padding } from '../../network/values.js';
import { pairOf, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import { permute } from '../permute.js';
import { cropping, flatten, identity, merge, reshape, zeroPadding } from './arrange.js';
import {
  type Json,
  type KerasLayer,
  type KerasNet,
  list,
  type Made,
  object,
  only,
  requireLastAxis,
  type Translator,
  type Value,
} from './net.js';

const numberOf = (config: Json, field: string, byDefault: number): number =>
  typeof config[field] === 'number' ? config[field] : byDefault;

const flagOf = (config: Json, field: string, byDefault: boolean): boolean =>
  typeof config[field] === 'boolean' ? config[field] : byDefault;

function pair(config: Json, field: string, byDefault: number) {
  const value = config[field];
  if (Array.isArray(value)) return pairOf(Number(value[0]), Number(value[1] ?? value[0]));
  return pairOf(typeof value === 'number' ? value : byDefault);
}

function padding({ padding: value }: Json): { pad?: Padding } {
  if (value === 'same') return { pad: { mode: 'same' } };
  if (value === 'valid' || value === undefined) return {};
  throw new Untranslatable(`padding ${String(value)}`);
}

const frozenOf = ({ trainable }: Json): { frozen?: true } => (trainable === false ? { frozen: true } : {});

/** What convolutions of every kind say of their window. */
const sliding = (config: Json) => ({
  kernel: pair(config, 'kernel_size', 0),
  stride: pair(config, 'strides', 1),
  dilation: pair(config, 'dilation_rate', 1),
  ...padding(config),
  ...frozenOf(config),
});

/** A layer of the same kind of value as it reads. */
const like =
  <K extends LayerKind>(kind: K, attributes: (config: Json) => Partial<LayerAttributes<K>> = () => ({})): Translator =>
  (layer, net, inputs) => ({
    index: net.builder.add(kind, attributes(layer.config), only(inputs), layer.name),
    isVector: (inputs[0] as Value).isVector,
  });

/** Gives a layer its weights: in Keras's order, `names` are ours, and `turned` what must be turned round first. */
function weigh(
  { name, className }: KerasLayer,
  net: KerasNet,
  index: number,
  names: readonly string[],
  order?: readonly number[],
): void {
  const tensors = net.tensorsOf({ name, className });
  if (!tensors) return;
  for (const [at, weight] of names.entries()) {
    const tensor = tensors[at];
    if (!tensor)
      throw new ImportError(`layer ${name}: it has ${tensors.length} weights in the file and needs ${names.length}`);
    if (at === 0 && order && tensor.shape.length !== order.length)
      throw new ImportError(`layer ${name}: its ${weight} is [${tensor.shape.join(', ')}]`);
    net.builder.weigh(index, weight, at === 0 && order ? permute(tensor.values, tensor.shape, order) : tensor.values);
  }
}

const withBias = (bias: boolean): readonly string[] => (bias ? ['weight', 'bias'] : ['weight']);

const convolution: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const bias = flagOf(config, 'use_bias', true);
  const attributes = {
    filters: numberOf(config, 'filters', 0),
    ...sliding(config),
    groups: numberOf(config, 'groups', 1),
    bias,
  };
  const index = net.builder.add('conv', attributes, only(inputs), layer.name);
  weigh(layer, net, index, withBias(bias), [3, 2, 0, 1]);
  return { index, isVector: false };
};

/** [h, w, channel, multiplier] → [channel · multiplier, 1, h, w] */
const DEPTHWISE = [2, 3, 0, 1];

const depthwise: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const bias = flagOf(config, 'use_bias', true);
  const attributes = {
    ...sliding(config),
    multiplier: numberOf(config, 'depth_multiplier', 1),
    bias,
  };
  const index = net.builder.add('depthwise', attributes, only(inputs), layer.name);
  weigh(layer, net, index, withBias(bias), DEPTHWISE);
  return { index, isVector: false };
};

/** A depthwise convolution without bias, and a 1×1 one. */
const separable: Translator = (layer, net, inputs) => {
  const { config, name, className } = layer;
  const bias = flagOf(config, 'use_bias', true);
  const deep = {
    ...sliding(config),
    multiplier: numberOf(config, 'depth_multiplier', 1),
    bias: false,
  };
  const first = net.builder.add('depthwise', deep, only(inputs), `${name}_depthwise`);
  const wide = { filters: numberOf(config, 'filters', 0), kernel: pairOf(1), bias, ...frozenOf(config) };
  const index = net.builder.add('conv', wide, [first], name);
  const tensors = net.tensorsOf({ name, className });
  const [deepKernel, kernel, biases] = tensors ?? [];
  if (deepKernel?.shape.length === 4 && kernel?.shape.length === 4) {
    net.builder.weigh(first, 'weight', permute(deepKernel.values, deepKernel.shape, DEPTHWISE));
    net.builder.weigh(index, 'weight', permute(kernel.values, kernel.shape, [3, 2, 0, 1]));
    if (bias && biases) net.builder.weigh(index, 'bias', biases.values);
  }
  return { index, isVector: false };
};

const transposed: Translator = (layer, net, inputs) => {
  const { config } = layer;
  if (Array.isArray(config.output_padding) || typeof config.output_padding === 'number')
    throw new Untranslatable('it says its output_padding');
  const bias = flagOf(config, 'use_bias', true);
  const window = sliding(config);
  const { kernel, stride } = window;
  const same = config.padding === 'same';
  // Without padding Keras makes N·S + max(F − S, 0).
  const outputpad = same ? pairOf(0) : pairOf(Math.max(stride.y - kernel.y, 0), Math.max(stride.x - kernel.x, 0));
  const attributes = {
    filters: numberOf(config, 'filters', 0),
    ...window,
    outputpad,
    bias,
  };
  const index = net.builder.add('convtranspose', attributes, only(inputs), layer.name);
  // HWOI → IOHW
  weigh(layer, net, index, withBias(bias), [3, 2, 0, 1]);
  return { index, isVector: false };
};

/** Of a volume, Keras's Dense is a 1×1 convolution. */
const dense: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const { index: input, isVector } = inputs[0] as Value;
  const bias = flagOf(config, 'use_bias', true);
  const units = numberOf(config, 'units', 0);
  const index = isVector
    ? net.builder.add('fc', { units, bias, ...frozenOf(config) }, [input], layer.name)
    : net.builder.add('conv', { filters: units, kernel: pairOf(1), bias, ...frozenOf(config) }, [input], layer.name);
  weigh(layer, net, index, withBias(bias), [1, 0]);
  return { index, isVector };
};

const pool =
  (kind: 'maxpool' | 'avgpool'): Translator =>
  (layer, net, inputs) => {
    const { config } = layer;
    const kernel = pair(config, 'pool_size', 2);
    const stride = config.strides === null || config.strides === undefined ? kernel : pair(config, 'strides', 1);
    const attributes = { kernel, stride, ...padding(config) } as never;
    return { index: net.builder.add(kind, attributes, only(inputs), layer.name), isVector: false };
  };

const globalPool =
  (kind: 'globalmaxpool' | 'globalavgpool'): Translator =>
  (layer, net, inputs) => ({
    index: net.builder.add(kind, {}, only(inputs), layer.name),
    isVector: !flagOf(layer.config, 'keepdims', false),
  });

/** Scale and shift, of which Keras may lack one. */
function normalise<K extends 'batchnorm' | 'layernorm' | 'groupnorm'>(
  layer: KerasLayer,
  net: KerasNet,
  inputs: readonly Value[],
  kind: K,
  attributes: Partial<LayerAttributes<K>>,
): Made {
  const { config, name, className } = layer;
  const input = inputs[0] as Value;
  requireLastAxis(config.axis, input);
  const [scale, center] = [flagOf(config, 'scale', true), flagOf(config, 'center', true)];
  const affine = scale || center;
  const given = { ...attributes, epsilon: numberOf(config, 'epsilon', 1e-3), affine } as never;
  const index = net.builder.add(kind, given, [input.index], name);
  const tensors = net.tensorsOf({ name, className });
  const made = { index, isVector: input.isVector };
  if (tensors) {
    const { channels } = net.builder.shapeOf(index);
    const rest = [...tensors];
    const take = (has: boolean, initial: number) =>
      has ? (rest.shift()?.values ?? new Float32Array()) : new Float32Array(channels).fill(initial);
    const [gamma, beta] = [take(scale, 1), take(center, 0)];
    if (affine) {
      net.builder.weigh(index, 'weight', gamma);
      net.builder.weigh(index, 'bias', beta);
    }
    if (kind === 'batchnorm') {
      net.builder.weigh(index, 'running_mean', take(true, 0));
      net.builder.weigh(index, 'running_var', take(true, 1));
    }
  }
  return affine && !(scale && center)
    ? {
        ...made,
        why: `it has no ${scale ? 'shift' : 'scale'}; here one of ${scale ? 'zeros' : 'ones'} counts among the parameters`,
      }
    : made;
}

/** What Keras calls the functions of a number. */
const functions: Readonly<Record<string, readonly [LayerKind, object?]>> = {
  relu: ['relu'],
  relu6: ['relu6'],
  sigmoid: ['sigmoid'],
  tanh: ['tanh'],
  softsign: ['softsign'],
  softmax: ['softmax'],
  log_softmax: ['logsoftmax'],
  logSoftmax: ['logsoftmax'],
  elu: ['elu'],
  gelu: ['gelu'],
  swish: ['silu'],
  silu: ['silu'],
  mish: ['mish'],
  softplus: ['softplus'],
  hard_silu: ['hardswish'],
  hard_swish: ['hardswish'],
  leaky_relu: ['leakyrelu', { alpha: 0.2 }],
};

function addFunction(value: unknown, net: KerasNet, input: Value, name: string): Made {
  const word =
    typeof value === 'string' ? value : String(object(object(value).config).name ?? object(value).class_name);
  if (word === 'linear') return input;
  const found = Object.hasOwn(functions, word) ? functions[word] : undefined;
  if (!found) throw new Untranslatable(`activation ${word}`);
  const [kind, attributes = {}] = found;
  return { index: net.builder.add(kind, attributes as never, [input.index], name), isVector: input.isVector };
}

/** The activation that a convolution or a Dense has in itself. */
export function withActivation(layer: KerasLayer, net: KerasNet, made: Made): Made {
  const { activation } = layer.config;
  if (layer.className === 'Activation' || activation === undefined || activation === null) return made;
  const input = { ...made, isLost: false };
  return { ...made, ...addFunction(activation, net, input, `${layer.name}_${String(activation)}`) };
}

const relu: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const [most, slope, threshold] = [
    config.max_value,
    numberOf(config, 'negative_slope', 0),
    numberOf(config, 'threshold', 0),
  ];
  if (threshold !== 0 || (most !== null && most !== undefined && (most !== 6 || slope !== 0)))
    throw new Untranslatable(`max_value ${String(most)}, negative_slope ${slope}, threshold ${threshold}`);
  const made = most === 6 ? like('relu6') : slope === 0 ? like('relu') : like('leakyrelu', () => ({ alpha: slope }));
  return made(layer, net, inputs);
};

const prelu: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const shape = net.builder.shapeOf(input.index);
  const axes = list(layer.config.shared_axes).map(Number);
  const sharesPixels = shape.height * shape.width === 1 || (axes.includes(1) && axes.includes(2));
  const shared = axes.includes(input.isVector ? 1 : 3);
  if (!sharesPixels) throw new Untranslatable('it has a slope a pixel');
  const index = net.builder.add('prelu', { shared }, [input.index], layer.name);
  weigh(layer, net, index, ['weight']);
  return { index, isVector: input.isVector };
};

const rescaling: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const { channels } = net.builder.shapeOf(input.index);
  const [scale, offset] = [layer.config.scale, layer.config.offset ?? 0];
  const values = (value: unknown) => {
    const numbers = Array.isArray(value) ? value.map(Number) : new Array(channels).fill(Number(value));
    if (numbers.length !== channels || numbers.some((number) => !Number.isFinite(number)))
      throw new Untranslatable('it has neither one number nor one a channel');
    return Float32Array.from(numbers);
  };
  const index = net.builder.add(
    'depthwise',
    { kernel: pairOf(1), bias: true, frozen: true },
    [input.index],
    layer.name,
  );
  net.builder.weigh(index, 'weight', values(scale));
  net.builder.weigh(index, 'bias', values(offset));
  return { index, isVector: input.isVector, why: 'its constants are a frozen filter of one number a channel' };
};

/** Every Keras layer that has a meaning here, by its class. */
export const translators: Readonly<Record<string, Translator>> = {
  Conv2D: convolution,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  Conv2DTranspose: transposed,
  Dense: dense,
  MaxPooling2D: pool('maxpool'),
  AveragePooling2D: pool('avgpool'),
  GlobalMaxPooling2D: globalPool('globalmaxpool'),
  GlobalAveragePooling2D: globalPool('globalavgpool'),
  BatchNormalization: (layer, net, inputs) =>
    normalise(layer, net, inputs, 'batchnorm', {
      momentum: numberOf(layer.config, 'momentum', 0.99),
      ...frozenOf(layer.config),
    }),
  LayerNormalization: (layer, net, inputs) => normalise(layer, net, inputs, 'layernorm', {}),
  GroupNormalization: (layer, net, inputs) => {
    const { channels } = net.builder.shapeOf((inputs[0] as Value).index);
    const groups = numberOf(layer.config, 'groups', 32);
    return normalise(layer, net, inputs, 'groupnorm', { groups: groups === -1 ? channels : groups });
  },
  Activation: (layer, net, inputs) => addFunction(layer.config.activation, net, inputs[0] as Value, layer.name),
  ReLU: relu,
  LeakyReLU: like('leakyrelu', (config) => ({
    alpha: numberOf(config, 'negative_slope', numberOf(config, 'alpha', 0.3)),
  })),
  PReLU: prelu,
  ELU: like('elu', (config) => ({ alpha: numberOf(config, 'alpha', 1) })),
  Softmax: (layer, net, inputs) => {
    requireLastAxis(layer.config.axis, inputs[0] as Value);
    return like('softmax')(layer, net, inputs);
  },
  Dropout: like('dropout', (config) => ({ rate: numberOf(config, 'rate', 0.5) })),
  SpatialDropout2D: (layer, net, inputs) => ({
    ...like('dropout', (config) => ({ rate: numberOf(config, 'rate', 0.5) }))(layer, net, inputs),
    why: 'it drops whole channels; here single numbers',
  }),
  GaussianNoise: identity,
  GaussianDropout: identity,
  Flatten: flatten,
  Reshape: reshape,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
  UpSampling2D: (layer, net, inputs) => {
    const mode = String(layer.config.interpolation ?? 'nearest');
    if (mode !== 'nearest' && mode !== 'bilinear') throw new Untranslatable(`interpolation ${mode}`);
    const index = net.builder.add(
      'upsample',
      { factor: pair(layer.config, 'size', 2), mode },
      only(inputs),
      layer.name,
    );
    return { index, isVector: false };
  },
  Add: merge('add'),
  Multiply: merge('multiply'),
  Maximum: merge('max'),
  Concatenate: merge('concat'),
  Rescaling: rescaling,
};
