import {
  type Attributes,
  defineLayer,
  type InferContext,
  type Inference,
  type LayerRecord,
  optional,
} from '../layer.js';
import { boolean, number, oneOf } from '../values.js';

/** The output of a layer that works on each number, or each channel, in place. */
export const sameShapeAsInput = ({ inputs: [input] }: Pick<InferContext<Attributes>, 'inputs'>): Inference => ({
  output: input ?? null,
});

/** A function applied to every number by itself. */
const pointwise = <A extends Attributes>(
  record: Pick<LayerRecord<A>, 'title' | 'summary' | 'doc' | 'example' | 'attributes' | 'decides'>,
): LayerRecord<A> => defineLayer<A>({ ...record, category: 'activation', arity: 'one', infer: sameShapeAsInput });

const relu = pointwise({
  title: 'ReLU',
  summary: 'Keeps what is positive, zeroes the rest: max(0, x).',
  doc: 'Rectified linear unit. Cheap, and its gradient does not fade for positive inputs.',
  example: 'relu',
  attributes: {},
});

const leakyrelu = pointwise({
  title: 'Leaky ReLU',
  summary: 'Like ReLU, but lets a little of what is negative through: x > 0 ? x : alpha·x.',
  doc: 'A unit that is negative for all pictures still learns.',
  example: 'leakyrelu alpha 0.1',
  attributes: { alpha: optional(number('a number'), 0.01, 'The slope for negative inputs.', { positional: true }) },
});

const sigmoid = pointwise({
  title: 'Sigmoid',
  summary: 'Squashes to between 0 and 1: 1/(1 + e⁻ˣ).',
  doc: 'Reads as a probability; saturates at both ends, where it stops learning.',
  example: 'sigmoid',
  attributes: {},
});

const tanh = pointwise({
  title: 'Tanh',
  summary: 'Squashes to between −1 and 1.',
  doc: 'The hyperbolic tangent: a sigmoid centred on zero.',
  example: 'tanh',
  attributes: {},
});

const sign = pointwise({
  title: 'Sign',
  summary: "The Perceptron's threshold: −1, 0 or 1.",
  doc: 'Has no useful gradient: train it with the perceptron rule, or replace it by tanh.',
  example: 'sign',
  attributes: {},
  decides: true,
});

const prelu = defineLayer({
  title: 'Parametric ReLU',
  category: 'activation',
  summary: 'A leaky ReLU whose slope for negative inputs is learned: x > 0 ? x : a·x.',
  doc: 'One slope a channel, or one for all with `shared`; they start at 0.25 (He et al. 2015).',
  example: 'prelu',
  attributes: { shared: optional(boolean, false, 'Whether all channels share one slope.') },
  arity: 'one',
  infer: ({ inputs: [input], attributes: { shared } }) =>
    input
      ? {
          output: input,
          weights: [{ name: 'weight', shape: [shared ? 1 : input.channels], learned: true, initial: 0.25 }],
        }
      : { output: null },
});

const elu = pointwise({
  title: 'ELU',
  summary: 'Keeps what is positive; negative inputs level off smoothly: x > 0 ? x : alpha·(eˣ − 1).',
  doc: 'Exponential linear unit: brings the mean of the activations closer to zero (Clevert et al. 2016).',
  example: 'elu',
  attributes: {
    alpha: optional(number('a number'), 1, 'Where negative inputs level off: at −alpha.', { positional: true }),
  },
});

const gelu = pointwise({
  title: 'GELU',
  summary: 'Weighs each input by how likely a normal number is below it: x·Φ(x).',
  doc: 'Gaussian error linear unit, the activation function of transformers and ConvNeXt (Hendrycks & Gimpel 2016).',
  example: 'gelu',
  attributes: {
    approximate: optional(
      oneOf('none', 'tanh'),
      'none',
      '`tanh` computes ½x(1 + tanh(√(2/π)(x + 0.044715x³))), as some models were trained.',
    ),
  },
});

const silu = pointwise({
  title: 'SiLU',
  summary: 'Weighs each input by its own sigmoid: x/(1 + e⁻ˣ).',
  doc: 'Also called Swish (Ramachandran et al. 2017); the activation function of EfficientNet.',
  example: 'silu',
  attributes: {},
});

const hardswish = pointwise({
  title: 'Hard swish',
  summary: 'SiLU made of straight lines and a parabola: x·min(max(x + 3, 0), 6)/6.',
  doc: 'As good as SiLU and cheap on phones: MobileNetV3 (Howard et al. 2019).',
  example: 'hardswish',
  attributes: {},
});

const hardsigmoid = pointwise({
  title: 'Hard sigmoid',
  summary: 'A sigmoid made of three straight lines: min(max(slope·x + 0.5, 0), 1).',
  doc: "PyTorch's and MobileNetV3's slope is 1/6; ONNX and Keras 2 have 0.2.",
  example: 'hardsigmoid',
  attributes: { slope: optional(number('a number'), 1 / 6, 'The slope of the line in the middle.') },
});

const relu6 = pointwise({
  title: 'ReLU6',
  summary: 'ReLU that ends at 6: min(max(0, x), 6).',
  doc: 'Keeps activations in a range that few bits can hold: MobileNet (Howard et al. 2017).',
  example: 'relu6',
  attributes: {},
});

const softplus = pointwise({
  title: 'Softplus',
  summary: 'A ReLU without a corner: ln(1 + e^(beta·x))/beta.',
  doc: 'Always positive; its slope is the sigmoid.',
  example: 'softplus',
  attributes: {
    beta: optional(
      number('a positive number', (value) => value > 0),
      1,
      'How sharp the corner is.',
    ),
  },
});

const mish = pointwise({
  title: 'Mish',
  summary: 'A smooth ReLU that dips below zero: x·tanh(ln(1 + eˣ)).',
  doc: 'The activation function of YOLOv4 (Misra 2019).',
  example: 'mish',
  attributes: {},
});

const softsign = pointwise({
  title: 'Softsign',
  summary: 'Squashes to −1…1, slower than the hyperbolic tangent: x/(1 + |x|).',
  doc: 'Its ends are powers of x, not of e, so that units saturate late (Glorot & Bengio 2010).',
  example: 'softsign',
  attributes: {},
});

/** Softmax and its logarithm normalise over the channels of each pixel. */
const softmax = defineLayer({
  title: 'Softmax',
  category: 'activation',
  summary: 'Turns the channels of each pixel into probabilities that sum to 1.',
  doc: 'eˣ over the sum of eˣ of all channels: class scores become class probabilities.',
  example: 'softmax',
  attributes: {},
  arity: 'one',
  makesProbabilities: true,
  infer: sameShapeAsInput,
});

const logsoftmax = defineLayer({
  title: 'Log softmax',
  category: 'activation',
  summary: 'The logarithm of softmax over the channels of each pixel.',
  doc: 'x − ln Σ eˣ: what the likelihood of a class is computed from, without losing small probabilities to rounding.',
  example: 'logsoftmax',
  attributes: {},
  arity: 'one',
  makesProbabilities: true,
  infer: sameShapeAsInput,
});

export const activations = {
  relu,
  leakyrelu,
  prelu,
  elu,
  gelu,
  silu,
  hardswish,
  hardsigmoid,
  relu6,
  softplus,
  mish,
  sigmoid,
  tanh,
  softsign,
  sign,
  softmax,
  logsoftmax,
};
