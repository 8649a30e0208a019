import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import { volumeOf } from '../../network/shape.js';
import { paddingOf, pairOf, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import type { Message } from '../protobuf/message.js';
import { concat, crop, flatten, identity, reshape, slice } from './arrange.js';
import { axisOf, type CaffeNet, type Translator } from './net.js';

/** Two numbers of a field that may stand once, twice, or as `_h` and `_w`. */
function pair(param: Message, field: string, byDefault: number, short = field): { y: number; x: number } {
  const [first = byDefault, second = first] = param.numbers(field);
  return pairOf(param.number(`${short}_h`, first), param.number(`${short}_w`, second));
}

const windowOf = (param: Message) => {
  const pad = pair(param, 'pad', 0);
  return { stride: pair(param, 'stride', 1), pad: paddingOf(pad.y, pad.x), kernel: kernelOf(param) };
};

function kernelOf(param: Message) {
  if (!param.has('kernel_size') && !param.has('kernel_h'))
    throw new ImportError(`${param.where}: kernel_size is missing`);
  return pair(param, 'kernel_size', 0, 'kernel');
}

/** Whether training leaves a layer as it is: all its parameters learn at rate 0. */
function frozen(layer: Message): { frozen?: true } {
  const rates = layer.has('blobs_lr')
    ? layer.numbers('blobs_lr')
    : layer.messages('param').map((param) => param.number('lr_mult', 1));
  return rates.length > 0 && rates.every((rate) => rate === 0) ? { frozen: true } : {};
}

const filtersOf = (param: Message): number => {
  if (!param.has('num_output')) throw new ImportError(`${param.where}: num_output is missing`);
  return param.number('num_output', 0);
};

const convolution: Translator = (layer, net) => {
  const param = layer.message('convolution_param');
  if (param.number('axis', 1) !== 1) throw new Untranslatable('it does not slide over height and width');
  const { channels } = net.shape(layer);
  const filters = filtersOf(param);
  const groups = param.number('group', 1);
  const bias = param.flag('bias_term', true);
  const shared = { ...windowOf(param), dilation: pair(param, 'dilation', 1), bias, ...frozen(layer) };
  const input = [net.input(layer)];
  const isDepthwise = groups > 1 && groups === channels && filters % channels === 0;
  const index = isDepthwise
    ? net.add(layer, 'depthwise', { ...shared, multiplier: filters / channels }, input)
    : net.add(layer, 'conv', { ...shared, filters, groups }, input);
  net.weigh(layer, index, 'weight', 0);
  if (bias) net.weigh(layer, index, 'bias', 1);
  fillFrozen(layer, net, index, param.message('weight_filler'));
};

/** What nothing trains is what it was filled with. */
function fillFrozen(layer: Message, net: CaffeNet, index: number, filler: Message): void {
  const spec = net.builder.specOf(index, 'weight');
  if (!spec || filler.text('type') !== 'constant' || !frozen(layer).frozen || net.valuesOf(layer, 0)) return;
  const size = spec.shape.reduce((product, dim) => product * dim, 1);
  net.builder.weigh(index, 'weight', new Float32Array(size).fill(filler.number('value', 0)));
}

const deconvolution: Translator = (layer, net) => {
  const param = layer.message('convolution_param');
  const bias = param.flag('bias_term', true);
  const attributes = {
    ...windowOf(param),
    filters: filtersOf(param),
    dilation: pair(param, 'dilation', 1),
    groups: param.number('group', 1),
    bias,
    ...frozen(layer),
  };
  const index = net.add(layer, 'convtranspose', attributes, [net.input(layer)]);
  net.weigh(layer, index, 'weight', 0);
  if (bias) net.weigh(layer, index, 'bias', 1);
};

const pooling: Translator = (layer, net) => {
  const param = layer.message('pooling_param');
  const method = param.text('pool', 'MAX');
  const input = [net.input(layer)];
  if (method !== 'MAX' && method !== 'AVE') throw new Untranslatable(`pooling ${method}`);
  if (param.flag('global_pooling', false)) {
    net.add(layer, method === 'MAX' ? 'globalmaxpool' : 'globalavgpool', {}, input);
    return;
  }
  const floors = !param.flag('ceil_mode', true) || ['FLOOR', '1'].includes(param.text('round_mode'));
  const attributes = { ...windowOf(param), ...(floors && { fit: 'floor' as const }) };
  if (method === 'MAX') net.add(layer, 'maxpool', attributes, input);
  else net.add(layer, 'avgpool', attributes, input);
};

const innerProduct: Translator = (layer, net) => {
  const param = layer.message('inner_product_param');
  const blob = net.blob(layer, 0);
  if (axisOf(param.number('axis', 1), blob.dims) !== 1)
    throw new Untranslatable('it multiplies the last axes only, not the whole volume');
  const units = filtersOf(param);
  const bias = param.flag('bias_term', true);
  const inputs = volumeOf(net.shape(layer));
  const index = net.add(layer, 'fc', { units, bias, ...frozen(layer) }, [net.input(layer)], [units]);
  const values = net.valuesOf(layer, 0);
  if (values && param.flag('transpose', false)) net.builder.weigh(index, 'weight', transposed(values, inputs, units));
  else net.weigh(layer, index, 'weight', 0);
  if (bias) net.weigh(layer, index, 'bias', 1);
};

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = values[row * columns + column] as number;
  return result;
}

