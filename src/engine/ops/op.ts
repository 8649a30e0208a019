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
  /** Zeros, to be filled. */
  readonly output: Tensor;
}

/** Work in steps of well under a millisecond: between two, the runner may pause or stop. */
export type Steps = Generator<void, void, void>;

/**
 * The reference forward pass of one kind of layer: sums are float64, stored numbers float32. A generator that yields
 * between steps, so that whoever drives it can stop at once.
 */
export type Op<K extends LayerKind> = (context: OpContext<K>) => Steps;

/** The op that hands its input on. */
export function* copy({ input, output }: { readonly input: Tensor; readonly output: Tensor }): Steps {
  output.data.set(input.data);
  yield;
}

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
