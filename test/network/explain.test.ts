import { describe, expect, test } from 'vitest';
import { axisArithmetic, decimals, formatBytes, formatMacs, grouped, scaled } from '../../src/network/arithmetic.js';
import { explainLayer } from '../../src/network/explain.js';
import { check, type Line, type Options } from './build.js';

const explain = (line: Line, options?: Options) => {
  const { network, facts } = check([line], options);
  return explainLayer(network, facts, 1);
};

describe('a layer explained', () => {
  test('lecture 13: six 5×5 filters', () => {
    expect(explain(['conv', { filters: 6, kernel: 5 }])).toEqual({
      output: ['(32 − 5)/1 + 1 = 28'],
      params: '5·5·3 + 1 = 76, × 6 filters = 456',
      buffers: null,
      macs: '5·5·3 = 75, × 28·28 places × 6 filters = 352,800',
      memory: '28·28·6·4 bytes = 18.4 KiB',
      receptiveField: [
        'each unit sees 5×5 pixels of the image',
        'neighbouring units look 1 pixel apart',
        "the first unit's view starts at 0 and is centred on 2",
      ],
    });
  });

  test.each<readonly [string, Line, Options, readonly string[]]>([
    [
      'rounded down',
      ['conv', { filters: 64, kernel: 7, stride: 2, pad: 3 }],
      { input: [224, 224, 3], like: 'pytorch' },
      ['(224 + 2·3 − 7)/2 + 1 = 112.5, rounded down to 112'],
    ],
    [
      'rounded up',
      ['maxpool', { kernel: 3, stride: 2 }],
      { input: [112, 112, 64], like: 'caffe' },
      ['(112 − 3)/2 + 1 = 55.5, rounded up to 56'],
    ],
    [
      'an oblong',
      ['conv', { filters: 8, kernel: [1, 7] }],
      { input: [16, 16, 3] },
      ['height (16 − 1)/1 + 1 = 16', 'width (16 − 7)/1 + 1 = 10'],
    ],
    ['an activation function', 'relu', {}, ['32×32×3, the size of its input']],
    ['a global pool', 'globalavgpool', {}, ['1×1×3']],
    ['fc', ['fc', { units: 10 }], {}, ['32·32·3 = 3,072 inputs → 10 outputs']],
  ])('%s', (_, line, options, output) => {
    expect(explain(line, options)?.output).toEqual(output);
  });

  test('batchnorm tells its running statistics apart', () => {
    expect(explain('batchnorm')).toMatchObject({
      params: 'scale and shift: 2 × 3 channels = 6',
      buffers: '6 running statistics, which are not learned',
      macs: 'none counted',
    });
  });

  test('a view that starts in the padding, strides that differ', () => {
    // 1×3 at stride (1, 2), pad (0, 1): the row is its own, columns −1 … 1.
    expect(
      explain(['conv', { filters: 1, kernel: [1, 3], stride: [1, 2], pad: [0, 1] }], { input: [9, 9, 1] }),
    ).toMatchObject({
      receptiveField: [
        'each unit sees 1×3 pixels of the image',
        'neighbouring units look 1 pixel apart vertically and 2 pixels horizontally',
        "the first unit's view starts at (0, −1), in the padding, and is centred on 0",
      ],
    });
  });

  test('what an error leaves unknown is not explained', () => {
    expect(explain(['conv', { filters: 1, kernel: 99 }])).toBeNull();
  });
});

describe('numbers for people', () => {
  test.each([
    [0, '0'],
    [760, '760'],
    [62_006, '62.01 k'],
    [138_357_544, '138.36 M'],
    [999_999, '1 M'],
  ])('%d is %s', (value, text) => {
    expect(scaled(value)).toBe(text);
  });

  test.each([
    [75, '75 MACs'],
    [15_470_264_320, '15.47 GMACs'],
  ])('%d is %s', (value, text) => {
    expect(formatMacs(value)).toBe(text);
  });

  test.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [18_816, '18.4 KiB'],
    [2 ** 20 - 1, '1 MiB'],
  ])('%d is %s', (value, text) => {
    expect(formatBytes(value)).toBe(text);
  });

  test.each([
    [28, '28'],
    [7 / 3, '2.33'],
    [5.5, '5.5'],
    [5 + 1 / 300, '5.003'],
    [-1.5, '−1.5'],
  ])('%d is %s', (value, text) => {
    expect(decimals(value)).toBe(text);
  });

  test('thousands', () => {
    expect(grouped(138_357_544)).toBe('138,357,544');
  });

  test('uneven padding', () => {
    const axis = {
      input: 224,
      kernel: 7,
      stride: 2,
      dilation: 1,
      before: 2,
      after: 3,
      exact: 112,
      output: 112,
      unseen: 0,
    };
    expect(axisArithmetic(axis)).toBe('(224 + 2 + 3 − 7)/2 + 1 = 112');
  });
});
