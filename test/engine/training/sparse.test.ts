import { expect, test } from 'vitest';
import { randomFrom } from '../../../src/engine/random.js';
import type { LearnedFilters } from '../../../src/engine/training/patches.js';
import { sparseFilters } from '../../../src/engine/training/sparse.js';

const SIZE = 16;

/** Parts of 4×4 pixels: a row or a column each, without their mean. */
const parts = Array.from({ length: 8 }, (_, part) =>
  Array.from({ length: SIZE }, (_, i) => ((part < 4 ? i >> 2 === part : i % 4 === part - 4) ? 0.75 : -0.25)),
);

/** Patches in which each part is seldom there, and what else there is is noise; and which parts are there. */
function patchesOf(count: number): { readonly values: Float64Array; readonly there: readonly (readonly boolean[])[] } {
  const random = randomFrom('parts');
  const values = new Float64Array(count * SIZE);
  const there = Array.from({ length: count }, () => parts.map(() => random.uniform() < 0.12));
  for (const [n, isThere] of there.entries())
    for (let i = 0; i < SIZE; i++)
      values[n * SIZE + i] = parts.reduce(
        (sum, part, k) => sum + (isThere[k] ? 3 * (part[i] ?? 0) : 0),
        0.1 * random.normal(),
      );
  return { values, there };
}

function learn(values: Float64Array, filters: number, seed = 'seed'): LearnedFilters {
  const steps = sparseFilters({ values, size: SIZE, count: values.length / SIZE }, filters, seed);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** How likely each unit is on for each patch. */
function answers({ filters, biases }: LearnedFilters, values: Float64Array): number[][] {
  return Array.from({ length: values.length / SIZE }, (_, n) =>
    Array.from(biases, (bias, k) => {
      let sum = bias;
      for (let i = 0; i < SIZE; i++) sum += (filters[k * SIZE + i] ?? 0) * (values[n * SIZE + i] ?? 0);
      return 1 / (1 + Math.exp(-sum));
    }),
  );
}

test('a sparse machine has a unit for each part that patches are made of', () => {
  const { values, there } = patchesOf(3000);
  const all = answers(learn(values, 12), values);
  for (const part of parts.keys()) {
    const mean = (isThere: boolean, k: number) => {
      const of = all.filter((_, n) => there[n]?.[part] === isThere);
      return of.reduce((sum, answer) => sum + (answer[k] ?? 0), 0) / of.length;
    };
    // How much likelier it is on where the part is there.
    const best = Math.max(...Array.from({ length: 12 }, (_, k) => mean(true, k) - mean(false, k)));
    expect(best).toBeGreaterThan(0.4);
  }
});

test('its units are silent for most patches, each answers to some, and to a patch answer few', () => {
  const { values } = patchesOf(3000);
  const all = answers(learn(values, 12), values);
  for (let k = 0; k < 12; k++) {
    const mean = all.reduce((sum, of) => sum + (of[k] ?? 0), 0) / all.length;
    expect(mean).toBeGreaterThan(0.01);
    expect(mean).toBeLessThan(0.2);
  }
});

test('the same seed finds the same, another something else; patches that are all the same give numbers', () => {
  const { values } = patchesOf(200);
  expect(learn(values, 4)).toEqual(learn(values, 4));
  expect(learn(values, 4, 'another').filters).not.toEqual(learn(values, 4).filters);
  const { filters, biases } = learn(new Float64Array(10 * SIZE).fill(0.5), 3);
  expect([...filters, ...biases].every(Number.isFinite)).toBe(true);
});
