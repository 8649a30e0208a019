import type { Pair } from '../../../network/shape.js';
import { pairOf, Untranslatable } from '../../builder.js';
import type { Constant } from '../constant.js';
import type { Activation, Node, OnnxNet } from '../net.js';
import {
  axisOf,
  frozenNote,
  isPerChannel,
  numberwise,
  ownAxis,
  perChannel,
  pointwise,
  type Translator,
} from './operator.js';

export const batchNorm: Translator = (node, net) => {
  if (node.number('training_mode', 0) === 1)
    throw new Untranslatable('it is in training mode: its statistics are those of the batch');
  const attributes = { epsilon: node.number('epsilon', 1e-5), momentum: node.number('momentum', 0.9) };
  const index = net.add(node, 'batchnorm', attributes, [net.input(node)], net.activation(node));
  for (const [i, weight] of ['weight', 'bias', 'running_mean', 'running_var'].entries())
    net.weigh(index, weight, net.constant(node, i + 1, 'parameters'));
  return undefined;
};

export const instanceNorm: Translator = (node, net) => {
  const attributes = { epsilon: node.number('epsilon', 1e-5), affine: true };
  const index = net.add(node, 'instancenorm', attributes, [net.input(node)], net.activation(node));
  net.weigh(index, 'weight', net.constant(node, 1, 'scale'));
  net.weigh(index, 'bias', net.constant(node, 2, 'shift'));
  return undefined;
};

export const layerNorm: Translator = (node, net) => {
  const value = net.anyOrder(node);
  const axis = axisOf(node.number('axis', -1), value.dims);
  const isAlone = node.number('alone', 0) === 1 || axis === value.dims.length;
  if (!isAlone || ownAxis(axis, value) !== 0) throw new Untranslatable('it does not normalise over the channels alone');
  if (node.outputs.slice(1).some((name) => net.readersOf(name) > 0))
    throw new Untranslatable('its statistics are read, too');
  const { channels } = net.builder.shapeOf(value.index);
  const parameter = (at: number, what: string): Constant => {
    const constant = net.constant(node, at, what);
    if (!isPerChannel(constant, value, channels)) throw new Untranslatable(`its ${what} is not one number a channel`);
    return { ...constant, values: constant.values && perChannel(constant, channels) };
  };
  const scale = parameter(1, 'scale');
  const shift = net.has(node, 2) ? parameter(2, 'shift') : { dims: [channels], values: new Float32Array(channels) };
  const index = net.add(node, 'layernorm', { epsilon: node.number('epsilon', 1e-5) }, [value.index], value);
  net.weigh(index, 'weight', scale);
  net.weigh(index, 'bias', shift);
  return undefined;
};

export const lrn: Translator = (node, net) => {
  const size = node.number('size', 5);
  if (size % 2 === 0) throw new Untranslatable('of an even size the window lies otherwise here');
  const attributes = {
    size,
    alpha: node.number('alpha', 1e-4),
    beta: node.number('beta', 0.75),
    k: node.number('bias', 1),
  };
  net.add(node, 'lrn', attributes, [net.input(node)], net.activation(node));
  return undefined;
};

export const softmax =
  (kind: 'softmax' | 'logsoftmax'): Translator =>
  (node, net) => {
    const value = net.anyOrder(node);
    const { dims } = value;
    const first = axisOf(node.number('axis', net.opset < 13 ? 1 : -1), dims);
    if (first === 0) throw new Untranslatable('it normalises over the pictures of a batch');
    // Before 13 it went over all axes from the given one on.
    const last = net.opset < 13 ? dims.length : first;
    const isOver = (at: number) => at + 1 >= first && at + 1 <= last;
    const axes = dims.flatMap((dim, at) => (isOver(at) && dim > 1 ? [ownAxis(at + 1, value)] : []));
    if (axes.length === 0 && net.builder.shapeOf(value.index).channels > 1)
      throw new Untranslatable('it normalises over one place alone');
    if (axes.every((axis) => axis === 0)) return pointwise(kind)(node, net);
    if (dims.every((dim, at) => isOver(at) || dim === 1)) {
      numberwise(node, net, value, (vector) => net.add(node, kind, {}, [vector]));
      return undefined;
    }
    if (axes.includes(0)) throw new Untranslatable('it normalises over the channels and some of the places');
    along(node, net, kind, value, axes);
    return frozenNote;
  };

/** More lie along no axis that a softmax goes along. */
const LONGEST_AXIS = 4096;

/**
 * Along rows, columns or both: what lies along them becomes channels by filters of a single 1, and lies along them again by
 * a transposed convolution with the same.
 */
function along(
  node: Node,
  net: OnnxNet,
  kind: 'softmax' | 'logsoftmax',
  value: Activation,
  axes: readonly number[],
): void {
  const size = net.builder.shapeOf(value.index);
  const { channels, height, width } = size;
  const isBoth = axes.length === 2 || height === 1 || width === 1;
  const [rows, columns] = isBoth ? [channels, height * width] : [channels * height, width];
  const kernel: Pair = isBoth || axes[0] === 2 ? pairOf(1, columns) : pairOf(height, 1);
  const length = kernel.y * kernel.x;
  if (length > LONGEST_AXIS) throw new Untranslatable(`it normalises over ${length} places`);
  const ones = new Float32Array(length * length);
  for (let i = 0; i < length; i++) ones[i * length + i] = 1;
  const plane = { height: rows, width: columns, channels: 1 };
  const window = { kernel, stride: kernel, bias: false, frozen: true };
  const flat = net.add(node, 'reshape', { size: plane }, [value.index], undefined, '_plane');
  const turned = net.add(node, 'conv', { ...window, filters: length }, [flat], undefined, '_channels');
  net.builder.weigh(turned, 'weight', ones);
  const result = net.add(node, kind, {}, [turned]);
  const back = net.add(node, 'convtranspose', { ...window, filters: 1 }, [result], undefined, '_places');
  net.builder.weigh(back, 'weight', ones);
  net.add(node, 'reshape', { size }, [back], value, '_volume');
}
