import type { Tensor } from '../tensor.js';
import type { Op, Steps } from './op.js';

/** Folds volumes of equal size number by number; 1×1×C ones are repeated over all pixels. A step a row. */
function* fold(inputs: readonly Tensor[], output: Tensor, combine: (a: number, b: number) => number): Steps {
  const { batch, height, width, channels, data: y } = output;
  for (let row = 0; row < batch * height; row++) {
    for (const [place, input] of inputs.entries()) {
      const isVector = input.height === 1 && input.width === 1;
      for (let pixel = row * width; pixel < (row + 1) * width; pixel++) {
        const from = (isVector ? Math.floor(row / height) : pixel) * channels;
        const to = pixel * channels;
        for (let c = 0; c < channels; c++) {
          const value = input.data[from + c] as number;
          y[to + c] = place === 0 ? value : combine(y[to + c] as number, value);
        }
      }
    }
    yield;
  }
}

/** y = Σ x over the inputs. */
export const add: Op<'add'> = ({ inputs, output }) => fold(inputs, output, (a, b) => a + b);

/** y = Π x over the inputs. */
export const multiply: Op<'multiply'> = ({ inputs, output }) => fold(inputs, output, (a, b) => a * b);

/** The largest of the inputs; NaN propagates. */
export const max: Op<'max'> = ({ inputs, output }) => fold(inputs, output, Math.max);

/** The channels of all inputs, one after the other, at each pixel. */
export const concat: Op<'concat'> = function* ({ inputs, output }) {
  const { width, channels } = output;
  const rows = output.batch * output.height;
  for (let row = 0; row < rows; row++) {
    for (let pixel = row * width; pixel < (row + 1) * width; pixel++) {
      let to = pixel * channels;
      for (const input of inputs) {
        const from = pixel * input.channels;
        output.data.set(input.data.subarray(from, from + input.channels), to);
        to += input.channels;
      }
    }
    yield;
  }
};