/** Caffe's running statistics are sums, with the factor that they are too large by in a third blob. */
const batchNorm: Translator = (layer, net) => {
  const param = layer.message('batch_norm_param');
  const attributes = {
    affine: false,
    epsilon: param.number('eps', 1e-5),
    momentum: param.number('moving_average_fraction', 0.999),
  };
  const index = net.add(layer, 'batchnorm', attributes, [net.input(layer)], net.blob(layer, 0).dims);
  const factor = net.valuesOf(layer, 2)?.[0] ?? 1;
  const scale = factor === 0 ? 0 : 1 / factor;
  for (const [at, weight] of ['running_mean', 'running_var'].entries()) {
    const values = net.valuesOf(layer, at);
    if (values) net.builder.weigh(index, weight, scale === 1 ? values : values.map((value) => value * scale));
  }
};

/**
 * A scale and shift a channel. After a BatchNorm that nothing else reads it is that one's own; else it is a batchnorm whose
 * statistics change nothing.
 */
const scale: Translator = (layer, net) => {
  const param = layer.message('scale_param');
  if (layer.texts('bottom').length > 1) return scaleByBlob(layer, net, param);
  const { dims } = net.blob(layer, 0);
  if (axisOf(param.number('axis', 1), dims) !== 1 || param.number('num_axes', 1) !== 1)
    throw new Untranslatable('it does not scale by channel');
  const input = net.input(layer);
  const before = net.builder.layers[input];
  const belongs = before?.kind === 'batchnorm' && before.attributes?.affine === false && net.readersOf(layer, 0) === 1;
  const index = belongs ? input : net.add(layer, 'batchnorm', {}, [input], dims);
  if (belongs) {
    net.builder.update(input, { affine: true });
    net.put(layer, 0, input, dims);
  } else neutralise(net, index);
  net.weigh(layer, index, 'weight', 0);
  if (param.flag('bias_term', false)) {
    net.weigh(layer, index, 'bias', 1);
    return;
  }
  if (net.builder.weightOf(index, 'weight')) net.builder.weigh(index, 'bias', new Float32Array(dims[0] ?? 0));
  return 'it has a scale only; here a shift of zeros goes with it, which counts among the parameters';
};

/** Statistics with which a batchnorm is only its scale and shift. */
function neutralise(net: CaffeNet, index: number): void {
  const { channels } = net.builder.shapeOf(index);
  const { attributes } = net.builder.layers[index] as { attributes: LayerAttributes<'batchnorm'> };
  net.builder.weigh(index, 'running_mean', new Float32Array(channels));
  net.builder.weigh(index, 'running_var', new Float32Array(channels).fill(1 - attributes.epsilon));
}

function scaleByBlob(layer: Message, net: CaffeNet, param: Message): undefined {
  const [volume, factors] = [net.shape(layer, 0), net.shape(layer, 1)];
  const perChannel = factors.height === 1 && factors.width === 1 && factors.channels === volume.channels;
  const same = volumeOf(volume) === volumeOf(factors) && volume.height === factors.height;
  if (param.number('axis', 1) > 1 || !(perChannel || same))
    throw new Untranslatable('it scales neither by channel nor number by number');
  net.add(layer, 'multiply', {}, net.inputs(layer), net.blob(layer, 0).dims);
}

