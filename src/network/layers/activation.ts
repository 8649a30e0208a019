import {
  type Attributes,
  defineLayer,
  type InferContext,
  type Inference,
  type LayerRecord,
  optional,
} from '../layer.js';
import { number } from '../values.js';

/** The output of a layer that works on each number, or each channel, in place. */
export const sameShapeAsInput = ({ inputs: [input] }: Pick<InferContext<Attributes>, 'inputs'>): Inference => ({
  output: input ?? null,
});

/** A function applied to every number by itself. */
const pointwise = <A extends Attributes>(
  record: Pick<LayerRecord<A>, 'title' | 'summary' | 'doc' | 'example' | 'attributes'>,
): LayerRecord<A> => defineLayer<A>({ ...record, category: 'activation', arity: 'one', infer: sameShapeAsInput });

export const relu = pointwise({
  title: 'ReLU',
  summary: 'Keeps what is positive, zeroes the rest: max(0, x).',
  doc: 'Rectified linear unit. Cheap, and its gradient does not fade for positive inputs.',
  example: 'relu',
  attributes: {},
});

export const leakyrelu = pointwise({
  title: 'Leaky ReLU',
  summary: 'Like ReLU, but lets a little of what is negative through: x > 0 ? x : alpha·x.',
  doc: 'A unit that is negative for all pictures still learns.',
  example: 'leakyrelu alpha 0.1',
  attributes: { alpha: optional(number('a number'), 0.01, 'The slope for negative inputs.', { positional: true }) },
});

export const sigmoid = pointwise({
  title: 'Sigmoid',
  summary: 'Squashes to between 0 and 1: 1/(1 + e⁻ˣ).',
  doc: 'Reads as a probability; saturates at both ends, where it stops learning.',
  example: 'sigmoid',
  attributes: {},
});

export const tanh = pointwise({
  title: 'Tanh',
  summary: 'Squashes to between −1 and 1.',
  doc: 'The hyperbolic tangent: a sigmoid centred on zero.',
  example: 'tanh',
  attributes: {},
});

export const sign = pointwise({
  title: 'Sign',
  summary: "The Perceptron's threshold: −1, 0 or 1.",
  doc: 'Has no useful gradient: train it with the perceptron rule, or replace it by tanh.',
  example: 'sign',
  attributes: {},
});

/** Softmax and its logarithm normalise over the channels of each pixel. */
export const softmax = defineLayer({
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
