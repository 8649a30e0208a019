import { FunctionBuilder, type Local } from '../../wasm/assembler.js';
import type { Machine } from '../../wasm/machine.js';

/** What is summed down the columns of a matrix. */
interface Summand {
  /** Tells summands apart. */
  readonly name: string;
  /** Matrices of equal sizes, and rows of which each column's number is the same in all rows. */
  readonly matrices: number;
  readonly tables: number;
  /** Makes of vectors of them what is summed, in the first matrix's. */
  readonly combine: (code: FunctionBuilder, matrices: readonly Local[], tables: readonly Local[]) => void;
}

const itself: Summand = { name: '', matrices: 1, tables: 0, combine: () => {} };

/** Of these matrices and tables, sums over so many rows, which it writes to `to`. */
type ColumnSums = (
  matrices: readonly number[],
  to: number,
  rows: number,
  memory: Float32Array,
  tables?: readonly number[],
) => Float64Array;

/** Sums rows of `width` numbers to one: the gradient by a bias, the mean of each channel. */
export function columnSums(machine: Machine, width: number, summand: Summand = itself): ColumnSums {
  const { name, matrices, tables, combine } = summand;
  const { sum } = machine.functions(JSON.stringify(['column sums', name, width]), () => ({
    sum: new FunctionBuilder(2 + matrices + tables, (code, to, rows, ...operands) => {
      const [total] = code.locals('v128', 1) as [Local];
      const values = code.locals('v128', operands.length);
      const places = code.locals('i32', matrices);
      const block = code.local('i32');
      code.i32(0).set(block);
      const sumBlock = (lanes: number) => {
        code.constant(0).set(total);
        for (const [i, operand] of operands.entries()) {
          code.get(operand).get(block).do('i32Add');
          if (i < matrices) code.set(places[i] as Local);
          else code.load().set(values[i] as Local);
        }
        code.repeat({ local: rows }, () => {
          for (const [i, place] of places.entries())
            code
              .get(place)
              .load()
              .set(values[i] as Local)
              .increase(place, width * 4);
          combine(code, values.slice(0, matrices), values.slice(matrices));
          code
            .get(total)
            .get(values[0] as Local)
            .vector('add')
            .set(total);
        });
        code.store(() => code.get(to).get(block).do('i32Add'), total, 0, lanes);
        code.increase(block, 16);
      };
      if (width >= 4) code.repeat(Math.floor(width / 4), () => sumBlock(4));
      if (width % 4 > 0) sumBlock(width % 4);
    }),
  }));
  return (starts, to, rows, memory, tablePlaces = []) => {
    // One chain of additions a channel would round much in large batches: sums of sums round little.
    const most = Math.max(1, Math.ceil(Math.sqrt(rows)));
    const totals = new Float64Array(width);
    for (let first = 0; first < rows; first += most) {
      const from = starts.map((start) => start + first * width * 4);
      sum?.(to, Math.min(most, rows - first), ...from, ...tablePlaces);
      for (let i = 0; i < width; i++) totals[i] = (totals[i] as number) + (memory[to / 4 + i] as number);
    }
    memory.set(totals, to / 4);
    return totals;
  };
}
