import { FunctionBuilder, type Local } from '../../wasm/assembler.js';
import type { Machine } from '../../wasm/machine.js';

/** Sums rows of `width` numbers to one: the gradient by a bias. */
export function columnSums(
  machine: Machine,
  width: number,
): (from: number, to: number, rows: number, memory: Float32Array) => void {
  const blocks = Math.ceil(width / 4);
  const { sum } = machine.functions(JSON.stringify(['column sums', width]), () => ({
    sum: new FunctionBuilder(3, (code, from, to, rows) => {
      const total = code.local('v128');
      const [block, row] = code.locals('i32', 2) as [Local, Local];
      code.i32(0).set(block);
      const sumBlock = (lanes: number) => {
        code.constant(0).set(total);
        code.get(from).get(block).do('i32Add').set(row);
        code.repeat({ local: rows }, () => {
          code.get(total).get(row).load().vector('add').set(total);
          code.increase(row, width * 4);
        });
        code.store(() => code.get(to).get(block).do('i32Add'), total, 0, lanes);
        code.increase(block, 16);
      };
      if (width >= 4) code.repeat(Math.floor(width / 4), () => sumBlock(4));
      if (width % 4 > 0) sumBlock(width % 4);
    }),
  }));
  return (from, to, rows, memory) => {
    // One chain of additions a channel would round much in large batches: sums of sums round little.
    const most = Math.max(1, Math.ceil(Math.sqrt(rows)));
    if (blocks === 0 || rows === 0) return;
    const totals = new Float64Array(width);
    for (let first = 0; first < rows; first += most) {
      sum?.(from + first * width * 4, to, Math.min(most, rows - first));
      for (let i = 0; i < width; i++) totals[i] = (totals[i] as number) + (memory[to / 4 + i] as number);
    }
    memory.set(totals, to / 4);
  };
}
