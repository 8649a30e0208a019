import { describe, expect, test } from 'vitest';
import { checkNetwork } from '../../src/network/check.js';
import { codes } from '../../src/network/diagnostics.js';
import { misalignment } from '../../src/network/field.js';
import { type Budgets, hintsOf } from '../../src/network/hints.js';
import { applyFix, build, check, type Line, type Options } from './build.js';
import { alexnet, conv, lenet, vgg16 } from './published.js';

const fc = (units: number): Line => ['fc', { units }];
const pool: Line = ['maxpool', { kernel: 2 }];

const hints = (lines: readonly Line[], options?: Options, budgets?: Budgets): string[] => {
  const checked = check(lines, options);
  return hintsOf(checked, budgets).map(
    ({ layer, problem }) => `${checked.network.layers[layer]?.name}: ${problem.code}: ${problem.message}`,
  );
};

/** The lesson of each case, or none; other lessons that the same lines would teach are left out. */
const only = (code: string, found: readonly string[]) => found.filter((text) => text.includes(`: ${code}: `));

type Case = readonly [name: string, lines: readonly Line[], expected: readonly string[]];

const collapse = (first: string, second: string) =>
  `${second}: linear-layers: ${first} and ${second} are both linear with no activation function between: ` +
  'together they can do no more than one linear layer';

describe('linear-layers', () => {
  test.each<Case>([
    ['lecture 3: two fc', [fc(100), fc(10)], [collapse('fc1', 'fc2')]],
    ['two convolutions', [conv(6, 5), conv(10, 5)], [collapse('conv1', 'conv2')]],
    ['dropout and batchnorm between', [conv(6, 5), 'batchnorm', 'dropout', conv(10, 5)], [collapse('conv1', 'conv2')]],
    ['a convolution, flattened', [conv(6, 5), 'flatten', fc(10)], [collapse('conv1', 'fc1')]],
    ['three in a row', [fc(100), fc(100), fc(100)], [collapse('fc1', 'fc2'), collapse('fc2', 'fc3')]],
    ['an activation function between', [conv(6, 5), 'relu', conv(10, 5)], []],
    ['a pool between', [conv(6, 5), pool, conv(10, 5)], []],
    ['a linear bottleneck', [conv(64, 1), 'relu', conv(16, 1), 'batchnorm', conv(96, 1)], []],
    ['a narrow fc between wide ones', [fc(64), 'relu', fc(8), fc(64)], []],
    ['depthwise, then pointwise', [conv(3, 3, { groups: 3 }), conv(16, 1)], []],
    ['1×7, then 7×1', [conv(16, [1, 7]), conv(16, [7, 1])], []],
    ['the first is read elsewhere, too', [conv(6, 5), conv(6, 5, { pad: 2 }), ['relu', {}, { from: ['conv1'] }]], []],
  ])('%s', (_, lines, expected) => {
    expect(only('linear-layers', hints(lines))).toEqual(expected);
  });
});

describe('shrinking', () => {
  test.each<Case>([
    [
      'lecture 18: 32 → 28 → 24',
      [conv(6, 5), 'relu', conv(10, 5), 'relu'],
      [
        'conv1: shrinking: Every convolution shrinks its input: 32×32 → 28×28 → 24×24; ' +
          'pad 2 would keep 32×32: (5 − 1)/2 = 2',
      ],
    ],
    [
      'dilated',
      [conv(6, 3, { dilation: 2 }), 'relu', conv(6, 3)],
      [
        'conv1: shrinking: Every convolution shrinks its input: 32×32 → 28×28 → 26×26; ' +
          'pad 2 would keep 32×32: 2·(3 − 1)/2 = 2',
      ],
    ],
    [
      'an even kernel',
      [conv(6, 4), 'relu', conv(6, 4)],
      [
        'conv1: shrinking: Every convolution shrinks its input: 32×32 → 29×29 → 26×26; ' +
          'pad (1, 2, 2, 1) would keep 32×32: (4 − 1)/2 = 1.5',
      ],
    ],
    ['LeNet pools between', lenet, []],
    ['one that keeps its size', [conv(6, 5), 'relu', conv(6, 5, { pad: 2 }), 'relu', conv(6, 5)], []],
    ['a single one', [conv(6, 5), 'relu'], []],
    ['1×1 filters', [conv(6, 1), 'relu', conv(6, 1)], []],
    ['strides are meant to shrink', [conv(6, 5), 'relu', conv(6, 4, { stride: 2 })], []],
  ])('%s', (_, lines, expected) => {
    expect(only('shrinking', hints(lines))).toEqual(expected);
  });
});

describe('bias-before-batchnorm', () => {
  test.each<Case>([
    [
      'a convolution',
      [conv(6, 5), 'batchnorm'],
      [
        "conv1: bias-before-batchnorm: batchnorm1 subtracts each channel's mean, and the bias with it: 6 parameters without effect",
      ],
    ],
    ['without a bias', [conv(6, 5, { bias: false }), 'batchnorm'], []],
    ['an activation function between', [conv(6, 5), 'relu', 'batchnorm'], []],
    ['another layer reads the biased values', [conv(6, 5), 'batchnorm', ['relu', {}, { from: ['conv1'] }]], []],
    ['batchnorm after batchnorm has no bias to switch off', ['batchnorm', 'batchnorm'], []],
  ])('%s', (_, lines, expected) => {
    expect(only('bias-before-batchnorm', hints(lines))).toEqual(expected);
  });
});

