import type { LayerKind } from '../../../network/catalogue.js';
import type { FunctionBuilder, Local } from '../../wasm/assembler.js';
import type { Machine } from '../../wasm/machine.js';
import { mapFunction } from '../../wasm/map.js';
import { referenceStep, type StepLayer, type StepOp } from '../step-op.js';
import { forwardInUse } from './forward.js';
import type { FastStepMaker } from './maker.js';

/** Makes of vectors of x and dy, in the locals `x` and `dy`, that of dx in `x`. */
type Slope = (code: FunctionBuilder, x: Local, dy: Local) => void;

/** A function of one number whose way back is `dx = slope(x, dy)`; or, `from` what came out, `slope(y, dy)`. */
const mapped =
  <K extends LayerKind>(
    name: string,
    of: (attributes: StepLayer<K>['layer']['attributes']) => Slope,
    from: 'input' | 'output' = 'input',
  ): FastStepMaker<K> =>
  (step, machine) => {
    // Powers of e are the reference op's, forwards.
    const forward = forwardInUse(step, machine) ?? referenceStep(step);
    const key = JSON.stringify([name, step.layer.attributes]);
    return { ...forward, backward: mapBack(step, machine, key, of(step.layer.attributes), from) };
  };

function mapBack(
  { output, batch }: StepLayer<LayerKind>,
  machine: Machine,
  key: string,
  slope: Slope,
  from: 'input' | 'output',
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
  return function* ({ inputs: [x = 0], output: y, outputGradient, inputGradients: [to] }) {
    if (to === null || to === undefined) return;
    map?.(units, to, from === 'input' ? x : y, outputGradient);
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

/** dy where x ≥ 3, 0 where x ≤ −3, else dy·(x/3 + ½). */
export const hardswish = mapped<'hardswish'>('hardswish', () => (code, x, dy) => {
  const inside = code.local('v128');
  code.get(x).constant(-3).vector('greater').constant(3).get(x).vector('greater').vector('and').set(inside);
  code.get(x).constant(3).vector('divide').constant(0.5).vector('add').get(inside).vector('and');
  // 1 above, and nothing below.
  code.constant(1).get(x).constant(0).vector('greater').get(inside).vector('andNot').vector('and').vector('add');
  code.get(dy).vector('multiply').set(x);
});

/** slope·dy where the function is not flat, else 0. */
export const hardsigmoid = mapped<'hardsigmoid'>('hardsigmoid', (attributes) => (code, x, dy) => {
  const slope = attributes?.slope ?? 0;
  code.get(x).constant(slope).vector('multiply').constant(0.5).vector('add').set(x);
  code.get(x).constant(0).vector('greater').constant(1).get(x).vector('greater').vector('and');
  code.get(dy).constant(slope).vector('multiply').vector('and').set(x);
});

/** dy·y·(1 − y). */
export const sigmoid = mapped<'sigmoid'>(
  'sigmoid',
  () => (code, y, dy) => {
    code.constant(1).get(y).vector('subtract').get(y).vector('multiply').get(dy).vector('multiply').set(y);
  },
  'output',
);

/** dy·(1 − y²). */
export const tanh = mapped<'tanh'>(
  'tanh',
  () => (code, y, dy) => {
    code.constant(1).get(y).get(y).vector('multiply').vector('subtract').get(dy).vector('multiply').set(y);
  },
  'output',
);

/** dy where y > 0, else dy·(y + alpha). */
export const elu = mapped<'elu'>(
  'elu',
  (attributes) => (code, y, dy) => {
    code.get(dy);
    code
      .get(y)
      .constant(attributes?.alpha ?? 0)
      .vector('add')
      .get(dy)
      .vector('multiply');
    code.get(y).constant(0).vector('greater').vector('bitselect').set(y);
  },
  'output',
);
