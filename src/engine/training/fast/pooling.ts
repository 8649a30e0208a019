import type { LayerKind } from '../../../network/catalogue.js';
import { BYTES_PER_NUMBER, type Shape, volumeOf } from '../../../network/shape.js';
import { windowOf } from '../../ops/op.js';
import { FunctionBuilder, type Local } from '../../wasm/assembler.js';
import { blockBytes, type Machine } from '../../wasm/machine.js';
import { padded } from '../../wasm/padded.js';
import { sharesOf } from '../../wasm/pooling.js';
import type { StepLayer, StepOp } from '../step-op.js';
import { MOST_TAPS, roundUp, slider } from './depthwise.js';
import { forwardInUse } from './forward.js';
import type { FastStepMaker } from './maker.js';
import { spreadOut } from './spread.js';

export const maxpool: FastStepMaker<'maxpool'> = (step, machine) => {
  const forward = forwardInUse(step, machine);
  const [input] = step.inputs;
  return forward && input && withLargestBack(forward, step, input, machine);
};

/** Gives each gradient to the first number of its window that is as large as what came out. */
function withLargestBack(forward: StepOp, step: StepLayer<LayerKind>, input: Shape, machine: Machine): StepOp {
  const { output, batch } = step;
  const { y, x } = windowOf(step);
  const image = padded(input, { y, x }, Number.NEGATIVE_INFINITY);
  const isPadded = image.scratchBytes > 0;
  const channels = output.channels;
  const pixel = channels * 4;
  const line = image.width * pixel;
  const { back } = machine.functions(JSON.stringify(['largest back', channels, line, y, x]), () => ({
    back: new FunctionBuilder(5, (code, from, result, gradient, to, rows) => {
      const [given, most, taken, equal, sum] = code.locals('v128', 5) as [Local, Local, Local, Local, Local];
      const [first, place, offset] = code.locals('i32', 3) as [Local, Local, Local];
      const block = (lanes: number) => {
        code.get(gradient).get(offset).do('i32Add').load().set(given);
        code.get(result).get(offset).do('i32Add').load().set(most);
        code.constant(0).set(taken);
        for (let ky = 0; ky < y.kernel; ky++)
          for (let kx = 0; kx < x.kernel; kx++) {
            const tap = ky * y.dilation * line + kx * x.dilation * pixel;
            const at = (start: Local) => code.get(start).get(first).do('i32Add').get(offset).do('i32Add');
            at(from).load(tap).get(most).vector('equal').get(taken).vector('andNot').set(equal);
            code.get(taken).get(equal).vector('or').set(taken);
            at(to).set(place);
            code.get(place).load(tap).get(given).get(equal).vector('and').vector('add').set(sum);
            code.store(() => code.get(place), sum, tap, lanes);
          }
        code.increase(offset, 16);
      };
      const column = code.local('i32');
      code.repeat({ local: rows }, () => {
        code.i32(0).set(first).i32(0).set(column);
        code.repeat(x.output, () => {
          code.i32(0).set(offset);
          if (channels >= 4) code.repeat(Math.floor(channels / 4), () => block(4));
          if (channels % 4 > 0) block(channels % 4);
          code
            .increase(first, x.stride * pixel)
            .increase(result, pixel)
            .increase(gradient, pixel);
        });
        code.increase(from, y.stride * line).increase(to, y.stride * line);
      });
    }),
  }));
  const inputBytes = volumeOf(input) * BYTES_PER_NUMBER;
  const outputBytes = volumeOf(output) * BYTES_PER_NUMBER;
  const imageAt = forward.scratchBytes;
  const gradientAt = imageAt + blockBytes(image.scratchBytes);
  /** Copies what of a padded gradient lies in the picture. */
  const crop = (memory: Float32Array, from: number, to: number): void => {
    const columns = Math.max(0, Math.min(input.width, image.width - x.before));
    for (let row = 0; row < Math.min(input.height, image.height - y.before); row++) {
      const start = (from + (row + y.before) * line + x.before * pixel) / 4;
      memory.copyWithin((to + row * input.width * pixel) / 4, start, start + columns * channels);
    }
  };
  return {
    ...forward,
    scratchBytes: isPadded ? gradientAt + blockBytes(image.scratchBytes) : forward.scratchBytes,
    *backward(places, memory) {
      const [to] = places.inputGradients;
      if (to === null || to === undefined) return;
      memory.fill(0, to / 4, to / 4 + (batch * inputBytes) / 4);
      const wide = places.scratch + gradientAt;
      for (let n = 0; n < batch; n++) {
        const from = image.prepare(memory, (places.inputs[0] ?? 0) + n * inputBytes, places.scratch + imageAt);
        if (isPadded) memory.fill(0, wide / 4, (wide + image.scratchBytes) / 4);
        const [there, here] = [n * outputBytes, to + n * inputBytes];
        back?.(from, places.output + there, places.outputGradient + there, isPadded ? wide : here, y.output);
        if (isPadded) crop(memory, wide, here);
        yield;
      }
    },
  };
}

