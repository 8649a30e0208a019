import { addVector, readVector } from '../tensor.js';
import { addTo, type Op, weightOf } from './op.js';

/** y[u] = bias[u] + Σ weight[u, i] · x[i]; x is the volume read as one vector, `weight` is [out, in] (PyTorch's). */
export const fc: Op<'fc'> = {
  *forward({ input, output, weights, rules, attributes: { units } }) {
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
  },
  *backward({
    input,
    outputGradient: { data: dy },
    inputGradients: [gradient],
    weights,
    weightGradients,
    rules,
    attributes: { units },
  }) {
    const weight = weightOf(weights, 'weight');
    const { weight: weightGradient, bias: biasGradient } = weightGradients;
    const each = weight.length / units;
    const byWeight = new Float64Array(weightGradient ? weight.length : 0);
    const byBias = new Float64Array(units);
    for (let n = 0; n < input.batch; n++) {
      const x = readVector(input, n, rules.flattenOrder);
      const byInput = new Float64Array(each);
      for (let unit = 0; unit < units; unit++) {
        const row = unit * each;
        const g = dy[n * units + unit] as number;
        byBias[unit] = (byBias[unit] as number) + g;
        for (let i = 0; i < each; i++) byInput[i] = (byInput[i] as number) + g * (weight[row + i] as number);
        if (weightGradient)
          for (let i = 0; i < each; i++) byWeight[row + i] = (byWeight[row + i] as number) + g * (x[i] as number);
        yield;
      }
      if (gradient) addVector(gradient, n, byInput, rules.flattenOrder);
    }
    addTo(weightGradient, byWeight);
    addTo(biasGradient, byBias);
  },
};
