import type { LayerKind } from '../../../network/catalogue.js';
import { BYTES_PER_NUMBER, volumeOf } from '../../../network/shape.js';
import type { Window } from '../../../network/window.js';
import { windowOf } from '../../ops/op.js';
import { blockBytes, type Machine } from '../../wasm/machine.js';
import { padded } from '../../wasm/padded.js';
import type { StepLayer, StepOp } from '../step-op.js';
import { depthwiseStep } from './depthwise.js';
import type { FastStepMaker } from './maker.js';
import { multiplier } from './products.js';
import { spreadOut } from './spread.js';
import { columnSums } from './sums.js';

export const conv: FastStepMaker<'conv'> = (step, machine) => {
  const groups = step.layer.attributes?.groups ?? 1;
  const isDepthwise = groups === step.inputs[0]?.channels && groups === step.output.channels;
  return (isDepthwise && depthwiseStep(step, machine)) || convolve(step, windowOf(step), groups, machine);
};

/**
 * Convolution both ways as products, without packing: weights lie [group][ky][kx][channel][filter of the group], which each of the
 * three reads as it is, or turned round.
 *
 * Forwards: C[pixel, filter] = Σ x[pixel + tap, channel] · w[tap, channel, filter].
 * By the weights: C[tap and channel, filter] = Σ x[pixel + tap, channel] · dy[pixel, filter] over the pixels.
 * By the input: a convolution of dy, with zeros between its pixels where there is a stride and around them, with the flipped
 * filters w'[tap, filter, channel].
 */