/** Factors that are not in the file's weights: a filter of one number a channel, which training leaves alone. */
function timesConstant(net: CaffeNet, layer: Message, input: number, factor: number, shift = 0, part = '_scale') {
  const { channels } = net.builder.shapeOf(input);
  const attributes = { kernel: pairOf(1), bias: shift !== 0, frozen: true };
  const index = net.add(layer, 'depthwise', attributes, [input], net.blob(layer, 0).dims, part);
  net.builder.weigh(index, 'weight', new Float32Array(channels).fill(factor));
  if (shift !== 0) net.builder.weigh(index, 'bias', new Float32Array(channels).fill(shift));
  return index;
}

const scalable: ReadonlySet<LayerKind> = new Set<LayerKind>(['conv', 'depthwise', 'convtranspose', 'fc', 'batchnorm']);

/** A coefficient of a sum goes into the weights of the layer before, where only the sum reads it. */
function withCoefficient(layer: Message, net: CaffeNet, at: number, factor: number, notes: string[]): number {
  const input = net.input(layer, at);
  if (factor === 1) return input;
  const before = net.builder.layers[input];
  const affine = before?.kind !== 'batchnorm' || before.attributes?.affine;
  if (!before || !scalable.has(before.kind) || !affine || net.readersOf(layer, at) !== 1) {
    notes.push(`the coefficient ${factor} is a filter of its own`);
    return timesConstant(net, layer, input, factor, 0, `_coefficient${at + 1}`);
  }
  notes.push(`the coefficient ${factor} is in the weights of ${before.name}`);
  for (const weight of ['weight', 'bias']) {
    const values = net.builder.weightOf(input, weight);
    if (values)
      net.builder.weigh(
        input,
        weight,
        values.map((value) => value * factor),
      );
  }
  return input;
}

const merges = { SUM: 'add', PROD: 'multiply', MAX: 'max' } as const;

const eltwise: Translator = (layer, net) => {
  const param = layer.message('eltwise_param');
  const operation = param.text('operation', 'SUM');
  const kind = Object.hasOwn(merges, operation) ? merges[operation as keyof typeof merges] : undefined;
  if (!kind) throw new Untranslatable(`operation ${operation}`);
  const { dims } = net.blob(layer, 0);
  const notes: string[] = [];
  const coefficients = kind === 'add' ? param.numbers('coeff') : [];
  const inputs = layer.texts('bottom').map((_, at) => withCoefficient(layer, net, at, coefficients[at] ?? 1, notes));
  if (inputs.length < 2) throw new ImportError(`${layer.where}: it needs two bottoms or more`);
  net.add(layer, kind, {}, inputs, dims);
  return notes.length > 0 ? notes.join('; ') : undefined;
};

/** a·x + y, with a factor a channel: SENet's. */
const axpy: Translator = (layer, net) => {
  const [a, x, y] = [net.input(layer, 0), net.input(layer, 1), net.input(layer, 2)];
  const product = net.add(layer, 'multiply', {}, [x, a], undefined, '_multiply');
  net.add(layer, 'add', {}, [product, y]);
};

/** A layer of one input that leaves its size as it is. */
const pointwise =
  <K extends LayerKind>(
    kind: K,
    attributes: (layer: Message) => Partial<LayerAttributes<K>> = () => ({}),
  ): Translator =>
  (layer, net) => {
    net.add(layer, kind, attributes(layer), [net.input(layer)], net.blob(layer, 0).dims);
  };

const relu: Translator = (layer, net) => {
  const alpha = layer.message('relu_param').number('negative_slope', 0);
  return alpha === 0 ? pointwise('relu')(layer, net) : pointwise('leakyrelu', () => ({ alpha }))(layer, net);
};

/** Only what ReLU6 cuts off has a name here. */
const clip: Translator = (layer, net) => {
  const param = layer.message('clip_param');
  const [least, most] = [param.number('min', 0), param.number('max', 0)];
  if (least !== 0 || most !== 6) throw new Untranslatable(`it clips to ${least} and ${most}, not to 0 and 6`);
  pointwise('relu6')(layer, net);
};

const prelu: Translator = (layer, net) => {
  const shared = layer.message('prelu_param').flag('channel_shared', false);
  const index = net.add(layer, 'prelu', { shared }, [net.input(layer)], net.blob(layer, 0).dims);
  net.weigh(layer, index, 'weight', 0);
};

