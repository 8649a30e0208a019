import type { FrameworkRules } from '../frameworks.js';
import { defineLayer, optional, type WeightSpec } from '../layer.js';
import { boolean, number, positiveInteger } from '../values.js';
import { sameShapeAsInput } from './activation.js';

const positive = number('a positive number', (value) => value > 0);

export const batchnorm = defineLayer({
  title: 'Batch normalisation',
  category: 'normalisation',
  summary: 'Brings each channel to mean 0 and variance 1, then scales and shifts it by two learned numbers.',
  doc:
    'While training it uses the mean and variance of the batch; afterwards the running ones, which are buffers, not ' +
    'parameters. `momentum` means what the framework of the network means by it.',
  example: 'batchnorm',
  attributes: {
    epsilon: optional(positive, (rules: FrameworkRules) => rules.batchNormEpsilon, 'Added to the variance.'),
    momentum: optional(
      number('a number from 0 to 1', (value) => value >= 0 && value <= 1),
      (rules: FrameworkRules) => rules.batchNormMomentum,
      'How fast the running statistics follow: the part that is updated (PyTorch, Torch7, Lasagne) or kept (Caffe, Keras, ONNX).',
    ),
    affine: optional(boolean, true, 'Whether each channel has a learned scale and shift.'),
  },
  arity: 'one',
  linear: true,
  subtractsMean: true,
  infer({ inputs: [input], attributes: { affine } }) {
    if (!input) return { output: null };
    const perChannel = (name: WeightSpec['name'], learned: boolean): WeightSpec => ({
      name,
      shape: [input.channels],
      learned,
    });
    return {
      output: input,
      weights: [
        ...(affine ? [perChannel('weight', true), perChannel('bias', true)] : []),
        perChannel('running_mean', false),
        perChannel('running_var', false),
      ],
    };
  },
  explain: ({ inputs: [input], attributes: { affine } }) =>
    input && affine ? { params: `scale and shift: 2 × ${input.channels} channels = ${2 * input.channels}` } : {},
});

export const lrn = defineLayer({
  title: 'Local response normalisation',
  category: 'normalisation',
  summary: 'Divides each number by the activity of the channels beside it.',
  doc:
    'x / (k + alpha/size · Σ x²)^beta, the sum over `size` neighbouring channels at the same pixel (AlexNet, 2012). ' +
    'Lasagne does not divide alpha by size.',
  example: 'lrn 5 alpha 1e-4 beta 0.75',
  attributes: {
    size: optional(positiveInteger, 5, 'How many neighbouring channels.', { positional: true }),
    alpha: optional(number('a number'), (rules: FrameworkRules) => rules.lrnAlpha, 'The weight of their squares.'),
    beta: optional(number('a number'), 0.75, 'The exponent.'),
    k: optional(number('a number'), (rules: FrameworkRules) => rules.lrnK, 'What is added to the sum.'),
  },
  arity: 'one',
  infer: sameShapeAsInput,
});

export const dropout = defineLayer({
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
  linear: true,
  infer: sameShapeAsInput,
});
