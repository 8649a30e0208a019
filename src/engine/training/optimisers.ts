import type { OptimiserSettings } from '../../network/training.js';

/** One step of one weight tensor, in place. */
interface Step {
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
  /** What the optimiser remembers of the tensor, from zeros on; of the size of the weights each. */
  readonly slots: readonly Float32Array[];
  readonly rate: number;
  readonly decay: number;
  /** Counted from 1. */
  readonly step: number;
  readonly settings: OptimiserSettings;
}

interface Optimiser {
  /** What it remembers, by name, for checkpoints. */
  readonly slots: readonly string[];
  readonly update: (step: Step) => void;
}

/**
 * Stochastic gradient descent, as PyTorch has it: g = gradient + decay·w; with momentum v = momentum·v + g, and w is moved by
 * −rate·v, or ahead of it, by −rate·(g + momentum·v), after Nesterov.
 */
const sgd: Optimiser = {
  slots: ['velocity'],
  update({ weights, gradient, slots: [velocity], rate, decay, settings: { momentum, nesterov } }) {
    if (!velocity) return;
    for (let i = 0; i < weights.length; i++) {
      const w = weights[i] as number;
      const g = (gradient[i] as number) + decay * w;
      const v = momentum * (velocity[i] as number) + g;
      velocity[i] = v;
      weights[i] = w - rate * (nesterov ? g + momentum * v : v);
    }
  },
};

/**
 * Adam (Kingma & Ba 2015): the mean of the gradients over the root of the mean of their squares, both corrected for having begun
 * at 0. `decoupled` takes the decay from the weights (AdamW, Loshchilov & Hutter 2019) instead of adding it to the gradient.
 */
const adaptive = (decoupled: boolean): Optimiser => ({
  slots: ['mean', 'square'],
  update({ weights, gradient, slots: [mean, square], rate, decay, step, settings: { momentum, beta2, epsilon } }) {
    if (!mean || !square) return;
    const meanCorrection = 1 - momentum ** step;
    const squareCorrection = Math.sqrt(1 - beta2 ** step);
    const size = rate / meanCorrection;
    const added = decoupled ? 0 : decay;
    const kept = decoupled ? 1 - rate * decay : 1;
    for (let i = 0; i < weights.length; i++) {
      const w = weights[i] as number;
      const g = (gradient[i] as number) + added * w;
      const m = momentum * (mean[i] as number) + (1 - momentum) * g;
      const s = beta2 * (square[i] as number) + (1 - beta2) * g * g;
      mean[i] = m;
      square[i] = s;
      weights[i] = kept * w - (size * m) / (Math.sqrt(s) / squareCorrection + epsilon);
    }
  },
});

export const optimisers: Readonly<Record<OptimiserSettings['kind'], Optimiser>> = {
  sgd,
  adam: adaptive(false),
  adamw: adaptive(true),
};