/** Each number of a window gets its share of the gradient: filters of ones slide over the shares, as depthwise ones do. */
export const avgpool: FastStepMaker<'avgpool'> = (step, machine) => {
  const forward = forwardInUse(step, machine);
  const { inputs, output, batch, layer } = step;
  const [input] = inputs;
  const window = windowOf(step);
  const { y, x } = window;
  const taps = y.kernel * x.kernel;
  if (!forward || !input || taps > MOST_TAPS) return forward;
  const { channels } = output;
  const spread = spreadOut(channels, y, x);
  const slide = slider(machine, window, input, { stride: { y: 1, x: 1 }, line: spread.line });
  const shares = sharesOf(window, layer.attributes?.countpad ?? false);
  const onesAt = forward.scratchBytes;
  const row = roundUp(channels);
  const zerosAt = onesAt + blockBytes(taps * row * 4);
  const sharedAt = zerosAt + blockBytes(row * 4);
  const spreadAt = sharedAt + blockBytes(volumeOf(output) * BYTES_PER_NUMBER);
  return {
    ...forward,
    scratchBytes: spreadAt + blockBytes(spread.bytes),
    *backward({ outputGradient, inputGradients: [to], scratch }, memory) {
      if (to === null || to === undefined) return;
      const [ones, zeros] = [(scratch + onesAt) / 4, (scratch + zerosAt) / 4];
      memory.fill(1, ones, ones + taps * row);
      memory.fill(0, zeros, zeros + row);
      const shared = (scratch + sharedAt) / 4;
      const numbers = volumeOf(output);
      for (let n = 0; n < batch; n++) {
        const from = outputGradient / 4 + n * numbers;
        for (const [pixel, share] of shares.entries())
          for (let i = pixel * channels; i < (pixel + 1) * channels; i++)
            memory[shared + i] = (memory[from + i] as number) * share;
        spread.prepare(memory, shared, (scratch + spreadAt) / 4);
        const picture = to + n * volumeOf(input) * BYTES_PER_NUMBER;
        slide?.(scratch + spreadAt, scratch + onesAt, scratch + zerosAt, picture, input.height);
        yield;
      }
    },
  };
};

/** Every pixel gets the same share. */
export const globalavgpool: FastStepMaker<'globalavgpool'> = (step, machine) => {
  const forward = forwardInUse(step, machine);
  const [input] = step.inputs;
  if (!forward || !input) return forward;
  const { channels, height, width } = input;
  const numbers = volumeOf(input);
  return {
    ...forward,
    *backward({ outputGradient, inputGradients: [address] }, memory) {
      if (address === null || address === undefined) return;
      for (let n = 0; n < step.batch; n++) {
        const to = address / 4 + n * numbers;
        const from = outputGradient / 4 + n * channels;
        for (let c = 0; c < channels; c++) memory[to + c] = (memory[from + c] as number) / (height * width);
        // Twice as much with every copy.
        for (let done = channels; done < numbers; done *= 2)
          memory.copyWithin(to + done, to, to + Math.min(done, numbers - done));
        yield;
      }
    },
  };
};
