import { pairOf, Untranslatable } from '../../builder.js';
import type { Constant } from '../constant.js';
import { type Activation, isConstant, type Node, type OnnxNet } from '../net.js';
import {
  affine,
  everywhere,
  type Factor,
  frozenNote,
  isPerChannel,
  numberwise,
  perChannel,
  size,
  type Translator,
} from './operator.js';
import { between } from './pointwise.js';

const merges = { Add: 'add', Sum: 'add', Mul: 'multiply', Max: 'max', Mean: 'add' } as const;

/** Add, Mul and their like: of volumes a merge, of a volume and a constant a scale or shift a channel. */
export const arithmetic: Translator = (node, net) => {
  const at = node.inputs.findIndex((_, i) => isConstant(net.value(node, i)));
  if (at >= 0 && node.inputs.length === 2) return withConstant(node, net, at);
  const values = node.inputs.map((_, i) => net.anyOrder(node, i));
  const largest = values.reduce((largest, value) => (size(value.dims) > size(largest.dims) ? value : largest));
  if (values.some(({ order = [] }) => order.join() !== (largest.order ?? []).join()))
    throw new Untranslatable('its volumes are not turned round alike');
  const op = node.op as keyof typeof merges;
  const inputs = values.map((value) => spread(node, net, value, largest));
  const note = inputs.every((index, i) => index === values[i]?.index) ? undefined : frozenNote;
  if (node.op === 'Sub') {
    const negative = affine(node, net, inputs[1] as number, -1, 0, { part: '_negative', form: largest });
    net.add(node, 'add', {}, [inputs[0] as number, negative], largest);
    return frozenNote;
  }
  if (!Object.hasOwn(merges, op)) throw new Untranslatable('the language has no such operation on two volumes');
  if (inputs.length === 1) {
    net.put(node, inputs[0] as number, largest);
    return undefined;
  }
  const sum = net.add(node, merges[op], {}, inputs, largest, op === 'Mean' ? '_sum' : '');
  if (op !== 'Mean') return note;
  affine(node, net, sum, 1 / inputs.length, 0, { form: largest });
  return frozenNote;
};

/**
 * A volume of one channel for all, or of one pixel for all, as large as the other. One pixel a channel is left to what
 * multiplies.
 */
function spread(node: Node, net: OnnxNet, value: Activation, whole: Activation): number {
  const [own, all] = [net.builder.shapeOf(value.index), net.builder.shapeOf(whole.index)];
  const isFit = value.dims.every((dim, axis) => dim === 1 || dim === whole.dims[axis]);
  if (value.dims.length !== whole.dims.length || !isFit)
    throw new Untranslatable(`[${value.dims.join(', ')}] does not go with [${whole.dims.join(', ')}] number by number`);
  let { index } = value;
  if (own.channels < all.channels) {
    const attributes = { filters: all.channels, kernel: pairOf(1), bias: false, frozen: true };
    index = net.add(node, 'conv', attributes, [index], whole, '_channels');
    net.builder.weigh(index, 'weight', new Float32Array(all.channels).fill(1));
  }
  if ((own.height === all.height && own.width === all.width) || (node.op === 'Mul' && own.height * own.width === 1))
    return index;
  const factor = pairOf(all.height / own.height, all.width / own.width);
  return net.add(node, 'upsample', { factor, mode: 'nearest' }, [index], whole, '_places');
}

/** x · factor + shift of what an operator does with each number of a volume. */
interface Scaling {
  readonly factor: Factor;
  readonly shift: Factor;
}

const scalings: Readonly<Record<string, (values: Float32Array, isSecond: boolean) => Scaling | undefined>> = {
  Add: (values) => ({ factor: 1, shift: values }),
  Mul: (values) => ({ factor: values, shift: 0 }),
  Sub: (values, isSecond) =>
    isSecond ? { factor: 1, shift: values.map((value) => -value) } : { factor: -1, shift: values },
  Div: (values, isSecond) => (isSecond ? { factor: values.map((value) => 1 / value), shift: 0 } : undefined),
};

function withConstant(node: Node, net: OnnxNet, at: number): string | undefined {
  const other = 1 - at;
  const constant = aligned(node, net, at);
  const value = net.anyOrder(node, other);
  const { channels } = net.builder.shapeOf(value.index);
  const [only] = size(constant.dims) === 1 ? (constant.values ?? []) : [];
  if (only !== undefined && node.op === 'Max') return between(node, net, other, only, Number.POSITIVE_INFINITY);
  if (only !== undefined && node.op === 'Min') return between(node, net, other, Number.NEGATIVE_INFINITY, only);
  const isChannelwise = isPerChannel(constant, value, channels);
  if (node.op === 'Add' && isChannelwise && absorbBias(node, net, value, constant)) return undefined;
  const isLearned = size(constant.dims) > 1 && net.parameters.has(node.inputs[at] ?? '');
  if (!constant.values && isLearned && isChannelwise && node.op === 'Mul') {
    // A filter without its numbers.
    net.add(node, 'depthwise', { kernel: pairOf(1), bias: false }, [value.index], value);
    return undefined;
  }
  if (!constant.values) throw new Untranslatable('its constant lies in a file that is not there');
  const numbers = isChannelwise ? perChannel(constant, channels) : everywhere(constant, value);
  const scaling = scalings[node.op]?.(numbers, at === 1);
  if (!scaling) throw new Untranslatable('the language has no such operation with a constant');
  const { factor, shift } = scaling;
  if (isChannelwise) affine(node, net, value.index, factor, shift, { form: value, isLearned });
  else
    numberwise(node, net, value, (vector) => {
      const { dims } = net.activation(node, other);
      return affine(node, net, vector, factor, shift, { form: { dims: [size(dims)] }, isLearned });
    });
  return isLearned ? undefined : frozenNote;
}

/** Before opset 7 an attribute said at which axis of the volume the constant's begin. */
function aligned(node: Node, net: OnnxNet, at: number): Constant {
  const constant = net.constant(node, at, 'numbers');
  if (!node.attribute('axis')) return constant;
  const rank = net.activation(node, 1 - at).dims.length + 1;
  const after = rank - node.number('axis', 0) - constant.dims.length;
  return { ...constant, dims: [...constant.dims, ...new Array<number>(Math.max(0, after)).fill(1)] };
}

const biased = ['fc', 'conv', 'depthwise', 'convtranspose'] as const;

/** A constant added to what a layer without bias makes, and nothing else reads, is its bias. */
function absorbBias(node: Node, net: OnnxNet, value: Activation, constant: Constant): boolean {
  const before = net.builder.layers[value.index];
  const kind = biased.find((kind) => kind === before?.kind);
  if (!kind || (before?.attributes as { readonly bias?: boolean } | undefined)?.bias) return false;
  // Operators that move nothing give the same layer other names.
  const names = [...net.values].flatMap(([name, other]) =>
    'index' in other && other.index === value.index ? name : [],
  );
  if (names.some((name) => net.readersOf(name) !== 1)) return false;
  net.builder.update(value.index, { bias: true });
  const { channels } = net.builder.shapeOf(value.index);
  if (constant.values) net.builder.weigh(value.index, 'bias', perChannel(constant, channels));
  net.put(node, value.index, value);
  return true;
}
