import { sizeOf } from '../network/check.js';
import type { WeightSpec } from '../network/layer.js';
import type { LayerWeights, Steps } from './ops/op.js';
import { randomFrom } from './random.js';

/** Numbers drawn between two steps. */
const STEP = 16384;

/**
 * Random weights for one layer. They depend on the seed, the layer's name and the shapes, and on nothing else: editing one
 * layer leaves the weights of all others alone. Filters and matrices are normal with mean 0 and standard deviation
 * √(2/fan in) (He et al. 2015), fan in being the inputs of one output; biases, scales and running statistics start as their
 * specs say. Layouts are those of the specs (PyTorch's).
 */
export function seededWeights(specs: readonly WeightSpec[], name: string, seed: number): LayerWeights {
  const weights = allocateWeights(specs);
  for (const _ of seedWeights(weights, specs, name, seed));
  return weights;
}

/** Buffers of zeros for the weights of one layer. */
export function allocateWeights(specs: readonly WeightSpec[]): LayerWeights {
  const weights: Partial<Record<WeightSpec['name'], Float32Array>> = {};
  for (const spec of specs) weights[spec.name] = new Float32Array(sizeOf(spec));
  return weights;
}

/** {@link seededWeights} into existing buffers, in steps. */
export function* seedWeights(weights: LayerWeights, specs: readonly WeightSpec[], name: string, seed: number): Steps {
  for (const spec of specs) {
    const values = weights[spec.name];
    if (!values) continue;
    if (spec.initial !== undefined) {
      values.fill(spec.initial);
      continue;
    }
    const deviation = Math.sqrt(2 / fanIn(spec));
    const random = randomFrom(`${seed}/${name}/${spec.name}/${spec.shape.join('x')}`);
    for (let from = 0; from < values.length; from += STEP) {
      const to = Math.min(from + STEP, values.length);
      for (let i = from; i < to; i++) values[i] = deviation * random.normal();
      yield;
    }
  }
}

/** How many inputs one output sums over: everything but the first axis of OIHW or [out, in]; of a
 * transposed convolution's IOHW too, as PyTorch counts it. */
const fanIn = ({ shape }: WeightSpec): number => shape.slice(1).reduce((product, length) => product * length, 1);
