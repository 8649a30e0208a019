import type { LayerKind } from '../../../network/catalogue.js';
import { sameShape } from '../../../network/shape.js';
import type { Local } from '../../wasm/assembler.js';
import type { Machine } from '../../wasm/machine.js';
import { mapFunction } from '../../wasm/map.js';
import type { StepLayer, StepOp } from '../step-op.js';
import { forwardInUse } from './forward.js';
import type { FastStepMaker } from './maker.js';

/** The numbers of a batch, in rows. */
const rowsOf = ({ output, batch }: StepLayer): { readonly unit: number; readonly units: number } => ({
  unit: output.width * output.channels,
  units: batch * output.height,
});

/** A merge of volumes of equal size; where one is repeated over all pixels, the way back is the reference op's. */
const ofEqual =
  <K extends LayerKind>(back: (step: StepLayer<K>, machine: Machine) => StepOp['backward'] | undefined) =>
  (step: StepLayer<K>, machine: Machine): StepOp | undefined => {
    const forward = forwardInUse(step, machine);
    const backward = step.inputs.every((input) => sameShape(input, step.output)) ? back(step, machine) : undefined;
    return forward && backward ? { ...forward, backward } : forward;
  };

/** Each input's gradient is that of the sum. */
export const add: FastStepMaker<'add'> = ofEqual<'add'>((step) => {
  const { unit, units } = rowsOf(step);
  return function* ({ outputGradient, inputGradients }, memory) {
    for (const to of inputGradients)
      if (to !== null) memory.copyWithin(to / 4, outputGradient / 4, outputGradient / 4 + unit * units);
    yield;
  };
});

/** The gradient by one of two factors is that of the product, times the other. */
export const multiply: FastStepMaker<'multiply'> = ofEqual<'multiply'>((step, machine) => {
  if (step.inputs.length !== 2) return undefined;
  const { unit, units } = rowsOf(step);
  const { product } = machine.functions(JSON.stringify(['multiply back', unit]), () => ({
    product: mapFunction({
      unit,
      operandStrides: [unit * 4, unit * 4],
      outputStride: unit * 4,
      combine(code, operands) {
        const [dy, other] = operands as [Local, Local];
        code.get(dy).get(other).vector('multiply').set(dy);
      },
    }),
  }));
  return function* ({ inputs, outputGradient, inputGradients }) {
    for (const [i, to] of inputGradients.entries())
      if (to !== null) product?.(units, to, outputGradient, inputs[1 - i] ?? 0);
    yield;
  };
});

/** Each input's gradient is that of its channels. */
export const concat: FastStepMaker<'concat'> = (step, machine) => {
  const forward = forwardInUse(step, machine);
  const { inputs, output, batch } = step;
  const pixels = batch * output.height * output.width;
  const copies = inputs.map(({ channels }) => {
    const mapping = { unit: channels, operandStrides: [output.channels * 4], outputStride: channels * 4 };
    return machine.functions(JSON.stringify(['concat back', mapping]), () => ({
      copy: mapFunction({ ...mapping, combine: () => {} }),
    })).copy;
  });
  return (
    forward && {
      ...forward,
      *backward({ outputGradient, inputGradients }) {
        let from = outputGradient;
        for (const [i, to] of inputGradients.entries()) {
          if (to !== null) copies[i]?.(pixels, to, from);
          from += (inputs[i]?.channels ?? 0) * 4;
        }
        yield;
      },
    }
  );
};
