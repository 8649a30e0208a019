import { greatestCommonDivisor, grouped, transposedArithmetic } from '../arithmetic.js';
import * as diagnostics from '../diagnostics.js';
import { defineLayer, type Inference, optional, required, type Span, type Support, type WeightSpec } from '../layer.js';
import type { Problem } from '../problem.js';
import { volumeOf } from '../shape.js';
import { boolean, evenPadding, kernelSize, padding, positiveInteger, positivePair, wholePair } from '../values.js';
import { type TransposedAxis, transposeWindow } from '../window.js';
import { biasOf, filterInitAttribute, frozenAttribute, initAttribute, weightOf } from './weighted.js';
import { dilationAttribute, fitAttribute, inferWindow, padAttribute } from './windowed.js';

const strideAttribute = optional(positivePair, { y: 1, x: 1 }, 'How far the filter moves between two outputs.');

const biasAttribute = optional(boolean, true, 'Whether each filter adds a learned number.');

/** Groups must divide the channels of the input and the filters. */
function groupProblems(groups: number, inputChannels: number, filters: number): Problem[] {
  for (const [count, whose] of [
    [inputChannels, 'input channels'],
    [filters, 'filters'],
  ] as const)
    if (count % groups !== 0) return [diagnostics.groupsDoNotDivide(groups, count, whose, inputChannels, filters)];
  return [];
}

const conv = defineLayer({
  title: 'Convolution',
  category: 'convolution',
  summary: 'Slides filters over its input; each filter makes one activation map.',
  doc:
    'Every output number is the dot product of a filter with the patch of the input under it, over the full depth, plus ' +
    'the bias: a 5×5 filter on 3 channels multiplies 75 pairs. The output size along an axis is ' +
    '(N + 2P − D(F − 1) − 1)/S + 1.',
  example: 'conv 16 5x5 pad 2',
  attributes: {
    filters: required(positiveInteger, "How many filters: the output's channels."),
    kernel: required(kernelSize, "The filter's height × width."),
    stride: strideAttribute,
    pad: padAttribute,
    dilation: dilationAttribute,
    groups: optional(
      positiveInteger,
      1,
      'Splits input channels and filters into this many groups that do not see each other.',
    ),
    bias: biasAttribute,
    fit: fitAttribute((rules) => rules.convFit),
    init: filterInitAttribute,
    frozen: frozenAttribute,
  },
  arity: 'one',
  linear: true,
  infer({ inputs: [input], attributes, rules }): Inference {
    if (!input) return { output: null };
    const { filters, kernel, groups, bias, init } = attributes;
    const problems = groupProblems(groups, input.channels, filters);
    const inferred = inferWindow('filter', input, attributes, rules);
    problems.push(...inferred.problems);
    const { window } = inferred;
    if (!window) return { output: null, problems };
    const depth = Math.max(1, Math.floor(input.channels / groups));
    const output = { height: window.y.output, width: window.x.output, channels: filters };
    const weights: WeightSpec[] = [weightOf([filters, depth, kernel.y, kernel.x], init)];
    if (bias) weights.push(biasOf(filters));
    return {
      output,
      problems,
      window,
      weights,
      macs: output.height * output.width * filters * kernel.y * kernel.x * depth,
    };
  },
  explain: ({ inputs: [input], attributes: { filters, kernel, groups, bias } }, { output }) => {
    if (!input || !output) return {};
    const depth = input.channels / groups;
    const products = kernel.y * kernel.x * depth;
    const perFilter = `${kernel.y}·${kernel.x}·${depth}${bias ? ' + 1' : ''}`;
    const each = products + (bias ? 1 : 0);
    const positions = output.height * output.width;
    return {
      params: `${perFilter} = ${grouped(each)}, × ${filters} filters = ${grouped(each * filters)}`,
      macs:
        `${kernel.y}·${kernel.x}·${depth} = ${grouped(products)}, × ${output.height}·${output.width} places × ` +
        `${filters} filters = ${grouped(products * positions * filters)}`,
    };
  },
});

const depthwise = defineLayer({
  title: 'Depthwise convolution',
  category: 'convolution',
  summary: 'Gives every input channel filters of its own: channels do not mix.',
  doc:
    'A convolution in as many groups as there are channels; `multiplier` filters look at each channel. Followed by a 1×1 ' +
    'convolution, which mixes the channels, it does almost the work of a full convolution at a fraction of the cost ' +
    '(MobileNet, Howard et al. 2017).',
  example: 'depthwise 3x3 pad 1',
  attributes: {
    kernel: required(kernelSize, "The filter's height × width."),
    multiplier: optional(positiveInteger, 1, 'Filters per input channel.'),
    stride: strideAttribute,
    pad: padAttribute,
    dilation: dilationAttribute,
    bias: biasAttribute,
    fit: fitAttribute((rules) => rules.convFit),
    init: filterInitAttribute,
    frozen: frozenAttribute,
  },
  arity: 'one',
  linear: true,
  infer({ inputs: [input], attributes, rules }): Inference {
    if (!input) return { output: null };
    const { kernel, multiplier, bias, init } = attributes;
    const { window, problems } = inferWindow('filter', input, attributes, rules);
    if (!window) return { output: null, problems };
    const filters = input.channels * multiplier;
    const output = { height: window.y.output, width: window.x.output, channels: filters };
    const weights: WeightSpec[] = [weightOf([filters, 1, kernel.y, kernel.x], init)];
    if (bias) weights.push(biasOf(filters));
    return { output, problems, window, weights, macs: volumeOf(output) * kernel.y * kernel.x };
  },
  explain: ({ attributes: { kernel, bias } }, { output }) => {
    if (!output) return {};
    const { channels, height, width } = output;
    const products = kernel.y * kernel.x;
    const each = products + (bias ? 1 : 0);
    return {
      params: `${kernel.y}·${kernel.x}${bias ? ' + 1' : ''} = ${grouped(each)}, × ${channels} filters = ${grouped(each * channels)}`,
      macs:
        `${kernel.y}·${kernel.x} = ${grouped(products)}, × ${height}·${width} places × ${channels} filters = ` +
        grouped(products * volumeOf(output)),
    };
  },
});

