import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Learner } from '../../../src/engine/training/learner.js';
import type { Targets } from '../../../src/engine/training/losses.js';
import { seededWeights } from '../../../src/engine/weights.js';
import { volumeOf } from '../../../src/network/shape.js';
import { check, type Line } from '../../network/build.js';

/** Sums in float32 against sums in float64, of the largest reference value. */
const TOLERANCE = 5e-6;

const optimiser = { kind: 'sgd', momentum: 0, nesterov: false, beta2: 0.999, epsilon: 1e-8 } as const;

/** The gradients of the squared error by both backends; says where they differ, and gives the algorithms of the fast one. */
async function expectSame(lines: readonly Line[], input: readonly [number, number, number], batch: number) {
  const network = check(lines, { input, like: 'pytorch' });
  const last = network.facts.at(-1)?.output;
  if (!last) return undefined;
  const wave = (length: number, seed: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed) + Math.cos(i * i * 0.3 + seed));
  const pictures = wave(batch * input[0] * input[1] * input[2], 1);
  const targets: Targets = { type: 'values', values: wave(batch * volumeOf(last), 2) };
  const learners = (['reference', 'fast'] as const).map(
    (backend) =>
      new Learner(network, {
        loss: 'mse',
        optimiser,
        batch,
        weights: (layer) => seededWeights(network.facts[layer]?.weights ?? [], `layer ${layer}`, 3),
        backend,
      }),
  );
  const [reference, fast] = await Promise.all(learners.map((learner) => learner.gradients(pictures, targets)));
  if (!reference || !fast) return undefined;
  expect(Math.abs(fast.loss - reference.loss) / reference.loss).toBeLessThan(TOLERANCE);
  // Of the largest gradient of all: that of a single bias is a sum whose terms may cancel almost wholly.
  const largest = Math.max(...reference.weights.flatMap(Object.values).map((values) => largestOf(values)));
  for (const [layer, weights] of reference.weights.entries())
    for (const [name, values] of Object.entries(weights)) {
      const found = fast.weights[layer]?.[name as 'weight'] ?? new Float32Array();
      expect(found.length).toBe(values.length);
      const difference = largestOf(values.map((value, i) => value - (found[i] ?? Number.NaN)));
      expect(difference / largest, `${network.network.layers[layer]?.name}.${name}`).toBeLessThan(TOLERANCE);
    }
  return learners[1]?.algorithms;
}

/** The largest of their magnitudes; NaN where one of them is. */
const largestOf = (values: Float32Array): number =>
  values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);

const size = (max: number) => fc.integer({ min: 1, max });
const pairOf = (max: number) => fc.tuple(size(max), size(max));
const padding = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 });

