import type { LayerAttributes, LayerKind } from '../../../network/catalogue.js';
import type { Shape } from '../../../network/shape.js';
import { pairOf, Untranslatable } from '../../builder.js';
import { permute } from '../../permute.js';
import type { Constant } from '../constant.js';
import type { Form, Node, OnnxNet } from '../net.js';

/** Adds what an operator is here. Returns what differs, where something does. */
export type Translator = (node: Node, net: OnnxNet) => string | undefined;

/** Negative axes count from the end; the batch is axis 0. */
export const axisOf = (axis: number, dims: readonly number[]): number => (axis < 0 ? axis + dims.length + 1 : axis);

/** Which of a volume's own axes, of which 0 is the channels, an axis of the file is. */
export const ownAxis = (axis: number, { dims, order }: Form): number => {
  const at = axisOf(axis, dims) - 1;
  return order?.[at] ?? at;
};

export const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** One number a channel; a single one goes to all. */
export const perChannel = ({ values }: Constant, channels: number): Float32Array =>
  values?.length === 1
    ? new Float32Array(channels).fill(values[0] as number)
    : Float32Array.from(values ?? new Float32Array(channels));

/** Whether a constant that goes with a volume is one number, or one a channel. Broadcasting goes from the last axis. */
export function isPerChannel({ dims }: Constant, form: Form, channels: number): boolean {
  const at = dims.length - form.dims.length + (form.order?.indexOf(0) ?? 0);
  return size(dims) === 1 || (size(dims) === channels && dims[at] === channels);
}

/** A constant's numbers for every place of a volume, in the volume's own order. */
export function everywhere({ dims, values }: Constant, form: Form): Float32Array {
  const own = dims.slice(-form.dims.length);
  if (size(own) !== size(dims)) throw new Untranslatable('its constant differs from picture to picture');
  if (!values) throw new Untranslatable('its constant lies in a file that is not there');
  const missing = form.dims.length - own.length;
  const lengths = form.dims.map((_, i) => own[i - missing] ?? 1);
  if (lengths.some((length, i) => length !== 1 && length !== form.dims[i]))
    throw new Untranslatable(`its constant of [${dims.join(', ')}] does not go with [${form.dims.join(', ')}]`);
  const all = new Float32Array(size(form.dims));
  for (let to = 0; to < all.length; to++) {
    let [from, rest, step] = [0, to, 1];
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      const place = rest % (form.dims[axis] as number);
      rest = Math.floor(rest / (form.dims[axis] as number));
      if (lengths[axis] !== 1) from += place * step;
      step *= lengths[axis] as number;
    }
    all[to] = values[from] as number;
  }
  return form.order
    ? permute(
        all,
        form.dims,
        form.order.map((_, axis) => form.order?.indexOf(axis) ?? axis),
      )
    : all;
}

/** Does with each number of a volume what `add` does with each channel: the numbers become channels, and a volume again. */
export function numberwise(
  node: Node,
  net: OnnxNet,
  { index, ...form }: Form & { readonly index: number },
  add: (vector: number) => number,
): void {
  const size = net.builder.shapeOf(index);
  const vector = net.add(node, 'flatten', {}, [index], undefined, '_numbers');
  net.add(node, 'reshape', { size }, [add(vector)], form, '_volume');
}

/** A layer of one input that leaves its size as it is. */
export const pointwise =
  <K extends LayerKind>(kind: K, attributes: (node: Node) => Partial<LayerAttributes<K>> = () => ({})): Translator =>
  (node, net) => {
    const value = net.anyOrder(node);
    net.add(node, kind, attributes(node), [value.index], value);
    return undefined;
  };

export const frozenNote = 'it is written with frozen filters';

/** One number for all channels, or one each. */
export type Factor = Float32Array | number;

/** x · factor + shift, per channel: a filter of one number a channel that training leaves alone, unless it was learned. */
export function affine(
  node: Node,
  net: OnnxNet,
  input: number,
  factor: Factor,
  shift: Factor,
  { part = '', form = net.anyOrder(node), isLearned = false }: { part?: string; form?: Form; isLearned?: boolean } = {},
): number {
  const { channels } = net.builder.shapeOf(input);
  const filled = (value: Factor) => (typeof value === 'number' ? new Float32Array(channels).fill(value) : value);
  const bias = shift !== 0;
  const index = net.add(node, 'depthwise', { kernel: pairOf(1), bias, frozen: !isLearned }, [input], form, part);
  net.builder.weigh(index, 'weight', filled(factor));
  if (bias) net.builder.weigh(index, 'bias', filled(shift));
  return index;
}

export function spatial(node: Node, net: OnnxNet): Shape {
  if (net.activation(node).dims.length < 2) throw new Untranslatable('its input has no height and width');
  return net.shape(node);
}

/** A row stays a row. */
export const formAfter = (node: Node, net: OnnxNet) => {
  const isRow = net.activation(node).dims.length === 2;
  return (index: number): Form => {
    const { channels, height, width } = net.builder.shapeOf(index);
    return { dims: isRow ? [channels, width] : [channels, height, width] };
  };
};
