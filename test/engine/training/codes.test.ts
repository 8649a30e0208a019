import { describe, expect, it } from 'vitest';
import { answersOf, effectiveRank } from '../../../src/engine/training/codes.js';

const rows = (...all: readonly (readonly number[])[]) => all.map((row) => Float32Array.from(row));

describe('the effective rank', () => {
  it('is the number of directions where all are as strong', () => {
    expect(effectiveRank(rows([1, 0, 0], [0, 1, 0], [0, 0, 1]), 3)).toBeCloseTo(3, 9);
    expect(effectiveRank(rows([1, 1, 0], [1, -1, 0]), 3)).toBeCloseTo(2, 9);
    expect(effectiveRank(rows([1, 2, 3], [2, 4, 6], [-1, -2, -3]), 3)).toBeCloseTo(1, 5);
    expect(effectiveRank(rows([0, 0], [0, 0]), 2)).toBe(0);
  });

  it('lies between where some are stronger: singular values 3 and 1 have shares of 3/4 and 1/4', () => {
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
    expect(effectiveRank(rows([3, 0], [0, 1]), 2)).toBeCloseTo(Math.exp(entropy), 9);
  });
});

describe('units answer', () => {
  it('one for each class, each to one', () => {
    const localist = rows([1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]);
    expect(answersOf(localist, 3, [0, 0, 1, 2])).toEqual({ unitsAPicture: 1, classesAUnit: 1 });
  });

  it('or several to each picture, and each to several classes', () => {
    const distributed = rows([1, 1, 0], [0, 1, 1], [1, 0, 1]);
    expect(answersOf(distributed, 3, [0, 1, 2])).toEqual({ unitsAPicture: 2, classesAUnit: 2 });
  });

  it('where they come to more than half of the most they ever do, and to half of a class', () => {
    // Unit 0 answers to 8 and 5, but not to 4; unit 1, never above 0, to nothing.
    const some = rows([8, -1], [5, 0], [4, -2], [0, 0]);
    expect(answersOf(some, 2, [0, 0, 0, 1])).toEqual({ unitsAPicture: 0.5, classesAUnit: 0.5 });
  });
});
