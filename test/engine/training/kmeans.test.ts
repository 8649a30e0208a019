import { expect, test } from 'vitest';
import { randomFrom } from '../../../src/engine/random.js';
import { kmeansFilters } from '../../../src/engine/training/kmeans.js';

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
  const steps = kmeansFilters({ values, size: 4, count }, wanted, 'seed');
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

test('k-means finds the patterns that patches are made of, whatever their light, contrast and sign', () => {
  const filters = filtersOf(600, 3);
  const found = [0, 1, 2].map((k) => {
    const filter = filters.subarray(4 * k, 4 * k + 4);
    const length = Math.hypot(...filter);
    const cosines = patterns.map((pattern) =>
      Math.abs(pattern.reduce<number>((sum, value, i) => sum + value * (filter[i] ?? 0), 0) / (2 * length)),
    );
    expect(Math.max(...cosines)).toBeGreaterThan(0.99);
    return cosines.indexOf(Math.max(...cosines));
  });
  expect(found.toSorted()).toEqual([0, 1, 2]);
});

test('filters do not see light that is everywhere the same, and their responses have a mean square of 1', () => {
  const filters = filtersOf(600, 3);
  for (let k = 0; k < 3; k++) expect(filters.subarray(4 * k, 4 * k + 4).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
  // A pattern of gain g meets one filter f of three: g²·(p·f)²/3, and E g² = 7/3 for gains from 1 to 2. All |p·f| being equal,
  // their square is 9/7.
  for (let k = 0; k < 3; k++) {
    const filter = filters.subarray(4 * k, 4 * k + 4);
    const response = Math.max(
      ...patterns.map((pattern) =>
        Math.abs(pattern.reduce<number>((sum, value, i) => sum + value * (filter[i] ?? 0), 0)),
      ),
    );
    expect(response ** 2).toBeGreaterThan((9 / 7) * 0.85);
    expect(response ** 2).toBeLessThan((9 / 7) * 1.15);
  }
});

test('patches that are all the same give filters that are numbers', () => {
  const steps = kmeansFilters({ values: new Float64Array(40).fill(0.5), size: 4, count: 10 }, 2, 'seed');
  let result = steps.next();
  while (!result.done) result = steps.next();
  expect([...result.value].every(Number.isFinite)).toBe(true);
});

test('lets others run after each patch: large ones take seconds together', () => {
  const random = randomFrom('noise');
  const values = Float64Array.from({ length: 400 }, () => random.normal());
  const turns = [...kmeansFilters({ values, size: 4, count: 100 }, 2, 'seed')].length;
  // Covariance, whitening, the responses, and some rounds of k-means.
  expect(turns).toBeGreaterThan(100 * 5);
});
