import { describe, expect, test } from 'vitest';
import { type Fit, type Framework, rulesOf } from '../../src/network/frameworks.js';
import { evenPadding, type Padding } from '../../src/network/values.js';
import { borderOf, evenOutput, hangsOver, slideAxis, type WindowAxis } from '../../src/network/window.js';

interface Setting {
  readonly stride?: number;
  readonly pad?: number | 'same' | 'fit' | 'valid' | readonly [before: number, after: number];
  readonly dilation?: number;
  readonly fit?: Fit;
  readonly like?: Framework;
}

function slide(
  input: number,
  kernel: number,
  { stride = 1, pad = 0, dilation = 1, fit = 'strict', like }: Setting = {},
) {
  const square = (n: number) => ({ y: n, x: n });
  const padding = (): Padding => {
    if (typeof pad === 'string') return { mode: pad };
    if (typeof pad === 'number') return evenPadding(pad, pad);
    return { mode: 'explicit', top: pad[0], left: pad[0], bottom: pad[1], right: pad[1] };
  };
  const attributes = {
    kernel: square(kernel),
    stride: square(stride),
    dilation: square(dilation),
    pad: padding(),
    fit,
  };
  return slideAxis(input, 'y', attributes, rulesOf(like));
}

type Case = readonly [name: string, input: number, kernel: number, setting: Setting, expected: Partial<WindowAxis>];

/** Expected values: the lecture's own, or (N + 2P − D(F − 1) − 1)/S + 1 by hand. */
const lecture: readonly Case[] = [
  ['13: 32 with 5×5', 32, 5, {}, { output: 28 }],
  ['14: 28 with 5×5', 28, 5, {}, { output: 24 }],
  ['16: 7 with 3×3, stride 1', 7, 3, {}, { output: 5, exact: 5 }],
  ['16: 7 with 3×3, stride 2', 7, 3, { stride: 2 }, { output: 3, exact: 3 }],
  ['16: 7 with 3×3, stride 3', 7, 3, { stride: 3 }, { exact: 4 / 3 + 1 }],
  ['17: 7 with 3×3, pad 1', 7, 3, { pad: 1 }, { output: 7 }],
  ['17: 7 with 5×5, pad 2', 7, 5, { pad: 2 }, { output: 7 }],
  ['17: 7 with 7×7, pad 3', 7, 7, { pad: 3 }, { output: 7 }],
  ['19: i = 4, k = 3', 4, 3, {}, { output: 2 }],
  ['19: i = 5, k = 3, s = 2, p = 1', 5, 3, { stride: 2, pad: 1 }, { output: 3 }],
  ['20: 32 with 5×5, pad 2', 32, 5, { pad: 2 }, { output: 32 }],
  ['21: F 3 S 1 P 1', 32, 3, { pad: 1 }, { output: 32 }],
  ['21: F 5 S 1 P 2', 32, 5, { pad: 2 }, { output: 32 }],
  // 32 − 5 = 27 is odd: one zero more, at the end, makes (32 + 1 − 5)/2 + 1 = 15.
  ['21: F 5 S 2 P whatever fits', 32, 5, { stride: 2, pad: 'fit' }, { before: 0, after: 1, output: 15 }],
  ['21: F 1 S 1 P 0', 32, 1, {}, { output: 32 }],
  ['22: 56 with 1×1', 56, 1, {}, { output: 56 }],
];

const paddings: readonly Case[] = [
  // style.md: TensorFlow pads 7×7 stride 2 at 224 by 2 and 3, not 3 and 3.
  ['same, 224 with 7×7 stride 2', 224, 7, { stride: 2, pad: 'same' }, { before: 2, after: 3, output: 112, exact: 112 }],
  ['same, 225 with 7×7 stride 2: ⌈225/2⌉', 225, 7, { stride: 2, pad: 'same' }, { before: 3, after: 3, output: 113 }],
  ['same, even kernel', 8, 2, { pad: 'same' }, { before: 0, after: 1, output: 8 }],
  ['same, dilated', 8, 3, { pad: 'same', dilation: 2 }, { before: 2, after: 2, output: 8 }],
  ['same, stride beyond the kernel pads nothing', 8, 1, { pad: 'same', stride: 3 }, { before: 0, after: 0, output: 3 }],
  [
    "lasagne's same is half the kernel",
    32,
    5,
    { pad: 'same', stride: 2, like: 'lasagne' },
    { before: 2, after: 2, output: 16 },
  ],
  ['2 and 3 written out', 224, 7, { stride: 2, pad: [2, 3] }, { output: 112, exact: 112 }],
  ['3 and 3 do not fit', 224, 7, { stride: 2, pad: 3 }, { exact: 112.5 }],
  ['fit, nothing needed', 7, 3, { stride: 2, pad: 'fit' }, { before: 0, after: 0, output: 3 }],
  // 7 − 3 = 4, the next multiple of 3 is 6.
  ['fit, two needed', 7, 3, { stride: 3, pad: 'fit' }, { before: 1, after: 1, output: 3 }],
  ['fit, kernel larger than its input', 2, 5, { pad: 'fit' }, { before: 1, after: 2, output: 1 }],
  ['valid', 7, 3, { pad: 'valid' }, { before: 0, after: 0, output: 5 }],
  ['dilated: spans 5', 7, 3, { dilation: 2 }, { output: 3 }],
];

