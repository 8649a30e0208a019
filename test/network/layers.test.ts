import { describe, expect, test } from 'vitest';
import { catalogue, layerKinds } from '../../src/network/catalogue.js';
import { printShape } from '../../src/network/shape.js';
import { evenPadding } from '../../src/network/values.js';
import { check, type Line, messages } from './build.js';

const outcome = (line: Line, input: readonly [number, number, number]) => {
  const checked = check([line], { input });
  const { output, params, macs } = checked.facts[1] ?? {};
  return { output: output && printShape(output), params, macs, problems: messages(checked) };
};

const pair = (y: number, x = y) => ({ y, x });

/** Sizes and counts by the formulas of the layers' papers, worked out by hand. */
const fitting: readonly (readonly [string, Line, readonly [number, number, number], string, number, number])[] = [
  // (3·3 + 1)·64, 3·3·64·28·28
  ['depthwise', ['depthwise', { kernel: 3, pad: 1 }], [28, 28, 32], '28x28x32', 320, 225792],
  ['depthwise twice', ['depthwise', { kernel: 3, pad: 1, multiplier: 2 }], [28, 28, 32], '28x28x64', 640, 451584],
  // (14 − 1)·2 + 2 = 28; 128·64·2·2 + 64; 14·14·128·64·2·2
  [
    'convtranspose',
    ['convtranspose', { filters: 64, kernel: 2, stride: 2 }],
    [14, 14, 128],
    '28x28x64',
    32832,
    6422528,
  ],
  // (7 − 1)·2 + 3 − 2·1 + 1 = 14
  [
    'convtranspose outputpad',
    ['convtranspose', { filters: 1, kernel: 3, stride: 2, pad: 1, outputpad: 1, bias: false }],
    [7, 7, 1],
    '14x14x1',
    9,
    441,
  ],
  [
    'convtranspose same',
    ['convtranspose', { filters: 1, kernel: 5, stride: 3, pad: 'same', bias: false }],
    [4, 4, 1],
    '12x12x1',
    25,
    400,
  ],
  [
    'convtranspose same, stride above the kernel',
    ['convtranspose', { filters: 1, kernel: 1, stride: 2, pad: 'same', bias: false }],
    [4, 4, 1],
    '8x8x1',
    1,
    16,
  ],
  ['adaptiveavgpool', ['adaptiveavgpool', { size: pair(7) }], [9, 20, 3], '7x7x3', 0, 0],
  ['prelu', 'prelu', [5, 5, 3], '5x5x3', 3, 0],
  ['prelu shared', ['prelu', { shared: true }], [5, 5, 3], '5x5x3', 1, 0],
  ['layernorm', 'layernorm', [5, 5, 3], '5x5x3', 6, 0],
  ['groupnorm', ['groupnorm', { groups: 2, affine: false }], [5, 5, 4], '5x5x4', 0, 0],
  ['instancenorm', 'instancenorm', [5, 5, 4], '5x5x4', 0, 0],
  ['reshape', ['reshape', { size: { height: 7, width: 7, channels: 64 } }], [1, 1, 3136], '7x7x64', 0, 0],
  ['pad', ['pad', { amount: evenPadding(1, 2) }], [5, 5, 3], '7x9x3', 0, 0],
  ['crop', ['crop', { size: pair(24, 20) }], [32, 32, 3], '24x20x3', 0, 0],
  ['slice', ['slice', { start: 16 }], [5, 5, 24], '5x5x8', 0, 0],
  ['upsample', ['upsample', { factor: pair(2, 3) }], [5, 5, 3], '10x15x3', 0, 0],
  ['pixelshuffle', ['pixelshuffle', { factor: 3 }], [5, 5, 18], '15x15x2', 0, 0],
  ['gaussian', 'gaussian', [5, 5, 3], '5x5x3', 0, 0],
  ['gabor', ['gabor', { orientations: 8 }], [9, 9, 3], '9x9x8', 0, 0],
  ['sobel', 'sobel', [9, 9, 3], '9x9x6', 0, 0],
  ['sobel magnitude', ['sobel', { mode: 'magnitude' }], [9, 9, 3], '9x9x3', 0, 0],
  // Dalal & Triggs' person detector: a 64×128 window has 7·15·36 = 3780 numbers.
  ['hog', 'hog', [128, 64, 3], '15x7x36', 0, 0],
];

test.each(fitting)('%s', (_, line, input, output, params, macs) => {
  expect(outcome(line, input)).toEqual({ output, params, macs, problems: [] });
});