describe('fast steps compute the gradients that the reference ops do', () => {
  // The first layer's own gradient needs that of the layer under test by its input.
  const first: Line = ['conv', { filters: 4, kernel: [1, 1], bias: false }];

  test('conv', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({ height: fc.integer({ min: 5, max: 12 }), width: fc.integer({ min: 5, max: 12 }), batch: size(3) }),
        fc.record({ kernel: pairOf(4), stride: pairOf(3), dilation: pairOf(2), pad: padding, bias: fc.boolean() }),
        fc.record({ groups: size(2), depth: size(9), filters: fc.integer({ min: 1, max: 19 }) }),
        async ({ height, width, batch }, attributes, { groups, depth, filters }) => {
          const before: Line = ['conv', { filters: depth * groups, kernel: [1, 1] }];
          const line: Line = ['conv', { ...attributes, groups, filters: filters * groups }];
          await expectSame([before, line], [height, width, 2], batch);
        },
      ),
      { numRuns: 120 },
    ));

  test.each([
    ['maxpool', { kernel: pairOf(3), stride: pairOf(3), dilation: pairOf(2) }],
    ['avgpool', { kernel: pairOf(4), stride: pairOf(3), countpad: fc.boolean() }],
  ] as const)('%s', (kind, attributesOf) =>
    fc.assert(
      fc.asyncProperty(
        fc.record({ height: fc.integer({ min: 4, max: 10 }), width: fc.integer({ min: 4, max: 10 }), batch: size(3) }),
        fc.record<{ kernel: readonly number[] }>(attributesOf),
        fc.boolean(),
        fc.constantFrom('floor', 'ceil'),
        async ({ height, width, batch }, attributes, isPadded, fit) => {
          const pad = isPadded && Math.min(...attributes.kernel) > 1 ? 1 : 0;
          await expectSame(
            [
              ['conv', { filters: 7, kernel: [1, 1] }],
              [kind, { ...attributes, pad, fit }],
            ],
            [height, width, 2],
            batch,
          );
        },
      ),
      { numRuns: 60 },
    ),
  );

  test('depthwise, also as groups of one channel', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({ height: fc.integer({ min: 5, max: 11 }), width: fc.integer({ min: 5, max: 11 }), batch: size(3) }),
        fc.record({ kernel: pairOf(4), stride: pairOf(3), dilation: pairOf(2), pad: padding, bias: fc.boolean() }),
        fc.constantFrom(4, 8, 12),
        fc.boolean(),
        async ({ height, width, batch }, attributes, channels, asGroups) => {
          const before: Line = ['conv', { filters: channels, kernel: [1, 1] }];
          const line: Line = asGroups
            ? ['conv', { ...attributes, groups: channels, filters: channels }]
            : ['depthwise', attributes];
          const algorithms = await expectSame([before, line], [height, width, 2], batch);
          // None where the kernel does not fit.
          if (algorithms) expect(algorithms.get(asGroups ? 'conv2' : 'depthwise1')).toBe('depthwise 4×4');
        },
      ),
      { numRuns: 60 },
    ));

  test('batchnorm, whose running statistics move alike', async () => {
    for (const [like, batch, size] of [
      ['pytorch', 1, 4],
      ['keras', 3, 5],
      ['caffe', 2, 1],
    ] as const) {
      const lines: Line[] = [
        ['conv', { filters: 6, kernel: [1, 1] }],
        'batchnorm',
        ['conv', { filters: 3, kernel: [1, 1] }],
      ];
      const network = check(lines, { input: [size, size, 3], like });
      const pictures = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => 3 + Math.sin(i * 1.7));
      const targets: Targets = { type: 'values', values: pictures.map((value) => value / 2) };
      const [reference, fast] = await Promise.all(
        (['reference', 'fast'] as const).map(async (backend) => {
          const weights = (layer: number) => seededWeights(network.facts[layer]?.weights ?? [], `layer ${layer}`, 3);
          const learner = new Learner(network, { loss: 'mse', optimiser, batch, weights, backend });
          for (let i = 0; i < 2; i++) await learner.step(pictures, targets, 0.1);
          return learner.weights(2);
        }),
      );
      for (const name of ['weight', 'bias', 'running_mean', 'running_var'] as const) {
        const expected = reference?.[name] ?? new Float32Array();
        expect(expected.length).toBe(6);
        const difference = largestOf(expected.map((value, i) => value - (fast?.[name]?.[i] ?? Number.NaN)));
        expect(difference / largestOf(expected), `${like} ${name}`).toBeLessThan(TOLERANCE);
      }
    }
  });

  test('fc, of a volume and in both orders', async () => {
    for (const like of ['pytorch', 'keras'] as const)
      for (const [units, batch] of [
        [1, 1],
        [5, 3],
        [8, 4],
        [13, 7],
      ] as const) {
        const network = check([first, ['fc', { units }], 'relu', ['fc', { units: 3 }]], { input: [4, 3, 2], like });
        expect(network.problems).toEqual([]);
        await expectSame([first, ['fc', { units }], 'relu', ['fc', { units: 3 }]], [4, 3, 2], batch);
      }
  });

  it.each([
    'relu',
    'relu6',
    ['leakyrelu', { alpha: 0.3 }],
    'hardswish',
    'hardsigmoid',
    'sigmoid',
    'tanh',
    'elu',
    ['elu', { alpha: 0.5 }],
    'batchnorm',
    ['lrn', { size: 3, alpha: 0.5 }],
    ['avgpool', { kernel: [2, 2] }],
    'globalmaxpool',
    'globalavgpool',
    ['dropout', { rate: 0.4 }],
    ['depthwise', { kernel: [3, 3] }],
    ['convtranspose', { filters: 3, kernel: [2, 2], stride: 2 }],
    'flatten',
    'softmax',
  ] as const)('%j', async (line) => {
    await expectSame([first, line as Line, ['fc', { units: 5 }]], [6, 6, 3], 3);
  });

  it.each(['add', 'multiply', 'max', 'concat'] as const)('%s of two branches', async (kind) => {
    await expectSame(
      [
        ['conv', { filters: 5, kernel: [1, 1] }, { name: 'a' }],
        ['conv', { filters: 5, kernel: [3, 3], pad: 1 }, { name: 'b' }],
        [kind, {}, { from: ['b', 'a'] }],
        ['fc', { units: 4 }],
      ],
      [6, 5, 3],
      2,
    );
  });

  it('a LeNet, without a reference op but where the batch is read as vectors', async () => {
    const algorithms = await expectSame(
      [
        ['conv', { filters: 6, kernel: [5, 5] }],
        'relu',
        ['maxpool', { kernel: [2, 2] }],
        ['conv', { filters: 16, kernel: [5, 5] }],
        'relu',
        ['maxpool', { kernel: [2, 2] }],
        ['fc', { units: 120 }],
        'relu',
        ['fc', { units: 10 }],
      ],
      [28, 28, 1],
      4,
    );
    expect([...(algorithms ?? [])].filter(([, algorithm]) => algorithm === 'reference')).toEqual([
      ['input', 'reference'],
    ]);
  });
});
