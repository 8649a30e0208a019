import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import type { FrameworkRules } from '../../network/frameworks.js';
import type { WeightSpec } from '../../network/layer.js';
import type { TransposedWindow, Window } from '../../network/window.js';
import { EngineError } from '../error.js';
import type { Tensor } from '../tensor.js';

/** The values of a layer's weight tensors, in the layout of their {@link WeightSpec} (PyTorch's). */
export type LayerWeights = Readonly<Partial<Record<WeightSpec['name'], Float32Array>>>;

/** What the shape pass found out about a layer's windows. */
type Geometry = Pick<LayerFacts, 'window' | 'transposed'>;

/** What an op reads, and the tensor it fills. The geometry comes from the shape pass: an op has no shape rules. */
export interface OpContext<K extends LayerKind> {
  readonly attributes: LayerAttributes<K>;
  readonly rules: FrameworkRules;
  /** The first input; for the input layer the picture. */
  readonly input: Tensor;
  /** All inputs: more than one for merges. */
  readonly inputs: readonly Tensor[];
  readonly facts: Geometry;
  readonly weights: LayerWeights;
  /** Forwards zeros, to be filled; backwards what they were filled with. */
  readonly output: Tensor;
  /** Given while the network learns: some layers then do something else. */
  readonly training?: TrainingPass;
}

/** One pass over a batch, forwards and backwards, while a network learns. */
export interface TrainingPass {
  /** Chooses what dropout takes away from this layer in this pass. */
  readonly seed: string;
}

/** What an op reads on the way back. It adds to the gradients, so that those of several users of a layer sum up. */
export interface BackwardContext<K extends LayerKind> extends OpContext<K> {
  /** The gradient of the loss by the output. */
  readonly outputGradient: Tensor;
  /** Of the inputs, in their order; null where nobody asks. A layer that is read twice stands here twice. */
  readonly inputGradients: readonly (Tensor | null)[];
  /** Of the learned weights that somebody asks for. */
  readonly weightGradients: LayerWeights;
}

/** Work in steps of well under a millisecond: between two, the runner may pause or stop. */
export type Steps = Generator<void, void, void>;

/**
 * The reference computation of one kind of layer, forwards and backwards: sums are float64, stored numbers float32.
 * Generators that yield between steps, so that whoever drives them can stop at once.
 */
export interface Op<K extends LayerKind> {
  readonly forward: (context: OpContext<K>) => Steps;
  /** The gradients by the inputs and by the learned weights, from the gradient by the output. */
  readonly backward: (context: BackwardContext<K>) => Steps;
  /** An activation function that holds negative numbers back: guided backpropagation lets no negative gradient through it. */
  readonly rectifier?: true;
}

/** Adds numbers summed in float64 to a gradient. */
export function addTo(gradient: Float32Array | undefined, sums: ArrayLike<number>, from = 0): void {
  if (!gradient) return;
  for (let i = 0; i < sums.length; i++) gradient[from + i] = (gradient[from + i] as number) + (sums[i] as number);
}

/** The op that hands its input on. */
export const identity = {
  *forward({ input, output }: { readonly input: Tensor; readonly output: Tensor }): Steps {
    output.data.set(input.data);
    yield;
  },
  *backward({
    outputGradient,
    inputGradients: [gradient],
  }: Pick<BackwardContext<LayerKind>, 'outputGradient' | 'inputGradients'>): Steps {
    addTo(gradient?.data, outputGradient.data);
    yield;
  },
};

/**
 * An op that moves numbers and computes nothing: `moves` tells, in steps, which run of `count` numbers of which input goes
 * where in the output. Backwards the gradients go the same ways.
 */
export const moving = <K extends LayerKind>(
  moves: (context: OpContext<K>, move: (from: number, to: number, count: number, input?: number) => void) => Steps,
): Op<K> => ({
  forward: (context) =>
    moves(context, (from, to, count, input = 0) => {
      const { data = NO_NUMBERS } = context.inputs[input] ?? {};
      if (count === 1) context.output.data[to] = data[from] as number;
      else context.output.data.set(data.subarray(from, from + count), to);
    }),
  backward: (context) =>
    moves(context, (from, to, count, input = 0) => {
      const gradient = context.inputGradients[input]?.data;
      const { data } = context.outputGradient;
      if (gradient)
        for (let i = 0; i < count; i++) gradient[from + i] = (gradient[from + i] as number) + (data[to + i] as number);
    }),
});

const NO_NUMBERS = new Float32Array(0);

/** A weight tensor the layer cannot do without. */
export function weightOf(weights: LayerWeights, name: WeightSpec['name']): Float32Array {
  const values = weights[name];
  if (!values) throw new EngineError(`The layer's ${name} has no values`);
  return values;
}

/** The sliding window of a layer that has one. */
export function windowOf({ facts: { window } }: { readonly facts: Geometry }): Window {
  if (!window) throw new EngineError('The layer has no window: its shapes are not known');
  return window;
}

/** The window of a transposed convolution. */
export function transposedOf({ facts: { transposed } }: { readonly facts: Geometry }): TransposedWindow {
  if (!transposed) throw new EngineError('The layer has no transposed window: its shapes are not known');
  return transposed;
}
