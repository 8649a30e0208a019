import { describe, expect, test } from 'vitest';
import { check, type Line, messages, type Options } from './build.js';

type Case = readonly [name: string, lines: readonly Line[], options: Options, expected: readonly string[]];

const conv = (attributes: Readonly<Record<string, unknown>>): Line => [
  'conv',
  { filters: 8, kernel: 3, ...attributes },
];
const on = (height: number, width: number, channels = 3): Options => ({ input: [height, width, channels] });

const cases: readonly Case[] = [
  [
    "the lecture's",
    [conv({ stride: 3 })],
    on(7, 7),
    ['does-not-fit: 3×3 filter does not fit 7×7 at stride 3: (7 − 3)/3 + 1 = 2.33'],
  ],
  [
    'a pool',
    [['maxpool', { kernel: 2 }]],
    on(5, 5),
    ['does-not-fit: 2×2 window does not fit 5×5 at stride 2: (5 − 2)/2 + 1 = 2.5'],
  ],
  [
    'padded',
    [conv({ kernel: 7, stride: 2, pad: 3 })],
    on(224, 224),
    ['does-not-fit: 7×7 filter does not fit 224×224 at stride 2: (224 + 2·3 − 7)/2 + 1 = 112.5'],
  ],
  [
    'padded unevenly',
    [conv({ kernel: 7, stride: 2, pad: [2, 2, 4, 4] })],
    on(224, 224),
    [
      'does-not-fit: 7×7 filter does not fit 224×224 at stride 2: height (224 + 2 + 4 − 7)/2 + 1 = 112.5, ' +
        'width (224 + 4 + 2 − 7)/2 + 1 = 112.5',
    ],
  ],
  [
    'dilated',
    [conv({ stride: 2, dilation: 2 })],
    on(8, 8),
    ['does-not-fit: 3×3 filter does not fit 8×8 at stride 2: (8 − 2·(3 − 1) − 1)/2 + 1 = 2.5'],
  ],
  [
    'one axis of an oblong',
    [conv({ stride: 2 })],
    on(7, 8),
    ['does-not-fit: 3×3 filter does not fit 7×8 at stride 2: width (8 − 3)/2 + 1 = 3.5'],
  ],
  [
    'an oblong kernel and stride',
    [conv({ kernel: [1, 7], stride: [1, 2] })],
    on(8, 8),
    ['does-not-fit: 1×7 filter does not fit 8×8 at stride (1, 2): width (8 − 7)/2 + 1 = 1.5'],
  ],
  [
    // (303 − 3)/299 + 1 = 2.0033…: two decimals would read as a whole number.
    'a fraction that two decimals hide',
    [conv({ stride: 299 })],
    on(303, 303),
    ['does-not-fit: 3×3 filter does not fit 303×303 at stride 299: (303 − 3)/299 + 1 = 2.003'],
  ],
  [
    'a kernel larger than its input',
    [conv({ kernel: 5 })],
    on(3, 3),
    ['kernel-exceeds-input: 5×5 filter is larger than its 3×3 input: (3 − 5)/1 + 1 = −1'],
  ],
  [
    'a kernel larger than its padded, oblong input',
    [conv({ kernel: 7, pad: 1 })],
    on(32, 3),
    ['kernel-exceeds-input: 7×7 filter is larger than its 32×3 input, padded to 5: (3 + 2·1 − 7)/1 + 1 = −1'],
  ],
  [
    'a dilated kernel larger than its input',
    [conv({ dilation: 4 })],
    on(7, 7),
    [
      'kernel-exceeds-input: 3×3 filter (dilated by 4 it spans 9 pixels) is larger than its 7×7 input: ' +
        '(7 − 4·(3 − 1) − 1)/1 + 1 = −1',
    ],
  ],
  [
    'groups and input channels',
    [conv({ groups: 2 })],
    on(7, 7),
    ['groups-do-not-divide: 2 groups do not divide 3 input channels: 3/2 = 1.5'],
  ],
  [
    'groups and filters',
    [conv({ groups: 3 })],
    on(7, 7),
    ['groups-do-not-divide: 3 groups do not divide 8 filters: 8/3 = 2.67'],
  ],
  [
    'a pool that sees only padding',
    [['maxpool', { kernel: 2, stride: 2, pad: 2 }]],
    on(8, 8),
    ['invalid-value: pad must be less than the 2×2 window: with 2 there are windows that see nothing but padding'],
  ],
  [
    'an absurd input',
    ['relu', conv({})],
    on(100_000, 100_000),
    [
      'too-large: 100000×100000×3 holds 30,000,000,000 numbers (111.8 GiB); ' +
        'more than 4,294,967,296 in one place cannot be computed with',
    ],
  ],
  [
    'an absurd fc',
    [['fc', { units: 1_000_000_000 }], 'relu'],
    on(32, 32),
    [
      'too-large: A weight of 1000000000×3072 holds 3,072,000,000,000 numbers (11.2 TiB); ' +
        'more than 4,294,967,296 in one place cannot be computed with',
    ],
  ],
  [
    'a number that cannot be counted',
    [],
    on(2 ** 31 - 1, 2 ** 31 - 1),
    [
      'too-large: 2147483647×2147483647×3 holds more than 2^53 numbers (49152 PiB); ' +
        'more than 4,294,967,296 in one place cannot be computed with',
    ],
  ],
  // Rounding by a framework's rules is no error, and says what it loses.
  ['rounding that loses nothing', [conv({ kernel: 7, stride: 2, pad: 3 })], { ...on(224, 224), like: 'pytorch' }, []],
  [
    'rounding that loses a row and a column',
    [conv({ stride: 2 })],
    { ...on(8, 8), like: 'pytorch' },
    [
      'unseen-pixels: 1 row and 1 column of the input at the bottom and right are never seen by the filter: ' +
        '(8 − 3)/2 + 1 = 3.5, rounded down',
    ],
  ],
  [
    'rounding that loses two columns',
    [['maxpool', { kernel: [1, 3], stride: 3 }]],
    { ...on(7, 8), like: 'pytorch' },
    [
      'unseen-pixels: 2 columns of the input at the right are never seen by the window: ' +
        'width (8 − 3)/3 + 1 = 2.67, rounded down',
    ],
  ],
  [
    // The pixel after the last window is as unseen as those between the windows: the stride says so.
    'a 1×1 shortcut with stride 2',
    [conv({ kernel: 1, stride: 2 })],
    { ...on(56, 56), like: 'pytorch' },
    [],
  ],
  [
    'caffe has no same',
    [conv({ pad: 'same' })],
    { like: 'caffe' },
    ['invalid-value: Caffe has no pad same; write pad 1, or pad fit'],
  ],
  [
    'pytorch has same at stride 1',
    [conv({ pad: 'same', stride: 2 })],
    { like: 'pytorch' },
    ['invalid-value: PyTorch has pad same only at stride 1; write pad 1, or pad fit'],
  ],
  [
    'lasagne has same for odd kernels',
    [conv({ pad: 'same', kernel: 2 })],
    { like: 'lasagne' },
    ['invalid-value: Lasagne has pad same only for odd kernels, not 2×2; write pad 0, or pad fit'],
  ],
];

describe('messages', () => {
  test.each(cases)('%s', (_, lines, options, expected) => {
    expect(messages(check(lines, options))).toEqual(expected);
  });
});

describe('one mistake, one message', () => {
  test('after does-not-fit the rounded-down size goes on', () => {
    const { problems, facts } = check([conv({ stride: 3 }), 'relu', ['fc', { units: 10 }]], on(7, 7));
    expect(problems.map(({ layer }) => layer)).toEqual([1]);
    // (2·2·8 + 1)·10 parameters.
    expect(facts[3]).toMatchObject({ inputs: [{ height: 2, width: 2, channels: 8 }], params: 330 });
  });

  test('after a size that cannot be known, dependants stay silent', () => {
    const { problems, facts, totals } = check([conv({ kernel: 9 }), conv({ stride: 3 }), 'relu'], on(7, 7));
    expect(problems.map(({ layer }) => layer)).toEqual([1]);
    expect(facts[3]).toMatchObject({ inputs: [null], output: null, params: null, field: null });
    expect(totals.params).toBeNull();
  });
});