const rounding: readonly Case[] = [
  ["ResNet's first convolution", 224, 7, { stride: 2, pad: 3, fit: 'floor' }, { output: 112, unseen: 0 }],
  // The last of 55 windows ends at pixel 54·4 + 11 − 2 = 225: all 224 are seen.
  ["torchvision's AlexNet", 224, 11, { stride: 4, pad: 2, fit: 'floor' }, { exact: 55.25, output: 55, unseen: 0 }],
  ['floor leaves the last pixel', 8, 3, { stride: 2, fit: 'floor' }, { output: 3, unseen: 1 }],
  ['floor leaves two pixels', 7, 2, { stride: 3, fit: 'floor' }, { output: 2, unseen: 2 }],
  ['ceil hangs over the end', 8, 3, { stride: 2, fit: 'ceil' }, { output: 4, unseen: 0 }],
  ['ceil, kernel larger than its input', 2, 3, { stride: 2, fit: 'ceil' }, { output: 1 }],
  // The third window would start at 6 = 5 + 1, in the padding: both drop it.
  ['ceil clips in padding', 5, 2, { stride: 3, pad: 1, fit: 'ceil' }, { output: 2 }],
  ['caffe clips in padding', 5, 2, { stride: 3, pad: 1, fit: 'caffe' }, { output: 2 }],
  // Without padding the third window would start at 6, past the end of 6 pixels: only Caffe keeps it.
  ['ceil clips past the end', 6, 2, { stride: 3, fit: 'ceil' }, { exact: 4 / 3 + 1, output: 2, unseen: 1 }],
  ['caffe keeps a window past the end', 6, 2, { stride: 3, fit: 'caffe' }, { output: 3 }],
  ['caffe and ceil agree where stride ≤ kernel', 112, 3, { stride: 2, fit: 'caffe' }, { output: 56 }],
];

describe.each([
  ['lecture', lecture],
  ['padding', paddings],
  ['rounding', rounding],
])('%s', (_, cases) => {
  test.each(cases)('%s', (_name, input, kernel, setting, expected) => {
    expect(slide(input, kernel, setting)).toMatchObject(expected);
  });
});

test('caffe clips both axes when one is padded', () => {
  const attributes = {
    kernel: { y: 2, x: 2 },
    stride: { y: 3, x: 3 },
    dilation: { y: 1, x: 1 },
    pad: evenPadding(1, 0),
    fit: 'caffe',
  } as const;
  // pooling_layer.cpp tests `pad_h_ || pad_w_`; the width alone (6, unpadded) would keep its third window.
  expect(slideAxis(6, 'x', attributes, rulesOf('caffe')).output).toBe(2);
});

/** 7 pixels, kernel 1, stride 4: places begin at 0, 4 and 8, of which the last is behind the input. */
test.each([
  ['floor', 0, false, 2],
  ['ceil', 0, false, 2],
  ['caffe', 0, false, 3],
  ['caffe', 0, true, 2],
  // Rounding down keeps a last place that lies in the padding: 0, 4 and 8 of 9.
  ['floor', 1, true, 3],
] as const)('padded alike on both sides, rounded as %s by %d', (fit, pad, padded, places) => {
  expect(evenOutput(slide(7, 1, { stride: 4, fit: 'floor' }), fit, pad, padded)).toBe(places);
});

test('what must be around an input is its padding, and what hangs over', () => {
  // Rows −1 to 3 hold (4 + 1 − 3)/2 + 1 = 2 places; of columns −1 to 4 a third one, rounded up, reads 3 to 5.
  const y = slide(4, 3, { stride: 2, pad: [1, 0], fit: 'floor' });
  const x = slide(5, 3, { stride: 2, pad: [1, 0], fit: 'ceil' });
  expect([y.output, x.output]).toEqual([2, 3]);
  expect(hangsOver({ y, x: y })).toBe(false);
  expect(hangsOver({ y, x })).toBe(true);
  expect(borderOf({ y, x })).toEqual({ top: 1, right: 1, bottom: 0, left: 1 });
});
