import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describePlan } from '../../../src/engine/index.js';
import { type Run, runNetwork } from '../../../src/engine/run.js';
import { createTensor, type Tensor } from '../../../src/engine/tensor.js';
import { check, type Line } from '../../network/build.js';
import { relativeError } from '../build.js';

/** Of the largest reference value: sums in float32, and Winograd's transforms in it, against sums in float64. */
const tolerances = { precise: 3e-6, fast: 2e-5 } as const;

function waves(height: number, width: number, channels: number, batch = 1): Tensor {
  const tensor = createTensor({ height, width, channels }, batch);
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = Math.sin(i * 1.7) + Math.cos(i * i);
  return tensor;
}

/** The same lines by both backends; says where they differ. */
async function expectSame(lines: readonly Line[], tensor: Tensor): Promise<void> {
  const { height, width, channels } = tensor;
  const network = check(lines, { input: [height, width, channels], like: 'pytorch' });
  const input = { tensor, id: 'waves' };
  const reference: Run = await runNetwork(network, input, { backend: 'reference' });
  for (const backend of ['precise', 'fast'] as const) {
    const fast: Run = await runNetwork(network, input, { backend });
    for (const [index, layer] of reference.entries()) {
      const found = fast[index]?.activation.data ?? [];
      const wanted = layer?.activation.data ?? [];
      const name = network.network.layers[index]?.name ?? '';
      expect(relativeError(found, wanted), `${name}, ${backend}`).toBeLessThan(tolerances[backend]);
    }
  }
}

const size = (max: number) => fc.integer({ min: 1, max });
const pairOf = (max: number) => fc.tuple(size(max), size(max));
const padding = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 });
const image = fc.record({ height: size(14), width: size(14), batch: size(2) });

