import { describe, expect, test } from 'vitest';
import { errors, findings, network } from './check.js';

/** What is told about a body in a network; [line in the body, code, message or a part of it] */
type Case = readonly [body: string, line: number, code: string, message: string];

const cases: readonly Case[] = [
  [
    'input 7x7x3\nconv 8 3x3 stride 3',
    2,
    'does-not-fit',
    '3×3 filter does not fit 7×7 at stride 3: (7 − 3)/3 + 1 = 2.33',
  ],
  [
    'input 14x14x6\nconv 16 5x5 stride 2',
    2,
    'does-not-fit',
    '5×5 filter does not fit 14×14 at stride 2: (14 − 5)/2 + 1 = 5.5',
  ],
  ['input 7x7x3\nmaxpool 2x2', 2, 'does-not-fit', '2×2 window does not fit 7×7 at stride 2: (7 − 2)/2 + 1 = 3.5'],
  ['input 3x3x1\nconv 1 5x5', 2, 'kernel-exceeds-input', '5×5 filter'],
  ['input 8x8x6\nconv 4 3x3 groups 4', 2, 'groups-do-not-divide', '4 groups do not divide 6 input channels'],
  ['input 8x8x3\ncnov 4 3x3', 2, 'unknown-layer', 'did you mean conv?'],
  ['input 8x8x3\nxyzzy 4 3x3', 2, 'unknown-layer', 'There is no layer or block called xyzzy'],
  ['input 8x8x3\nconv 4 3x3 strid 2', 2, 'unknown-attribute', 'conv has no attribute strid; did you mean stride?'],
  ['input 8x8x3\nrelu slope 2', 2, 'unknown-attribute', 'relu has no attribute slope'],
  ['input 8x8x3\nconv 0 3x3', 2, 'invalid-value', 'filters must be a positive whole number, not 0'],
  ['input 8x8x3\nconv (7 / 2) 3x3', 2, 'invalid-value', 'filters must be a positive whole number, not 3.5'],
  ['input 8x8x3\ndropout 1.5', 2, 'invalid-value', 'rate must be'],
  ['input 8x8x3\nconv 4 3x3 pad smae', 2, 'invalid-value', 'did you mean same?'],
  ['input 8x8\nrelu', 1, 'invalid-value', 'size must be'],
  ['input 8x8x3\nconv 4 3x3 stride', 2, 'missing-value', 'stride needs a value'],
  ['input 8x8x3\nconv 4', 2, 'missing-value', 'conv needs kernel'],
  ['input 8x8x3\nconv 4 3x3 stride 1 stride 1', 2, 'repeated-value', 'stride of conv is given twice'],
  ['input 8x8x3\na: relu\na: relu', 3, 'duplicate-name', 'The name a is given twice'],
  ['conv 4 3x3', 0, 'missing-input', 'N has no input'],
  ['', 0, 'missing-input', 'N has no input'],
  ['input 8x8x3\nrelu\ninput 4x4x1', 3, 'misplaced', 'input stands once'],
  ['input 8x8x3\nrelu from b', 2, 'unknown-name', 'There is no layer called b'],
  ['input 8x8x3\nrelu from b\nb: relu', 2, 'used-before-definition', 'b comes later'],
  ['input 8x8x3\nfc clases', 2, 'unknown-name', 'There is no constant or parameter called clases'],
  ['input 8x8x3\nfc 10 expect 1x1x9', 2, 'expectation-failed', 'Expected output 1x1x9, found 1x1x10'],
  ['input 8x8x3\nfc 10\nexpect params < 100', 3, 'expectation-failed', 'Expected params < 100, found 1930'],
  ['input 8x8x3\nconv 2 3x3\nexpect receptive field >= 5', 3, 'expectation-failed', 'found 3x3'],
  ['input 8x8x3\nrepeat 1000000000 { relu }', 2, 'too-large', 'more than 50,000 layers'],
  ['input 100000x100000x3\nfc 1000000000', 1, 'too-large', '100000×100000×3'],
  ['input 8x8x3\nbranch { relu }', 2, 'misplaced', 'A branch stands inside a merge'],
  ['input 8x8x3\nrelu { relu }', 2, 'misplaced', 'relu has no body'],
  ['input 8x8x3\nrelu = 3', 2, 'syntax', '= has no meaning here'],
  ['input 8x8x3\nlabels 5', 2, 'invalid-value', 'labels must be a file name in double quotes'],
];

describe('each mistake is told once, where it was made', () => {
  test.each(cases)('%j', async (body, line, code, message) => {
    const told = await errors(network(body));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ line: line + 1, code });
    expect(told[0]?.message).toContain(message);
  });
});

