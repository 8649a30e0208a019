import type { Value } from './values.js';

/**
 * How a value was written, where the text says it with names: what the code of an export keeps of an expression whose value
 * the network already holds. Plain data.
 */
export type Formula =
  | { readonly type: 'value'; readonly value: Value }
  /** A parameter of the block around it, or the variable of a repeat. */
  | { readonly type: 'name'; readonly name: string }
  /** A constant of a file. */
  | { readonly type: 'constant'; readonly name: string; readonly value: Value }
  /** An operator of the language (`-` and `!` may have one operand), a function (`min`), or `tuple`. */
  | { readonly type: 'operation'; readonly operator: string; readonly operands: readonly Formula[] };

/** An argument of a block: what its parameter is in this call. */
export interface Argument {
  readonly name: string;
  readonly value: Value;
  /** In the words of the caller; absent where no names are used. */
  readonly formula?: Formula;
  /** False where the block's default is meant. */
  readonly given: boolean;
  /** That default, where it is written as a plain value. */
  readonly byDefault?: Value;
}
