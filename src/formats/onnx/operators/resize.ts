import type { Shape } from '../../../network/shape.js';
import { pairOf, Untranslatable } from '../../builder.js';
import type { Node, OnnxNet } from '../net.js';
import { axisOf, frozenNote, spatial, type Translator } from './operator.js';

export const resize: Translator = (node, net) => {
  const input = spatial(node, net);
  const { dims } = net.activation(node);
  const given = lengthsAfter(node, net, dims);
  const [height = 1, width = 1] = given.lengths;
  if (dims.length !== 3) throw new Untranslatable('it resizes rows');
  const [y, x] = [height / input.height, width / input.width];
  const [scaleY = y, scaleX = x] = given.scales;
  // A scale of 2.1 may come to twice the length, and takes other pixels.
  const isWhole = Number.isInteger(y) && Number.isInteger(x) && scaleY === y && scaleX === x;
  const sampling = samplingOf(node, net);
  const { mode, places, rounding } = sampling;
  const repeats =
    (places === 'asymmetric' && rounding === 'floor') ||
    ((places === 'half_pixel' || places === 'pytorch_half_pixel') && rounding.startsWith('round')) ||
    (places === 'asymmetric' && rounding === 'round_prefer_floor' && y <= 2 && x <= 2);
  if (isWhole && mode === 'nearest' && repeats) {
    net.add(node, 'upsample', { factor: pairOf(y, x), mode: 'nearest' }, [net.input(node)]);
    return undefined;
  }
  if (isWhole && mode === 'linear' && ['half_pixel', 'pytorch_half_pixel', 'align_corners'].includes(places)) {
    const aligncorners = places === 'align_corners';
    net.add(node, 'upsample', { factor: pairOf(y, x), mode: 'bilinear', aligncorners }, [net.input(node)]);
    return undefined;
  }
  const rows = samples(sampling, input.height, height, scaleY);
  sample(node, net, input, rows, samples(sampling, input.width, width, scaleX));
  return frozenNote;
};

