import type { LayerAttributes } from '../../network/catalogue.js';
import { type Shape, volumeOf } from '../../network/shape.js';
import { paddingOf, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import { list, only, requireLastAxis, type Translator, type Value } from './net.js';

// Layers without weights that join what comes in, frame it, cut it, or read it as another volume.

export const merge =
  (kind: 'add' | 'multiply' | 'max' | 'concat'): Translator =>
  (layer, net, inputs) => {
    if (inputs.length < 2) throw new ImportError(`layer ${layer.name}: it needs two inputs or more`);
    if (kind === 'concat') requireLastAxis(layer.config.axis, inputs[0] as Value);
    const index = net.builder.add(
      kind,
      {},
      inputs.map((input) => input.index),
      layer.name,
    );
    return { index, isVector: inputs.every(({ isVector }) => isVector) };
  };

export const flatten: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const { height, width } = net.builder.shapeOf(input.index);
  // A Dense flattens by itself; what stands between keeps its numbers.
  if (height * width === 1) return { index: input.index, isVector: true };
  return { index: net.builder.add('flatten', {}, [input.index], layer.name), isVector: true };
};

export const reshape: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const before = net.builder.shapeOf(input.index);
  const dims = list(layer.config.target_shape).map(Number);
  const known = dims.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const filled = dims.map((dim) => (dim === -1 ? volumeOf(before) / known : dim));
  if (filled.length !== 1 && filled.length !== 3)
    throw new Untranslatable(`[${dims.join(', ')}] is not a volume of height, width and channels`);
  const isVector = filled.length === 1;
  const [height = 1, width = 1, channels = 1] = isVector ? [1, 1, filled[0] ?? 1] : filled;
  if (height === before.height && width === before.width && channels === before.channels)
    return { index: input.index, isVector };
  const size: Shape = { height, width, channels };
  const index = isVector
    ? net.builder.add('flatten', {}, [input.index], layer.name)
    : net.builder.add('reshape', { size }, [input.index], layer.name);
  return { index, isVector };
};

export const identity: Translator = (_, __, inputs) => inputs[0] as Value;

/** 1, [1, 2], or [[top, bottom], [left, right]]. */
function sidesOf(value: unknown): { top: number; bottom: number; left: number; right: number } {
  const side = (one: unknown): [number, number] =>
    Array.isArray(one) ? [Number(one[0]), Number(one[1])] : [Number(one), Number(one)];
  const [vertical, horizontal] = Array.isArray(value) ? value : [value, value];
  const [top, bottom] = side(vertical);
  const [left, right] = side(horizontal);
  return { top, bottom, left, right };
}

export const zeroPadding: Translator = (layer, net, inputs) => {
  const { top, left, bottom, right } = sidesOf(layer.config.padding);
  const amount = paddingOf(top, left, bottom, right) as LayerAttributes<'pad'>['amount'];
  return { index: net.builder.add('pad', { amount }, only(inputs), layer.name), isVector: false };
};

export const cropping: Translator = (layer, net, inputs) => {
  const { top, left, bottom, right } = sidesOf(layer.config.cropping);
  const amount = { mode: 'explicit', top, right, bottom, left } as const;
  return { index: net.builder.add('crop', { amount }, only(inputs), layer.name), isVector: false };
};
