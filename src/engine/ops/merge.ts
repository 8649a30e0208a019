import type { Tensor } from '../tensor.js';
import { type BackwardContext, moving, type Op, type OpContext, type Steps } from './op.js';

type Folding = 'add' | 'multiply' | 'max';

/** The index in an input of the first number of an output's pixel: 1×1×C inputs are repeated over all pixels. */
const pixelOf = (input: Tensor, { height, width, channels }: Tensor, row: number, pixel: number): number =>
  (input.height === 1 && input.width === 1 ? Math.floor(row / height) : row * width + pixel) * channels;

/** Folds volumes of equal size number by number. A step a row. */
function* fold({ inputs, output }: OpContext<Folding>, combine: (a: number, b: number) => number): Steps {
  const { batch, height, width, channels, data: y } = output;
  for (let row = 0; row < batch * height; row++) {
    for (const [place, input] of inputs.entries())
      for (let pixel = 0; pixel < width; pixel++) {
        const from = pixelOf(input, output, row, pixel);
        const to = (row * width + pixel) * channels;
        for (let c = 0; c < channels; c++) {
          const value = input.data[from + c] as number;
          y[to + c] = place === 0 ? value : combine(y[to + c] as number, value);
        }
      }
    yield;
  }
}

/** Gives each input the gradient times `slope`, which sees the numbers that were folded, the result, and whose turn it is. */
function* unfold(
  { inputs, output, outputGradient, inputGradients }: BackwardContext<Folding>,
  slope: (values: readonly number[], result: number, place: number) => number,
): Steps {
  const { batch, height, width, channels } = output;
  for (let row = 0; row < batch * height; row++) {
    for (let pixel = 0; pixel < width; pixel++) {
      const to = (row * width + pixel) * channels;
      const from = inputs.map((input) => pixelOf(input, output, row, pixel));
      for (let c = 0; c < channels; c++) {
        const values = inputs.map(({ data }, place) => data[(from[place] as number) + c] as number);
        for (const [place, gradient] of inputGradients.entries()) {
          if (!gradient) continue;
          const at = (from[place] as number) + c;
          gradient.data[at] =
            (gradient.data[at] as number) +
            (outputGradient.data[to + c] as number) * slope(values, output.data[to + c] as number, place);
        }
      }
    }
    yield;
  }
}

/** y = Σ x over the inputs. */
export const add: Op<'add'> = {
  forward: (context) => fold(context, (a, b) => a + b),
  backward: (context) => unfold(context, () => 1),
};

/** y = Π x over the inputs. */
export const multiply: Op<'multiply'> = {
  forward: (context) => fold(context, (a, b) => a * b),
  backward: (context) =>
    unfold(context, (values, _, place) => values.reduce((product, x, i) => (i === place ? product : product * x), 1)),
};

/** The largest of the inputs; NaN propagates. Equal ones share the gradient. */
export const max: Op<'max'> = {
  forward: (context) => fold(context, Math.max),
  backward: (context) =>
    unfold(context, (values, most, place) =>
      values[place] === most ? 1 / values.filter((value) => value === most).length : 0,
    ),
};

/** The channels of all inputs, one after the other, at each pixel. */
export const concat = moving<'concat'>(function* ({ inputs, output: { batch, height, width, channels } }, move) {
  for (let row = 0; row < batch * height; row++) {
    for (let pixel = row * width; pixel < (row + 1) * width; pixel++) {
      let to = pixel * channels;
      for (const [place, input] of inputs.entries()) {
        move(pixel * input.channels, to, input.channels, place);
        to += input.channels;
      }
    }
    yield;
  }
});