const convtranspose = defineLayer({
  title: 'Transposed convolution',
  category: 'convolution',
  summary: 'A convolution backwards: every input pixel stamps the filters, times its value, onto a larger output.',
  doc:
    'The output size along an axis is (N − 1)S + D(F − 1) + 1 − 2P + `outputpad`: stride enlarges, padding cuts. With a ' +
    'kernel that is no multiple of the stride the stamps overlap unevenly (checkerboards: Odena et al. 2016). Its weights ' +
    'are [in, filters/groups, height, width], as in PyTorch.',
  example: 'convtranspose 64 2x2 stride 2',
  attributes: {
    filters: required(positiveInteger, "How many filters: the output's channels."),
    kernel: required(kernelSize, "The filter's height × width."),
    stride: optional(positivePair, { y: 1, x: 1 }, 'How far apart the stamps of two neighbouring pixels lie.'),
    pad: optional(
      padding,
      evenPadding(0, 0),
      'Cut from the sides of the output: a number, `(vertical, horizontal)`, `(top, right, bottom, left)`, `same` (the ' +
        'output is N·S), or `valid` (nothing).',
    ),
    outputpad: optional(wholePair, { y: 0, x: 0 }, 'Rows and columns added at the bottom and right of the output.'),
    dilation: dilationAttribute,
    groups: optional(positiveInteger, 1, 'Splits input channels and filters into groups that do not see each other.'),
    bias: biasAttribute,
    init: initAttribute,
    frozen: frozenAttribute,
  },
  arity: 'one',
  linear: true,
  infer({ inputs: [input], attributes }): Inference {
    if (!input) return { output: null };
    const { filters, kernel, stride, dilation, groups, bias, outputpad, init } = attributes;
    const problems = groupProblems(groups, input.channels, filters);
    if (outputpad.y >= Math.max(stride.y, dilation.y) || outputpad.x >= Math.max(stride.x, dilation.x))
      problems.push(diagnostics.outputPadTooLarge(outputpad));
    const transposed = transposeWindow(input, attributes);
    for (const axis of [transposed.y, transposed.x])
      if (axis.output < 1)
        return { output: null, problems: [...problems, diagnostics.nothingLeft('pad', transposedArithmetic(axis))] };
    const depth = Math.max(1, Math.floor(filters / groups));
    const output = { height: transposed.y.output, width: transposed.x.output, channels: filters };
    const weights: WeightSpec[] = [weightOf([input.channels, depth, kernel.y, kernel.x], init)];
    if (bias) weights.push(biasOf(filters));
    return {
      output,
      problems,
      transposed,
      weights,
      macs: volumeOf(input) * depth * kernel.y * kernel.x,
      support: { y: transposedSupport(transposed.y), x: transposedSupport(transposed.x) },
    };
  },
  explain: ({ inputs: [input], attributes: { filters, kernel, groups, bias } }, { transposed }) => {
    if (!input || !transposed) return {};
    const height = transposedArithmetic(transposed.y);
    const width = transposedArithmetic(transposed.x);
    const depth = filters / groups;
    const products = kernel.y * kernel.x * depth;
    const learned = products * input.channels;
    const shape = `${kernel.y}·${kernel.x}·${depth}`;
    return {
      output: height === width ? [height] : [`height ${height}`, `width ${width}`],
      params:
        `${shape} × ${input.channels} input channels = ${grouped(learned)}` +
        (bias ? `, + ${filters} = ${grouped(learned + filters)}` : ''),
      macs:
        `${shape} = ${grouped(products)}, × ${input.height}·${input.width}·${input.channels} inputs = ` +
        grouped(products * volumeOf(input)),
    };
  },
});

/**
 * Output o sees the input pixels i with i·S + k·D = o + before for a k below F: every (S/g)th k, the pixels D/g apart,
 * g being what S and D have in common. The extent is that of the outputs that see most, the start that of the first output.
 */
function transposedSupport({ kernel, stride, dilation, before }: TransposedAxis): Support {
  const common = greatestCommonDivisor(stride, dilation);
  const period = stride / common;
  const extent = (Math.ceil(kernel / period) - 1) * (dilation / common) + 1;
  /** The kernel elements that meet pixels repeat every `period`; an output that none reaches has an empty span. */
  const seenBy = (output: number): Span => {
    for (let k = 0; k < Math.min(period, kernel); k++) {
      const last = (output + before - k * dilation) / stride;
      if (!Number.isInteger(last)) continue;
      const first = last - (Math.floor((kernel - 1 - k) / period) * period * dilation) / stride;
      return [first, last + 1];
    }
    const hull = Math.ceil((output + before - (kernel - 1) * dilation) / stride);
    return [hull, hull];
  };
  const phases = Array.from({ length: Math.min(stride, LARGEST_PERIOD) }, (_, output) => seenBy(output));
  const [[start] = [0]] = phases;
  return { extent, step: 1 / stride, start, ...(stride > 1 && stride === phases.length ? { phases } : {}) };
}

/** Outputs looked at; no real filter has a stride beyond. */
const LARGEST_PERIOD = 4096;

export const convolutions = { conv, depthwise, convtranspose };
