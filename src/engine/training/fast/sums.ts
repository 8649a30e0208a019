import type { Machine } from '../../wasm/machine.js';
import { itself, type Summand, sumColumns, sumFunction } from '../../wasm/sums.js';

/** Of these matrices and tables, sums over so many rows, which it writes to `to` as well. */
type ColumnSums = (
  matrices: readonly number[],
  to: number,
  rows: number,
  memory: Float32Array,
  tables?: readonly number[],
) => Float64Array;

/** Sums rows of `width` numbers to one: the gradient by a bias, the mean of each channel. */
export function columnSums(machine: Machine, width: number, summand: Summand = itself): ColumnSums {
  const { sum } = machine.functions(JSON.stringify(['column sums', summand.name, width]), () => ({
    sum: sumFunction(width, summand),
  }));
  return (matrices, to, rows, memory, tables = []) => {
    const totals = sumColumns(sum, { matrices, tables, width, rows, scratch: to }, memory);
    memory.set(totals, to / 4);
    return totals;
  };
}
