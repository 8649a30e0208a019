import * as diagnostics from '../diagnostics.js';
import type { FrameworkRules } from '../frameworks.js';
import { defineLayer, type Explanation, type Inference, optional, required, type WeightSpec } from '../layer.js';
import type { Shape } from '../shape.js';
import { boolean, number, oneOf, positiveInteger } from '../values.js';
import { sameShapeAsInput } from './activation.js';
import { frozenAttribute } from './weighted.js';

const positive = number('a positive number', (value) => value > 0);

/** The numbers that a normalised channel is multiplied by and that are added to it. */
const scaleAndShift = (channels: number): readonly WeightSpec[] => [
  { name: 'weight', shape: [channels], learned: true, initial: 1 },
  { name: 'bias', shape: [channels], learned: true, initial: 0 },
];

const affineAttribute = optional(boolean, true, 'Whether each channel has a learned scale and shift.');

const epsilonAttribute = optional(
  positive,
  (rules: FrameworkRules) => rules.batchNormEpsilon,
  'Added to the variance; the frameworks have one default for all normalisations.',
);

interface AffineContext {
  readonly inputs: readonly Shape[];
  readonly attributes: { readonly affine: boolean };
}

const explainAffine = ({ inputs: [input], attributes: { affine } }: AffineContext): Explanation =>
  input && affine ? { params: `scale and shift: 2 × ${input.channels} channels = ${2 * input.channels}` } : {};

/** The size of the input, and a scale and a shift a channel. */
const inferAffine = ({ inputs: [input], attributes: { affine } }: AffineContext): Inference =>
  input ? { output: input, weights: affine ? scaleAndShift(input.channels) : [] } : { output: null };

const batchnorm = defineLayer({
  title: 'Batch normalisation',
  category: 'normalisation',
  summary: 'Brings each channel to mean 0 and variance 1, then scales and shifts it by two learned numbers.',
  doc:
    'While training it uses the mean and variance of the batch; afterwards the running ones, which are buffers, not ' +
    'parameters. `momentum` means what the framework of the network means by it.',
  example: 'batchnorm',
  attributes: {
    epsilon: epsilonAttribute,
    momentum: optional(
      number('a number from 0 to 1', (value) => value >= 0 && value <= 1),
      (rules: FrameworkRules) => rules.batchNormMomentum,
      'How fast the running statistics follow: the part that is updated (PyTorch, Torch7, Lasagne) or kept (Caffe, Keras, ONNX).',
    ),
    affine: affineAttribute,
    frozen: frozenAttribute,
  },
  arity: 'one',
  differsInTraining: true,
  linear: true,
  subtractsMean: true,
  infer({ inputs: [input], attributes: { affine } }) {
    if (!input) return { output: null };
    return {
      output: input,
      weights: [
        ...(affine ? scaleAndShift(input.channels) : []),
        { name: 'running_mean', shape: [input.channels], learned: false, initial: 0 },
        { name: 'running_var', shape: [input.channels], learned: false, initial: 1 },
      ],
    };
  },
  explain: explainAffine,
});

const layernorm = defineLayer({
  title: 'Layer normalisation',
  category: 'normalisation',
  summary: 'Brings the channels of each pixel to mean 0 and variance 1, then scales and shifts each channel.',
  doc:
    'Looks at one pixel of one picture, so that batches do not matter (Ba et al. 2016; over the channels as in ConvNeXt and ' +
    'Keras). `groupnorm 1` normalises over the whole volume instead.',
  example: 'layernorm',
  attributes: { epsilon: epsilonAttribute, affine: affineAttribute },
  arity: 'one',
  infer: inferAffine,
  explain: explainAffine,
});

const groupnorm = defineLayer({
  title: 'Group normalisation',
  category: 'normalisation',
  summary: 'Brings groups of channels of each picture to mean 0 and variance 1, then scales and shifts each channel.',
  doc:
    'Does without the batch, for training with few pictures at a time (Wu & He 2018). Its statistics take in the whole ' +
    'picture, which the receptive field does not count.',
  example: 'groupnorm 32',
  attributes: {
    groups: required(positiveInteger, 'How many groups the channels are split into.'),
    epsilon: epsilonAttribute,
    affine: affineAttribute,
  },
  arity: 'one',
  infer(context) {
    const { groups } = context.attributes;
    const { channels = groups } = context.inputs[0] ?? {};
    const problems =
      channels % groups === 0
        ? []
        : [diagnostics.groupsDoNotDivide(groups, channels, 'input channels', channels, channels)];
    return { ...inferAffine(context), problems };
  },
  explain: explainAffine,
});

const instancenorm = defineLayer({
  title: 'Instance normalisation',
  category: 'normalisation',
  summary: 'Brings each channel of each picture to mean 0 and variance 1.',
  doc:
    'Takes the contrast out of a picture: style transfer (Ulyanov et al. 2016). Its statistics take in the whole picture, ' +
    'which the receptive field does not count.',
  example: 'instancenorm',
  attributes: {
    epsilon: epsilonAttribute,
    affine: optional(boolean, false, 'Whether each channel has a learned scale and shift.'),
  },
  arity: 'one',
  subtractsMean: true,
  infer: inferAffine,
  explain: explainAffine,
});

const lrn = defineLayer({
  title: 'Local response normalisation',
  category: 'normalisation',
  summary: 'Divides each number by the activity of the channels beside it.',
  doc:
    'x / (k + alpha/size · Σ x²)^beta, the sum over `size` neighbouring channels at the same pixel (AlexNet, 2012). ' +
    'Lasagne does not divide alpha by size. `region within` sums over size × size pixels of the same channel instead and ' +
    'divides alpha by their number (Caffe).',
  example: 'lrn 5 alpha 1e-4 beta 0.75',
  attributes: {
    size: optional(positiveInteger, 5, 'How many neighbouring channels.', { positional: true }),
    alpha: optional(number('a number'), (rules: FrameworkRules) => rules.lrnAlpha, 'The weight of their squares.'),
    beta: optional(number('a number'), 0.75, 'The exponent.'),
    k: optional(number('a number'), (rules: FrameworkRules) => rules.lrnK, 'What is added to the sum.'),
    region: optional(oneOf('across', 'within'), 'across', 'Whether neighbours are channels, or pixels of the channel.'),
  },
  arity: 'one',
  infer: sameShapeAsInput,
});

const dropout = defineLayer({
  title: 'Dropout',
  category: 'normalisation',
  summary: 'While training, zeroes each number with a probability; otherwise does nothing.',
  doc: 'What stays is scaled by 1/(1 − rate), so that nothing has to change when the network is used.',
  example: 'dropout 0.5',
  attributes: {
    rate: optional(
      number('a number from 0 up to, not including, 1', (value) => value >= 0 && value < 1),
      0.5,
      'The probability of a zero.',
      { positional: true },
    ),
  },
  arity: 'one',
  differsInTraining: true,
  linear: true,
  infer: sameShapeAsInput,
});

export const normalisations = { batchnorm, layernorm, groupnorm, instancenorm, lrn, dropout };
