import type { Shape } from '../../../network/shape.js';
import { evenPadding, type Padding } from '../../../network/values.js';
import { paddingOf, pairOf, Untranslatable } from '../../builder.js';
import { ImportError } from '../../format.js';
import type { Constant } from '../constant.js';
import type { Node } from '../net.js';
import { axisOf, formAfter, frozenNote, ownAxis, size, spatial, type Translator } from './operator.js';

/** Two numbers of an attribute, or one for the only axis of a row. */
function pair(node: Node, name: string, byDefault: number) {
  const numbers = node.numbers(name) ?? [];
  const [first = byDefault, second] = numbers;
  return numbers.length === 1 ? pairOf(1, first) : pairOf(first, second ?? first);
}

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

export const conv: Translator = (node, net) => {
  const input = spatial(node, net);
  const weight = net.constant(node, 1, 'weights');
  const bias = net.has(node, 2);
  const window = windowOf(node, kernelOf(node, weight));
  const filters = weight.dims[0] ?? 0;
  const groups = node.number('group', 1);
  const shared = { ...window, pad: padOf(node, window, input), bias };
  const isDepthwise = groups > 1 && groups === input.channels && filters % groups === 0;
  const form = formAfter(node, net);
  const index = isDepthwise
    ? net.add(node, 'depthwise', { ...shared, multiplier: filters / groups }, [net.input(node)])
    : net.add(node, 'conv', { ...shared, filters, groups }, [net.input(node)]);
  net.put(node, index, form(index));
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

export const convTranspose: Translator = (node, net) => {
  const input = spatial(node, net);
  const weight = net.constant(node, 1, 'weights');
  const bias = net.has(node, 2);
  const groups = node.number('group', 1);
  const window = windowOf(node, kernelOf(node, weight));
  const { kernel, stride, dilation } = window;
  let pad = padOf(node, window, input);
  let outputpad = pair(node, 'output_padding', 0);
  const mode = node.text('auto_pad', 'NOTSET');
  const sizes = node.numbers('output_shape') ?? [];
  const size =
    sizes.length > 0 ? sizes : mode === 'SAME_LOWER' ? [input.height * stride.y, input.width * stride.x] : undefined;
  if (size) {
    const isRow = net.activation(node).dims.length === 2;
    const [y = 0, x = 0] = isRow ? [1, size.at(-1)] : size.slice(-2);
    const surplus = (length: number, axis: 'y' | 'x', wanted: number) =>
      (length - 1) * stride[axis] + outputpad[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - wanted;
    const [v, h] = [surplus(input.height, 'y', y), surplus(input.width, 'x', x)];
    const cut = (total: number) => Math.max(0, total);
    const isUpper = mode === 'SAME_UPPER';
    const before = (total: number) => (isUpper ? Math.floor(cut(total) / 2) : Math.ceil(cut(total) / 2));
    pad = paddingOf(before(v), before(h), cut(v) - before(v), cut(h) - before(h));
    outputpad = pairOf(outputpad.y + Math.max(0, -v), outputpad.x + Math.max(0, -h));
  }
  const filters = (weight.dims[1] ?? 0) * groups;
  const form = formAfter(node, net);
  const index = net.add(node, 'convtranspose', { ...window, filters, groups, pad, outputpad, bias }, [net.input(node)]);
  net.put(node, index, form(index));
  expectDims(node, weight, net.builder.specOf(index, 'weight')?.shape ?? []);
  net.weigh(index, 'weight', weight);
  if (bias) net.weigh(index, 'bias', net.constant(node, 2, 'biases'));
  return undefined;
};

export const pool =
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
    const form = formAfter(node, net);
    const index =
      kind === 'maxpool'
        ? net.add(node, kind, { ...shared, dilation }, [net.input(node)])
        : net.add(node, kind, { ...shared, countpad: node.number('count_include_pad', 0) === 1 }, [net.input(node)]);
    net.put(node, index, form(index));
    return undefined;
  };

export const globalPool =
  (kind: 'globalmaxpool' | 'globalavgpool'): Translator =>
  (node, net) => {
    spatial(node, net);
    net.add(node, kind, {}, [net.input(node)]);
    return undefined;
  };

/** Over height and width a pool, over the channels a filter of equal numbers. */
export const reduce =
  (kind: 'max' | 'avg'): Translator =>
  (node, net) => {
    const value = net.anyOrder(node);
    const { index, dims, order } = value;
    const given = node.numbers('axes') ?? net.integers(node, 1, 'axes') ?? [0, ...dims].map((_, axis) => axis);
    const axes = new Set(given.map((axis) => axisOf(axis, dims)));
    if (axes.has(0)) throw new Untranslatable('it takes the pictures of a batch together');
    const { channels, height, width } = net.builder.shapeOf(index);
    const isOver = (own: number, length: number) =>
      length === 1 || [...axes].some((axis) => ownAxis(axis, value) === own);
    const [down, across] = [isOver(dims.length === 2 ? -1 : 1, height), isOver(dims.length === 2 ? 1 : 2, width)];
    const isOverChannels = channels > 1 && isOver(0, channels);
    if (isOverChannels && kind === 'max') throw new Untranslatable('it takes the largest of the channels');
    const keeps = node.number('keepdims', 1) === 1;
    const result = dims.flatMap((dim, i) => (axes.has(i + 1) ? (keeps ? [1] : []) : [dim]));
    const isVector = size(result) === channels;
    if (order && !isVector && !keeps) throw new Untranslatable('it reads a volume that is turned round');
    const form = { dims: result, ...(order && keeps && { order }) };
    let last = index;
    if (down && across) last = net.add(node, kind === 'avg' ? 'globalavgpool' : 'globalmaxpool', {}, [last], form);
    else if ((down && height > 1) || (across && width > 1)) {
      const kernel = pairOf(down ? height : 1, across ? width : 1);
      const window = { kernel, stride: kernel };
      last =
        kind === 'avg'
          ? net.add(node, 'avgpool', window, [last], form)
          : net.add(node, 'maxpool', window, [last], form);
    }
    if (isOverChannels) {
      const attributes = { filters: 1, kernel: pairOf(1), bias: false, frozen: true };
      last = net.add(node, 'conv', attributes, [last], form, last === index ? '' : '_channels');
      net.builder.weigh(last, 'weight', new Float32Array(channels).fill(1 / channels));
    }
    if (form.order) net.put(node, last, form);
    else net.reshape(node, result, last, '_as');
    return isOverChannels ? frozenNote : undefined;
  };
