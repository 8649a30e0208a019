import { expect, test } from 'vitest';
import { randomFrom } from '../../../src/engine/random.js';
import { kmeansFilters } from '../../../src/engine/training/kmeans.js';
import type { Patches } from '../../../src/engine/training/patches.js';

/** Patterns of 2×2 pixels that have no mean and are at right angles to each other: edges, and a chessboard. */
const patterns = [
  [1, 1, -1, -1],
  [1, -1, 1, -1],
  [1, -1, -1, 1],
] as const;

function filtersOf(count: number, wanted: number): Float64Array {
  const random = randomFrom('patches');
  const values = new Float64Array(count * 4);
  for (let n = 0; n < count; n++) {
    const pattern = patterns[Math.floor(random.uniform() * 3)] ?? patterns[0];
    const [gain, light] = [1 + random.uniform(), 5 * random.normal()];
    const sign = random.uniform() < 0.5 ? -1 : 1;
    for (let i = 0; i < 4; i++) values[4 * n + i] = light + sign * gain * (pattern[i] ?? 0) + 0.05 * random.normal();
  }
  return foundIn({ values, size: 4, count }, wanted);
}

function foundIn(patches: Patches, wanted: number): Float64Array {
  const steps = kmeansFilters(patches, wanted, 'seed');
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value.filters;
  }
}

test('k-means finds the patterns that patches are made of, whatever their light and contrast: a centre for each sign', () => {
  const filters = filtersOf(600, 6);
  const found = Array.from({ length: 6 }, (_, k) => {
    const filter = filters.subarray(4 * k, 4 * k + 4);
    const cosines = patterns.flatMap((pattern) => {
      const cosine =
        pattern.reduce<number>((sum, value, i) => sum + value * (filter[i] ?? 0), 0) / (2 * Math.hypot(...filter));
      return [cosine, -cosine];
    });
    expect(Math.max(...cosines)).toBeGreaterThan(0.97);
    return cosines.indexOf(Math.max(...cosines));
  });
  expect(found.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a relu behind them makes the triangle activation: max(0, mean(z²) − z²), z being distances from the centres', () => {
  // Patches of a single direction of variance each, so that whitening is a factor, and the centres are those directions.
  const random = randomFrom('triangle');
  const count = 400;
  const values = new Float64Array(4 * count);
  for (let n = 0; n < count; n++) {
    const pattern = patterns[n % 3] ?? patterns[0];
    for (let i = 0; i < 4; i++) values[4 * n + i] = (n % 2 ? 1 : -1) * (pattern[i] ?? 0) + 0.01 * random.normal();
  }
  const wanted = 6;
  const filters = foundIn({ values, size: 4, count }, wanted);
  // The six centres of unit length: each pattern and its opposite, halved.
  const centres = patterns.flatMap((pattern) => [pattern.map((x) => x / 2), pattern.map((x) => -x / 2)]);
  const ratios: number[] = [];
  for (let n = 0; n < 30; n++) {
    const patch = Array.from(values.subarray(4 * n, 4 * n + 4));
    const squares = centres.map((centre) => centre.reduce((sum, c, i) => sum + ((patch[i] ?? 0) - c) ** 2, 0));
    const mean = squares.reduce((sum, square) => sum + square, 0) / wanted;
    const triangle = squares.map((square) => Math.max(0, mean - square)).toSorted((a, b) => b - a);
    const responses = Array.from({ length: wanted }, (_, k) =>
      Math.max(
        0,
        patch.reduce((sum, x, i) => sum + x * (filters[4 * k + i] ?? 0), 0),
      ),
    ).toSorted((a, b) => b - a);
    ratios.push((triangle[0] ?? 0) / (responses[0] ?? 0));
    // One centre is much nearer than the mean; those of the other patterns are as far as it.
    for (let k = 1; k < wanted; k++) expect(responses[k]).toBeLessThan(0.15 * (responses[0] ?? 0));
    for (let k = 1; k < wanted; k++) expect(triangle[k]).toBeLessThan(0.15 * (triangle[0] ?? 0));
  }
  // The same but for a scale that all share.
  expect(Math.max(...ratios) / Math.min(...ratios)).toBeLessThan(1.1);
});

test('filters take their mean away, so that about half of them answer to a patch', () => {
  const random = randomFrom('clouds');
  const count = 500;
  const values = Float64Array.from({ length: 9 * count }, () => random.normal());
  const filters = foundIn({ values, size: 9, count }, 20);
  for (let i = 0; i < 9; i++) {
    let sum = 0;
    for (let k = 0; k < 20; k++) sum += filters[9 * k + i] ?? 0;
    expect(sum).toBeCloseTo(0, 9);
  }
  let answers = 0;
  for (let n = 0; n < count; n++)
    for (let k = 0; k < 20; k++) {
      let sum = 0;
      for (let i = 0; i < 9; i++) sum += (values[9 * n + i] ?? 0) * (filters[9 * k + i] ?? 0);
      if (sum > 0) answers++;
    }
  expect(answers / (20 * count)).toBeGreaterThan(0.4);
  expect(answers / (20 * count)).toBeLessThan(0.6);
});

test('filters do not see light that is everywhere the same, and their responses have a mean square of 1', () => {
  const random = randomFrom('light');
  const count = 500;
  const values = new Float64Array(4 * count);
  for (let n = 0; n < count; n++) {
    const light = 5 * random.normal();
    for (let i = 0; i < 4; i++) values[4 * n + i] = light + random.normal();
  }
  const filters = foundIn({ values, size: 4, count }, 5);
  let squares = 0;
  for (let k = 0; k < 5; k++) {
    const filter = filters.subarray(4 * k, 4 * k + 4);
    expect(filter.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
    for (let n = 0; n < count; n++)
      squares += filter.reduce((sum, weight, i) => sum + weight * (values[4 * n + i] ?? 0), 0) ** 2;
  }
  expect(squares / (5 * count)).toBeCloseTo(1, 6);
});

test('patches that are all the same give filters that are numbers', () => {
  const filters = foundIn({ values: new Float64Array(40).fill(0.5), size: 4, count: 10 }, 2);
  expect([...filters].every(Number.isFinite)).toBe(true);
});

test('lets others run after each patch: large ones take seconds together', () => {
  const random = randomFrom('noise');
  const values = Float64Array.from({ length: 400 }, () => random.normal());
  const turns = [...kmeansFilters({ values, size: 4, count: 100 }, 2, 'seed')].length;
  // Covariance, whitening, the responses, and some rounds of k-means.
  expect(turns).toBeGreaterThan(100 * 5);
});
