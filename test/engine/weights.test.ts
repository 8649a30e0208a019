import { describe, expect, test } from 'vitest';
import { seededWeights } from '../../src/engine/index.js';
import { catalogue, layerKinds } from '../../src/network/catalogue.js';
import type { WeightSpec } from '../../src/network/layer.js';
import { check } from '../network/build.js';

const specs = (shape: readonly number[]): readonly WeightSpec[] => [
  { name: 'weight', shape, learned: true, initial: 'he' },
  { name: 'bias', shape: shape.slice(0, 1), learned: true, initial: 0 },
];

test('the same seed, name and shapes make the same weights; another of them makes others', () => {
  const weights = seededWeights(specs([8, 3, 5, 5]), 'conv1', 1);
  expect(seededWeights(specs([8, 3, 5, 5]), 'conv1', 1)).toEqual(weights);
  for (const [shape, name, seed] of [
    [[8, 3, 5, 5], 'conv1', 2],
    [[8, 3, 5, 5], 'conv2', 1],
    [[8, 5, 3, 5], 'conv1', 1],
  ] as const)
    expect(seededWeights(specs(shape), name, seed).weight).not.toEqual(weights.weight);
});

test('weights do not change from one version to the next', () => {
  const { weight } = seededWeights(specs([2, 2, 1, 1]), 'conv1', 1);
  expect([...(weight as Float32Array)].map((value) => Number(value.toFixed(5)))).toMatchInlineSnapshot(`
    [
      -0.05604,
      0.57677,
      0.43012,
      -1.51625,
    ]
  `);
});

// 400,000 numbers: the mean is off by 0.0016 standard deviations, typically, the variance by 0.2 %.
test.each([
  [[400, 10, 10, 10], 1000],
  [[4000, 100], 100],
])('%j is normal with mean 0 and variance 2/%i (He et al. 2015)', (shape, fanIn) => {
  const values = seededWeights(specs(shape), 'conv1', 1).weight as Float32Array;
  const deviation = Math.sqrt(2 / fanIn);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean / deviation)).toBeLessThan(0.006);
  expect(variance / deviation ** 2).toBeCloseTo(1, 1.8);
  const within = (sigmas: number) =>
    values.filter((value) => Math.abs(value) < sigmas * deviation).length / values.length;
  // Tables of the normal distribution.
  expect(within(1)).toBeCloseTo(0.6827, 2);
  expect(within(2)).toBeCloseTo(0.9545, 2);
  expect(within(3)).toBeCloseTo(0.9973, 2);
});

describe('what is not random starts as the layer says', () => {
  test.each([
    ['batchnorm', { weight: [1, 1], bias: [0, 0], running_mean: [0, 0], running_var: [1, 1] }],
    ['layernorm', { weight: [1, 1], bias: [0, 0] }],
    ['prelu', { weight: [0.25, 0.25] }],
  ] as const)('%s', (kind, expected) => {
    const { weights } = check([kind], { input: [4, 4, 2] }).facts[1] ?? {};
    const values = Object.entries(seededWeights(weights ?? [], 'a', 1)).map(([name, numbers]) => [name, [...numbers]]);
    expect(Object.fromEntries(values)).toEqual(expected);
  });
});

test('what is random has two axes or more: what a vector starts as, the layer says', () => {
  const written: Readonly<Record<string, unknown>> = { filters: 4, units: 4, kernel: 3, groups: 2 };
  for (const kind of layerKinds) {
    const attributes = Object.entries(catalogue[kind].attributes);
    if (attributes.some(([name, { required }]) => required && !(name in written))) continue;
    const given = attributes.filter(([name]) => name in written).map(([name]) => [name, written[name]]);
    for (const weight of check([[kind, Object.fromEntries(given)]], { input: [8, 8, 4] }).facts[1]?.weights ?? [])
      expect([kind, weight.name, typeof weight.initial === 'string']).toEqual([
        kind,
        weight.name,
        weight.shape.length > 1,
      ]);
  }
});

const weightsOf = (init: string, filters = 4, kernel = 5) => {
  const { facts } = check([['conv', { filters, kernel, init }]], { input: [16, 16, 2] });
  return seededWeights(facts.at(-1)?.weights ?? [], 'conv1', 1).weight as Float32Array;
};

describe('what filters may start as', () => {
  test('zeros', () => expect(weightsOf('zeros').every((value) => value === 0)).toBe(true));

  test('xavier has the variance 2/(fan in + fan out) (Glorot & Bengio 2010)', () => {
    const values = weightsOf('xavier', 400, 10);
    const variance = values.reduce((total, value) => total + value * value, 0) / values.length;
    // Fan in 2·10·10, fan out 400·10·10.
    expect(variance).toBeCloseTo(2 / (200 + 40_000), 6);
  });

  test('gaussian filters blur: each sums to 1 over both channels, highest in the middle', () => {
    const values = weightsOf('gaussian');
    for (let filter = 0; filter < 4; filter++) {
      const own = values.subarray(filter * 50, filter * 50 + 50);
      expect(own.reduce((total, value) => total + value, 0)).toBeCloseTo(1, 6);
      expect(Math.max(...own)).toBe(own[12]);
    }
  });

  test('gabor filters do not answer to flat areas; the first looks for upright crests, the third for lying ones', () => {
    const values = weightsOf('gabor');
    const at = (filter: number, y: number, x: number) => values[filter * 50 + y * 5 + x] as number;
    for (let filter = 0; filter < 4; filter++)
      expect(values.subarray(filter * 50, filter * 50 + 25).reduce((total, value) => total + value, 0)).toBeCloseTo(
        0,
        6,
      );
    expect(at(0, 2, 1)).toBeCloseTo(at(2, 1, 2), 6);
    expect(at(0, 1, 2)).toBeGreaterThan(0);
    expect(at(0, 2, 1)).toBeLessThan(0);
  });
});
