import { aroundInStack, Untranslatable } from '../../builder.js';
import { ImportError } from '../../format.js';
import type { Node, OnnxNet } from '../net.js';
import { affine, axisOf, formAfter, frozenNote, ownAxis, size, type Translator } from './operator.js';

export const concat: Translator = (node, net) => {
  const values = node.inputs.map((_, i) => net.anyOrder(node, i));
  const [first] = values;
  if (!first) return undefined;
  const { dims, order } = first;
  const axis = axisOf(node.number('axis', 1), dims);
  const inputs = values.map(({ index }) => index);
  if (axis === 0) throw new Untranslatable('it joins the pictures of batches');
  if (values.some((value) => (value.order ?? []).join() !== (order ?? []).join()))
    throw new Untranslatable('its volumes are not turned round alike');
  if (inputs.length === 1) net.put(node, first.index, first);
  else if (ownAxis(axis, first) === 0) {
    const channels = inputs.reduce((sum, index) => sum + net.builder.shapeOf(index).channels, 0);
    net.add(node, 'concat', {}, inputs, { ...first, dims: dims.with(axis - 1, channels) });
  } else if (order) throw new Untranslatable('it reads a volume that is turned round');
  else stack(node, net, inputs, dims.length === 2 ? 3 : axis);
  return undefined;
};

/** Volumes one below (or beside) the other: each is padded with zeros to the whole, and all are added. */
function stack(node: Node, net: OnnxNet, inputs: readonly number[], axis: number): void {
  const isRow = net.activation(node).dims.length === 2;
  const lengths = inputs.map((index) => net.builder.shapeOf(index)[axis === 2 ? 'height' : 'width']);
  const padded = aroundInStack(lengths, axis === 2).map((amount, i) =>
    net.add(node, 'pad', { amount }, [inputs[i] as number], undefined, `_pad${i + 1}`),
  );
  const sum = net.add(node, 'add', {}, padded);
  const { channels, height, width } = net.builder.shapeOf(sum);
  net.put(node, sum, { dims: isRow ? [channels, width] : [channels, height, width] });
}

export const flatten: Translator = (node, net) => {
  const { dims } = net.activation(node);
  if (axisOf(node.number('axis', 1), dims) !== 1)
    throw new Untranslatable('it flattens the pictures of a batch into one another');
  net.reshape(node, [size(dims)]);
  return undefined;
};

export const reshape: Translator = (node, net) => {
  const target = node.numbers('shape') ?? net.integers(node, 1, 'sizes') ?? [];
  const { dims, groups, isDealt, index, order } = net.activation(node);
  if (order) throw new Untranslatable('it reads a volume that is turned round');
  const [batch = 0, ...rest] = target;
  const filled = rest.map((dim, i) => (dim === 0 ? (dims[i] ?? 1) : dim));
  const known = size(filled.filter((dim) => dim !== -1));
  const result = filled.map((dim) => (dim === -1 ? size(dims) / known : dim));
  // 0 takes the batch over, −1 what is left.
  const keepsBatch = batch <= 1 ? net.batch === 1 || batch < 1 : batch === net.batch || !rest.includes(-1);
  if (size(result) !== size(dims) || !keepsBatch)
    throw new Untranslatable(`[${target.join(', ')}] mixes the pictures of a batch`);
  // ShuffleNet takes the channels apart, exchanges groups and places, and puts them together again.
  if (groups !== undefined) {
    if (!isDealt || result.length !== 3) throw new Untranslatable('it reads a volume of more than three dimensions');
    net.add(node, 'channelshuffle', { groups }, [index], { dims: result });
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

export const transpose: Translator = (node, net) => {
  const value = net.activation(node);
  // Without one, all axes the other way round.
  const order = node.numbers('perm') ?? [0, ...value.dims].map((_, axis) => value.dims.length - axis);
  const [name = ''] = node.outputs;
  if (value.groups !== undefined && order.join() === '0,2,1,3,4') {
    net.values.set(name, { ...value, isDealt: true });
    return undefined;
  }
  if (order[0] !== 0 || order.length !== value.dims.length + 1)
    throw new Untranslatable(`it exchanges pictures and something else: [${order.join(', ')}]`);
  // Nothing moves: what reads it is told which axis is which.
  const axes = order.slice(1).map((axis) => axis - 1);
  const turned = axes.map((axis) => value.order?.[axis] ?? axis);
  const dims = axes.map((axis) => value.dims[axis] ?? 1);
  net.put(node, value.index, { dims, ...(turned.some((axis, i) => axis !== i) && { order: turned }) });
  return undefined;
};

export const squeeze: Translator = (node, net) => {
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

export const unsqueeze: Translator = (node, net) => {
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

export const pad: Translator = (node, net) => {
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
  const after = formAfter(node, net);
  const sides = { mode: 'explicit', top, right, bottom, left } as const;
  if ([top, right, bottom, left].every((n) => n <= 0)) {
    const amount = { mode: 'explicit', top: -top, right: -right, bottom: -bottom, left: -left } as const;
    const index = net.add(node, 'crop', { amount }, [input]);
    net.put(node, index, after(index));
    return undefined;
  }
  const words = { constant: 'zeros', reflect: 'reflect', edge: 'edge' } as const;
  if (mode !== 'constant' || value === 0) {
    const index = net.add(node, 'pad', { amount: sides, mode: words[mode] }, [input]);
    net.put(node, index, after(index));
    return undefined;
  }
  const lowered = affine(node, net, input, 1, -value, { part: '_lowered' });
  const padded = net.add(node, 'pad', { amount: sides }, [lowered], undefined, '_padded');
  const raised = affine(node, net, padded, 1, value);
  net.put(node, raised, after(raised));
  return frozenNote;
};

export const slice: Translator = (node, net) => {
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
  net.put(node, index, { dims: result });
  return undefined;
};

export const split: Translator = (node, net) => {
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
    net.put(node, index, { dims: [count, ...dims.slice(1)] }, i);
    start += count;
  }
  return undefined;
};

export const identity: Translator = (node, net) => {
  const value = net.activation(node);
  net.put(node, value.index, value);
  return undefined;
};
