import { readVector } from '../tensor.js';
import { type Op, weightOf } from './op.js';

/** y[u] = bias[u] + Σ weight[u, i] · x[i]; x is the volume read as one vector, `weight` is [out, in] (PyTorch's). */
export const fc: Op<'fc'> = function* ({ input, output, weights, rules, attributes: { units } }) {
  const weight = weightOf(weights, 'weight');
  const { bias } = weights;
  for (let n = 0; n < input.batch; n++) {
    const x = readVector(input, n, rules.flattenOrder);
    for (let unit = 0; unit < units; unit++) {
      const row = unit * x.length;
      let sum = bias ? (bias[unit] as number) : 0;
      for (let i = 0; i < x.length; i++) sum += (weight[row + i] as number) * (x[i] as number);
      output.data[n * units + unit] = sum;
      yield;
    }
  }
};
