import type { Tensor } from '../tensor.js';
import type { Op, Steps } from './op.js';

/** Hands its input on. */
export function* copy({ input, output }: { readonly input: Tensor; readonly output: Tensor }): Steps {
  output.data.set(input.data);
  yield;
}

/** The picture, already of the input's size and scaled (see picture.ts). */
export const input: Op<'input'> = (context) => copy(context);
