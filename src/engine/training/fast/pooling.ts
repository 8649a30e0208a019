import type { LayerKind } from '../../../network/catalogue.js';
import { BYTES_PER_NUMBER, volumeOf } from '../../../network/shape.js';
import type { Window, WindowAxis } from '../../../network/window.js';
import { kernelExtent } from '../../../network/window.js';
import { windowOf } from '../../ops/op.js';
import { FunctionBuilder, type Local } from '../../wasm/assembler.js';
import type { Machine } from '../../wasm/machine.js';
import type { StepLayer, StepOp } from '../step-op.js';
import { forwardInUse } from './forward.js';
import type { FastStepMaker } from './maker.js';

/** Whether every window lies wholly in the picture. */
const isInside = ({ input, kernel, stride, dilation, before, output }: WindowAxis): boolean =>
  before === 0 && (output - 1) * stride + kernelExtent(kernel, dilation) <= input;

export const maxpool: FastStepMaker<'maxpool'> = (step, machine) => {
  const window = windowOf(step);
  const forward = forwardInUse(step, machine);
  if (!forward || !isInside(window.y) || !isInside(window.x)) return forward;
  return { ...forward, backward: largestBack(step, machine, window) };
};

/** Gives each gradient to the first number of its window that is as large as what came out. */
function largestBack(
  { inputs: [input], output, batch }: StepLayer<LayerKind>,
  machine: Machine,
  { y, x }: Window,
): StepOp['backward'] {
  const channels = output.channels;
  const width = input?.width ?? 0;
  const pixel = channels * 4;
  const line = width * pixel;
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
  const inputBytes = input ? volumeOf(input) * BYTES_PER_NUMBER : 0;
  const outputBytes = volumeOf(output) * BYTES_PER_NUMBER;
  return function* ({ inputs: [from = 0], output: result, outputGradient, inputGradients: [to] }, memory) {
    if (to === null || to === undefined) return;
    memory.fill(0, to / 4, to / 4 + (batch * inputBytes) / 4);
    for (let n = 0; n < batch; n++) {
      const there = n * outputBytes;
      back?.(from + n * inputBytes, result + there, outputGradient + there, to + n * inputBytes, y.output);
      yield;
    }
  };
}
