import * as diagnostics from '../diagnostics.js';
import { absent, defineLayer, type Inference, optional, required, type Span, type Support } from '../layer.js';
import type { Problem } from '../problem.js';
import { formatShape, type Pair, type Shape, volumeOf } from '../shape.js';
import {
  boolean,
  kernelSize,
  oneOf,
  positiveInteger,
  positivePair,
  type Sides,
  shape,
  sides,
  wholeNumber,
} from '../values.js';

/** Layers that move numbers around, or repeat and leave out some. */

/** One pixel sees one pixel, `by` further on. */
const shifted = (by: number): Support => ({ extent: 1, step: 1, start: by });

/** Larger by so many pixels on each side; smaller where they are negative. */
const grown = (input: Shape, { top, right, bottom, left }: Sides): Shape => ({
  height: input.height + top + bottom,
  width: input.width + left + right,
  channels: input.channels,
});

const shift = ({ top, left }: Sides): NonNullable<Inference['support']> => ({ y: shifted(-top), x: shifted(-left) });

const flatten = defineLayer({
  title: 'Flatten',
  category: 'shape',
  summary: 'Reads the volume as one long vector: 1×1 with as many channels as there were numbers.',
  doc: 'In the order C, H, W; under `like keras` H, W, C. fc does it by itself, so it is seldom needed.',
  example: 'flatten',
  attributes: {},
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input] }) =>
    input ? { output: { height: 1, width: 1, channels: volumeOf(input) }, support: 'everything' } : { output: null },
  explain: ({ inputs: [input] }) =>
    input ? { output: [`${input.height}·${input.width}·${input.channels} = ${volumeOf(input)}`] } : {},
});

const reshape = defineLayer({
  title: 'Reshape',
  category: 'shape',
  summary: 'Reads the numbers in order and fills another size with them.',
  doc: 'In the order C, H, W for both; under `like keras` H, W, C. The new size holds exactly as many numbers.',
  example: 'reshape 7x7x64',
  attributes: { size: required(shape, 'The new height × width × channels.') },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { size } }) => {
    if (!input) return { output: null };
    const problems = volumeOf(input) === volumeOf(size) ? [] : [diagnostics.volumesDiffer(input, size)];
    return { output: problems.length === 0 ? size : null, problems, support: 'everything' };
  },
  explain: ({ inputs: [input], attributes: { size } }) =>
    input ? { output: [`${formatShape(input)} = ${volumeOf(input)} = ${formatShape(size)}`] } : {},
});

const pad = defineLayer({
  title: 'Padding',
  category: 'shape',
  summary: 'Adds pixels around its input: zeros, its mirror image, or its edge again.',
  doc:
    'A convolution pads by itself with zeros; this layer is for other borders, and for layers that do not. `reflect` mirrors ' +
    'without repeating the outermost pixel, `edge` repeats it.',
  example: 'pad 1 mode reflect',
  attributes: {
    amount: required(sides, 'Pixels: a number, `(vertical, horizontal)` or `(top, right, bottom, left)`.'),
    mode: optional(oneOf('zeros', 'reflect', 'edge'), 'zeros', 'What the new pixels are.'),
  },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { amount, mode } }) => {
    if (!input) return { output: null };
    const problems: Problem[] = [];
    if (mode === 'reflect')
      for (const [most, length] of [
        [Math.max(amount.top, amount.bottom), input.height],
        [Math.max(amount.left, amount.right), input.width],
      ] as const)
        if (most >= length && problems.length === 0) problems.push(diagnostics.reflectsTooFar(most, length));
    return { output: problems.length === 0 ? grown(input, amount) : null, problems, support: shift(amount) };
  },
  explain: ({ inputs: [input], attributes: { amount } }) => (input ? explainAmounts(input, amount) : {}),
});

const explainAmounts = (input: Shape, { top, right, bottom, left }: Sides) => {
  const sum = (length: number, a: number, b: number) =>
    `${length} ${a < 0 || b < 0 ? '−' : '+'} ${Math.abs(a)} ${a < 0 || b < 0 ? '−' : '+'} ${Math.abs(b)} = ${length + a + b}`;
  return { output: [`height ${sum(input.height, top, bottom)}`, `width ${sum(input.width, left, right)}`] };
};

interface CropAttributes {
  readonly amount: Sides | null;
  readonly size: Pair | null;
}

/** What `crop` takes from each side, as negative amounts; of an odd number the larger half goes from the bottom and right. */
export function cropAmounts(input: Shape, { amount, size }: CropAttributes): Sides {
  if (amount) return { top: -amount.top, right: -amount.right, bottom: -amount.bottom, left: -amount.left };
  const vertical = input.height - (size?.y ?? input.height);
  const horizontal = input.width - (size?.x ?? input.width);
  return {
    top: -Math.floor(vertical / 2),
    right: -Math.ceil(horizontal / 2),
    bottom: -Math.ceil(vertical / 2),
    left: -Math.floor(horizontal / 2),
  };
}

