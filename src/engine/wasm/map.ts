import { FunctionBuilder, type Local } from './assembler.js';

/** Computes each number of the output from the numbers at the same place of some operands; strides in bytes. */
export interface Mapping {
  /** Neighbouring numbers: a row, or the channels of a pixel. Units are counted by the caller. */
  readonly unit: number;
  /** Between two units; 0 for an operand that each unit reads from its beginning, such as one number a channel. */
  readonly operandStrides: readonly number[];
  readonly outputStride: number;
  /** Makes the result of vectors of the operands, in the local of the first. */
  readonly combine: (code: FunctionBuilder, operands: readonly Local[]) => void;
}

/** The function (units, output, operand, …). It writes the numbers of the output and none beside them. */
export function mapFunction({ unit, operandStrides, outputStride, combine }: Mapping): FunctionBuilder {
  const blocks = Math.floor(unit / 4);
  return new FunctionBuilder(2 + operandStrides.length, (code, units, output, ...operands) => {
    const values = code.locals('v128', operands.length);
    const offset = code.local('i32');
    const block = (lanes: number) => {
      for (const [i, operand] of operands.entries())
        code
          .get(operand)
          .get(offset)
          .do('i32Add')
          .load()
          .set(values[i] as Local);
      combine(code, values);
      code.store(() => code.get(output).get(offset).do('i32Add'), values[0] as Local, 0, lanes);
      code.increase(offset, 16);
    };
    code.repeat({ local: units }, () => {
      code.i32(0).set(offset);
      if (blocks > 0) code.repeat(blocks, () => block(4));
      if (unit % 4 > 0) block(unit % 4);
      for (const [i, operand] of operands.entries()) code.increase(operand, operandStrides[i] as number);
      code.increase(output, outputStride);
    });
  });
}
