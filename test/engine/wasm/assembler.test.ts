import { expect, test } from 'vitest';
import { assemble, FunctionBuilder } from '../../../src/engine/wasm/assembler.js';

/** Runs a function on a memory that begins with these numbers; returns as many of the memory's first. */
function execute(numbers: readonly number[], code: FunctionBuilder, ...parameters: readonly number[]): number[] {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const view = new Float32Array(memory.buffer);
  view.set(numbers);
  const bytes = assemble({ code });
  expect(WebAssembly.validate(bytes)).toBe(true);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { engine: { memory } });
  (exports.code as (...parameters: readonly number[]) => void)(...parameters);
  return Array.from(view.subarray(0, numbers.length));
}

test('sums vectors in a loop', () => {
  const sum = new FunctionBuilder(3, (code, from, count, to) => {
    const total = code.local('v128');
    code.constant(0).set(total);
    code.repeat({ local: count }, () => {
      code.get(total).get(from).load().vector('add').set(total);
      code.increase(from, 16);
    });
    code.store(() => code.get(to), total);
  });
  expect(execute([1, 2, 3, 4, 10, 20, 30, 40, 0, 0, 0, 0], sum, 0, 2, 32).slice(8)).toEqual([11, 22, 33, 44]);
});

test('multiplies and adds', () => {
  const square = new FunctionBuilder(1, (code, at) => {
    const [value, total] = [code.local('v128'), code.local('v128')];
    code.get(at).load().set(value).constant(0.5).set(total);
    code.multiplyAdd(value, value, total, false).store(() => code.get(at), total);
  });
  expect(execute([1, -2, 3, 4], square, 0)).toEqual([1.5, 4.5, 9.5, 16.5]);
});

test.each([1, 2, 3, 4])('stores the first %i numbers of a vector', (lanes) => {
  const store = new FunctionBuilder(1, (code, to) => {
    const value = code.local('v128');
    code
      .constant(7)
      .set(value)
      .store(() => code.get(to), value, 4, lanes);
  });
  expect(execute([0, 0, 0, 0, 0, 0], store, 0)).toEqual([0, ...Array(lanes).fill(7), ...Array(5 - lanes).fill(0)]);
});

test.each([0, 63, 64, 127, 128, -1, -64, -65, 65536, -(2 ** 31), 2 ** 31 - 1])('writes the constant %i', (value) => {
  const check = new FunctionBuilder(2, (code, given, to) => {
    const one = code.local('v128');
    code.constant(1).set(one);
    code.get(given).i32(value).do('i32Ne');
    code.when(() => code.store(() => code.get(to), one, 0, 1));
  });
  expect(execute([0], check, value, 0)).toEqual([0]);
});
