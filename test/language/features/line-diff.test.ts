import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineBefore } from '../../../src/language/features/support/line-diff.js';

const linesBefore = (before: string, after: string) => {
  const lines = [...after];
  return lines.map((_, i) => lineBefore([...before], lines)(i));
};

it('finds lines that moved and lines that were changed', () => {
  expect(linesBefore('abc', 'abc')).toEqual([0, 1, 2]);
  expect(linesBefore('abc', 'xabc')).toEqual([undefined, 0, 1, 2]);
  expect(linesBefore('abc', 'ac')).toEqual([0, 2]);
  expect(linesBefore('abc', 'aXc')).toEqual([0, 1, 2]);
  expect(linesBefore('abcde', 'aXcnde')).toEqual([0, 1, 2, undefined, 3, 4]);
  expect(linesBefore('abc', 'aXYc')).toEqual([0, undefined, undefined, 2]);
  const lineOf = lineBefore(['a', 'conv 4', 'z'], ['a', 'relu', 'conv 5', 'z']);
  expect([1, 2].map(lineOf)).toEqual([undefined, 1]);
});

it('never crosses lines, and keeps equal texts', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const found = after.flatMap((_, i) => lineBefore(before, after)(i) ?? []);
      expect([...found].sort((a, b) => a - b)).toEqual(found);
      expect(new Set(found).size).toBe(found.length);
      expect(after.map((_, i) => lineBefore(after, after)(i))).toEqual(after.map((_, i) => i));
    }),
  );
});