describe('fast ops compute what the reference ops do, whatever the layer', () => {
  test('conv', () =>
    fc.assert(
      fc.asyncProperty(
        image,
        fc.record({
          kernel: pairOf(4),
          stride: pairOf(3),
          dilation: pairOf(2),
          pad: padding,
          bias: fc.boolean(),
        }),
        fc.record({ groups: size(3), depth: size(9), filters: size(20) }),
        async ({ height, width, batch }, attributes, { groups, depth, filters }) => {
          const line: Line = ['conv', { ...attributes, groups, filters: filters * groups }];
          await expectSame([line], waves(height, width, depth * groups, batch));
        },
      ),
      { numRuns: 150 },
    ));

  test('conv by Winograd', () =>
    fc.assert(
      fc.asyncProperty(
        image,
        padding,
        fc.record({ kernel: fc.constantFrom(3, 5), bias: fc.boolean(), groups: size(2) }),
        size(6),
        size(5),
        ({ height, width, batch }, pad, attributes, c, f) =>
          expectSame(
            [['conv', { ...attributes, filters: 8 * f * attributes.groups, pad }]],
            waves(height, width, 4 * c * attributes.groups, batch),
          ),
      ),
      { numRuns: 120 },
    ));

  test('depthwise', () =>
    fc.assert(
      fc.asyncProperty(
        image,
        fc.record({ kernel: pairOf(5), stride: pairOf(3), dilation: pairOf(2), pad: padding, multiplier: size(2) }),
        size(9),
        ({ height, width, batch }, attributes, channels) =>
          expectSame([['depthwise', attributes]], waves(height, width, channels, batch)),
      ),
      { numRuns: 80 },
    ));

  test('depthwise with windows as wide as the picture, which is copied with its padding', async () => {
    // Every window of 3 taps 22 pixels apart, on 40 columns, has one beside the picture: 10 tiles of 4.
    const attributes = { kernel: [3, 3], stride: 1, dilation: [2, 22], pad: [2, 22, 2, 22] };
    await expectSame([['depthwise', attributes]], waves(5, 40, 6));
    const { network, facts } = check([['depthwise', attributes]], { input: [5, 40, 6], like: 'pytorch' });
    const { memory } = describePlan({ network, facts }, { mode: 'fast' });
    const copied = 4 * (5 + 4) * (40 + 44) * 6;
    expect(memory.arena).toBeGreaterThan(4 * 2 * 5 * 40 * 6 + copied);
  });

  test('convtranspose', () =>
    fc.assert(
      fc.asyncProperty(
        image,
        fc
          .record({ stride: pairOf(3), beyond: fc.tuple(fc.nat(2), fc.nat(2)), cut: fc.nat(1), bias: fc.boolean() })
          .map(({ stride: [y, x], beyond, cut, bias }) => ({
            stride: [y, x],
            kernel: [y + beyond[0], x + beyond[1]],
            pad: [cut && beyond[0] > 0 ? 1 : 0, 0, 0, cut && beyond[1] > 0 ? 1 : 0],
            bias,
          })),
        size(9),
        size(20),
        ({ height, width, batch }, attributes, channels, filters) =>
          expectSame(
            [
              ['convtranspose', { ...attributes, filters }],
              ['convtranspose', { filters, kernel: 2, stride: 2, outputpad: 1 }],
            ],
            waves(height, width, channels, batch),
          ),
      ),
      { numRuns: 80 },
    ));

  test('fc', () =>
    fc.assert(
      fc.asyncProperty(image, size(5), size(70), ({ height, width, batch }, channels, units) =>
        expectSame([['fc', { units }]], waves(height, width, channels, batch)),
      ),
      { numRuns: 60 },
    ));

  test.each(['maxpool', 'avgpool'] as const)('%s', (kind) =>
    fc.assert(
      fc.asyncProperty(
        image,
        fc.record({ kernel: pairOf(4), stride: pairOf(3), pad: padding, fit: fc.constantFrom('floor', 'ceil') }),
        fc.boolean(),
        size(9),
        ({ height, width, batch }, attributes, countpad, channels) =>
          expectSame(
            [[kind, kind === 'avgpool' ? { ...attributes, countpad } : attributes]],
            waves(height, width, channels, batch),
          ),
      ),
      { numRuns: 100 },
    ),
  );

  const elementwise: readonly Line[] = [
    'relu',
    'relu6',
    'dropout',
    'prelu',
    'batchnorm',
    'hardswish',
    'hardsigmoid',
    'sigmoid',
    'tanh',
    'softsign',
    'silu',
    'elu',
    ['elu', { alpha: 0.3 }],
    'gelu',
    ['gelu', { approximate: 'tanh' }],
    'softmax',
    'layernorm',
    ['groupnorm', { groups: 1 }],
    'instancenorm',
    'globalmaxpool',
    'globalavgpool',
    ['leakyrelu', { alpha: 0.2 }],
    ['lrn', { size: 5, alpha: 0.1, beta: 0.75 }],
    ['lrn', { size: 4, alpha: 1, beta: 0.5 }],
    ['lrn', { size: 1, alpha: 1, beta: 1, k: 2 }],
    ['lrn', { size: 3, alpha: 1, beta: 0.6 }],
  ];
  test.each(elementwise.map((line) => [JSON.stringify(line), line] as const))('%s', (_, line) =>
    fc.assert(
      fc.asyncProperty(image, size(9), ({ height, width, batch }, channels) =>
        expectSame([line], waves(height, width, channels, batch)),
      ),
      { numRuns: 20 },
    ),
  );

  // The largest is what errors are measured by: also where all are small, and where powers of e are beyond float32.
  test.each([1e-4, 1, 300])('functions with powers of e of numbers up to %f', async (scale) => {
    const tensor = waves(8, 8, 6);
    for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = (tensor.data[i] as number) * scale;
    const kinds = ['sigmoid', 'tanh', 'silu', 'elu', 'gelu', 'softmax'] as const;
    await expectSame(
      kinds.map((kind): Line => [kind, {}, { from: ['input'] }]),
      tensor,
    );
  });

  test('groupnorm, by all numbers of groups', () =>
    fc.assert(
      fc.asyncProperty(image, size(4), size(5), ({ height, width, batch }, groups, each) =>
        expectSame([['groupnorm', { groups }]], waves(height, width, groups * each, batch)),
      ),
      { numRuns: 40 },
    ));

  test.each(['add', 'multiply', 'max', 'concat'] as const)('%s', (kind) =>
    fc.assert(
      fc.asyncProperty(image, size(9), fc.boolean(), ({ height, width, batch }, channels, broadcast) =>
        expectSame(
          [
            ['tanh', {}, { from: ['input'] }],
            ['globalavgpool', {}, { from: ['input'] }],
            [kind, {}, { from: ['input', 'tanh1', ...(broadcast && kind !== 'concat' ? ['globalavgpool1'] : [])] }],
          ],
          waves(height, width, channels, batch),
        ),
      ),
      { numRuns: 30 },
    ),
  );

  test('infinities and NaN pass through', () => {
    const tensor = waves(6, 6, 5);
    tensor.data.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 40);
    return expectSame(
      [
        'relu6',
        ['relu', {}, { from: ['input'] }],
        ['leakyrelu', { alpha: 0.1 }, { from: ['input'] }],
        ['maxpool', { kernel: 3, stride: 1 }, { from: ['input'] }],
        ['max', {}, { from: ['input', 'relu1'] }],
        ['sigmoid', {}, { from: ['input'] }],
        ['tanh', {}, { from: ['input'] }],
        ['silu', {}, { from: ['relu1'] }],
        ['softmax', {}, { from: ['relu6_1'] }],
      ],
      tensor,
    );
  });
});
