import { randomFrom } from '../random.js';
import { dot, type LearnFilters, whiten } from './patches.js';

/** Filters of a sparse restricted Boltzmann machine, a layer of a sparse deep belief net (Lee, Ekanadham & Ng 2008; Lee et al. 2009). */

/** The part of the patches to which a unit is to answer. */
const SPARSITY = 0.08;
/** How strongly the biases are drawn to that, beside the rate. */
const PULL = 4;
const RATE = 0.05;
const MOMENTUM = 0.9;
const DECAY = 0.001;
const BATCH = 50;
const ROUNDS = 10;
/** What weights start as: small. */
const SPREAD = 0.05;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Units that are on or off, each with probability sigmoid(w·x + b), from which patches x, Gaussian around Σ w·h, can be made
 * again. Weights follow the difference between what data and what the net's own fantasy make the units do (contrastive
 * divergence, one step: Hinton 2002); biases also what keeps each unit silent for most patches. The filters and biases make a
 * sigmoid behind the layer that very probability, for patches of usual contrast.
 */
export const sparseFilters: LearnFilters = function* (patches, filters, seed) {
  const { size, count } = patches;
  const white = yield* whiten(patches);
  const random = randomFrom(`sparse ${seed}`);
  const weights = Float64Array.from({ length: filters * size }, () => SPREAD * random.normal());
  const biases = new Float64Array(filters).fill(Math.log(SPARSITY / (1 - SPARSITY)));
  const visible = new Float64Array(size);
  const steps = {
    weights: new Float64Array(filters * size),
    biases: new Float64Array(filters),
    visible: new Float64Array(size),
  };
  const gradient = {
    weights: new Float64Array(filters * size),
    biases: new Float64Array(filters),
    visible: new Float64Array(size),
  };
  const fantasy = new Float64Array(size);
  const [given, made] = [new Float64Array(filters), new Float64Array(filters)];
  const answer = (values: Float64Array, at: number, to: Float64Array) => {
    for (let k = 0; k < filters; k++) to[k] = sigmoid((biases[k] as number) + dot(weights, k * size, values, at, size));
  };
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random.uniform() * (i + 1));
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    for (let first = 0; first + BATCH <= count || first === 0; first += BATCH) {
      const batch = Math.min(BATCH, count);
      for (const values of Object.values(gradient)) values.fill(0);
      for (let n = first; n < first + batch; n++) {
        const at = (order[n] as number) * size;
        answer(white.values, at, given);
        fantasy.set(visible);
        for (let k = 0; k < filters; k++)
          // A unit is on or off: that it tells so little keeps it from copying the patch.
          if (random.uniform() < (given[k] as number)) add(fantasy, 0, weights, k * size, size, 1);
        answer(fantasy, 0, made);
        for (let k = 0; k < filters; k++) {
          add(gradient.weights, k * size, white.values, at, size, given[k] as number);
          add(gradient.weights, k * size, fantasy, 0, size, -(made[k] as number));
          gradient.biases[k] = (gradient.biases[k] as number) + PULL * (SPARSITY - (given[k] as number));
        }
        add(gradient.visible, 0, white.values, at, size, 1);
        add(gradient.visible, 0, fantasy, 0, size, -1);
        yield;
      }
      follow(weights, steps.weights, gradient.weights, batch, DECAY);
      follow(biases, steps.biases, gradient.biases, batch, 0);
      follow(visible, steps.visible, gradient.visible, batch, 0);
    }
  }
  return { filters: white.undo(weights).map((value) => value / white.contrast), biases };
};

/** to += by · from. */
function add(to: Float64Array, at: number, from: Float64Array, start: number, length: number, by: number): void {
  for (let i = 0; i < length; i++) to[at + i] = (to[at + i] as number) + by * (from[start + i] as number);
}

/** A step with momentum along the mean gradient of a batch. */
function follow(values: Float64Array, step: Float64Array, gradient: Float64Array, batch: number, decay: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    step[i] = MOMENTUM * (step[i] as number) + RATE * ((gradient[i] as number) / batch - decay * value);
    values[i] = value + (step[i] as number);
  }
}