describe('outside of networks', () => {
  test.each([
    ['network N like pytorhc { input 8x8x3; relu }', 'unknown-framework', 'did you mean pytorch?'],
    ['network A { input 8x8x3 }\nnetwork A { input 8x8x3 }', 'duplicate-name', 'The name A is given twice'],
    ['const k = 1 / 0', 'invalid-value', 'This divides by zero'],
    ['block conv(k) { relu }', 'duplicate-name', 'conv is the name of a layer'],
    ['block B() { B() }\nnetwork N { input 8x8x3; B() }', 'recursive-block', 'B contains itself: B → B'],
    ['block A() { B() }\nblock B() { A() }', 'recursive-block', 'contains itself'],
    ['block B(k) { conv k 3x3 }\nnetwork N { input 8x8x3; B() }', 'missing-value', 'B needs k'],
    ['block B(k) { conv k 3x3 }\nnetwork N { input 8x8x3; B(1, 2) }', 'invalid-value', 'B takes k, not 2 arguments'],
    [
      'block B(width) { conv width 3x3 }\nnetwork N { input 8x8x3; B(widht = 1) }',
      'unknown-attribute',
      'did you mean width?',
    ],
    ['import B from "./nowhere.convnet"', 'import-not-found', 'There is no file ./nowhere.convnet'],
    ['conv 8 3x3', 'misplaced', 'A layer stands inside a network'],
    ['@@@@ ### !!!', 'syntax', 'no meaning here'],
  ])('%s', async (text, code, message) => {
    const told = await errors(text);
    expect(told.map((t) => t.code)).toContain(code);
    expect(new Set(told.map((t) => t.code)).size).toBe(1);
    expect(told.map((t) => t.message).join('\n')).toContain(message);
  });
});

describe('a mistake in a block', () => {
  const text = `block Stage(filters, stride = 1) {
  conv filters 3x3 stride stride
}
network N {
  input 9x9x3
  Stage(8)
  Stage(8, stride = 2)
  Stage(4, stride = 5)
}
`;
  test('is told once, at its line, naming where it fails and with which sizes', async () => {
    const told = await errors(text.replace('9x9x3', '7x7x3'));
    expect(told).toMatchObject([{ line: 2, code: 'kernel-exceeds-input' }]);
    expect(await errors(text)).toEqual([]);
    const wider = await errors(text.replace('stride = 5', 'stride = 1').replace('9x9x3', '10x10x3'));
    expect(wider).toMatchObject([{ line: 2, code: 'does-not-fit' }]);
    expect(wider[0]?.message).toContain('(8 − 3)/2 + 1 = 3.5');
    expect(wider[0]?.message).toContain('(in 1 of 3: Stage2 at 8×8×8)');
  });
});

describe('lines do not harm each other', () => {
  test('mistakes on several lines are all told', async () => {
    const told = await errors(
      network('input 32x32x3\nconv 6 5x5 strid 2\nrelu )\nmaxpol 2x2\nconv 4 3x3 pad smae\nfc (10\nsoftmax'),
    );
    expect(told.map(({ line, code }) => [line, code])).toEqual([
      [3, 'unknown-attribute'],
      [4, 'syntax'],
      [5, 'unknown-layer'],
      [6, 'invalid-value'],
      [7, 'syntax'],
    ]);
  });

  test('a lost brace harms its own network only', async () => {
    const told = await errors(
      'network A {\n  input 8x8x3\n  relu\n\nnetwork B {\n  input 7x7x3\n  conv 8 3x3 stride 3\n}\n',
    );
    expect(told.map(({ line, code }) => [line, code])).toEqual([
      [1, 'syntax'],
      [7, 'does-not-fit'],
    ]);
  });
});

describe('bad input', () => {
  test('an empty file says how to begin', async () => {
    expect(await findings('')).toMatchObject([{ code: 'empty-file', severity: 'information' }]);
    expect(await findings('// nothing yet\n')).toMatchObject([{ code: 'empty-file' }]);
  });

  test('a file over 2 MB gets one error', async () => {
    expect(await findings('relu\n'.repeat(1_000_000))).toMatchObject([{ line: 1, code: 'too-large' }]);
  });

  test('garbage gets errors, not a crash', async () => {
    const garbage = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(33 + ((i * 7919) % 94))).join('');
    const told = await findings(garbage);
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ code }) => code === 'syntax' || code === 'misplaced')).toBe(true);
  });

  test('brackets nested deeply are refused', async () => {
    const told = await errors(network(`input 8x8x3\nfc ${'('.repeat(10_000)}1${')'.repeat(10_000)}`));
    expect(told).toMatchObject([{ code: 'syntax' }]);
    expect(told[0]?.message).toContain('deeper than 64');
  });

  test.each(['\uFEFF', '\r\n'])('%j is no mistake', async (odd) => {
    const text =
      odd === '\r\n' ? network('input 8x8x3\nrelu').replaceAll('\n', odd) : odd + network('input 8x8x3\nrelu');
    expect(await errors(text)).toEqual([]);
  });
});
