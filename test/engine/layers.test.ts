import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../src/engine/ops/index.js';
import type { LayerWeights } from '../../src/engine/ops/op.js';
import { createTensor, fromNCHW, type Tensor, toNCHW } from '../../src/engine/tensor.js';
import { layerKinds } from '../../src/network/catalogue.js';
import type { Framework } from '../../src/network/frameworks.js';
import { evenPadding } from '../../src/network/values.js';
import { check, type Line } from '../network/build.js';
import { relativeError, run, runLayer, volume } from './build.js';

/** Layers that PyTorch's cases leave out: values worked out by hand from the formula, exact in few decimals. */

interface Case {
  readonly line: Line;
  readonly x: Tensor;
  /** In PyTorch's order: channel by channel. */
  readonly y: readonly number[];
  readonly like?: Framework;
  readonly weights?: LayerWeights;
}

/** Pixels in a row, of one channel. */
const row = (...numbers: readonly number[]): Tensor => volume([[numbers]]);

/** One pixel of several channels. */
const pixel = (...numbers: readonly number[]): Tensor => volume(numbers.map((number) => [[number]]));

const counting = (height: number, width: number, channels: number): Tensor =>
  fromNCHW(
    Float32Array.from({ length: height * width * channels }, (_, i) => i),
    { height, width, channels },
  );

const sides = (top: number, right: number, bottom: number, left: number) => ({
  mode: 'explicit',
  top,
  right,
  bottom,
  left,
});

const half = Math.SQRT1_2;