describe('unused-layer', () => {
  test.each<Case>([
    [
      'a branch that nothing reads',
      [conv(6, 5), 'relu', ['tanh', {}, { from: ['conv1'] }]],
      ['relu1: unused-layer: Nothing uses relu1: take it away, or name it and let a later layer read it with from'],
    ],
    ['the last layer', [conv(6, 5), 'relu'], []],
    // The name that is not found may have meant relu1.
    ['a name that could not be resolved', [conv(6, 5), 'relu', ['tanh', {}, { from: ['typo'] }]], []],
  ])('%s', (_, lines, expected) => {
    expect(only('unused-layer', hints(lines))).toEqual(expected);
  });
});

describe('channels-first', () => {
  const told = (input: string) =>
    only('channels-first', hints(['relu'], { input: input.split('x').map(Number) as [number, number, number] }));
  test('three rows of as many channels as a picture is wide are none', () => {
    expect(told('3x224x224')).toEqual([
      'input: channels-first: 3×224×224 is 3 pixels high with 224 channels; sizes are height × width × channels: input 224x224x3',
    ]);
    expect(told('3x480x640')).toHaveLength(1);
  });
  test.each(['224x224x3', '1x128x64', '3x3x512', '3x64x8'])('%s may be meant', (input) =>
    expect(told(input)).toEqual([]),
  );
});

describe('softmax-not-last', () => {
  const message = (user: string) =>
    `softmax1: softmax-not-last: softmax1 makes probabilities, the end of a classifier, but ${user} goes on with them; ` +
    'inside a network use relu or tanh';
  test.each<Case>([
    ['fc after softmax', [fc(10), 'softmax', fc(10)], [message('fc2')]],
    ['softmax twice', [fc(10), 'softmax', 'softmax'], [message('softmax2')]],
    ['at the end', [fc(10), 'softmax'], []],
    ['flattened afterwards', [conv(10, 1), 'softmax', 'flatten'], []],
  ])('%s', (_, lines, expected) => {
    expect(only('softmax-not-last', hints(lines))).toEqual(expected);
  });
});

const padded: readonly Line[] = [conv(6, 3, { pad: 1 }), 'relu'];

describe('small-receptive-field', () => {
  test.each<Case>([
    [
      // 1 + 4·2 = 9.
      'four 3×3',
      [...padded, ...padded, ...padded, ...padded],
      ['relu4: small-receptive-field: Each unit of relu4, the last layer, sees 9×9 pixels of the 32×32 image'],
    ],
    ['fc sees everything', [...padded, ...padded, ...padded, ...padded, fc(10)], []],
    ['what enlarges again answers for each pixel', [...padded, ...padded, ...padded, ...padded, 'upsample'], []],
    ['a global pool sees everything', [...padded, ...padded, ...padded, ...padded, 'globalavgpool'], []],
    ['an illustration of one or two layers', [...padded, ...padded], []],
    ['the image alone', [], []],
  ])('%s', (_, lines, expected) => {
    expect(only('small-receptive-field', hints(lines))).toEqual(expected);
  });
});

/** A layer that reads two paths; the fields of its inputs are all that the check looks at. */
const meet = (...from: string[]): Line => ['relu', {}, { name: 'merge', from }];
const path = (name: string, line: readonly [string, object], from = 'input'): Line =>
  [...line, { name, from: [from] }] as unknown as Line;

