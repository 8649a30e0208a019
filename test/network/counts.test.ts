import { describe, expect, test } from 'vitest';
import { check, type Line, type Options } from './build.js';
import { alexnet, conv, lenet, vgg16 } from './published.js';

type Case = readonly [string, Line[], Options, { readonly params: number; readonly macs: number }];

test.each<Case>([
  [
    // Params: 6·76 + 16·151 + 120·401 + 84·121 + 10·85; MACs: 28²·6·75 + 10²·16·150 + 400·120 + 120·84 + 84·10.
    'LeNet on 32×32×3: by hand',
    lenet,
    {},
    { params: 456 + 2416 + 48_120 + 10_164 + 850, macs: 352_800 + 240_000 + 48_000 + 10_080 + 840 },
  ],
  // published-counts.csv, caffenet; MACs by hand per layer.
  [
    'AlexNet with its two groups: published',
    alexnet,
    { input: [227, 227, 3] },
    {
      params: 60_965_224,
      macs: 105_415_200 + 223_948_800 + 149_520_384 + 112_140_288 + 74_760_192 + 37_748_736 + 16_777_216 + 4_096_000,
    },
  ],
  ['VGG-16: published', vgg16, { input: [224, 224, 3] }, { params: 138_357_544, macs: 15_470_264_320 }],
])('%s', (_, lines, options, expected) => {
  const { problems, totals } = check(lines, options);
  expect(problems).toEqual([]);
  expect(totals).toMatchObject(expected);
});

test('lecture 20: ten 5×5 filters at pad 2', () => {
  const { facts } = check([conv(10, 5, { pad: 2 })]);
  // (5·5·3 + 1)·10 parameters; 32·32·10 numbers, each a 75-dimensional dot product.
  expect(facts[1]).toMatchObject({
    output: { height: 32, width: 32, channels: 10 },
    params: 760,
    macs: 32 * 32 * 10 * 75,
  });
});

test('lecture 22: 1×1 filters', () => {
  const { facts } = check([conv(32, 1)], { input: [56, 56, 64] });
  expect(facts[1]).toMatchObject({ output: { height: 56, width: 56, channels: 32 }, macs: 56 * 56 * 32 * 64 });
});

test('batchnorm: 2C parameters, 2C running values', () => {
  const { totals } = check(['batchnorm']);
  expect(totals).toMatchObject({ params: 6, buffers: 6 });
});

test('activation memory: every volume, four bytes a number', () => {
  const { totals } = check([conv(6, 5), 'relu']);
  expect(totals.activationBytes).toBe(4 * (32 * 32 * 3 + 2 * 28 * 28 * 6));
});

describe('receptive fields, by hand', () => {
  const field = (lines: readonly Line[], options?: Options) => check(lines, options).facts.at(-1)?.field?.y;
  test.each<readonly [string, readonly Line[], object]>([
    ['the image itself', [], { size: 1, stride: 1, start: 0 }],
    ['5×5', [conv(1, 5)], { size: 5, stride: 1, start: 0 }],
    ['two 3×3, padded', [conv(1, 3, { pad: 1 }), conv(1, 3, { pad: 1 })], { size: 5, stride: 1, start: -2 }],
    // LeNet: 5, then 6 at stride 2, 6 + 4·2 = 14, then 14 + 2 = 16 at stride 4.
    ['LeNet before its head', lenet.slice(0, 6), { size: 16, stride: 4, start: 0 }],
    ['dilated by 2', [conv(1, 3, { dilation: 2, pad: 2 })], { size: 5, stride: 1, start: -2 }],
    ['fc sees everything', lenet, { size: 32, stride: 4, start: 0 }],
  ])('%s', (_, lines, expected) => {
    expect(field(lines)).toMatchObject(expected);
  });
});
