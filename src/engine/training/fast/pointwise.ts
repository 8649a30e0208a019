import type { LayerKind } from '../../../network/catalogue.js';
import type { FunctionBuilder, Local } from '../../wasm/assembler.js';
import type { Machine } from '../../wasm/machine.js';
import { mapFunction } from '../../wasm/map.js';
import type { StepLayer, StepOp } from '../step-op.js';
import { forwardInUse } from './forward.js';
import type { FastStepMaker } from './maker.js';

/** Makes of vectors of x and dy, in the locals `x` and `dy`, that of dx in `x`. */
type Slope = (code: FunctionBuilder, x: Local, dy: Local) => void;

/** A function of one number whose way back is `dx = slope(x, dy)`. */
const mapped =
  <K extends LayerKind>(
    name: string,
    of: (attributes: StepLayer<K>['layer']['attributes']) => Slope,
  ): FastStepMaker<K> =>
  (step, machine) => {
    const forward = forwardInUse(step, machine);
    return (
      forward && {
        ...forward,
        backward: mapBack(step, machine, JSON.stringify([name, step.layer.attributes]), of(step.layer.attributes)),
      }
    );
  };

function mapBack(
  { output, batch }: StepLayer<LayerKind>,
  machine: Machine,
  key: string,
  slope: Slope,
): StepOp['backward'] {
  const unit = output.width * output.channels;
  const units = batch * output.height;
  const { map } = machine.functions(JSON.stringify(['map back', key, unit]), () => ({
    map: mapFunction({
      unit,
      operandStrides: [unit * 4, unit * 4],
      outputStride: unit * 4,
      combine: (code, [x, dy]) => slope(code, x as Local, dy as Local),
    }),
  }));
  return function* ({ inputs: [x = 0], outputGradient, inputGradients: [to] }) {
    if (to === null || to === undefined) return;
    map?.(units, to, x, outputGradient);
    yield;
  };
}

/** dy where x > 0, else 0. */
export const relu = mapped<'relu'>('relu', () => (code, x, dy) => {
  code.get(x).constant(0).vector('greater').get(dy).vector('and').set(x);
});

/** dy where x > 0, else alpha·dy. */
export const leakyrelu = mapped<'leakyrelu'>('leakyrelu', (attributes) => (code, x, dy) => {
  code
    .get(dy)
    .get(dy)
    .constant(attributes?.alpha ?? 0)
    .vector('multiply');
  code.get(x).constant(0).vector('greater').vector('bitselect').set(x);
});

/** dy where 0 < x < 6, else 0. */
export const relu6 = mapped<'relu6'>('relu6', () => (code, x, dy) => {
  code
    .get(x)
    .constant(0)
    .vector('greater')
    .constant(6)
    .get(x)
    .vector('greater')
    .vector('and')
    .get(dy)
    .vector('and')
    .set(x);
});
