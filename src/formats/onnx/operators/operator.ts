import type { LayerAttributes, LayerKind } from '../../../network/catalogue.js';
import type { Shape } from '../../../network/shape.js';
import { pairOf, Untranslatable } from '../../builder.js';
import type { Constant } from '../constant.js';
import type { Node, OnnxNet } from '../net.js';

/** Adds what an operator is here. Returns what differs, where something does. */
export type Translator = (node: Node, net: OnnxNet) => string | undefined;

/** Negative axes count from the end; the batch is axis 0. */
export const axisOf = (axis: number, dims: readonly number[]): number => (axis < 0 ? axis + dims.length + 1 : axis);

export const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

export const count = ({ dims }: Constant): number => dims.reduce((product, dim) => product * dim, 1);

/** One number, or one a channel. */
export const isPerChannel = (constant: Constant, channels: number): boolean => [1, channels].includes(count(constant));

/** One number a channel; a single one goes to all. */
export const perChannel = ({ values }: Constant, channels: number): Float32Array =>
  values?.length === 1
    ? new Float32Array(channels).fill(values[0] as number)
    : Float32Array.from(values ?? new Float32Array(channels));

/** A layer of one input that leaves its size as it is. */
export const pointwise =
  <K extends LayerKind>(kind: K, attributes: (node: Node) => Partial<LayerAttributes<K>> = () => ({})): Translator =>
  (node, net) => {
    net.add(node, kind, attributes(node), [net.input(node)], net.activation(node).dims);
    return undefined;
  };

export const frozenNote = 'its constants are a frozen filter of one number a channel';

/** One number for all channels, or one each. */
export type Factor = Float32Array | number;

/** x · factor + shift, per channel: a filter of one number a channel that training leaves alone. */
export function affine(
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

export function spatial(node: Node, net: OnnxNet): Shape {
  if (net.activation(node).dims.length < 2) throw new Untranslatable('its input has no height and width');
  return net.shape(node);
}

/** A row stays a row. */
export const dimsAfter = (node: Node, net: OnnxNet) => {
  const isRow = net.activation(node).dims.length === 2;
  return (index: number): readonly number[] => {
    const { channels, height, width } = net.builder.shapeOf(index);
    return isRow ? [channels, width] : [channels, height, width];
  };
};