/** Height and width after it, and the scales where those were given. */
function lengthsAfter(node: Node, net: OnnxNet, dims: readonly number[]) {
  const isOld = node.op === 'Upsample' || net.opset < 11;
  if (node.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new Untranslatable('it keeps the proportions of the picture');
  const axes = (node.numbers('axes') ?? [0, ...dims].map((_, axis) => axis)).map((axis) => axisOf(axis, dims));
  const ofAxes = (numbers: readonly number[], byDefault: (axis: number) => number) =>
    [0, ...dims].map((_, axis) => numbers[axes.indexOf(axis)] ?? byDefault(axis));
  const sizes = isOld ? [] : (net.integers(node, 3, 'sizes') ?? []);
  const own = (axis: number) => dims[axis - 1] ?? 1;
  if (sizes.length > 0) {
    const lengths = ofAxes(sizes, own);
    if (lengths[1] !== dims[0]) throw new Untranslatable('it resizes the channels');
    return { lengths: lengths.slice(2), scales: [] };
  }
  const scales = ofAxes(node.numbers('scales') ?? net.integers(node, isOld ? 1 : 2, 'scales') ?? [], () => 1);
  if (scales[0] !== 1 || scales[1] !== 1) throw new Untranslatable('it resizes the channels');
  return { lengths: scales.slice(2).map((scale, i) => Math.floor(own(i + 2) * scale)), scales: scales.slice(2) };
}

interface Sampling {
  readonly mode: string;
  /** How a place of the output becomes one of the input. */
  readonly places: string;
  /** Of nearest. */
  readonly rounding: string;
  /** Of cubic: the slope at the next pixel, and whether pixels outside count. */
  readonly slope: number;
  readonly excludes: boolean;
}

function samplingOf(node: Node, net: OnnxNet): Sampling {
  const isOld = node.op === 'Upsample' || net.opset < 11;
  const mode = node.text('mode', 'nearest');
  if (node.number('antialias', 0) === 1) throw new Untranslatable('it smooths what it makes smaller');
  return {
    mode: mode === 'bilinear' ? 'linear' : mode,
    places: node.text('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel'),
    rounding: node.text('nearest_mode', isOld ? 'floor' : 'round_prefer_floor'),
    slope: node.number('cubic_coeff_a', -0.75),
    excludes: node.number('exclude_outside', 0) === 1,
  };
}

/** Of corners that stay, ONNX's reference takes the length that the scale gives before it is rounded down. */
const placesInInput: Readonly<Record<string, (x: number, from: number, to: number, scale: number) => number>> = {
  half_pixel: (x, _, __, scale) => (x + 0.5) / scale - 0.5,
  pytorch_half_pixel: (x, _, to, scale) => (to > 1 ? (x + 0.5) / scale - 0.5 : 0),
  half_pixel_symmetric: (x, from, to, scale) => (from / 2) * (1 - to / (scale * from)) + (x + 0.5) / scale - 0.5,
  align_corners: (x, from, to, scale) => (to > 1 ? (x * (from - 1)) / (scale * from - 1) : 0),
  asymmetric: (x, _, __, scale) => x / scale,
  tf_half_pixel_for_nn: (x, _, __, scale) => (x + 0.5) / scale,
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** What each pixel of an axis is a sum of: `[to][from]`. */
function samples(sampling: Sampling, from: number, to: number, scale: number): readonly Float32Array[] {
  const { mode, places, rounding, slope, excludes } = sampling;
  const place = Object.hasOwn(placesInInput, places) ? placesInInput[places] : undefined;
  const round = Object.hasOwn(roundings, rounding) ? roundings[rounding] : undefined;
  if (!place || !round || !['nearest', 'linear', 'cubic'].includes(mode))
    throw new Untranslatable(`mode ${mode}, ${places}, ${rounding}`);
  const cubic = (r: number) =>
    r <= 1 ? ((slope + 2) * r - (slope + 3)) * r * r + 1 : ((slope * r - 5 * slope) * r + 8 * slope) * r - 4 * slope;
  return Array.from({ length: to }, (_, x) => {
    const weights = new Float32Array(from);
    const at = place(x, from, to, scale);
    const first = Math.floor(at);
    const part = at - first;
    const taps =
      mode === 'nearest'
        ? [[round(at), 1] as const]
        : mode === 'linear'
          ? [[first, 1 - part] as const, [first + 1, part] as const]
          : [-1, 0, 1, 2].map((step) => [first + step, cubic(Math.abs(part - step))] as const);
    const isInside = (index: number) => index >= 0 && index < from;
    const counted = mode === 'cubic' && excludes ? taps.filter(([index]) => isInside(index)) : taps;
    const sum = counted.reduce((total, [, weight]) => total + weight, 0);
    for (const [index, weight] of counted) {
      const inside = Math.min(Math.max(index, 0), from - 1);
      weights[inside] = (weights[inside] as number) + weight / sum;
    }
    return weights;
  });
}

/** More numbers are no filters that anybody wants. */
const MOST_SAMPLES = 2 ** 24;

/**
 * A filter as long as a row for each pixel of the new row, of every channel, gives rows as columns; once more, and they are
 * rows again.
 */
function sample(
  node: Node,
  net: OnnxNet,
  { channels, height, width }: Shape,
  rows: readonly Float32Array[],
  columns: readonly Float32Array[],
): void {
  const along = (input: number, length: number, weights: readonly Float32Array[], part: string): number => {
    if (channels * length * weights.length > MOST_SAMPLES)
      throw new Untranslatable(
        `it resizes ${channels} channels of ${height}×${width} to ${rows.length}×${columns.length}`,
      );
    const attributes = { kernel: pairOf(1, length), multiplier: weights.length, bias: false, frozen: true };
    const index = net.add(node, 'depthwise', attributes, [input], undefined, part);
    const all = new Float32Array(channels * length * weights.length);
    for (let filter = 0; filter < channels * weights.length; filter++)
      all.set(weights[filter % weights.length] as Float32Array, filter * length);
    net.builder.weigh(index, 'weight', all);
    return index;
  };
  const across = along(net.input(node), width, columns, '_across');
  const turned = { channels, height: columns.length, width: height };
  const turning = net.add(node, 'reshape', { size: turned }, [across], undefined, '_turned');
  const down = along(turning, height, rows, '_down');
  net.add(node, 'reshape', { size: { channels, height: rows.length, width: columns.length } }, [down]);
}

export const depthToSpace: Translator = (node, net) => {
  const b = node.number('blocksize', 0);
  if (node.text('mode', 'DCR') === 'CRD') {
    net.add(node, 'pixelshuffle', { factor: b }, [net.input(node)]);
    return undefined;
  }
  // The channels are dealt out in another order: each stamps a single 1.
  const { channels } = spatial(node, net);
  const filters = channels / (b * b);
  const attributes = { filters, kernel: pairOf(b), stride: pairOf(b), bias: false, frozen: true };
  const index = net.add(node, 'convtranspose', attributes, [net.input(node)]);
  net.builder.weigh(index, 'weight', dealt(filters, b));
  return frozenNote;
};

/** Filters of a single 1 between few channels and many: the (i·b + j)·few + c-th of many is pixel (i, j) of c. `[many][few][b][b]`. */
function dealt(few: number, b: number): Float32Array {
  const pixels = b * b;
  const weight = new Float32Array(few * pixels * few * pixels);
  for (let many = 0; many < few * pixels; many++)
    weight[(many * few + (many % few)) * pixels + Math.floor(many / few)] = 1;
  return weight;
}

/** Channel (i·b + j)·C + c is pixel (i, j) of the blocks of channel c: filters of a single 1, which training leaves alone. */
export const spaceToDepth: Translator = (node, net) => {
  const b = node.number('blocksize', 0);
  const { channels } = spatial(node, net);
  const filters = channels * b * b;
  const attributes = { filters, kernel: pairOf(b), stride: pairOf(b), bias: false, frozen: true };
  const index = net.add(node, 'conv', attributes, [net.input(node)]);
  net.builder.weigh(index, 'weight', dealt(channels, b));
  return frozenNote;
};
