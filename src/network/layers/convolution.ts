import { grouped } from '../arithmetic.js';
import * as diagnostics from '../diagnostics.js';
import { defineLayer, type Inference, optional, required, type WeightSpec } from '../layer.js';
import { boolean, kernelSize, positiveInteger, positivePair } from '../values.js';
import { dilationAttribute, fitAttribute, inferWindow, padAttribute } from './windowed.js';

export const conv = defineLayer({
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
    stride: optional(positivePair, { y: 1, x: 1 }, 'How far the filter moves between two outputs.'),
    pad: padAttribute,
    dilation: dilationAttribute,
    groups: optional(
      positiveInteger,
      1,
      'Splits input channels and filters into this many groups that do not see each other.',
    ),
    bias: optional(boolean, true, 'Whether each filter adds a learned number.'),
    fit: fitAttribute((rules) => rules.convFit),
  },
  arity: 'one',
  linear: true,
  infer({ inputs: [input], attributes, rules }): Inference {
    if (!input) return { output: null };
    const { filters, kernel, groups, bias } = attributes;
    const problems = [];
    for (const [count, whose] of [
      [input.channels, 'input channels'],
      [filters, 'filters'],
    ] as const)
      if (count % groups !== 0 && problems.length === 0)
        problems.push(diagnostics.groupsDoNotDivide(groups, count, whose, input.channels, filters));
    const inferred = inferWindow('filter', input, attributes, rules);
    problems.push(...inferred.problems);
    const { window } = inferred;
    if (!window) return { output: null, problems };
    const depth = Math.max(1, Math.floor(input.channels / groups));
    const output = { height: window.y.output, width: window.x.output, channels: filters };
    const weights: WeightSpec[] = [{ name: 'weight', shape: [filters, depth, kernel.y, kernel.x], learned: true }];
    if (bias) weights.push({ name: 'bias', shape: [filters], learned: true });
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
