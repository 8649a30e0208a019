import { expect, test } from 'vitest';
import { createTensor } from '../../src/engine/tensor.js';
import type { LayerFacts } from '../../src/network/check.js';
import { evenPadding } from '../../src/network/values.js';
import { check, type Line } from '../network/build.js';
import { run } from './build.js';

/**
 * The receptive fields that the shape rules give against those measured: a NaN in one column of the input shows in exactly
 * the columns of the output that look at it.
 */

const WIDTH = 12;

interface Measured {
  /** The first input column that the first output column sees. */
  readonly start: number;
  /** The widest span of columns that any output column sees. */
  readonly size: number;
}

async function measured(lines: readonly Line[], channels: number): Promise<{ found: Measured; facts: LayerFacts }> {
  const network = check(lines, { input: [4, WIDTH, channels], like: 'pytorch' });
  const facts = network.facts.at(-1) as LayerFacts;
  const first: number[] = [];
  const last: number[] = [];
  for (let column = 0; column < WIDTH; column++) {
    const picture = createTensor({ height: 4, width: WIDTH, channels });
    for (let y = 0; y < 4; y++)
      picture.data.fill(Number.NaN, (y * WIDTH + column) * channels, (y * WIDTH + column + 1) * channels);
    const activation = (await run(network, picture)).at(-1)?.activation;
    if (!activation) throw new Error('the layer did not run');
    for (let x = 0; x < activation.width; x++) {
      const seen = Array.from({ length: activation.height * activation.channels }, (_, i) => {
        const y = Math.floor(i / activation.channels);
        return activation.data[(y * activation.width + x) * activation.channels + (i % activation.channels)];
      }).some(Number.isNaN);
      if (!seen) continue;
      first[x] ??= column;
      last[x] = column;
    }
  }
  const size = Math.max(
    ...Object.keys(first).map((x) => (last[Number(x)] as number) - (first[Number(x)] as number) + 1),
  );
  return { found: { start: first[0] as number, size }, facts };
}

const pads = evenPadding(0, 2);

/** Name, layers, and channels of the input where they are not 1. */
const cases: readonly (readonly [string, readonly Line[], number?])[] = [
  ['conv 3, stride 2', [['conv', { filters: 1, kernel: 3, stride: 2 }]]],
  ['depthwise 3, dilation 2', [['depthwise', { kernel: [1, 3], dilation: 2 }]]],
  ['convtranspose 2, stride 2', [['convtranspose', { filters: 1, kernel: 2, stride: 2 }]]],
  ['convtranspose 3, stride 2', [['convtranspose', { filters: 1, kernel: 3, stride: 2 }]]],
  ['convtranspose 4, stride 3', [['convtranspose', { filters: 1, kernel: 4, stride: 3 }]]],
  ['convtranspose 3, stride 1', [['convtranspose', { filters: 1, kernel: 3, pad: 2 }]]],
  [
    'convtranspose 5, stride 2, pad 4',
    [['convtranspose', { filters: 1, kernel: [1, 5], stride: [1, 2], pad: [0, 4] }]],
  ],
  [
    'convtranspose 3, dilation 2, stride 3',
    [['convtranspose', { filters: 1, kernel: [1, 3], stride: [1, 3], dilation: 2 }]],
  ],
  [
    'convtranspose 3, dilation 2, stride 2',
    [['convtranspose', { filters: 1, kernel: [1, 3], stride: [1, 2], dilation: 2 }]],
  ],
  ['adaptiveavgpool to 5', [['adaptiveavgpool', { size: { y: 2, x: 5 } }]]],
  ['adaptiveavgpool to 4', [['adaptiveavgpool', { size: { y: 2, x: 4 } }]]],
  ['upsample nearest', [['upsample', { factor: { y: 1, x: 3 } }]]],
  [
    'upsample bilinear, corners aligned',
    [['upsample', { factor: { y: 1, x: 2 }, mode: 'bilinear', aligncorners: true }]],
  ],
  [
    'two upsamplings, then conv 3',
    [
      ['upsample', { factor: { y: 1, x: 2 } }],
      ['upsample', { factor: { y: 1, x: 2 } }],
      ['conv', { filters: 1, kernel: [1, 3], pad: [0, 1] }],
    ],
  ],
  [
    'conv 5 after convtranspose 2, stride 2',
    [
      ['convtranspose', { filters: 1, kernel: [1, 2], stride: [1, 2] }],
      ['conv', { filters: 1, kernel: [1, 5], pad: [0, 2] }],
    ],
  ],
  [
    'conv 3 of stride 2 after bilinear upsampling by 3',
    [
      ['upsample', { factor: { y: 1, x: 3 }, mode: 'bilinear' }],
      ['conv', { filters: 1, kernel: [1, 3], stride: [1, 2] }],
    ],
  ],
  [
    'a skip beside pooling and upsampling',
    [
      ['conv', { filters: 1, kernel: [1, 3], pad: [0, 1] }, { name: 'skip' }],
      ['maxpool', { kernel: [1, 2] }],
      ['conv', { filters: 1, kernel: [1, 3], pad: [0, 1] }],
      ['upsample', { factor: { y: 1, x: 2 } }, { name: 'deep' }],
      ['add', {}, { from: ['skip', 'deep'] }],
      ['conv', { filters: 1, kernel: [1, 3], pad: [0, 1] }],
    ],
  ],
  ['pixelshuffle', [['pixelshuffle', { factor: 2 }]], 4],
  ['crop', [['crop', { amount: pads }]]],
  ['slice', [['slice', { start: 1 }]], 2],
  ['flatten', ['flatten']],
  [
    'conv after upsample',
    [
      ['upsample', { factor: { y: 2, x: 2 } }],
      ['conv', { filters: 1, kernel: 1 }],
    ],
  ],
  [
    'add of two kernels',
    [
      ['conv', { filters: 1, kernel: [1, 3], pad: [0, 1] }, { name: 'a', from: ['input'] }],
      ['conv', { filters: 1, kernel: [1, 7], pad: [0, 3] }, { name: 'b', from: ['input'] }],
      ['crop', { amount: pads }, { name: 'c', from: ['a'] }],
      ['crop', { amount: pads }, { name: 'd', from: ['b'] }],
      ['add', {}, { from: ['c', 'd'] }],
    ],
  ],
];

for (const [name, lines, channels = 1] of cases)
  test(name, async () => {
    const { found, facts } = await measured(lines, channels);
    const { start = 0, size } = facts.field?.x ?? {};
    // The field is not clipped to the image, the measured one is.
    expect({ start: Math.max(0, start), size }).toEqual(found);
  });
