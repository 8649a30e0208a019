import type { LayerKind } from '../../../network/catalogue.js';
import { BYTES_PER_NUMBER, type Pair, type Shape, volumeOf } from '../../../network/shape.js';
import { kernelExtent, type Window, type WindowAxis } from '../../../network/window.js';
import { windowOf } from '../../ops/op.js';
import { FunctionBuilder } from '../../wasm/assembler.js';
import { depthwiseFunction } from '../../wasm/depthwise.js';
import { blockBytes, type Machine } from '../../wasm/machine.js';
import { padded } from '../../wasm/padded.js';
import type { StepLayer, StepOp } from '../step-op.js';
import type { FastStepMaker } from './maker.js';
import { spreadOut } from './spread.js';
import { columnSums } from './sums.js';

export const depthwise: FastStepMaker<'depthwise'> = (step, machine) =>
  step.layer.attributes?.multiplier === 1 ? depthwiseStep(step, machine) : undefined;

/** The elements of a filter are held in registers, as far as they go. */
export const MOST_TAPS = 25;

/**
 * The function (image, weights, biases, output, rows) that slides a filter over each channel, `stride` pixels at a time, to `output`
 * pixels, all of whose windows lie in the image; weights lie [ky][kx][channel].
 */
export function slider(
  machine: Machine,
  { y, x }: Window,
  output: Shape,
  { stride, line }: { readonly stride: Pair; readonly line: number },
) {
  const along = ({ kernel, dilation }: WindowAxis, step: number, outputs: number) => ({
    kernel,
    dilation,
    stride: step,
    before: 0,
    input: (outputs - 1) * step + kernelExtent(kernel, dilation),
    output: outputs,
  });
  const { channels } = output;
  const layer = {
    channels,
    y: along(y, stride.y, output.height),
    x: along(x, stride.x, output.width),
    line,
    weightStride: { tap: roundUp(channels) * 4, block: 16 },
    biasStride: 16,
    activation: 'none',
    relaxed: machine.features.relaxed,
  } as const;
  return machine.functions(JSON.stringify(['depthwise', layer]), () => ({ slide: depthwiseFunction(layer) })).slide;
}

/** Channels are read four at a time: the weights have room for it. */
export const roundUp = (channels: number): number => Math.ceil(channels / 4) * 4;

/**
 * A filter a channel, both ways. Weights lie [ky][kx][channel], which the way forwards reads as they are; the way back by the input
 * slides them, the last tap first, over the gradient, with zeros between its pixels where there is a stride and around them.
 */
