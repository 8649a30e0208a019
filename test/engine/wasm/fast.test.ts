import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Run, runNetwork } from '../../../src/engine/run.js';
import { createTensor, type Tensor } from '../../../src/engine/tensor.js';
import { check, type Line } from '../../network/build.js';
import { relativeError } from '../build.js';

/** Of the largest reference value: sums in float32 against sums in float64. */
const TOLERANCE = 3e-6;

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
  const fast: Run = await runNetwork(network, input);
  for (const [index, layer] of reference.entries()) {
    const found = fast[index]?.activation.data ?? [];
    const wanted = layer?.activation.data ?? [];
    expect(relativeError(found, wanted), network.network.layers[index]?.name ?? '').toBeLessThan(TOLERANCE);
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

  test('fc', () =>
    fc.assert(
      fc.asyncProperty(image, size(5), size(70), ({ height, width, batch }, channels, units) =>
        expectSame([['fc', { units }]], waves(height, width, channels, batch)),
      ),
      { numRuns: 60 },
    ));
});
