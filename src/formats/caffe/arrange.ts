import type { LayerAttributes } from '../../network/catalogue.js';
import { volumeOf } from '../../network/shape.js';
import { aroundInStack, paddingOf, shapeOfDims, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import type { Message } from '../protobuf/message.js';
import { axisOf, type CaffeNet, type Translator } from './net.js';

// Layers that compute nothing: they join what comes in, take it apart, or read it as another volume.

export const concat: Translator = (layer, net) => {
  const param = layer.message('concat_param');
  const { dims } = net.blob(layer, 0);
  const axis = axisOf(param.has('axis') ? param.number('axis', 1) : param.number('concat_dim', 1), dims);
  const inputs = net.inputs(layer);
  if (inputs.length === 1) net.put(layer, 0, inputs[0] as number, dims);
  else if (axis === 1) {
    const index = net.add(layer, 'concat', {}, inputs);
    if (dims.length === 1) net.put(layer, 0, index, [net.builder.shapeOf(index).channels]);
  } else if (dims.length === 3 && (axis === 2 || axis === 3)) stack(layer, net, inputs, axis);
  else throw new Untranslatable(`it joins axis ${axis} of ${dims.length + 1}`);
};

/** Volumes one below (or beside) the other: each is padded with zeros to the whole, and all are added. */
function stack(layer: Message, net: CaffeNet, inputs: readonly number[], axis: 2 | 3): void {
  const lengths = inputs.map((index) => net.builder.shapeOf(index)[axis === 2 ? 'height' : 'width']);
  const padded = aroundInStack(lengths, axis === 2).map((amount, i) =>
    net.add(layer, 'pad', { amount }, [inputs[i] as number], undefined, `_pad${i + 1}`),
  );
  net.add(layer, 'add', {}, padded);
}

export const slice: Translator = (layer, net) => {
  const param = layer.message('slice_param');
  const { dims } = net.blob(layer, 0);
  const axis = axisOf(param.has('axis') ? param.number('axis', 1) : param.number('slice_dim', 1), dims);
  const length = dims[axis - 1];
  if (length === undefined) throw new Untranslatable('it takes the pictures of a batch apart');
  const input = net.input(layer);
  const tops = layer.texts('top');
  const points = param.numbers('slice_point');
  const step = length / tops.length;
  if (points.length === 0 && !Number.isInteger(step))
    throw new ImportError(`${layer.where}: ${length} cannot be divided into ${tops.length} equal slices`);
  const ends = points.length > 0 ? [...points, length] : tops.map((_, i) => step * (i + 1));
  if (ends.length !== tops.length)
    throw new ImportError(`${layer.where}: ${points.length} slice points for ${tops.length} tops`);
  let start = 0;
  for (const [i, end] of ends.entries()) {
    if (axis > 1) {
      // Rows or columns that nothing needs are cut off.
      if (!net.isSilenced(layer, i)) {
        const [before, after] = [start, length - end];
        const sides = dims.length === 3 && axis === 2 ? paddingOf(before, 0, after, 0) : paddingOf(0, before, 0, after);
        const amount = sides as LayerAttributes<'crop'>['amount'];
        net.put(layer, i, net.builder.add('crop', { amount }, [input], `${layer.text('name')}_${i + 1}`));
      } else net.put(layer, i, null);
      start = end;
      continue;
    }
    const index = net.builder.add('slice', { start, count: end - start }, [input], `${layer.text('name')}_${i + 1}`);
    net.put(layer, i, index, [end - start, ...dims.slice(1)]);
    start = end;
  }
};

export const crop: Translator = (layer, net) => {
  const param = layer.message('crop_param');
  const { dims } = net.blob(layer, 0);
  const reference = net.blob(layer, 1).dims;
  const axis = axisOf(param.number('axis', 2), dims);
  const offsets = param.numbers('offset');
  const offset = (at: number) => offsets[at - axis] ?? offsets[0] ?? 0;
  let input = net.input(layer);
  let count = 0;
  if (axis <= 1 && dims[0] !== reference[0]) {
    const channels = reference[0] ?? 0;
    input = net.add(layer, 'slice', { start: offset(1), count: channels }, [input], undefined, '_channels');
    count++;
  }
  const { height, width } = net.builder.shapeOf(input);
  const top = axis <= 2 ? offset(2) : 0;
  const left = offset(3);
  const bottom = axis <= 2 ? height - (reference[1] ?? height) - top : 0;
  const right = width - (reference[2] ?? width) - left;
  if (top !== 0 || left !== 0 || bottom !== 0 || right !== 0) {
    const amount = { mode: 'explicit', top, right, bottom, left } as const;
    net.add(layer, 'crop', { amount }, [input]);
  } else if (count === 0) net.put(layer, 0, input, dims);
};

/** Reads the numbers of a volume as another one: nothing to do where both are the same volume. */
function reshapeTo(layer: Message, net: CaffeNet, dims: readonly number[]): void {
  const size = shapeOfDims(dims);
  const before = net.shape(layer);
  const input = net.input(layer);
  if (!size) throw new Untranslatable(`[${dims.join(', ')}] is not a volume of channels, height and width`);
  const { height, width, channels } = before;
  if (size.height === height && size.width === width && size.channels === channels) net.put(layer, 0, input, dims);
  else if (size.height === 1 && size.width === 1 && size.channels === volumeOf(before))
    net.add(layer, 'flatten', {}, [input], dims);
  else net.add(layer, 'reshape', { size }, [input], dims);
}

export const flatten: Translator = (layer, net) => {
  const param = layer.message('flatten_param');
  const { dims } = net.blob(layer, 0);
  const from = axisOf(param.number('axis', 1), dims);
  const to = axisOf(param.number('end_axis', -1), dims);
  if (from < 1) throw new Untranslatable('it flattens the pictures of a batch into one another');
  const flat = dims.slice(from - 1, to).reduce((product, dim) => product * dim, 1);
  reshapeTo(layer, net, [...dims.slice(0, from - 1), flat, ...dims.slice(to)]);
};

export const reshape: Translator = (layer, net) => {
  const param = layer.message('reshape_param');
  const { dims } = net.blob(layer, 0);
  const target = param.message('shape').numbers('dim');
  const axis = axisOf(param.number('axis', 0), dims);
  const axes = param.number('num_axes', -1);
  // The batch is not known here; any number stands for it.
  const all = [1, ...dims];
  const replaced = axes < 0 ? all.slice(axis) : all.slice(axis, axis + axes);
  const rest = axes < 0 ? [] : all.slice(axis + axes);
  if (axis === 0 && ![0, 1, -1].includes(target[0] ?? 0) && target.length !== all.length)
    throw new Untranslatable('it mixes the pictures of a batch');
  const filled = target.map((dim, i) => (dim === 0 ? (replaced[i] ?? 1) : dim));
  if (axis === 0) filled[0] = 1;
  const product = (numbers: readonly number[]) => numbers.reduce((total, dim) => total * dim, 1);
  const known = product(filled.filter((dim) => dim !== -1));
  const result = [
    ...all.slice(0, axis),
    ...filled.map((dim) => (dim === -1 ? product(replaced) / known : dim)),
    ...rest,
  ];
  if (product(result) !== product(all))
    throw new ImportError(`${layer.where}: [${all.join(', ')}] cannot be read as [${result.join(', ')}]`);
  reshapeTo(layer, net, result.slice(1));
};

/** All tops are the bottom. */
export const identity: Translator = (layer, net) => {
  const { index, dims } = net.blob(layer, 0);
  for (const top of layer.texts('top').keys()) net.put(layer, top, index, dims);
};