const crop = defineLayer({
  title: 'Crop',
  category: 'shape',
  summary: 'Takes pixels away from the sides: so many, or as many as leave the middle at a given size.',
  doc: 'What a U-Net does before it joins the maps of its two sides: `crop 24x24` keeps the middle.',
  example: 'crop 24x24',
  attributes: {
    amount: absent(sides, 'Pixels: a number, `(vertical, horizontal)` or `(top, right, bottom, left)`.', {
      positional: true,
    }),
    size: absent(kernelSize, 'The height × width that is left; an odd pixel is taken from the bottom and right.', {
      positional: true,
    }),
  },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes }) => {
    if (!input) return { output: null };
    const { amount, size } = attributes;
    const given = Number(amount !== null) + Number(size !== null);
    if (given !== 1) return { output: null, problems: [diagnostics.cropNeedsOneOf(given)] };
    if (size && (size.y > input.height || size.x > input.width))
      return { output: null, problems: [diagnostics.cropLargerThanInput(size, input)] };
    const amounts = cropAmounts(input, attributes);
    const output = grown(input, amounts);
    if (output.height >= 1 && output.width >= 1) return { output, support: shift(amounts) };
    const [arithmetic = ''] = explainAmounts(input, amounts).output.slice(output.height < 1 ? 0 : 1);
    return { output: null, problems: [diagnostics.nothingLeft('amount', arithmetic)] };
  },
  explain: ({ inputs: [input], attributes }) => (input ? explainAmounts(input, cropAmounts(input, attributes)) : {}),
});

const slice = defineLayer({
  title: 'Slice',
  category: 'shape',
  summary: 'Keeps some of the channels: `count` of them, from channel `start` on.',
  doc: 'Channels count from 0. Two slices and a concat are the split and shuffle of ShuffleNetV2.',
  example: 'slice 0 count 32',
  attributes: {
    start: required(wholeNumber, 'The first channel that is kept.'),
    count: absent(positiveInteger, 'How many channels; all that follow where none is given.', { positional: true }),
  },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { start, count } }) => {
    if (!input) return { output: null };
    const end = count === null ? Math.max(input.channels, start + 1) : start + count;
    if (end > input.channels)
      return { output: null, problems: [diagnostics.channelsOutside(start, end, input.channels)] };
    return { output: { ...input, channels: end - start } };
  },
});

const upsample = defineLayer({
  title: 'Upsampling',
  category: 'shape',
  summary: 'Enlarges each activation map by a whole factor.',
  doc:
    '`nearest` repeats pixels; `bilinear` goes in straight lines between their centres. With `aligncorners` the centres of ' +
    'the corner pixels stay where they are, as older models were trained.',
  example: 'upsample 2 mode bilinear',
  attributes: {
    factor: optional(positivePair, { y: 2, x: 2 }, 'How many times as high and as wide.', { positional: true }),
    mode: optional(oneOf('nearest', 'bilinear'), 'nearest', 'How pixels between are made.'),
    aligncorners: optional(boolean, false, 'Whether the outermost pixel centres of input and output coincide.'),
  },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { factor, mode, aligncorners } }) => {
    if (!input) return { output: null };
    const support = (length: number, by: number) =>
      mode === 'nearest' ? nearestSupport(by) : bilinearSupport(length, by, aligncorners);
    return {
      output: { ...input, height: input.height * factor.y, width: input.width * factor.x },
      support: { y: support(input.height, factor.y), x: support(input.width, factor.x) },
    };
  },
});

const nearestSupport = (factor: number): Support => ({
  extent: 1,
  step: 1 / factor,
  start: 0,
  phases: Array.from({ length: factor }, () => [0, 1] as const),
});

/** Every output lies between two input pixels; the first, unless corners are aligned, before the centre of the first. */
const bilinearSupport = (length: number, factor: number, aligned: boolean): Support => {
  if (factor === 1) return nearestSupport(1);
  const step = aligned ? (length - 1) / (length * factor - 1) : 1 / factor;
  const plain = { extent: Math.min(2, length), step, start: aligned || length === 1 ? 0 : -1 };
  if (aligned || length === 1) return plain;
  // Output o lies at (o + 1/2)/factor − 1/2, and sees the pixels on both sides.
  const between = (output: number): Span => {
    const place = (output + 0.5) / factor - 0.5;
    return [Math.floor(place), Math.ceil(place) + 1];
  };
  return { ...plain, phases: Array.from({ length: factor }, (_, output) => between(output)) };
};

const channelshuffle = defineLayer({
  title: 'Channel shuffle',
  category: 'shape',
  summary: 'Deals the channels of each group out to all groups, like cards.',
  doc:
    'Channel g·n + i (group g, place i, n channels a group) becomes channel i·groups + g, so that the next grouped ' +
    'convolution sees all groups (ShuffleNet, Zhang et al. 2017).',
  example: 'channelshuffle 4',
  attributes: { groups: required(positiveInteger, 'How many groups the channels come in.') },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { groups } }) => {
    if (!input) return { output: null };
    const { channels } = input;
    const problems =
      channels % groups === 0
        ? []
        : [diagnostics.groupsDoNotDivide(groups, channels, 'input channels', channels, channels)];
    return { output: input, problems };
  },
});

const pixelshuffle = defineLayer({
  title: 'Pixel shuffle',
  category: 'shape',
  summary: 'Lays factor² channels side by side as the pixels of one map, factor times as high and wide.',
  doc:
    'A convolution to factor² · C channels and a pixel shuffle enlarge without the checkerboards of a transposed ' +
    'convolution (Shi et al. 2016). Channel c·factor² + i·factor + j becomes row i, column j of map c.',
  example: 'pixelshuffle 2',
  attributes: { factor: required(positiveInteger, 'How many times as high and as wide.') },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { factor } }) => {
    if (!input) return { output: null };
    const { height, width, channels } = input;
    if (channels % (factor * factor) !== 0)
      return { output: null, problems: [diagnostics.factorDoesNotDivide(factor, channels)] };
    const support = nearestSupport(factor);
    return {
      output: { height: height * factor, width: width * factor, channels: channels / (factor * factor) },
      support: { y: support, x: support },
    };
  },
});

export const reshapings = { flatten, reshape, pad, crop, slice, upsample, channelshuffle, pixelshuffle };
