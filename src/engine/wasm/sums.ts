import { FunctionBuilder, type Local } from './assembler.js';

/** What is summed down the columns of matrices of equal sizes. */
export interface Summand {
  /** Tells summands apart. */
  readonly name: string;
  readonly matrices: number;
  /** Rows of which each column's number goes with all rows. */
  readonly tables: number;
  /** Makes of vectors of them what is summed, in the first matrix's. */
  readonly combine: (code: FunctionBuilder, matrices: readonly Local[], tables: readonly Local[]) => void;
}

export const itself: Summand = { name: '', matrices: 1, tables: 0, combine: () => {} };

/** (x − mean)² */
export const squaredDistance: Summand = {
  name: 'squared distance',
  matrices: 1,
  tables: 1,
  combine(code, [x], [mean]) {
    if (x === undefined || mean === undefined) return;
    code.get(x).get(mean).vector('subtract').set(x);
    code.get(x).get(x).vector('multiply').set(x);
  },
};

/** The function (to, rows, matrix, …, table, …), which sums rows of `width` numbers to one. */
export function sumFunction(width: number, { matrices, tables, combine }: Summand): FunctionBuilder {
  return new FunctionBuilder(2 + matrices + tables, (code, to, rows, ...operands) => {
    const total = code.local('v128');
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
  });
}

interface Summing {
  readonly matrices: readonly number[];
  readonly tables?: readonly number[];
  readonly width: number;
  readonly rows: number;
  /** A row that is written over. */
  readonly scratch: number;
}

/** Sums with a {@link sumFunction}. One chain of additions would round much over many rows: sums of sums round little. */
export function sumColumns(
  sum: ((...numbers: number[]) => void) | undefined,
  { matrices, tables = [], width, rows, scratch }: Summing,
  memory: Float32Array,
): Float64Array {
  const most = Math.max(1, Math.ceil(Math.sqrt(rows)));
  const totals = new Float64Array(width);
  for (let first = 0; first < rows; first += most) {
    const from = matrices.map((start) => start + first * width * 4);
    sum?.(scratch, Math.min(most, rows - first), ...from, ...tables);
    for (let i = 0; i < width; i++) totals[i] = (totals[i] as number) + (memory[scratch / 4 + i] as number);
  }
  return totals;
}