const cases: Readonly<Record<string, Case>> = {
  // e⁻¹ − 1 = −0.63212
  elu: { line: ['elu', { alpha: 2 }], x: row(-1, 0, 3), y: [2 * (Math.exp(-1) - 1), 0, 3] },
  // slope 1/6: 0.5 − 1/6, 0.5, and both ends
  hardsigmoid: { line: 'hardsigmoid', x: row(-1, 0, 3, -3, 9), y: [1 / 3, 0.5, 1, 0, 1] },
  // ONNX's test_hardsigmoid_example: alpha 0.5, beta 0.6 there; here beta is 0.5
  'hardsigmoid slope 0.2': { line: ['hardsigmoid', { slope: 0.2 }], x: row(-1, 1), y: [0.3, 0.7] },
  sign: { line: 'sign', x: row(-2, 0, 0.1), y: [-1, 0, 1] },
  sigmoid: { line: 'sigmoid', x: row(0, Math.log(3)), y: [0.5, 0.75] },
  // Far from 0 softplus is x itself, not infinite.
  softsign: { line: 'softsign', x: row(-3, 0, 0.25), y: [-0.75, 0, 0.2] },
  'softplus of large numbers': { line: 'softplus', x: row(800, -800), y: [800, 0] },
  'softplus beta 2': { line: ['softplus', { beta: 2 }], x: row(0), y: [Math.LN2 / 2] },
  'prelu shared': {
    line: ['prelu', { shared: true }],
    x: pixel(-1, 2, -3),
    y: [-0.5, 2, -1.5],
    weights: { weight: Float32Array.of(0.5) },
  },
  // Φ(−10) = 7.6199e-24 (tables of the normal distribution): the lower tail keeps its precision.
  'gelu in the tail': { line: 'gelu', x: row(-10), y: [-7.619853e-23] },
  'softmax of large numbers': { line: 'softmax', x: pixel(1000, 1000), y: [0.5, 0.5] },
  'logsoftmax of large numbers': { line: 'logsoftmax', x: pixel(1000, 1000), y: [-Math.LN2, -Math.LN2] },
  // Mean 3, variance 4 (1 and 5 at distance 2).
  layernorm: {
    line: ['layernorm', { epsilon: 1e-12 }],
    x: pixel(1, 5),
    y: [2 * -1 + 10, 3 * 1 + 20],
    weights: { weight: Float32Array.of(2, 3), bias: Float32Array.of(10, 20) },
  },
  // Each channel by itself: 1, 3 → −1, 1; 10, 30 → −1, 1.
  instancenorm: {
    line: ['instancenorm', { epsilon: 1e-12 }],
    x: volume([[[1, 3]], [[10, 30]]]),
    y: [-1, 1, -1, 1],
  },
  // Two groups of two channels, one pixel: (0, 4) → −1, 1 and (1, 1) → 0, 0.
  groupnorm: { line: ['groupnorm', { groups: 2, epsilon: 1e-12 }], x: pixel(0, 4, 1, 1), y: [-1, 1, 0, 0] },
  // Lasagne does not divide alpha by size: 2/(2 + 1·4)^1; the others 2/(2 + 1/5·4).
  'lrn like lasagne': {
    line: ['lrn', { size: 5, alpha: 1, beta: 1, k: 2 }],
    like: 'lasagne',
    x: pixel(2),
    y: [2 / 6],
  },
  lrn: { line: ['lrn', { size: 5, alpha: 1, beta: 1, k: 2 }], x: pixel(2), y: [2 / 2.8] },
  dropout: { line: 'dropout', x: row(1, 2), y: [1, 2] },
  globalmaxpool: { line: 'globalmaxpool', x: volume([[[1, 5, 2]], [[-3, -1, -2]]]), y: [5, -1] },
  globalavgpool: { line: 'globalavgpool', x: volume([[[1, 5, 3]], [[-3, -1, -2]]]), y: [3, -2] },
  // Both channels two filters: 1·1 + 2·1, 1·2 + 2·0; 3·1 + 4·1, 3·0 + 4·(−1).
  depthwise: {
    line: ['depthwise', { kernel: [1, 2], multiplier: 2, bias: false }],
    x: volume([[[1, 2]], [[3, 4]]]),
    y: [3, 2, 7, -4],
    weights: { weight: Float32Array.of(1, 1, 2, 0, 1, 1, 0, -1) },
  },
  // Keras: the output of `same` is N·S. Stamps of (1, 2, 3) at 0 and 2, cut by 0 and 1: 1 2 3+10 20.
  'convtranspose pad same': {
    line: ['convtranspose', { filters: 1, kernel: [1, 3], stride: [1, 2], pad: 'same', bias: false }],
    like: 'keras',
    x: row(1, 10),
    y: [1, 2, 13, 20],
    weights: { weight: Float32Array.of(1, 2, 3) },
  },
  flatten: { line: 'flatten', x: volume([[[1, 2]], [[3, 4]]]), y: [1, 2, 3, 4] },
  'flatten like keras': { line: 'flatten', like: 'keras', x: volume([[[1, 2]], [[3, 4]]]), y: [1, 3, 2, 4] },
  // fc reads C, H, W: 1·1 + 10·2 + 100·3 + 1000·4; Keras H, W, C: 1·1 + 10·3 + 100·2 + 1000·4.
  fc: {
    line: ['fc', { units: 1, bias: false }],
    x: volume([[[1, 2]], [[3, 4]]]),
    y: [4321],
    weights: { weight: Float32Array.of(1, 10, 100, 1000) },
  },
  'fc like keras': {
    line: ['fc', { units: 1, bias: false }],
    like: 'keras',
    x: volume([[[1, 2]], [[3, 4]]]),
    y: [4231],
    weights: { weight: Float32Array.of(1, 10, 100, 1000) },
  },
  // The vector 0 … 7 (C, H, W) fills 1 × 4 × 2 channel by channel.
  reshape: {
    line: ['reshape', { size: { height: 1, width: 4, channels: 2 } }],
    x: counting(2, 2, 2),
    y: [0, 1, 2, 3, 4, 5, 6, 7],
  },
  // H, W, C: the pixels (0, 4), (1, 5), (2, 6), (3, 7) become two of four channels each.
  'reshape like keras': {
    line: ['reshape', { size: { height: 1, width: 2, channels: 4 } }],
    like: 'keras',
    x: counting(2, 2, 2),
    y: [0, 2, 4, 6, 1, 3, 5, 7],
  },
  'pad mode edge': {
    line: ['pad', { amount: sides(1, 2, 0, 1), mode: 'edge' }],
    x: row(1, 2),
    y: [1, 1, 2, 2, 2, 1, 1, 2, 2, 2],
  },
  'crop amount': { line: ['crop', { amount: sides(1, 0, 0, 1) }], x: counting(2, 3, 1), y: [4, 5] },
  // 4 × 3 to 1 × 2: of three rows one goes above and two below; of one column none left and one right.
  'crop size': { line: ['crop', { size: { y: 1, x: 2 } }], x: counting(4, 3, 1), y: [3, 4] },
  'slice from a channel on': { line: ['slice', { start: 1 }], x: pixel(1, 2, 3), y: [2, 3] },
  'slice of some channels': { line: ['slice', { start: 0, count: 2 }], x: pixel(1, 2, 3), y: [1, 2] },
  'upsample nearest': { line: ['upsample', { factor: { y: 1, x: 3 } }], x: row(1, 2), y: [1, 1, 1, 2, 2, 2] },
  // Centres at −0.25, 0.25, 0.75, 1.25: 0, 1, 3, 4, the edges going on.
  'upsample bilinear': {
    line: ['upsample', { factor: { y: 1, x: 2 }, mode: 'bilinear' }],
    x: row(0, 4),
    y: [0, 1, 3, 4],
  },
  // Groups (1, 2, 3), (4, 5, 6) dealt out: Zhang et al. 2017.
  channelshuffle: { line: ['channelshuffle', { groups: 2 }], x: pixel(1, 2, 3, 4, 5, 6), y: [1, 4, 2, 5, 3, 6] },
  'avgpool without padding': {
    line: ['avgpool', { kernel: 2, stride: 2, pad: 1, countpad: false }],
    x: volume([
      [
        [1, 2],
        [3, 4],
      ],
    ]),
    y: [1, 2, 3, 4],
  },
  'avgpool with padding': {
    line: ['avgpool', { kernel: 2, stride: 2, pad: 1, countpad: true }],
    x: volume([
      [
        [4, 8],
        [12, 16],
      ],
    ]),
    y: [1, 2, 3, 4],
  },
  'maxpool of negative numbers in padding': {
    line: ['maxpool', { kernel: 2, stride: 2, pad: 1 }],
    x: volume([
      [
        [-4, -8],
        [-12, -16],
      ],
    ]),
    y: [-4, -8, -12, -16],
  },
  'maxpool with asymmetric padding': {
    line: ['maxpool', { kernel: [1, 2], stride: 1, pad: [0, 1, 0, 0] }],
    x: row(1, 3, 2),
    y: [3, 3, 2],
  },
  'maxpool with NaN': {
    line: ['maxpool', { kernel: [1, 2], stride: 1 }],
    x: row(1, Number.NaN, 2),
    y: [Number.NaN, Number.NaN],
  },
  'sobel of a ramp': {
    line: ['sobel', {}],
    // Rises by 1 a column: 8 in the middle, 4 at the borders, where the edge goes on; nothing downwards.
    x: volume([
      [
        [0, 1, 2],
        [0, 1, 2],
        [0, 1, 2],
      ],
    ]),
    y: [4, 8, 4, 4, 8, 4, 4, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  // A corner seen from the middle pixel: gx = 1 + 2·0 + … worked out: right (1·1 + 2·1 + 1·0) = 3, down 3.
  'sobel magnitude of one pixel': {
    line: ['sobel', { mode: 'magnitude' }],
    x: volume([
      [
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
    ]),
    y: [Math.SQRT2, 2, Math.SQRT2, 2, 0, 2, Math.SQRT2, 2, Math.SQRT2],
  },
  // σ = 1, size 3: weights in proportion to e^(−½), 1, e^(−½) along each axis.
  'gaussian of one pixel': {
    line: ['gaussian', { sigma: 1, size: 3 }],
    x: volume([
      [
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
    ]),
    y: [0.0751136, 0.1238414, 0.0751136, 0.1238414, 0.2041799, 0.1238414, 0.0751136, 0.1238414, 0.0751136],
  },
  'gaussian of a flat picture': {
    line: ['gaussian', { sigma: 2 }],
    x: volume([
      [
        [3, 3],
        [3, 3],
      ],
    ]),
    y: [3, 3, 3, 3],
  },
};

// Tails of functions with powers of e have two digits less in float32.
describe.each([
  ['reference', 1e-6],
  ['fast', 1e-5],
] as const)('values worked out by hand, %s', (backend, tolerance) => {
  test.each(Object.entries(cases))('%s', async (_, { line, x, y, like, weights }) => {
    const found = await runLayer(line, x, { backend, ...(like && { like }), ...(weights && { weights }) });
    expect(relativeError(toNCHW(found), y)).toBeLessThan(tolerance);
  });
});

describe('merges', () => {
  /** Merges two or three layers made from one input of two channels: itself, and slices of it. */
  const merged = async (kind: 'add' | 'multiply' | 'max' | 'concat'): Promise<readonly number[]> => {
    const lines: Line[] = [
      ['slice', { start: 0, count: 1 }, { name: 'a', from: ['input'] }],
      ['slice', { start: 1, count: 1 }, { name: 'b', from: ['input'] }],
      [kind, {}, { from: ['a', 'b', 'a'] }],
    ];
    const x = volume([[[1, 2]], [[-3, 5]]]);
    const runs = await run(check(lines, { input: [1, 2, 2] }), x);
    return [...toNCHW(runs[3]?.activation as Tensor)];
  };

  test.each([
    ['add', [-1, 9]],
    ['multiply', [-3, 20]],
    ['max', [1, 5]],
    ['concat', [1, 2, -3, 5, 1, 2]],
  ] as const)('%s', async (kind, expected) => {
    expect(await merged(kind)).toEqual(expected);
  });

  test.each([
    ['input', 'globalmaxpool1'],
    ['globalmaxpool1', 'input'],
  ])('multiply of %s and %s repeats the 1×1×C one', async (...from) => {
    const lines: Line[] = ['globalmaxpool', ['multiply', {}, { from }]];
    // Two pictures: each has its own maxima.
    const x = fromNCHW([1, 2, 3, 4, 5, 6, 7, 8], { height: 1, width: 2, channels: 2 }, 2);
    const runs = await run(check(lines, { input: [1, 2, 2] }), x);
    expect([...toNCHW(runs[2]?.activation as Tensor)]).toEqual([2, 4, 12, 16, 30, 36, 56, 64]);
  });
});

describe('the Gabor bank', () => {
  const wave = (angle: number): Tensor => {
    const tensor = createTensor({ height: 33, width: 33, channels: 1 });
    for (let i = 0; i < tensor.data.length; i++) {
      const x = i % 33;
      const y = Math.floor(i / 33);
      tensor.data[i] = Math.cos(((x - 16) * Math.cos(angle) + (y - 16) * Math.sin(angle)) * ((2 * Math.PI) / 6));
    }
    return tensor;
  };

  test.each([0, 1, 2, 3])('answers most, in the middle, to the wave of orientation %i', async (k) => {
    const { data } = await runLayer(
      ['gabor', { orientations: 4, wavelength: 6, sigma: 3.36 }],
      wave((k * Math.PI) / 4),
    );
    const middle = [...data.subarray((16 * 33 + 16) * 4, (16 * 33 + 16) * 4 + 4)];
    expect(middle.indexOf(Math.max(...middle))).toBe(k);
    expect(Math.max(...middle)).toBeGreaterThan(3 * Math.max(...middle.filter((_, i) => i !== k)));
  });

  test('says nothing about a flat picture', async () => {
    const flat = { ...createTensor({ height: 9, width: 9, channels: 3 }), data: new Float32Array(243).fill(0.7) };
    const { data } = await runLayer(['gabor', { orientations: 4, wavelength: 4, sigma: 2.24 }], flat);
    for (const value of data) expect(value).toBeCloseTo(0, 6);
  });
});

describe('hog', () => {
  /** A vertical edge in the middle of the picture: all gradients point right, at 0°. */
  const edge = (height: number, width: number): Tensor =>
    fromNCHW(
      Float32Array.from({ length: height * width }, (_, i) => (i % width < width / 2 ? 0 : 1)),
      { height, width, channels: 1 },
    );

  test('a vertical edge votes for the directions on both sides of 0°, alike', async () => {
    const { data, channels } = await runLayer(['hog', { cell: 8, orientations: 4, block: 1 }], edge(8, 8));
    expect(channels).toBe(4);
    // Bins are centred on 22.5° and 157.5°: half a vote each, (½, 0, 0, ½) → cut at 0.2 → again of length 1.
    expect([...data].map((value) => Number(value.toFixed(4)))).toEqual(
      [half, 0, 0, half].map((v) => Number(v.toFixed(4))),
    );
  });

  test('blocks overlap, one cell apart', async () => {
    const { height, width, channels } = await runLayer('hog', edge(32, 26));
    expect({ height, width, channels }).toEqual({ height: 3, width: 2, channels: 36 });
  });

  test('a flat picture has no directions', async () => {
    const { data } = await runLayer('hog', createTensor({ height: 16, width: 16, channels: 3 }));
    expect(data.every((value) => value === 0)).toBe(true);
  });
});

describe('laws', () => {
  const shape = { height: 6, width: 5, channels: 4 };
  const picture = fc
    .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 120, maxLength: 120 })
    .map((numbers) => fromNCHW(numbers, shape));
  const runs = { numRuns: 20 };

  test('a depthwise convolution is a convolution in as many groups as channels', async () => {
    const weights = { weight: Float32Array.from({ length: 72 }, (_, i) => Math.sin(i)), bias: new Float32Array(8) };
    await fc.assert(
      fc.asyncProperty(picture, async (x) => {
        const a = await runLayer(['depthwise', { kernel: 3, multiplier: 2 }], x, { weights });
        const b = await runLayer(['conv', { kernel: 3, filters: 8, groups: 4 }], x, { weights });
        expect(a).toEqual(b);
      }),
      runs,
    );
  });

  test('⟨conv(x), y⟩ = ⟨x, convtranspose(y)⟩: one is the transpose of the other', async () => {
    const weight = Float32Array.from({ length: 3 * 2 * 9 }, (_, i) => Math.sin(i));
    const shared = { kernel: 3, stride: 2, pad: [1, 0, 0, 1], groups: 2, bias: false };
    const dot = (a: Tensor, b: Tensor) => a.data.reduce((sum, value, i) => sum + value * (b.data[i] as number), 0);
    await fc.assert(
      fc.asyncProperty(picture, picture, async (x, other) => {
        const forward = await runLayer(['conv', { ...shared, filters: 6 }], x, {
          like: 'pytorch',
          weights: { weight: wide(weight) },
        });
        const y = { ...forward, data: other.data.slice(0, forward.data.length) };
        const back = await runLayer(['convtranspose', { ...shared, filters: 4, outputpad: [0, 1] }], y, {
          weights: { weight: wide(weight) },
        });
        expect(dot(forward, y)).toBeCloseTo(dot(x, back), 3);
      }),
      runs,
    );
  });

  /** Six filters of two channels of 3×3 from the numbers given, repeated. */
  const wide = (weight: Float32Array) =>
    Float32Array.from({ length: 108 }, (_, i) => weight[i % weight.length] as number);

  test('cropping undoes padding, and pixel shuffle and channel shuffle lose nothing', async () => {
    await fc.assert(
      fc.asyncProperty(picture, fc.constantFrom('zeros', 'reflect', 'edge'), async (x, mode) => {
        const padded = await runLayer(['pad', { amount: evenPadding(2, 1), mode }], x);
        expect(await runLayer(['crop', { amount: evenPadding(2, 1) }], padded)).toEqual(x);
        for (const line of [
          ['pixelshuffle', { factor: 2 }],
          ['channelshuffle', { groups: 2 }],
        ] as const) {
          const { data } = await runLayer(line, x);
          expect(data.toSorted()).toEqual(x.data.toSorted());
        }
      }),
      runs,
    );
  });
});

test('the files of reference ops export an op of every kind of layer, and nothing else', () => {
  expect(Object.keys(ops).sort()).toEqual([...layerKinds].sort());
});
