import { FunctionBuilder, type Local } from './assembler.js';
import type { FastMaker } from './op.js';
import { sliceRows } from './slices.js';

/** Across the channels of one pixel. */
interface Normalisation {
  readonly channels: number;
  readonly size: number;
  readonly factor: number;
  readonly k: number;
  readonly beta: number;
}

/** The powers that square roots make; they are the usual ones. */
const powers: Readonly<Record<number, (code: FunctionBuilder, x: Local) => FunctionBuilder>> = {
  0.5: (code, x) => code.get(x).vector('sqrt'),
  0.75: (code, x) => code.get(x).vector('sqrt').get(x).vector('sqrt').vector('sqrt').vector('multiply'),
  1: (code, x) => code.get(x),
};

/**
 * The function (input, output, squares, pixels). The squares of a pixel are written between zeros, so that each channel sums
 * `size` of them wherever it lies.
 */
function lrnFunction({ channels, size, factor, k, beta }: Normalisation): FunctionBuilder {
  const before = Math.floor(size / 2);
  return new FunctionBuilder(4, (code, input, output, squares, pixels) => {
    const [value, sum] = code.locals('v128', 2) as [Local, Local];
    const offset = code.local('i32');
    const at = (start: Local) => code.get(start).get(offset).do('i32Add');
    const blocks = (block: (lanes: number) => void) => {
      const each = (lanes: number) => {
        block(lanes);
        code.increase(offset, 16);
      };
      code.i32(0).set(offset);
      if (channels >= 4) code.repeat(Math.floor(channels / 4), () => each(4));
      if (channels % 4 > 0) each(channels % 4);
    };
    code.repeat({ local: pixels }, () => {
      blocks((lanes) => {
        at(input).load().set(value);
        code.get(value).get(value).vector('multiply').set(value);
        code.store(() => at(squares), value, before * 4, lanes);
      });
      blocks((lanes) => {
        at(squares).load();
        for (let j = 1; j < size; j++) {
          at(squares).load(j * 4);
          code.vector('add');
        }
        code.constant(factor).vector('multiply').constant(k).vector('add').set(sum);
        at(input).load();
        powers[beta]?.(code, sum).vector('divide').set(value);
        code.store(() => at(output), value, 0, lanes);
      });
      code.increase(input, channels * 4).increase(output, channels * 4);
    });
  });
}

export const lrn: FastMaker<'lrn'> = ({ output, rules, attributes: { size, alpha, beta, k, region } }) => {
  if (!powers[beta] || region === 'within') return undefined;
  const { channels, height, width } = output;
  const layer = { channels, size, factor: rules.lrnDividesBySize ? alpha / size : alpha, k, beta };
  const squares = Math.ceil(channels / 4) * 4 + size;
  return {
    algorithm: 'vectors of 4',
    key: JSON.stringify(['lrn', layer]),
    functions: () => ({ normalise: lrnFunction(layer) }),
    scratchBytes: squares * 4,
    constants: 0,
    *pack() {},
    *run({ normalise }, { inputs: [from = 0], output: to, scratch }, memory) {
      memory().fill(0, scratch / 4, scratch / 4 + squares);
      const pixel = channels * 4;
      for (const { first, count } of sliceRows(height * width, channels * (size + POWER_COST))) {
        normalise?.(from + first * pixel, to + first * pixel, scratch, count);
        yield;
      }
    },
  };
};

/** What the roots and the division cost in multiply–accumulates. */
const POWER_COST = 40;
