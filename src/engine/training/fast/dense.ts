import { rulesOf } from '../../../network/frameworks.js';
import { volumeOf } from '../../../network/shape.js';
import type { FastStepMaker } from './maker.js';
import { multiplier } from './products.js';
import { columnSums } from './sums.js';

/**
 * fc both ways as products over the whole batch. Weights lie [input][unit], the inputs in the order in which the volume is
 * stored: y[n, u] = Σ x[n, i]·w[i, u]; by the weights Σ_n x[n, i]·dy[n, u]; by the input Σ_u dy[n, u]·w[i, u].
 */
export const fc: FastStepMaker<'fc'> = ({ inputs: [input], output, batch, facts, framework }, machine) => {
  if (!input) return undefined;
  const { height, width, channels } = input;
  const ins = volumeOf(input);
  const outs = output.channels;
  const whole = { outer: { count: 1, stride: 0 }, inner: { count: 1, stride: 0 }, rowStride: 0, outputRowStride: 0 };
  const hasBias = facts.weights.some(({ name }) => name === 'bias');
  const score = multiplier(machine, {
    ...whole,
    run: ins,
    columns: batch,
    columnStride: ins * 4,
    outputColumnStride: outs * 4,
    bias: hasBias,
    ns: outs,
    step: outs * 4,
  });
  const correlate = multiplier(machine, {
    ...whole,
    run: batch,
    stepStride: ins * 4,
    columns: ins,
    columnStride: 4,
    outputColumnStride: outs * 4,
    bias: false,
    ns: outs,
    step: outs * 4,
  });
  const back = multiplier(machine, {
    ...whole,
    run: outs,
    columns: batch,
    columnStride: outs * 4,
    outputColumnStride: ins * 4,
    bias: false,
    ns: ins,
    step: ins * 4,
  });
  const sumColumns = columnSums(machine, outs);
  const { flattenOrder } = rulesOf(framework);
  const pixels = height * width;
  return {
    algorithm: 'products',
    // The weights, transposed.
    scratchBytes: ins * outs * 4,
    layout: {
      weight: (index) => {
        const i = index % ins;
        const stored = flattenOrder === 'HWC' ? i : (i % pixels) * channels + Math.floor(i / pixels);
        return stored * outs + Math.floor(index / ins);
      },
    },
    *forward({ inputs: [x = 0], output: y, weights: { weight = 0, bias = 0 } }) {
      score(x, weight, bias, y, 1);
      yield;
    },
    *backward({ inputs: [x = 0], outputGradient, inputGradients: [to], weights, weightGradients, scratch }, memory) {
      if (weightGradients.weight !== undefined) {
        correlate(x, outputGradient, 0, weightGradients.weight, 1);
        yield;
      }
      if (weightGradients.bias !== undefined) sumColumns([outputGradient], weightGradients.bias, batch, memory);
      if (to === null || to === undefined) return;
      transpose(memory, (weights.weight ?? 0) / 4, scratch / 4, ins, outs);
      yield;
      back(outputGradient, scratch, 0, to, 1);
      yield;
    },
  };
};

/** [rows][columns] → [columns][rows], in squares that stay in the cache. */
function transpose(memory: Float32Array, from: number, to: number, rows: number, columns: number): void {
  const SIDE = 16;
  for (let top = 0; top < rows; top += SIDE)
    for (let left = 0; left < columns; left += SIDE)
      for (let row = top; row < Math.min(top + SIDE, rows); row++)
        for (let column = left; column < Math.min(left + SIDE, columns); column++)
          memory[to + column * rows + row] = memory[from + row * columns + column] as number;
}