describe('misaligned-paths', () => {
  test.each<Case>([
    [
      // 32 → 16 by stride 2, or by 17×17 at stride 1.
      'strides',
      [
        path('a', ['conv', { filters: 6, kernel: 2, stride: 2 }]),
        path('b', ['conv', { filters: 6, kernel: 17 }]),
        meet('a', 'b'),
      ],
      [
        'merge: misaligned-paths: The merged paths step through the image at different strides along its height: ' +
          '2 (a) and 1 (b) pixels between units',
      ],
    ],
    [
      // 3×3 centres on 1 − 2 = −1 when all of its padding comes first, on 0 when half of it does.
      'centres',
      [
        path('a', ['conv', { filters: 6, kernel: 3, pad: 1 }]),
        path('b', ['conv', { filters: 6, kernel: 3, pad: [1, 0, 1, 2] }]),
        meet('a', 'b'),
      ],
      [
        "merge: misaligned-paths: The merged paths look at different places along the image's width: " +
          'their first units centre on pixels 0 (a) and −1 (b)',
      ],
    ],
    [
      'a residual block with a projection',
      [
        path('a', ['conv', { filters: 6, kernel: 3, stride: 2, pad: [1, 0, 0, 1] }]),
        path('b', ['conv', { filters: 6, kernel: 2, stride: 2 }]),
        meet('a', 'b'),
      ],
      [],
    ],
    [
      'half a step apart (an even kernel beside an odd one)',
      [
        path('a', ['conv', { filters: 6, kernel: 2, pad: [0, 1, 1, 0] }]),
        path('b', ['conv', { filters: 6, kernel: 3, pad: 1 }]),
        meet('a', 'b'),
      ],
      [],
    ],
    [
      'a gate of one number a channel',
      [...padded, path('gate', ['globalavgpool', {}], 'relu1'), meet('relu1', 'gate')],
      [],
    ],
    [
      'squeeze and excitation, then the shortcut: the gate sees everything, but turns no unit elsewhere',
      [
        ...padded,
        path('gate', ['globalavgpool', {}], 'relu1'),
        ['multiply', {}, { name: 'gated', from: ['relu1', 'gate'] }],
        meet('gated', 'input'),
      ],
      [],
    ],
  ])('%s', (_, lines, expected) => {
    expect(only('misaligned-paths', hints(lines))).toEqual(expected);
  });

  test('upsampled units share the places of the coarser ones they came from', () => {
    // A U-Net of depth 4: unit 0 of the way up sees pixels 0–15, centred on 7.5; of the way down, pixel 0.
    const up = { size: 16, stride: 1, start: 0, centre: 7.5, coarsest: 16 };
    const down = { size: 1, stride: 1, start: 0, centre: 0, coarsest: 1 };
    expect(misalignment(up, down)).toBeUndefined();
    expect(misalignment({ ...up, centre: 15.5 }, down)).toBe('centres');
  });
});

describe('budgets', () => {
  // conv: 456 parameters and 28·28·6 = 4,704 numbers out, 352,800 MACs; the input holds 3,072 numbers.
  const lines: readonly Line[] = [conv(6, 5)];
  const bytes = 4 * (456 + 4704 + 3072);
  test.each<readonly [string, Budgets, readonly string[]]>([
    ['none', {}, []],
    ['kept', { memoryBytes: bytes, macs: 352_800 }, []],
    [
      'memory',
      { memoryBytes: bytes - 1 },
      [
        'conv1: memory-budget: The network needs 32.2 KiB for parameters and activations, more than the budget of ' +
          '32.2 KiB; conv1 alone needs 20.2 KiB',
      ],
    ],
    [
      'MACs',
      { macs: 100_000 },
      [
        'conv1: macs-budget: The network needs 352.8 kMACs, more than the budget of 100 kMACs; conv1 alone needs 352.8 kMACs',
      ],
    ],
  ])('%s', (_, budgets, expected) => {
    expect(hints(lines, {}, budgets).filter((text) => text.includes('budget'))).toEqual(expected);
  });
});

test.each<readonly [string, readonly Line[]]>([
  ['shrinking', [conv(6, 5), 'relu', conv(10, 5)]],
  ['bias-before-batchnorm', [conv(6, 5), 'batchnorm']],
])('the fix of %s removes it and adds no error', (code, lines) => {
  const network = build(lines);
  const found = hintsOf(checkNetwork(network)).find(({ problem }) => problem.code === code);
  const fixes = found?.problem.fixes?.() ?? [];
  expect(fixes).toHaveLength(1);
  for (const fix of fixes) {
    const after = checkNetwork(applyFix(network, found?.layer ?? 0, fix.edits));
    expect(after.problems).toEqual([]);
    expect(hintsOf(after).map(({ problem }) => problem.code)).not.toContain(code);
  }
});

describe('published networks stay free of warnings', () => {
  const warnings = (lines: readonly Line[], options: Options) =>
    hintsOf(check(lines, options)).filter(({ problem }) => codes[problem.code].severity === 'warning');

  test.each<readonly [string, readonly Line[], Options]>([
    ['LeNet', lenet, {}],
    ['AlexNet', alexnet, { input: [227, 227, 3] }],
    ['VGG-16', vgg16, { input: [224, 224, 3] }],
    [
      'VGG, batch-normalised with its biases',
      [conv(64, 3, { pad: 1 }), 'batchnorm', 'relu', conv(64, 3, { pad: 1 }), 'batchnorm', 'relu', pool, fc(10)],
      {},
    ],
    [
      // Expand, depthwise, project without an activation; then the next block expands.
      'MobileNet v2',
      [
        ...[conv(32, 3, { stride: 2, pad: 1 }), 'batchnorm' as const, 'relu' as const],
        ...[conv(32, 3, { pad: 1, groups: 32 }), 'batchnorm' as const, 'relu' as const],
        ...[conv(16, 1), 'batchnorm' as const],
        ...[conv(96, 1), 'batchnorm' as const, 'relu' as const],
        ...[conv(96, 3, { stride: 2, pad: 1, groups: 96 }), 'batchnorm' as const, 'relu' as const],
        ...[conv(24, 1), 'batchnorm' as const, conv(144, 1), 'relu' as const],
        ...['globalavgpool' as const, fc(10)],
      ],
      { input: [224, 224, 3], like: 'pytorch' },
    ],
  ])('%s', (_, lines, options) => {
    expect(warnings(lines, options)).toEqual([]);
  });
});