describe('what cannot work says why', () => {
  test.each<[Line, readonly [number, number, number], string]>([
    [
      ['convtranspose', { filters: 1, kernel: 1, pad: 2 }],
      [4, 9, 1],
      'invalid-value: Nothing is left of the input: (4 − 1)·1 + 1 − 2·2 = 0',
    ],
    [
      ['convtranspose', { filters: 4, kernel: 2, stride: 2, outputpad: 2 }],
      [4, 4, 1],
      'invalid-value: outputpad must be less than the stride or the dilation, not 2: more would add rows that no kernel reaches',
    ],
    [
      ['convtranspose', { filters: 4, kernel: 2, groups: 3 }],
      [4, 4, 3],
      'groups-do-not-divide: 3 groups do not divide 4 filters: 4/3 = 1.33',
    ],
    [
      ['groupnorm', { groups: 4 }],
      [2, 2, 6],
      'groups-do-not-divide: 4 groups do not divide 6 input channels: 6/4 = 1.5',
    ],
    [
      ['channelshuffle', { groups: 4 }],
      [2, 2, 6],
      'groups-do-not-divide: 4 groups do not divide 6 input channels: 6/4 = 1.5',
    ],
    [['pixelshuffle', { factor: 2 }], [2, 2, 6], 'invalid-value: 2·2 does not divide 6 channels: 6/4 = 1.5'],
    [
      ['reshape', { size: { height: 2, width: 2, channels: 2 } }],
      [2, 2, 3],
      'invalid-value: 2×2×2 holds 8 numbers, the input 2×2×3 12: reshape keeps every number',
    ],
    [
      ['pad', { amount: evenPadding(1, 4), mode: 'reflect' }],
      [4, 4, 3],
      'invalid-value: 4 pixels cannot be reflected from 4: a reflection has at most 3',
    ],
    [
      ['crop', { amount: evenPadding(1, 2) }],
      [4, 4, 1],
      'invalid-value: Nothing is left of the input: width 4 − 2 − 2 = 0',
    ],
    [['crop', { size: pair(3, 5) }], [4, 4, 1], 'invalid-value: 3×5 cannot be cropped out of 4×4, which is smaller'],
    ['crop', [4, 4, 1], 'missing-value: crop takes either an amount (crop 2) or a size (crop 24x24)'],
    [
      ['crop', { amount: evenPadding(1, 1), size: pair(2) }],
      [4, 4, 1],
      'invalid-value: crop takes either an amount (crop 2) or a size (crop 24x24), not both',
    ],
    [
      ['slice', { start: 2, count: 3 }],
      [2, 2, 4],
      'invalid-value: Channels 2 to 4 are not all there: the input has 4, counted from 0',
    ],
    [
      ['slice', { start: 4 }],
      [2, 2, 4],
      'invalid-value: Channels 4 to 4 are not all there: the input has 4, counted from 0',
    ],
    [['gaussian', { size: 4 }], [9, 9, 1], 'invalid-value: size must be odd, so that the filter has a middle; not 4'],
    [
      ['gaussian', { sigma: 1000 }],
      [9, 9, 1],
      'invalid-value: The filter would be 6,001 pixels wide; at most 1,023 are computed with',
    ],
    ['hog', [15, 64, 3], 'invalid-value: A block of 2×2 cells of 8×8 pixels takes 16 pixels; the input is 15×64'],
  ])('%j of %j', (line, input, message) => {
    expect(outcome(line, input).problems).toEqual([message]);
  });
});

describe('merges', () => {
  const merge = (kind: 'add' | 'multiply' | 'max' | 'concat', first: Line, second: Line) =>
    check([first, second, [kind, {}, { from: ['a', 'b'] }]], { input: [8, 8, 4] });
  const sized = (name: string, kind: 'slice' | 'crop' | 'globalavgpool', attributes = {}): Line => [
    kind,
    attributes,
    { name, from: ['input'] },
  ];
  const narrow = sized('a', 'slice', { start: 0, count: 2 });
  const all = sized('b', 'slice', { start: 0 });
  const small = sized('b', 'crop', { size: pair(6, 8) });

  test.each([
    ['add', narrow, all, 'add needs inputs of equal channels: a is 8×8×2, b 8×8×4'],
    ['max', narrow, small, 'max needs inputs of equal height and channels: a is 8×8×2, b 6×8×4'],
    ['concat', narrow, small, 'concat needs inputs of equal height: a is 8×8×2, b 6×8×4'],
    ['multiply', narrow, sized('b', 'globalavgpool'), 'multiply needs inputs of equal channels: a is 8×8×2, b 1×1×4'],
    [
      'multiply',
      sized('a', 'globalavgpool'),
      sized('b', 'slice', { start: 1 }),
      'multiply needs inputs of equal channels: b is 8×8×3, a 1×1×4',
    ],
  ] as const)('%s of different sizes', (kind, first, second, message) => {
    const { problems } = merge(kind, first, second);
    expect(problems.map(({ problem: { code, message: text } }) => `${code}: ${text}`)).toEqual([
      `shapes-differ: ${message}`,
    ]);
    // Both inputs are named, so that the editor can show their lines.
    expect(problems[0]?.problem.inputs?.toSorted()).toEqual([0, 1]);
  });

  test.each([
    ['concat', narrow, all, '8x8x6'],
    ['multiply', sized('a', 'globalavgpool'), all, '8x8x4'],
    ['add', sized('a', 'slice', { start: 0 }), all, '8x8x4'],
  ] as const)('%s of sizes that agree', (kind, first, second, output) => {
    const { facts, problems } = merge(kind, first, second);
    expect(problems).toEqual([]);
    expect(printShape(facts[3]?.output ?? { height: 0, width: 0, channels: 0 })).toBe(output);
  });
});

test('numbers beyond reason are refused at once, not computed', () => {
  const huge = 2 ** 31 - 1;
  const started = performance.now();
  for (const line of [
    ['convtranspose', { filters: 1, kernel: huge, stride: huge, dilation: huge }],
    ['convtranspose', { filters: huge, kernel: 2, stride: huge - 1, groups: huge }],
    ['adaptiveavgpool', { size: pair(huge, 7) }],
    ['upsample', { factor: pair(huge) }],
    ['depthwise', { kernel: huge, multiplier: huge }],
    ['hog', { cell: 1, orientations: huge, block: 1 }],
    ['gabor', { wavelength: 1e300 }],
  ] as const)
    expect(outcome(line, [huge, 8, 4]).problems).not.toEqual([]);
  expect(performance.now() - started).toBeLessThan(500);
});

test.each(layerKinds)('the record of %s has whole sentences, and an example that begins with it', (kind) => {
  const { summary, doc, example, title } = catalogue[kind];
  for (const text of [summary, doc]) expect(text).toMatch(/[.)]$/);
  expect(title).toMatch(/^[A-Z]/);
  expect(example.split(' ')[0]).toBe(kind);
});