const lrn: Translator = (layer, net) => {
  const param = layer.message('lrn_param');
  const attributes = {
    size: param.number('local_size', 5),
    alpha: param.number('alpha', 1),
    beta: param.number('beta', 0.75),
    k: param.number('k', 1),
    region:
      param.text('norm_region', 'ACROSS_CHANNELS') === 'WITHIN_CHANNEL' ? ('within' as const) : ('across' as const),
  };
  net.add(layer, 'lrn', attributes, [net.input(layer)], net.blob(layer, 0).dims);
};

const power: Translator = (layer, net) => {
  const param = layer.message('power_param');
  if (param.number('power', 1) !== 1) throw new Untranslatable(`power ${param.number('power', 1)}`);
  const [factor, shift] = [param.number('scale', 1), param.number('shift', 0)];
  if (factor === 1 && shift === 0) return identity(layer, net);
  timesConstant(net, layer, net.input(layer), factor, shift, '');
  return 'its constants are a frozen filter of one number a channel';
};

const softmax: Translator = (layer, net) => {
  const { dims } = net.blob(layer, 0);
  if (axisOf(layer.message('softmax_param').number('axis', 1), dims) !== 1)
    throw new Untranslatable('it normalises over another axis than the channels');
  pointwise('softmax')(layer, net);
};

/** In use, a loss is the layer that makes its predictions. */
const lossAs =
  (kind: 'softmax' | 'sigmoid'): Translator =>
  (layer, net) => {
    pointwise(kind)(layer, net);
    return 'a loss: here the predictions that it judges';
  };

const training: Translator = () => {
  throw new Untranslatable('it judges or stores results; the network does without', true);
};

/** Declared before the layers are looked at. */
const declares: Translator = (layer, net) => {
  const [name = ''] = layer.texts('top');
  if (!net.isInput(name)) throw new Untranslatable('it makes data that no file holds', true);
  if (net.inputCount > 1) return 'a network here has one input: this is a part of it';
  return layer.has('transform_param') || !['Input', 'MemoryData'].includes(layer.text('type'))
    ? 'pictures are taken to have three channels; how they are prepared is left out'
    : undefined;
};

/** Every Caffe layer that has a meaning here, by its type. */
export const translators: Readonly<Record<string, Translator>> = {
  Input: declares,
  MemoryData: declares,
  Data: declares,
  ImageData: declares,
  HDF5Data: declares,
  WindowData: declares,
  DummyData: declares,
  Convolution: convolution,
  ConvolutionDepthwise: convolution,
  DepthwiseConvolution: convolution,
  Deconvolution: deconvolution,
  Pooling: pooling,
  InnerProduct: innerProduct,
  BatchNorm: batchNorm,
  Scale: scale,
  Eltwise: eltwise,
  Axpy: axpy,
  Concat: concat,
  Slice: slice,
  Crop: crop,
  Flatten: flatten,
  Reshape: reshape,
  ReLU: relu,
  ReLU6: pointwise('relu6'),
  Clip: clip,
  PReLU: prelu,
  ELU: pointwise('elu', (layer) => ({ alpha: layer.message('elu_param').number('alpha', 1) })),
  Sigmoid: pointwise('sigmoid'),
  TanH: pointwise('tanh'),
  // |x| is a leaky ReLU of slope −1, ln(1 + eˣ) a softplus.
  AbsVal: pointwise('leakyrelu', () => ({ alpha: -1 })),
  BNLL: pointwise('softplus'),
  Swish: pointwise('silu'),
  Mish: pointwise('mish'),
  Softmax: softmax,
  SoftmaxWithLoss: lossAs('softmax'),
  SigmoidCrossEntropyLoss: lossAs('sigmoid'),
  LRN: lrn,
  Power: power,
  Dropout: pointwise('dropout', (layer) => ({ rate: layer.message('dropout_param').number('dropout_ratio', 0.5) })),
  ShuffleChannel: pointwise('channelshuffle', (layer) => ({
    groups: layer.message('shuffle_channel_param').number('group', 1),
  })),
  Split: identity,
  Accuracy: training,
  Silence: () => undefined,
  EuclideanLoss: training,
  HingeLoss: training,
  ArgMax: training,
  HDF5Output: training,
};
