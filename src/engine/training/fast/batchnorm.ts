import { rulesOf } from '../../../network/frameworks.js';
import { BYTES_PER_NUMBER, volumeOf } from '../../../network/shape.js';
import type { LayerWeights } from '../../ops/op.js';
import type { Local } from '../../wasm/assembler.js';
import { fastOps } from '../../wasm/index.js';
import { blockBytes } from '../../wasm/machine.js';
import { mapFunction } from '../../wasm/map.js';
import { squaredDistance } from '../../wasm/sums.js';
import type { FastStepMaker } from './maker.js';
import { columnSums } from './sums.js';

/**
 * Batch normalisation both ways (Ioffe & Szegedy 2015). In training the mean μ and the biased variance σ² of each channel are the
 * batch's, and the running ones move towards them. With x̂ = (x − μ)/σ, over n pixels:
 * dx = γ/σ · (dy − Σ dy/n − x̂ · Σ dy·x̂/n), dγ = Σ dy·x̂, dβ = Σ dy.
 */
export const batchnorm: FastStepMaker<'batchnorm'> = (step, machine) => {
  const { layer, framework, facts, inputs, output, batch } = step;
  const { attributes } = layer;
  if (!attributes) return undefined;
  const rules = rulesOf(framework);
  const how = { ...machine.features, precise: true, activation: 'none', residual: false } as const;
  const op = fastOps.batchnorm?.({ ...how, attributes, rules, facts, inputs, output });
  if (!op) return undefined;
  const { channels } = output;
  const count = batch * output.height * output.width;
  const functions = machine.functions(op.key, op.functions);
  const tableBytes = blockBytes(channels * 4);
  const constantBytes = blockBytes(op.constants * 4);

  const sums = columnSums(machine, channels);
  const squares = columnSums(machine, channels, squaredDistance);
  const products = columnSums(machine, channels, {
    name: 'gradient times distance',
    matrices: 2,
    tables: 1,
    combine(code, [dy, x], [mean]) {
      if (dy === undefined || x === undefined || mean === undefined) return;
      code.get(x).get(mean).vector('subtract').get(dy).vector('multiply').set(dy);
    },
  });
  const { back } = machine.functions(JSON.stringify(['batchnorm back', channels]), () => ({
    back: mapFunction({
      unit: channels,
      operandStrides: [channels * 4, channels * 4, 0, 0, 0, 0],
      outputStride: channels * 4,
      combine(code, operands) {
        const [dy, x, mean, scale, slope, shift] = operands as [Local, Local, Local, Local, Local, Local];
        code.get(dy).get(scale).vector('multiply');
        code.get(x).get(mean).vector('subtract').get(slope).vector('multiply').vector('add');
        code.get(shift).vector('add').set(dy);
      },
    }),
  }));

  /** 1/σ of the last batch. */
  let inverse = new Float64Array(channels);
  const read = (memory: Float32Array, address: number | undefined): Float32Array | undefined =>
    address === undefined ? undefined : memory.subarray(address / 4, address / 4 + channels);

  return {
    algorithm: 'vectors of 4',
    // Of the last batch the mean, and three rows more.
    scratchBytes: constantBytes + 4 * tableBytes,
    *forward(places, memory, training) {
      const [x = 0] = places.inputs;
      const meanAt = places.scratch + constantBytes;
      const sumAt = meanAt + tableBytes;
      const runningMean = read(memory, places.weights.running_mean) as Float32Array;
      const runningVariance = read(memory, places.weights.running_var) as Float32Array;
      let [mean, variance] = [runningMean, runningVariance];
      if (training) {
        mean = Float32Array.from(sums([x], sumAt, count, memory), (sum) => sum / count);
        memory.set(mean, meanAt / 4);
        yield;
        variance = Float32Array.from(squares([x], sumAt, count, memory, [meanAt]), (sum) => sum / count);
        yield;
        const part = rules.momentumMeans === 'keep' ? 1 - attributes.momentum : attributes.momentum;
        const unbiased = count > 1 ? count / (count - 1) : 1;
        for (let c = 0; c < channels; c++) {
          runningMean[c] = (1 - part) * (runningMean[c] as number) + part * (mean[c] as number);
          runningVariance[c] = (1 - part) * (runningVariance[c] as number) + part * unbiased * (variance[c] as number);
        }
      } else memory.set(mean, meanAt / 4);
      inverse = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + attributes.epsilon));
      const [weight, bias] = [read(memory, places.weights.weight), read(memory, places.weights.bias)];
      const weights: LayerWeights = {
        running_mean: mean,
        running_var: variance,
        ...(weight && { weight }),
        ...(bias && { bias }),
      };
      const host = { functions: {}, constants: places.scratch, scratch: sumAt, memory: () => memory };
      yield* op.pack(weights, host);
      const bytes = volumeOf(output) * BYTES_PER_NUMBER;
      for (let n = 0; n < batch; n++) {
        const picture = { inputs: [x + n * bytes], output: places.output + n * bytes };
        yield* op.run(functions, { ...picture, constants: places.scratch, scratch: sumAt }, () => memory);
      }
    },
    *backward(places, memory, training) {
      const [x = 0] = places.inputs;
      const { outputGradient } = places;
      const meanAt = places.scratch + constantBytes;
      const tables = [1, 2, 3].map((row) => meanAt + row * tableBytes) as [number, number, number];
      const byShift = sums([outputGradient], tables[0], count, memory);
      yield;
      const byScale = products([outputGradient, x], tables[0], count, memory, [meanAt]);
      for (const [c, value] of inverse.entries()) byScale[c] = (byScale[c] as number) * value;
      read(memory, places.weightGradients.weight)?.set(byScale);
      read(memory, places.weightGradients.bias)?.set(byShift);
      const [to] = places.inputGradients;
      if (to === null || to === undefined) return;
      const weight = read(memory, places.weights.weight);
      // The statistics of a batch depend on its numbers: what moves all of them alike changes nothing.
      const share = training ? 1 / count : 0;
      for (const [c, value] of inverse.entries()) {
        const scale = (weight?.[c] ?? 1) * value;
        memory[tables[0] / 4 + c] = scale;
        memory[tables[1] / 4 + c] = -scale * value * share * (byScale[c] as number);
        memory[tables[2] / 4 + c] = -scale * share * (byShift[c] as number);
      }
      back?.(count, to, outputGradient, x, meanAt, ...tables);
      yield;
    },
  };
};
