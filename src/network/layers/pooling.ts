import type { FrameworkRules } from '../frameworks.js';
import { defineLayer, type Inference, optional, required, type Support } from '../layer.js';
import type { Pair, Shape } from '../shape.js';
import { boolean, kernelSize, positivePair } from '../values.js';
import type { WindowAttributes } from '../window.js';
import { dilationAttribute, fitAttribute, inferWindow, padAttribute } from './windowed.js';

const poolKernel = required(kernelSize, "The window's height × width.");

/** A pool's stride, where none is written, is its kernel in most frameworks and 1 in the others. */
const poolStride = (rule: 'maxPoolStride' | 'averagePoolStride') =>
  optional<Pair>(
    positivePair,
    (rules: FrameworkRules, given) =>
      rules[rule] === 'kernel' ? ((given.kernel as Pair | undefined) ?? { y: 1, x: 1 }) : { y: 1, x: 1 },
    'How far the window moves between two outputs; by default its own size, so that windows do not overlap.',
  );

const poolFit = fitAttribute((rules) => rules.poolFit);

function inferPool(input: Shape | undefined, attributes: WindowAttributes, rules: FrameworkRules): Inference {
  if (!input) return { output: null };
  const { window, problems } = inferWindow('window', input, attributes, rules);
  if (!window) return { output: null, problems };
  return {
    output: { height: window.y.output, width: window.x.output, channels: input.channels },
    problems,
    window,
  };
}

const maxpool = defineLayer({
  title: 'Max pooling',
  category: 'pooling',
  summary: 'Keeps the largest value under each window, in each channel by itself.',
  doc: 'Shrinks the volume and makes it a little indifferent to where exactly a feature is. Padding never wins: it counts as −∞.',
  example: 'maxpool 2x2 stride 2',
  attributes: {
    kernel: poolKernel,
    stride: poolStride('maxPoolStride'),
    pad: padAttribute,
    dilation: dilationAttribute,
    fit: poolFit,
  },
  arity: 'one',
  infer: ({ inputs: [input], attributes, rules }) => inferPool(input, attributes, rules),
});

const avgpool = defineLayer({
  title: 'Average pooling',
  category: 'pooling',
  summary: 'Averages the values under each window, in each channel by itself.',
  doc: 'With `countpad` the zeros of the padding count in the average, as in PyTorch and Caffe; without, only real pixels do.',
  example: 'avgpool 2x2 stride 2',
  attributes: {
    kernel: poolKernel,
    stride: poolStride('averagePoolStride'),
    pad: padAttribute,
    fit: poolFit,
    countpad: optional(
      boolean,
      (rules: FrameworkRules) => rules.averageCountsPadding,
      'Whether the zeros of the padding count in the average.',
    ),
  },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes, rules }) =>
    inferPool(input, { ...attributes, dilation: { y: 1, x: 1 } }, rules),
});

const inferGlobal = ({ inputs: [input] }: { readonly inputs: readonly Shape[] }): Inference =>
  input ? { output: { height: 1, width: 1, channels: input.channels }, support: 'everything' } : { output: null };

const globalmaxpool = defineLayer({
  title: 'Global max pooling',
  category: 'pooling',
  summary: 'Keeps the largest value of each channel: one number a channel.',
  doc: 'The output is 1×1 whatever the size of the input, so that a network with it runs on pictures of any size.',
  example: 'globalmaxpool',
  attributes: {},
  arity: 'one',
  infer: inferGlobal,
});

const globalavgpool = defineLayer({
  title: 'Global average pooling',
  category: 'pooling',
  summary: 'Averages each channel to one number.',
  doc: 'The output is 1×1 whatever the size of the input; the usual bridge from activation maps to class scores.',
  example: 'globalavgpool',
  attributes: {},
  arity: 'one',
  linear: true,
  infer: inferGlobal,
});

const adaptiveavgpool = defineLayer({
  title: 'Adaptive average pooling',
  category: 'pooling',
  summary: 'Averages each channel down to a given size, whatever the size of its input.',
  doc:
    'Output i averages the rows from ⌊i·N/M⌋ up to ⌈(i + 1)·N/M⌉ of N, M being the output size; neighbours overlap where M ' +
    'does not divide N. With 1x1 it is globalavgpool.',
  example: 'adaptiveavgpool 7x7',
  attributes: { size: required(kernelSize, "The output's height × width.") },
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input], attributes: { size } }) =>
    input
      ? {
          output: { height: size.y, width: size.x, channels: input.channels },
          support: { y: adaptiveSupport(input.height, size.y), x: adaptiveSupport(input.width, size.x) },
        }
      : { output: null },
});

/** The widest of the averages; the first begins at 0, the others N/M apart on average. */
const adaptiveSupport = (input: number, output: number): Support => {
  const step = input / output;
  if (Number.isInteger(step)) return { extent: step, step, start: 0 };
  let extent = 1;
  for (let i = 0; i < Math.min(output, MOST_OUTPUTS); i++) {
    const { from, to } = adaptiveRange(i, input, output);
    extent = Math.max(extent, to - from);
  }
  return { extent, step, start: 0 };
};

/** Averages looked at to find the widest: their widths differ by 2 at most and repeat. */
const MOST_OUTPUTS = 4096;

/** The pixels that output `i` of `output` averages: from, up to but not including to (PyTorch's rule). */
export const adaptiveRange = (
  i: number,
  input: number,
  output: number,
): { readonly from: number; readonly to: number } => ({
  from: Math.floor((i * input) / output),
  to: Math.ceil(((i + 1) * input) / output),
});

export const pools = { maxpool, avgpool, globalmaxpool, globalavgpool, adaptiveavgpool };
