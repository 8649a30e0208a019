import { expect, test } from 'vitest';
import { optimisers } from '../../../src/engine/training/optimisers.js';
import { type OptimiserSettings, optimiserNames } from '../../../src/network/training.js';
import { trainingSettings } from '../../../src/network/training-lines.js';

const START = [1, -2, 0.5];
const GRADIENTS = [
  [0.1, -0.2, 0.3],
  [-0.4, 0.1, 0.2],
  [0.3, 0.3, -0.1],
];

/**
 * What three steps of PyTorch 1.13 (torch.optim, float64) make of START with the rate 0.1, the decay 0.01, and where they have them
 * momentum 0.9, betas 0.9 and 0.99, and epsilon 1e-6.
 */
const ORACLE: Readonly<Record<(typeof optimiserNames)[number], readonly number[]>> = {
  sgd: [0.996982989, -2.014035978, 0.458581469],
  momentum: [1.013292789, -1.983655578, 0.388031369],
  nesterov: [1.008933413, -1.999419525, 0.357993385],
  adam: [0.947555884, -1.893473799, 0.246488343],
  adamw: [0.950358727, -1.906439087, 0.246347254],
};

/** As a training block says it. */
const settingsOf = (kind: (typeof optimiserNames)[number]): OptimiserSettings =>
  trainingSettings('digits', { optimiser: { kind, beta2: 0.99, epsilon: 1e-6 } }).optimiser;

test.each(optimiserNames)('three steps of %s are PyTorch’s', (kind) => {
  const settings = settingsOf(kind);
  const { slots, update } = optimisers[settings.kind];
  const weights = Float32Array.from(START);
  const kept = slots.map(() => new Float32Array(START.length));
  for (const [i, gradient] of GRADIENTS.entries())
    update({
      weights,
      gradient: Float32Array.from(gradient),
      slots: kept,
      rate: 0.1,
      decay: 0.01,
      step: i + 1,
      settings,
    });
  for (const [i, value] of ORACLE[kind].entries()) expect(weights[i]).toBeCloseTo(value, 5);
});
