import * as diagnostics from '../diagnostics.js';
import { strictRules } from '../frameworks.js';
import { absent, defineLayer, type Inference, optional, type Support } from '../layer.js';
import type { Shape } from '../shape.js';
import { number, oneOf, positiveInteger } from '../values.js';
import { slideWindow } from '../window.js';

/**
 * Fixed filters, for the classical pipelines in which only the last stage learns. They have no parameters, and no MACs are
 * counted: nothing of them is published that way. Beyond the border the edge pixel goes on.
 */

const positive = number('a positive number', (value) => value > 0);

/** Pixels along a side of a filter; wider ones see little but the border going on. */
const LARGEST_FILTER = 1023;

/** An odd square window that keeps the size of its input. */
function inferFilter(input: Shape | undefined, size: number, channels: (input: Shape) => number): Inference {
  if (!input) return { output: null };
  if (size % 2 === 0) return { output: null, problems: [diagnostics.needsOddSize(size)] };
  if (size > LARGEST_FILTER) return { output: null, problems: [diagnostics.filterTooLarge(size, LARGEST_FILTER)] };
  const window = slideWindow(
    input,
    {
      kernel: { y: size, x: size },
      stride: { y: 1, x: 1 },
      dilation: { y: 1, x: 1 },
      pad: { mode: 'same' },
      fit: 'strict',
    },
    strictRules,
  );
  return { output: { ...input, channels: channels(input) }, window };
}

/** Beyond 3σ the bell curve is below 1.2 % of its height. */
const sizeFor = (sigma: number): number => 2 * Math.ceil(3 * sigma) + 1;

const gaussian = defineLayer({
  title: 'Gaussian blur',
  category: 'filter',
  summary: 'Blurs each channel with a bell curve.',
  doc: 'The weights are e^(−(x² + y²)/2σ²), scaled to sum to 1. The smoothest of all low-pass filters.',
  example: 'gaussian sigma 2',
  attributes: {
    sigma: optional(positive, 1, 'The standard deviation σ, in pixels.', { positional: true }),
    size: absent(positiveInteger, 'The side of the square filter, odd; by default 2⌈3σ⌉ + 1.'),
  },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { sigma, size } }) =>
    inferFilter(input, size ?? sizeFor(sigma), ({ channels }) => channels),
});

/** One octave of bandwidth: σ = 0.56 wavelengths (Daugman 1985). */
const OCTAVE = 0.56;

const gabor = defineLayer({
  title: 'Gabor filters',
  category: 'filter',
  summary: 'A bank of wave packets, one map an orientation: edges and lines of one direction and width.',
  doc:
    "Filter k is e^(−(x'² + y'²/4)/2σ²)·cos(2πx'/wavelength), x' = x cos θ + y sin θ, y' = −x sin θ + y cos θ, " +
    'θ = kπ/orientations, made to sum to 0, its absolute values to 1. It looks at the mean of the channels. Simple cells ' +
    'of the visual cortex answer like this (Daugman 1985), and so do the first filters that networks learn.',
  example: 'gabor 4 wavelength 6',
  attributes: {
    orientations: optional(positiveInteger, 4, 'How many directions: the channels of the output.', {
      positional: true,
    }),
    wavelength: optional(positive, 4, 'From crest to crest, in pixels.'),
    sigma: optional<number>(
      positive,
      (_, given) => OCTAVE * (typeof given.wavelength === 'number' ? given.wavelength : 4),
      'The standard deviation σ of the packet across the wave, in pixels; by default 0.56 wavelengths.',
    ),
    size: absent(positiveInteger, 'The side of the square filter, odd; by default 2⌈3σ⌉ + 1.'),
  },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { orientations, sigma, size } }) =>
    inferFilter(input, size ?? sizeFor(sigma), () => orientations),
});

const sobel = defineLayer({
  title: 'Sobel filter',
  category: 'filter',
  summary: 'The gradient of each channel: how much it changes to the right and downwards, or how much in all.',
  doc:
    'The filters are (1, 2, 1)ᵀ(−1, 0, 1) and its transpose. `gradient` gives two maps a channel, first the horizontal change, then ' +
    'the vertical; `magnitude` gives one, √(gx² + gy²).',
  example: 'sobel mode magnitude',
  attributes: {
    mode: optional(oneOf('gradient', 'magnitude'), 'gradient', 'Both directions, or how much in all.'),
  },
  arity: 'one',
  infer: ({ inputs: [input], attributes: { mode } }) =>
    inferFilter(input, 3, ({ channels }) => (mode === 'gradient' ? 2 * channels : channels)),
});

/** Cells along an axis, and the blocks of `block` cells that slide over them by one. */
const blocksAlong = (length: number, cell: number, block: number): number => Math.floor(length / cell) - block + 1;

/** A block sees its cells, half a cell more on either side (votes are shared), and a pixel more for the gradient. */
const hogSupport = (cell: number, block: number): Support => ({
  extent: (block + 1) * cell + 2,
  step: cell,
  start: -Math.ceil(cell / 2) - 1,
});

const hog = defineLayer({
  title: 'Histograms of oriented gradients',
  category: 'filter',
  summary: 'Counts, cell by cell, the directions of edges: the features of classical detectors.',
  doc:
    'At each pixel the gradient (−1, 0, 1) of the channel where it is largest votes, by its magnitude, for the two nearest ' +
    'of `orientations` directions between 0° and 180° in the four nearest cells. Blocks of `block` × `block` cells, one ' +
    'cell apart, are normalised to length 1, cut at 0.2 and normalised again; a block is a pixel of the output, its ' +
    'channels the directions of its cells, row by row (Dalal & Triggs 2005, without their Gaussian window over the block).',
  example: 'hog 8 orientations 9',
  attributes: {
    cell: optional(positiveInteger, 8, 'The side of a cell, in pixels.', { positional: true }),
    orientations: optional(positiveInteger, 9, 'How many directions a histogram tells apart.'),
    block: optional(positiveInteger, 2, 'The side of a block, in cells.'),
  },
  arity: 'one',
  infer: ({ inputs: [input], attributes: { cell, orientations, block } }) => {
    if (!input) return { output: null };
    const height = blocksAlong(input.height, cell, block);
    const width = blocksAlong(input.width, cell, block);
    if (height < 1 || width < 1) return { output: null, problems: [diagnostics.cellsMissing(cell, block, input)] };
    const support = hogSupport(cell, block);
    return { output: { height, width, channels: block * block * orientations }, support: { y: support, x: support } };
  },
  explain: ({ inputs: [input], attributes: { cell, orientations, block } }, { output }) =>
    input && output
      ? {
          output: [
            `height ⌊${input.height}/${cell}⌋ − ${block} + 1 = ${output.height} blocks`,
            `width ⌊${input.width}/${cell}⌋ − ${block} + 1 = ${output.width} blocks`,
            `${block}·${block} cells × ${orientations} directions = ${output.channels} channels`,
          ],
        }
      : {},
});

export const filters = { gaussian, gabor, sobel, hog };