export function depthwiseStep<K extends LayerKind>(step: StepLayer<K>, machine: Machine): StepOp | undefined {
  const { output, batch, facts } = step;
  const [input] = step.inputs;
  const { y, x } = windowOf(step);
  const { channels } = output;
  const taps = y.kernel * x.kernel;
  if (!input || channels % 4 !== 0 || taps > MOST_TAPS) return undefined;
  const image = padded(input, { y, x }, 0);
  const pixel = channels * 4;
  const line = image.width * pixel;
  const spread = spreadOut(channels, y, x);
  const kernel = { y: y.kernel, x: x.kernel };
  const window = { y, x };
  const slide = slider(machine, window, output, { stride: { y: y.stride, x: x.stride }, line });
  const slideBack = slider(machine, window, input, { stride: { y: 1, x: 1 }, line: spread.line });

  const tapStride = { y: y.dilation * line, x: x.dilation * pixel };
  const correlation = {
    channels,
    kernel,
    tapStride,
    columns: x.output,
    stride: x.stride * pixel,
    row: y.stride * line,
  };
  const { correlate } = machine.functions(JSON.stringify(['depthwise by weights', correlation]), () => ({
    correlate: correlateFunction(correlation),
  }));
  const sumColumns = columnSums(machine, channels);

  const inputBytes = volumeOf(input) * BYTES_PER_NUMBER;
  const outputBytes = volumeOf(output) * BYTES_PER_NUMBER;
  const imageBytes = image.scratchBytes > 0 ? blockBytes(image.scratchBytes) : 0;
  const zerosAt = batch * imageBytes;
  const turnedAt = zerosAt + blockBytes(pixel);
  const spreadAt = turnedAt + blockBytes(taps * pixel);
  const hasBias = facts.weights.some(({ name }) => name === 'bias');
  const imageAt = (places: { readonly inputs: readonly number[]; readonly scratch: number }, n: number) =>
    imageBytes > 0 ? places.scratch + n * imageBytes : (places.inputs[0] ?? 0) + n * inputBytes;

  return {
    algorithm: 'depthwise 4×4',
    scratchBytes: spreadAt + blockBytes(spread.bytes),
    layout: { weight: (index) => (index % taps) * channels + Math.floor(index / taps) },
    *forward(places, memory) {
      const { weight = 0, bias = 0 } = places.weights;
      const zeros = places.scratch + zerosAt;
      memory.fill(0, zeros / 4, zeros / 4 + channels);
      for (let n = 0; n < batch; n++) {
        // The padded pictures are kept for the way back.
        const from = image.prepare(memory, (places.inputs[0] ?? 0) + n * inputBytes, places.scratch + n * imageBytes);
        slide?.(from, weight, hasBias ? bias : zeros, places.output + n * outputBytes, y.output);
        yield;
      }
    },
    *backward(places, memory) {
      const { weight: byWeight, bias: byBias } = places.weightGradients;
      if (byWeight !== undefined) {
        memory.fill(0, byWeight / 4, byWeight / 4 + taps * channels);
        for (let n = 0; n < batch; n++) {
          correlate?.(imageAt(places, n), places.outputGradient + n * outputBytes, byWeight, y.output);
          yield;
        }
      }
      if (byBias !== undefined) sumColumns([places.outputGradient], byBias, batch * y.output * x.output, memory);
      const [to] = places.inputGradients;
      if (to === null || to === undefined) return;
      const weight = (places.weights.weight ?? 0) / 4;
      const turned = places.scratch + turnedAt;
      for (let tap = 0; tap < taps; tap++) {
        const from = weight + tap * channels;
        memory.copyWithin(turned / 4 + (taps - 1 - tap) * channels, from, from + channels);
      }
      const wide = places.scratch + spreadAt;
      for (let n = 0; n < batch; n++) {
        spread.prepare(memory, (places.outputGradient + n * outputBytes) / 4, wide / 4);
        slideBack?.(wide, turned, places.scratch + zerosAt, to + n * inputBytes, input.height);
        yield;
      }
    },
  };
}

/** Strides in bytes, of a padded input. */
interface Correlation {
  readonly channels: number;
  readonly kernel: { readonly y: number; readonly x: number };
  readonly tapStride: { readonly y: number; readonly x: number };
  readonly columns: number;
  /** Between the windows of two neighbouring outputs, and between rows of windows. */
  readonly stride: number;
  readonly row: number;
}

/** The function (input, gradient, to, rows), which adds Σ input[pixel + tap, channel] · gradient[pixel, channel] to [tap][channel]. */
function correlateFunction({ channels, kernel, tapStride, columns, stride, row }: Correlation): FunctionBuilder {
  const pixel = channels * 4;
  return new FunctionBuilder(4, (code, input, gradient, to, rows) => {
    const sums = code.locals('v128', kernel.y * kernel.x);
    const given = code.local('v128');
    const [place, from] = [code.local('i32'), code.local('i32')];
    const offset = code.local('i32');
    code.repeat({ local: rows }, () => {
      code.i32(0).set(offset);
      code.repeat(channels / 4, () => {
        for (const sum of sums) code.constant(0).set(sum);
        code.get(input).get(offset).do('i32Add').set(from);
        code.get(gradient).get(offset).do('i32Add').set(place);
        code.repeat(columns, () => {
          code.get(place).load().set(given);
          for (const [tap, sum] of sums.entries()) {
            const at = Math.floor(tap / kernel.x) * tapStride.y + (tap % kernel.x) * tapStride.x;
            code.get(from).load(at).get(given).vector('multiply').get(sum).vector('add').set(sum);
          }
          code.increase(from, stride).increase(place, pixel);
        });
        code.get(to).get(offset).do('i32Add').set(place);
        // A row's sum to the sum of rows: fewer numbers in a chain are rounded less.
        for (const [tap, sum] of sums.entries()) {
          code
            .get(place)
            .load(tap * pixel)
            .get(sum)
            .vector('add')
            .set(sum);
          code.store(() => code.get(place), sum, tap * pixel);
        }
        code.increase(offset, 16);
      });
      code.increase(input, row).increase(gradient, columns * pixel);
    });
  });
}
