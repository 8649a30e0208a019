import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { Shape } from '../../network/shape.js';
import { evenPadding, type Padding } from '../../network/values.js';
import { paddingOf, pairOf, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import type { Constant } from './constant.js';
import { isConstant, type Node, type OnnxNet } from './net.js';

/** Adds what an operator is here. Returns what differs, where something does. */
export type Translator = (node: Node, net: OnnxNet) => string | undefined;

/** Two numbers of an attribute, or one for the only axis of a row. */
function pair(node: Node, name: string, byDefault: number) {
  const numbers = node.numbers(name) ?? [];
  const [first = byDefault, second] = numbers;
  return numbers.length === 1 ? pairOf(1, first) : pairOf(first, second ?? first);
}

/** Negative axes count from the end; the batch is axis 0. */
const axisOf = (axis: number, dims: readonly number[]): number => (axis < 0 ? axis + dims.length + 1 : axis);

interface Window {
  readonly kernel: { readonly y: number; readonly x: number };
  readonly stride: { readonly y: number; readonly x: number };
  readonly dilation: { readonly y: number; readonly x: number };
}

function windowOf(node: Node, kernel: Window['kernel']): Window {
  return { kernel, stride: pair(node, 'strides', 1), dilation: pair(node, 'dilations', 1) };
}

/** Begin and end of each axis; SAME_UPPER is `same`, of SAME_LOWER the odd one goes before. */
function padOf(node: Node, { kernel, stride, dilation }: Window, input: Shape): Padding {
  const mode = node.text('auto_pad', 'NOTSET');
  if (mode === 'SAME_UPPER') return { mode: 'same' };
  if (mode === 'VALID') return evenPadding(0, 0);
  if (mode === 'SAME_LOWER') {
    const total = (length: number, axis: 'y' | 'x') => {
      const extent = dilation[axis] * (kernel[axis] - 1) + 1;
      return Math.max((Math.ceil(length / stride[axis]) - 1) * stride[axis] + extent - length, 0);
    };
    const [v, h] = [total(input.height, 'y'), total(input.width, 'x')];
    return paddingOf(Math.ceil(v / 2), Math.ceil(h / 2), Math.floor(v / 2), Math.floor(h / 2));
  }
  const pads = node.numbers('pads') ?? [];
  if (pads.some((pad) => pad < 0)) throw new Untranslatable(`its pads [${pads.join(', ')}] are negative`);
  if (pads.length === 2) return paddingOf(0, pads[0] ?? 0, 0, pads[1]);
  const [top = 0, left = 0, bottom = top, right = left] = pads;
  return paddingOf(top, left, bottom, right);
}

function kernelOf(node: Node, weight?: Constant) {
  if (weight) {
    const [, , y = 1, x] = weight.dims;
    return x === undefined ? pairOf(1, y) : pairOf(y, x);
  }
  if (!node.attribute('kernel_shape')) throw new ImportError(`${node.message.where}: kernel_shape is missing`);
  return pair(node, 'kernel_shape', 1);
}

function spatial(node: Node, net: OnnxNet): Shape {
  if (net.activation(node).dims.length < 2) throw new Untranslatable('its input has no height and width');
  return net.shape(node);
}

const conv: Translator = (node, net) => {
  const input = spatial(node, net);
  const weight = net.constant(node, 1, 'weights');
  const bias = net.has(node, 2);
  const window = windowOf(node, kernelOf(node, weight));
  const filters = weight.dims[0] ?? 0;
  const groups = node.number('group', 1);
  const shared = { ...window, pad: padOf(node, window, input), bias };
  const isDepthwise = groups > 1 && groups === input.channels && filters % groups === 0;
  const dims = dimsAfter(node, net);
  const index = isDepthwise
    ? net.add(node, 'depthwise', { ...shared, multiplier: filters / groups }, [net.input(node)])
    : net.add(node, 'conv', { ...shared, filters, groups }, [net.input(node)]);
  net.put(node, index, dims(index));
  expectDims(node, weight, net.builder.specOf(index, 'weight')?.shape ?? []);
  net.weigh(index, 'weight', weight);
  if (bias) net.weigh(index, 'bias', net.constant(node, 2, 'biases'));
  return undefined;
};

/** Weights whose dims are not what the network makes of them would be read wrongly. */
function expectDims(node: Node, { dims }: Constant, expected: readonly number[]): void {
  const own = dims.length === 3 ? [dims[0], dims[1], 1, dims[2]] : dims;
  if (own.join() !== expected.join())
    throw new ImportError(
      `${node.message.where}: its weights are [${dims.join(', ')}] where [${expected.join(', ')}] fits the input`,
    );
}

/** A row stays a row. */
const dimsAfter = (node: Node, net: OnnxNet) => {
  const isRow = net.activation(node).dims.length === 2;
  return (index: number): readonly number[] => {
    const { channels, height, width } = net.builder.shapeOf(index);
    return isRow ? [channels, width] : [channels, height, width];
  };
};

const convTranspose: Translator = (node, net) => {
  const input = spatial(node, net);
  const weight = net.constant(node, 1, 'weights');
  const bias = net.has(node, 2);
  const groups = node.number('group', 1);
  const window = windowOf(node, kernelOf(node, weight));
  const { kernel, stride, dilation } = window;
  let pad = padOf(node, window, input);
  let outputpad = pair(node, 'output_padding', 0);
  const size = node.numbers('output_shape');
  if (size && size.length > 0) {
    const [y = 0, x = y] = size.slice(-2);
    const surplus = (length: number, axis: 'y' | 'x', wanted: number) =>
      (length - 1) * stride[axis] + outputpad[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - wanted;
    const [v, h] = [surplus(input.height, 'y', y), surplus(input.width, 'x', x)];
    const cut = (total: number) => Math.max(0, total);
    const isUpper = node.text('auto_pad', 'NOTSET') === 'SAME_UPPER';
    const before = (total: number) => (isUpper ? Math.floor(cut(total) / 2) : Math.ceil(cut(total) / 2));
    pad = paddingOf(before(v), before(h), cut(v) - before(v), cut(h) - before(h));
    outputpad = pairOf(outputpad.y + Math.max(0, -v), outputpad.x + Math.max(0, -h));
  }
  const filters = (weight.dims[1] ?? 0) * groups;
  const dims = dimsAfter(node, net);
  const index = net.add(node, 'convtranspose', { ...window, filters, groups, pad, outputpad, bias }, [net.input(node)]);
  net.put(node, index, dims(index));
  expectDims(node, weight, net.builder.specOf(index, 'weight')?.shape ?? []);
  net.weigh(index, 'weight', weight);
  if (bias) net.weigh(index, 'bias', net.constant(node, 2, 'biases'));
  return undefined;
};

const pool =
  (kind: 'maxpool' | 'avgpool'): Translator =>
  (node, net) => {
    const input = spatial(node, net);
    if (net.readersOf(node.outputs[1]) > 0) throw new Untranslatable('where its largest numbers are is read, too');
    const window = windowOf(node, kernelOf(node));
    const { dilation, ...rest } = window;
    if (kind === 'avgpool' && (dilation.y > 1 || dilation.x > 1)) throw new Untranslatable('its window is dilated');
    const shared = {
      ...rest,
      pad: padOf(node, window, input),
      ...(node.number('ceil_mode', 0) === 1 && { fit: 'ceil' as const }),
    };
    const dims = dimsAfter(node, net);
    const index =
      kind === 'maxpool'
        ? net.add(node, kind, { ...shared, dilation }, [net.input(node)])
        : net.add(node, kind, { ...shared, countpad: node.number('count_include_pad', 0) === 1 }, [net.input(node)]);
    net.put(node, index, dims(index));
    return undefined;
  };

const globalPool =
  (kind: 'globalmaxpool' | 'globalavgpool'): Translator =>
  (node, net) => {
    spatial(node, net);
    net.add(node, kind, {}, [net.input(node)]);
    return undefined;
  };

const reduceMean: Translator = (node, net) => {
  const { dims } = net.activation(node);
  const given = node.numbers('axes') ?? net.integers(node, 1, 'axes') ?? [];
  const axes = given.map((axis) => axisOf(axis, dims)).sort((a, b) => a - b);
  if (dims.length !== 3 || axes.join() !== '2,3')
    throw new Untranslatable(`it averages over axes ${axes.join(', ') || 'of all kinds'}, not over height and width`);
  const keeps = node.number('keepdims', 1) === 1;
  net.add(node, 'globalavgpool', {}, [net.input(node)], keeps ? undefined : [dims[0] ?? 1]);
  return undefined;
};

/** A · B, B being constant: B's columns (or rows, transposed) are the units. */
function dense(
  node: Node,
  net: OnnxNet,
  matrix: Constant,
  isTransposed: boolean,
  bias: Constant | undefined,
  scale = 1,
): void {
  const { dims } = net.activation(node);
  if (dims.length !== 1) throw new Untranslatable('it multiplies the last axis of a volume, not a vector');
  const [rows = 0, columns = 0] = matrix.dims;
  const [inputs, units] = isTransposed ? [columns, rows] : [rows, columns];
  if (matrix.dims.length !== 2 || inputs !== dims[0])
    throw new ImportError(
      `${node.message.where}: a vector of ${dims[0]} times a matrix of [${matrix.dims.join(', ')}]`,
    );
  const index = net.add(node, 'fc', { units, bias: bias !== undefined }, [net.input(node)], [units]);
  const { values } = matrix;
  if (values) {
    const weight = new Float32Array(inputs * units);
    for (let unit = 0; unit < units; unit++)
      for (let i = 0; i < inputs; i++)
        weight[unit * inputs + i] = scale * (values[isTransposed ? unit * inputs + i : i * units + unit] as number);
    net.builder.weigh(index, 'weight', weight);
  }
  if (bias?.values) net.builder.weigh(index, 'bias', perChannel(bias, units));
}

const gemm: Translator = (node, net) => {
  if (node.number('transA', 0) === 1) throw new Untranslatable('transA exchanges pictures and their features');
  const [alpha, beta] = [node.number('alpha', 1), node.number('beta', 1)];
  const bias = net.has(node, 2) ? net.constant(node, 2, 'biases') : undefined;
  const matrix = net.constant(node, 1, 'weights');
  if (bias && !isPerChannel(bias, matrix.dims[node.number('transB', 0) === 1 ? 0 : 1] ?? 0))
    throw new Untranslatable('its bias differs from picture to picture');
  const scaled = bias && { dims: bias.dims, values: bias.values?.map((value) => value * beta) ?? null };
  dense(node, net, matrix, node.number('transB', 0) === 1, scaled, alpha);
  return undefined;
};

const matMul: Translator = (node, net) => {
  dense(node, net, net.constant(node, 1, 'weights'), false, undefined);
  return undefined;
};

const count = ({ dims }: Constant): number => dims.reduce((product, dim) => product * dim, 1);

/** One number, or one a channel. */
const isPerChannel = (constant: Constant, channels: number): boolean => [1, channels].includes(count(constant));

/** One number a channel; a single one goes to all. */
const perChannel = ({ values }: Constant, channels: number): Float32Array =>
  values?.length === 1
    ? new Float32Array(channels).fill(values[0] as number)
    : Float32Array.from(values ?? new Float32Array(channels));

const batchNorm: Translator = (node, net) => {
  if (node.number('training_mode', 0) === 1)
    throw new Untranslatable('it is in training mode: its statistics are those of the batch');
  const { dims } = net.activation(node);
  const attributes = { epsilon: node.number('epsilon', 1e-5), momentum: node.number('momentum', 0.9) };
  const index = net.add(node, 'batchnorm', attributes, [net.input(node)], dims);
  for (const [i, weight] of ['weight', 'bias', 'running_mean', 'running_var'].entries())
    net.weigh(index, weight, net.constant(node, i + 1, 'parameters'));
  return undefined;
};

const instanceNorm: Translator = (node, net) => {
  const attributes = { epsilon: node.number('epsilon', 1e-5), affine: true };
  const index = net.add(node, 'instancenorm', attributes, [net.input(node)], net.activation(node).dims);
  net.weigh(index, 'weight', net.constant(node, 1, 'scale'));
  net.weigh(index, 'bias', net.constant(node, 2, 'shift'));
  return undefined;
};

const lrn: Translator = (node, net) => {
  const size = node.number('size', 5);
  if (size % 2 === 0) throw new Untranslatable('of an even size the window lies otherwise here');
  const attributes = {
    size,
    alpha: node.number('alpha', 1e-4),
    beta: node.number('beta', 0.75),
    k: node.number('bias', 1),
  };
  net.add(node, 'lrn', attributes, [net.input(node)], net.activation(node).dims);
  return undefined;
};

/** A layer of one input that leaves its size as it is. */
const pointwise =
  <K extends LayerKind>(kind: K, attributes: (node: Node) => Partial<LayerAttributes<K>> = () => ({})): Translator =>
  (node, net) => {
    net.add(node, kind, attributes(node), [net.input(node)], net.activation(node).dims);
    return undefined;
  };

const frozenNote = 'its constants are a frozen filter of one number a channel';

/** One number for all channels, or one each. */
type Factor = Float32Array | number;

/** x · factor + shift, per channel: a filter of one number a channel that training leaves alone. */
function affine(
  node: Node,
  net: OnnxNet,
  input: number,
  factor: Factor,
  shift: Factor,
  part = '',
  dims: readonly number[] = net.activation(node).dims,
): number {
  const { channels } = net.builder.shapeOf(input);
  const filled = (value: Factor) => (typeof value === 'number' ? new Float32Array(channels).fill(value) : value);
  const bias = shift !== 0;
  const index = net.add(node, 'depthwise', { kernel: pairOf(1), bias, frozen: true }, [input], dims, part);
  net.builder.weigh(index, 'weight', filled(factor));
  if (bias) net.builder.weigh(index, 'bias', filled(shift));
  return index;
}

const prelu: Translator = (node, net) => {
  const slope = net.constant(node, 1, 'slopes');
  const { channels } = net.shape(node);
  const shared = count(slope) === 1 && channels > 1;
  const last = slope.dims.length === net.activation(node).dims.length + 1 ? slope.dims.slice(1) : slope.dims;
  const isChannelwise = count(slope) === channels && last[0] === channels;
  if (!shared && !isChannelwise) throw new Untranslatable('it has a slope a pixel');
  const index = net.add(node, 'prelu', { shared }, [net.input(node)], net.activation(node).dims);
  net.weigh(index, 'weight', slope);
  return undefined;
};

/** min(max(x, low), high): a relu6 between two scalings, where it is none itself. */
const clip: Translator = (node, net) => {
  const bound = (at: number, name: string, byDefault: number): number => {
    if (!net.has(node, at)) return node.number(name, byDefault);
    const { values } = net.constant(node, at, 'bounds');
    if (!values) throw new Untranslatable('its bounds lie in a file that is not there');
    return values[0] ?? byDefault;
  };
  const low = bound(1, 'min', Number.NEGATIVE_INFINITY);
  const high = bound(2, 'max', Number.POSITIVE_INFINITY);
  const input = net.input(node);
  const { dims } = net.activation(node);
  const isBelow = low < -1e30;
  const isAbove = high > 1e30;
  if (isBelow && isAbove) net.put(node, input, dims);
  else if (low === 0 && high === 6) net.add(node, 'relu6', {}, [input], dims);
  else if (isAbove || isBelow) {
    // max(x, a) = relu(x − a) + a, min(x, b) = b − relu(b − x).
    const [sign, at] = isAbove ? [1, low] : [-1, high];
    if (sign === 1 && at === 0) return pointwise('relu')(node, net);
    const moved = affine(node, net, input, sign, -sign * at, '_moved');
    const cut = net.add(node, 'relu', {}, [moved], dims, '_cut');
    affine(node, net, cut, sign, at);
    return frozenNote;
  } else {
    const scale = (high - low) / 6;
    if (!(scale > 0)) throw new Untranslatable(`its bounds are ${low} and ${high}`);
    const moved = affine(node, net, input, 1 / scale, -low / scale, '_moved');
    const cut = net.add(node, 'relu6', {}, [moved], dims, '_cut');
    affine(node, net, cut, scale, low);
    return frozenNote;
  }
  return undefined;
};

const hardSigmoid: Translator = (node, net) => {
  const [slope, offset] = [node.number('alpha', 0.2), node.number('beta', 0.5)];
  const sixth = Math.fround(1 / 6);
  if (offset === 0.5)
    return pointwise('hardsigmoid', () => ({ slope: Math.abs(slope - sixth) < 1e-6 ? 1 / 6 : slope }))(node, net);
  const moved = affine(node, net, net.input(node), 6 * slope, 6 * offset, '_moved');
  const cut = net.add(node, 'relu6', {}, [moved], net.activation(node).dims, '_cut');
  affine(node, net, cut, 1 / 6, 0);
  return frozenNote;
};

const selu: Translator = (node, net) => {
  const alpha = node.number('alpha', 1.6732632);
  const elu = net.add(node, 'elu', { alpha }, [net.input(node)], net.activation(node).dims, '_elu');
  affine(node, net, elu, node.number('gamma', 1.050701), 0);
  return frozenNote;
};

const merges = { Add: 'add', Sum: 'add', Mul: 'multiply', Max: 'max', Mean: 'add' } as const;

/** Add, Mul and their like: of volumes a merge, of a volume and a constant a scale or shift a channel. */
const arithmetic: Translator = (node, net) => {
  const at = node.inputs.findIndex((_, i) => isConstant(net.value(node, i)));
  if (at >= 0 && node.inputs.length === 2) return withConstant(node, net, at);
  const inputs = node.inputs.map((_, i) => net.input(node, i));
  const { dims } = net.activation(node);
  const op = node.op as keyof typeof merges;
  if (node.op === 'Sub') {
    const negative = affine(node, net, inputs[1] as number, -1, 0, '_negative');
    net.add(node, 'add', {}, [inputs[0] as number, negative], dims);
    return frozenNote;
  }
  if (!Object.hasOwn(merges, op)) throw new Untranslatable('the language has no such operation on two volumes');
  if (inputs.length === 1) {
    net.put(node, inputs[0] as number, dims);
    return undefined;
  }
  const largest = node.inputs.map((_, i) => net.activation(node, i).dims).sort((a, b) => size(b) - size(a))[0] ?? dims;
  const sum = net.add(node, merges[op], {}, inputs, largest, op === 'Mean' ? '_sum' : '');
  if (op !== 'Mean') return undefined;
  affine(node, net, sum, 1 / inputs.length, 0);
  return frozenNote;
};

const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

function withConstant(node: Node, net: OnnxNet, at: number): string | undefined {
  const other = 1 - at;
  const constant = net.constant(node, at, 'numbers');
  const input = net.input(node, other);
  const { dims } = net.activation(node, other);
  const { channels } = net.builder.shapeOf(input);
  const isScalar = count(constant) === 1;
  // Broadcasting goes from the last axis: the channels are the first of the volume's.
  const isChannelwise = count(constant) === channels && constant.dims.at(-dims.length) === channels;
  if (!isScalar && !isChannelwise) throw new Untranslatable('its constant has neither one number nor one a channel');
  if (node.op === 'Add' && absorbBias(node, net, input, other, constant)) return undefined;
  if (!constant.values) throw new Untranslatable('its constant lies in a file that is not there');
  const values = perChannel(constant, channels);
  const apply = (factor: Factor, shift: Factor): string => {
    affine(node, net, input, factor, shift, '', dims);
    return frozenNote;
  };
  if (node.op === 'Add') return apply(1, values);
  if (node.op === 'Mul') return apply(values, 0);
  if (node.op === 'Sub')
    return at === 1
      ? apply(
          1,
          values.map((value) => -value),
        )
      : apply(-1, values);
  if (node.op === 'Div' && at === 1)
    return apply(
      values.map((value) => 1 / value),
      0,
    );
  throw new Untranslatable('the language has no such operation with a constant');
}

/** A constant added to what a layer without bias makes, and nothing else reads, is its bias. */
function absorbBias(node: Node, net: OnnxNet, input: number, at: number, constant: Constant): boolean {
  const before = net.builder.layers[input];
  if (!before || (before.kind !== 'fc' && before.kind !== 'conv') || before.attributes?.bias) return false;
  if (net.readersOf(node.inputs[at]) !== 1) return false;
  net.builder.update(input, { bias: true });
  if (constant.values) net.builder.weigh(input, 'bias', perChannel(constant, net.builder.shapeOf(input).channels));
  net.put(node, input, net.activation(node, at).dims);
  return true;
}

const concat: Translator = (node, net) => {
  const { dims } = net.activation(node);
  const axis = axisOf(node.number('axis', 1), dims);
  const inputs = node.inputs.map((_, i) => net.input(node, i));
  if (axis === 0) throw new Untranslatable('it joins the pictures of batches');
  if (inputs.length === 1) net.put(node, inputs[0] as number, dims);
  else if (axis === 1) {
    const channels = inputs.reduce((sum, index) => sum + net.builder.shapeOf(index).channels, 0);
    net.add(node, 'concat', {}, inputs, [channels, ...dims.slice(1)]);
  } else stack(node, net, inputs, dims.length === 2 ? 3 : axis);
  return undefined;
};

/** Volumes one below (or beside) the other: each is padded with zeros to the whole, and all are added. */
function stack(node: Node, net: OnnxNet, inputs: readonly number[], axis: number): void {
  const isRow = net.activation(node).dims.length === 2;
  const lengthOf = (index: number) => net.builder.shapeOf(index)[axis === 2 ? 'height' : 'width'];
  const total = inputs.reduce((sum, index) => sum + lengthOf(index), 0);
  let before = 0;
  const padded = inputs.map((index, i) => {
    const after = total - before - lengthOf(index);
    const sides = axis === 2 ? paddingOf(before, 0, after, 0) : paddingOf(0, before, 0, after);
    before += lengthOf(index);
    return net.add(
      node,
      'pad',
      { amount: sides as LayerAttributes<'pad'>['amount'] },
      [index],
      undefined,
      `_pad${i + 1}`,
    );
  });
  const sum = net.add(node, 'add', {}, padded);
  const { channels, height, width } = net.builder.shapeOf(sum);
  net.put(node, sum, isRow ? [channels, width] : [channels, height, width]);
}

const flatten: Translator = (node, net) => {
  const { dims } = net.activation(node);
  if (axisOf(node.number('axis', 1), dims) !== 1)
    throw new Untranslatable('it flattens the pictures of a batch into one another');
  net.reshape(node, [size(dims)]);
  return undefined;
};

const reshape: Translator = (node, net) => {
  const target = node.numbers('shape') ?? net.integers(node, 1, 'sizes') ?? [];
  const { dims, groups, isDealt, index } = net.activation(node);
  const [batch = 0, ...rest] = target;
  const filled = rest.map((dim, i) => (dim === 0 ? (dims[i] ?? 1) : dim));
  const known = size(filled.filter((dim) => dim !== -1));
  const result = filled.map((dim) => (dim === -1 ? size(dims) / known : dim));
  if (size(result) !== size(dims) || (batch > 1 && rest.includes(-1)))
    throw new Untranslatable(`[${target.join(', ')}] mixes the pictures of a batch`);
  // ShuffleNet takes the channels apart, exchanges groups and places, and puts them together again.
  if (groups !== undefined) {
    if (!isDealt || result.length !== 3) throw new Untranslatable('it reads a volume of more than three dimensions');
    net.add(node, 'channelshuffle', { groups }, [index], result);
    return undefined;
  }
  const [first = 1, second = 1, ...pixels] = result;
  if (
    result.length === 4 &&
    dims.length === 3 &&
    first * second === dims[0] &&
    pixels.join() === dims.slice(1).join()
  ) {
    const [name = ''] = node.outputs;
    net.values.set(name, { index, dims, groups: first, lost: false });
    return undefined;
  }
  net.reshape(node, result);
  return undefined;
};

const transpose: Translator = (node, net) => {
  const value = net.activation(node);
  const order = node.numbers('perm') ?? [];
  const [name = ''] = node.outputs;
  if (value.groups !== undefined && order.join() === '0,2,1,3,4') {
    net.values.set(name, { ...value, isDealt: true });
    return undefined;
  }
  if (!order.every((axis, i) => axis === i)) throw new Untranslatable(`it exchanges axes: [${order.join(', ')}]`);
  net.put(node, value.index, value.dims);
  return undefined;
};

const squeeze: Translator = (node, net) => {
  const { dims } = net.activation(node);
  const all = [0, ...dims];
  const given = node.numbers('axes') ?? net.integers(node, 1, 'axes');
  const axes = new Set((given ?? all.flatMap((dim, i) => (dim === 1 ? [i] : []))).map((axis) => axisOf(axis, dims)));
  if (axes.has(0)) throw new Untranslatable('it takes the batch away');
  net.reshape(
    node,
    dims.filter((_, i) => !axes.has(i + 1)),
  );
  return undefined;
};

const unsqueeze: Translator = (node, net) => {
  const { dims } = net.activation(node);
  const axes = node.numbers('axes') ?? net.integers(node, 1, 'axes') ?? [];
  const result = [0, ...dims];
  const rank = result.length + axes.length;
  for (const axis of axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b))
    result.splice(axis, 0, 1);
  if (result[0] !== 0) throw new Untranslatable('it puts an axis before the batch');
  net.reshape(node, result.slice(1));
  return undefined;
};

const softmax =
  (kind: 'softmax' | 'logsoftmax'): Translator =>
  (node, net) => {
    const { dims } = net.activation(node);
    const axis = axisOf(node.number('axis', net.opset < 13 ? 1 : -1), dims);
    // Before 13 it went over all axes from the given one on.
    const isAlone = net.opset >= 13 || dims.slice(1).every((dim) => dim === 1);
    if (axis !== 1 || !isAlone) throw new Untranslatable('it does not normalise over the channels alone');
    return pointwise(kind)(node, net);
  };

const pad: Translator = (node, net) => {
  const { dims } = net.activation(node);
  const mode = node.text('mode', 'constant');
  const pads = node.numbers('pads') ?? net.integers(node, 1, 'amounts') ?? [];
  const value = net.has(node, 2) ? (net.constant(node, 2, 'value').values?.[0] ?? 0) : node.number('value', 0);
  const rank = dims.length + 1;
  if (pads.length !== 2 * rank) throw new ImportError(`${node.message.where}: ${pads.length} pads for ${rank} axes`);
  const at = (axis: number) => [pads[axis] ?? 0, pads[axis + rank] ?? 0] as const;
  if (at(0).some((n) => n !== 0) || at(1).some((n) => n !== 0))
    throw new Untranslatable('it pads pictures or channels');
  if (mode !== 'constant' && mode !== 'reflect' && mode !== 'edge') throw new Untranslatable(`mode ${mode}`);
  const [top, bottom] = rank === 4 ? at(2) : [0, 0];
  const [left, right] = at(rank - 1);
  const input = net.input(node);
  const after = dimsAfter(node, net);
  const sides = { mode: 'explicit', top, right, bottom, left } as const;
  if ([top, right, bottom, left].every((n) => n <= 0)) {
    const amount = { mode: 'explicit', top: -top, right: -right, bottom: -bottom, left: -left } as const;
    net.put(node, net.add(node, 'crop', { amount }, [input]));
    return undefined;
  }
  const words = { constant: 'zeros', reflect: 'reflect', edge: 'edge' } as const;
  if (mode !== 'constant' || value === 0) {
    const index = net.add(node, 'pad', { amount: sides, mode: words[mode] }, [input]);
    net.put(node, index, after(index));
    return undefined;
  }
  const lowered = affine(node, net, input, 1, -value, '_lowered');
  const padded = net.add(node, 'pad', { amount: sides }, [lowered], undefined, '_padded');
  const raised = affine(node, net, padded, 1, value);
  net.put(node, raised, after(raised));
  return frozenNote;
};

const slice: Translator = (node, net) => {
  const { dims } = net.activation(node);
  const starts = node.numbers('starts') ?? net.integers(node, 1, 'starts') ?? [];
  const ends = node.numbers('ends') ?? net.integers(node, 2, 'ends') ?? [];
  const axes = node.numbers('axes') ?? net.integers(node, 3, 'axes') ?? starts.map((_, i) => i);
  const steps = net.integers(node, 4, 'steps') ?? [];
  if (steps.some((step) => step !== 1)) throw new Untranslatable('it leaves out every so many');
  let index = net.input(node);
  const result = [...dims];
  for (const [i, given] of axes.entries()) {
    const axis = axisOf(given, dims);
    const length = dims[axis - 1];
    const clamp = (value: number) => Math.min(Math.max(value < 0 ? value + (length ?? 0) : value, 0), length ?? 0);
    const [from, to] = [clamp(starts[i] ?? 0), clamp(ends[i] ?? 0)];
    if (length === undefined) {
      if ((starts[i] ?? 0) === 0 && (ends[i] ?? 0) > 1e9) continue;
      throw new Untranslatable('it leaves out pictures of the batch');
    }
    result[axis - 1] = to - from;
    if (from === 0 && to === length) continue;
    if (axis === 1) index = net.add(node, 'slice', { start: from, count: to - from }, [index], undefined, `_${i + 1}`);
    else {
      const isHeight = dims.length === 3 && axis === 2;
      const amount = isHeight
        ? { mode: 'explicit' as const, top: from, right: 0, bottom: length - to, left: 0 }
        : { mode: 'explicit' as const, top: 0, right: length - to, bottom: 0, left: from };
      index = net.add(node, 'crop', { amount }, [index], undefined, `_${i + 1}`);
    }
  }
  net.put(node, index, result);
  return undefined;
};

const split: Translator = (node, net) => {
  const { dims } = net.activation(node);
  if (axisOf(node.number('axis', 0), dims) !== 1) throw new Untranslatable('it does not split the channels');
  const input = net.input(node);
  const channels = dims[0] ?? 0;
  const parts = node.outputs.length;
  const counts =
    node.numbers('split') ?? net.integers(node, 1, 'sizes') ?? Array.from({ length: parts }, () => channels / parts);
  let start = 0;
  for (const [i, count] of counts.entries()) {
    const index = net.builder.add('slice', { start, count }, [input], `${node.layerName}_${i + 1}`);
    net.put(node, index, [count, ...dims.slice(1)], i);
    start += count;
  }
  return undefined;
};

const resize: Translator = (node, net) => {
  const input = spatial(node, net);
  const { dims } = net.activation(node);
  const isOld = node.op === 'Upsample' || net.opset < 11;
  const scales = node.numbers('scales') ?? net.integers(node, isOld ? 1 : 2, 'scales') ?? [];
  const sizes = isOld ? undefined : net.integers(node, 3, 'sizes');
  const [y = 1, x = 1] =
    sizes && sizes.length > 0
      ? [(sizes.at(-2) ?? 0) / input.height, (sizes.at(-1) ?? 0) / input.width]
      : scales.slice(-2);
  if (dims.length !== 3 || !Number.isInteger(y) || !Number.isInteger(x))
    throw new Untranslatable(`it resizes by ${y} and ${x}; the language by whole numbers`);
  const mode = node.text('mode', 'nearest');
  const places = node.text('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel');
  const rounding = node.text('nearest_mode', isOld ? 'floor' : 'round_prefer_floor');
  const input0 = net.input(node);
  if (mode === 'nearest') {
    const repeats =
      (places === 'asymmetric' && rounding === 'floor') ||
      ((places === 'half_pixel' || places === 'pytorch_half_pixel') && rounding.startsWith('round')) ||
      (places === 'asymmetric' && rounding === 'round_prefer_floor' && y <= 2 && x <= 2);
    if (!repeats) throw new Untranslatable(`nearest, ${places} and ${rounding}: it does not repeat each pixel`);
    net.add(node, 'upsample', { factor: pairOf(y, x), mode: 'nearest' }, [input0]);
  } else if (mode === 'linear' && ['half_pixel', 'pytorch_half_pixel', 'align_corners'].includes(places)) {
    const aligncorners = places === 'align_corners';
    net.add(node, 'upsample', { factor: pairOf(y, x), mode: 'bilinear', aligncorners }, [input0]);
  } else throw new Untranslatable(`mode ${mode}, ${places}`);
  return undefined;
};

const depthToSpace: Translator = (node, net) => {
  if (node.text('mode', 'DCR') !== 'CRD') throw new Untranslatable('mode DCR deals the channels out in another order');
  net.add(node, 'pixelshuffle', { factor: node.number('blocksize', 0) }, [net.input(node)]);
  return undefined;
};

/** Channel (i·b + j)·C + c is pixel (i, j) of the blocks of channel c: filters of a single 1, which training leaves alone. */
const spaceToDepth: Translator = (node, net) => {
  const b = node.number('blocksize', 0);
  const { channels } = spatial(node, net);
  const filters = channels * b * b;
  const attributes = { filters, kernel: pairOf(b), stride: pairOf(b), bias: false, frozen: true };
  const index = net.add(node, 'conv', attributes, [net.input(node)]);
  const weight = new Float32Array(filters * channels * b * b);
  for (let filter = 0; filter < filters; filter++) {
    const [block, channel] = [Math.floor(filter / channels), filter % channels];
    weight[(filter * channels + channel) * b * b + block] = 1;
  }
  net.builder.weigh(index, 'weight', weight);
  return frozenNote;
};

const identity: Translator = (node, net) => {
  const { index, dims } = net.activation(node);
  net.put(node, index, dims);
  return undefined;
};

const dropout: Translator = (node, net) => {
  const ratio = net.has(node, 1) ? (net.constant(node, 1, 'ratio').values?.[0] ?? 0.5) : node.number('ratio', 0.5);
  return pointwise('dropout', () => ({ rate: ratio }))(node, net);
};

const negative: Translator = (node, net) => {
  affine(node, net, net.input(node), -1, 0);
  return frozenNote;
};

/** Every operator that has a meaning here. */
export const translators: Readonly<Record<string, Translator>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool('maxpool'),
  AveragePool: pool('avgpool'),
  GlobalAveragePool: globalPool('globalavgpool'),
  GlobalMaxPool: globalPool('globalmaxpool'),
  ReduceMean: reduceMean,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNorm,
  InstanceNormalization: instanceNorm,
  LRN: lrn,
  Relu: pointwise('relu'),
  LeakyRelu: pointwise('leakyrelu', (node) => ({ alpha: node.number('alpha', 0.01) })),
  PRelu: prelu,
  Elu: pointwise('elu', (node) => ({ alpha: node.number('alpha', 1) })),
  Selu: selu,
  Gelu: pointwise('gelu', (node) => ({
    approximate: node.text('approximate', 'none') === 'tanh' ? ('tanh' as const) : ('none' as const),
  })),
  Sigmoid: pointwise('sigmoid'),
  Swish: pointwise('silu'),
  Tanh: pointwise('tanh'),
  Softplus: pointwise('softplus'),
  Mish: pointwise('mish'),
  HardSigmoid: hardSigmoid,
  HardSwish: pointwise('hardswish'),
  // |x| is a leaky ReLU of slope −1.
  Abs: pointwise('leakyrelu', () => ({ alpha: -1 })),
  Sign: pointwise('sign'),
  Neg: negative,
  Clip: clip,
  Softmax: softmax('softmax'),
  LogSoftmax: softmax('logsoftmax'),
  Dropout: dropout,
  Identity: identity,
  Cast: identity,
  Add: arithmetic,
  Sum: arithmetic,
  Mul: arithmetic,
  Sub: arithmetic,
  Div: arithmetic,
  Max: arithmetic,
  Mean: arithmetic,
  Concat: concat,
  Flatten: flatten,
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Pad: pad,
  Slice: slice,
  Split: split,
  Resize: resize,
  Upsample: resize,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