function convolve(
  { inputs: [input], output, batch, facts }: StepLayer<LayerKind>,
  window: Window,
  groups: number,
  machine: Machine,
): StepOp | undefined {
  if (!input || input.channels % groups !== 0 || output.channels % groups !== 0) return undefined;
  const { y, x } = window;
  const depth = input.channels / groups;
  const filters = output.channels / groups;
  // A group a channel: products of one n would be slower than the reference.
  if (filters < 4 && groups > 1) return undefined;
  const taps = y.kernel * x.kernel;
  const image = padded(input, window, 0);
  const pixel = input.channels * 4;
  const line = image.width * pixel;
  const isWhole = groups === 1 && x.dilation === 1;
  const groupWeights = taps * depth * filters * 4;
  const hasBias = facts.weights.some(({ name }) => name === 'bias');

  const slide = multiplier(machine, {
    run: isWhole ? x.kernel * depth : depth,
    outer: { count: y.kernel, stride: y.dilation * line },
    inner: { count: isWhole ? 1 : x.kernel, stride: x.dilation * pixel },
    columns: x.output,
    columnStride: x.stride * pixel,
    rowStride: y.stride * line,
    outputColumnStride: output.channels * 4,
    outputRowStride: x.output * output.channels * 4,
    bias: hasBias,
    ns: filters,
    step: filters * 4,
  });

  // All taps of a kernel's row at once where they are neighbours, else one by one.
  const together = isWhole ? x.kernel : 1;
  const correlate = multiplier(machine, {
    run: x.output,
    stepStride: x.stride * pixel,
    outer: { count: y.output, stride: y.stride * line },
    inner: { count: 1, stride: 0 },
    columns: together * depth,
    columnStride: 4,
    rowStride: y.dilation * line,
    outputColumnStride: filters * 4,
    outputRowStride: x.kernel * depth * filters * 4,
    bias: false,
    accumulate: true,
    ns: filters,
    step: output.channels * 4,
  });

  const spread = spreadOut(output.channels, y, x);
  const back = multiplier(machine, {
    run: isWhole ? x.kernel * filters : filters,
    outer: { count: y.kernel, stride: y.dilation * spread.line },
    inner: { count: isWhole ? 1 : x.kernel, stride: x.dilation * output.channels * 4 },
    columns: input.width,
    columnStride: output.channels * 4,
    rowStride: spread.line,
    outputColumnStride: pixel,
    outputRowStride: input.width * pixel,
    bias: false,
    ns: depth,
    step: depth * 4,
  });

  const sumColumns = columnSums(machine, output.channels);
  const inputBytes = volumeOf(input) * BYTES_PER_NUMBER;
  const outputBytes = volumeOf(output) * BYTES_PER_NUMBER;
  const imageBytes = image.scratchBytes > 0 ? blockBytes(image.scratchBytes) : 0;
  const flipped = batch * imageBytes;
  const spreadAt = flipped + blockBytes(groups * groupWeights);
  const imageAt = (places: { readonly inputs: readonly number[]; readonly scratch: number }, n: number) =>
    imageBytes > 0 ? places.scratch + n * imageBytes : (places.inputs[0] ?? 0) + n * inputBytes;

  return {
    algorithm: 'products',
    scratchBytes: spreadAt + blockBytes(spread.bytes),
    layout: {
      weight: (index) => {
        const tap = index % taps;
        const channel = Math.floor(index / taps) % depth;
        const filter = Math.floor(index / (taps * depth));
        const group = Math.floor(filter / filters);
        return ((group * taps + tap) * depth + channel) * filters + (filter % filters);
      },
    },
    *forward(places, memory) {
      const { weight = 0, bias = 0 } = places.weights;
      for (let n = 0; n < batch; n++) {
        // The padded pictures are kept for the way back.
        const from = image.prepare(memory, (places.inputs[0] ?? 0) + n * inputBytes, places.scratch + n * imageBytes);
        for (let group = 0; group < groups; group++)
          slide(
            from + group * depth * 4,
            weight + group * groupWeights,
            bias + group * filters * 4,
            places.output + n * outputBytes + group * filters * 4,
            y.output,
          );
        yield;
      }
    },
    *backward(places, memory) {
      const { weight: byWeight, bias: byBias } = places.weightGradients;
      if (byWeight !== undefined) {
        memory.fill(0, byWeight / 4, byWeight / 4 + (groups * groupWeights) / 4);
        for (let n = 0; n < batch; n++) {
          for (let group = 0; group < groups; group++)
            for (let kx = 0; kx < x.kernel; kx += together)
              correlate(
                imageAt(places, n) + group * depth * 4 + kx * x.dilation * pixel,
                places.outputGradient + n * outputBytes + group * filters * 4,
                0,
                byWeight + group * groupWeights + kx * depth * filters * 4,
                y.kernel,
              );
          yield;
        }
      }
      if (byBias !== undefined) sumColumns([places.outputGradient], byBias, batch * y.output * x.output, memory);
      const [to] = places.inputGradients;
      if (to === null || to === undefined) return;
      const turned = places.scratch + flipped;
      turnRound(memory, (places.weights.weight ?? 0) / 4, turned / 4, { groups, taps, depth, filters });
      for (let n = 0; n < batch; n++) {
        spread.prepare(memory, (places.outputGradient + n * outputBytes) / 4, (places.scratch + spreadAt) / 4);
        for (let group = 0; group < groups; group++)
          back(
            places.scratch + spreadAt + group * filters * 4,
            turned + group * groupWeights,
            0,
            to + n * inputBytes + group * depth * 4,
            input.height,
          );
        yield;
      }
    },
  };
}

interface Filters {
  readonly groups: number;
  readonly taps: number;
  readonly depth: number;
  readonly filters: number;
}

/** [group][tap][channel][filter] → [group][last tap first][filter][channel] */
function turnRound(memory: Float32Array, from: number, to: number, { groups, taps, depth, filters }: Filters): void {
  for (let group = 0; group < groups; group++)
    for (let tap = 0; tap < taps; tap++) {
      const start = from + (group * taps + tap) * depth * filters;
      const end = to + (group * taps + taps - 1 - tap) * depth * filters;
      for (let channel = 0; channel < depth; channel++)
        for (let filter = 0; filter < filters; filter++)
          memory[end + filter * depth + channel] = memory[start + channel * filters + filter] as number;
    }
}
