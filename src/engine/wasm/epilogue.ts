import type { FunctionBuilder, Local } from './assembler.js';

/** The activation function that an op applies to its sums before it stores them. */
export type Activation = 'none' | 'relu' | 'relu6';

/** Applies it to a vector in a local. NaN stays NaN: the pseudo-minimum and -maximum keep their first operand then. */
export function activate(code: FunctionBuilder, activation: Activation, value: Local): void {
  if (activation === 'none') return;
  code.get(value).constant(0).vector('pseudoMax');
  if (activation === 'relu6') code.constant(6).vector('pseudoMin');
  code.set(value);
}
