import { describe, expect, test } from 'vitest';
import { check, errors, findings, network } from './check.js';

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
  // As other tools say it.
  ['input 8x8x3\nbn', 2, 'unknown-layer', 'did you mean batchnorm?'],
  ['input 8x8x3\nConv2d 4 3x3', 2, 'unknown-layer', 'did you mean conv?'],
  ['input 8x8x3\nlinear 10', 2, 'unknown-layer', 'did you mean fc?'],
  ['input 8x8x3\nconv 4 3x3 padding 1', 2, 'unknown-attribute', 'conv has no attribute padding; did you mean pad?'],
  ['input 8x8x3\nconv 4 kernel_size 3', 2, 'unknown-attribute', 'did you mean kernel?'],
  ['input 8x8x3\nconv 4 3x3 pad=1', 2, 'syntax', 'a value follows its name, pad 1'],
  ['input 8x8x3\nconv 4 3', 2, 'invalid-value', '3 does not say which attribute it is: write kernel 3'],
  ['input 8x8x3\nconv 2 * 4 3x3', 2, 'syntax', '* stands only in parentheses: write (2 * 4)'],
  ['input 8x8x3\nfc max(2, 3) * (4 + 1)', 2, 'syntax', '* stands only in parentheses: write (max(2, 3) * (4 + 1))'],
  ['input 8x8x3\nfc 2^5', 2, 'syntax', 'there is no power'],
  ['input 8x8x3\nrelu\nmax from relu1, input1', 3, 'unknown-name', 'No line is named relu1'],
  ['input 8x8x3\na: relu\nfc a', 3, 'unknown-name', 'a is a layer, not a value'],
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

describe('what would nest or grow beyond the parser', () => {
  const many = 20_000;
  const expression = (text: string) => network(`input 8x8x3\nfc (${text})`);
  test.each<readonly [what: string, text: string, message: string]>([
    ['parentheses', expression(`${'('.repeat(many)}1${')'.repeat(many)}`), 'nested too deep'],
    ['parentheses never closed', expression('('.repeat(many)), 'nested too deep'],
    ['calls', expression(`${'min('.repeat(many)}1${', 2)'.repeat(many)}`), 'nested too deep'],
    ['signs', expression(`${'-'.repeat(many)}1`), 'more than 256 operators'],
    ['sums', expression(`${'1 + '.repeat(many)}1`), 'more than 256 operators'],
    ['braces', network(`input 8x8x3\n${'repeat 1 { '.repeat(many)}relu${' }'.repeat(many)}`), 'nested too deep'],
    ['else if', network(`input 8x8x3\n${'if true { relu } else '.repeat(many)}{ relu }`), 'nested too deep'],
    ['a header', network(`input 8x8x3\nrepeat ${'('.repeat(many)}1${')'.repeat(many)} { relu }`), 'has no meaning'],
  ])('%s', async (_, text, message) => {
    const told = await errors(text);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ code: 'syntax' });
    expect(told[0]?.message).toContain(message);
  });
});

describe('a wrong value in a block', () => {
  test('is told at its line, with the uses in which it is wrong', async () => {
    const text = `block B(k) { conv 4 1x1 pad k }\n${network('input 8x8x3\nB(1)\nB(0.5)\nwide: B(-1)')}`;
    const told = (await check(text)).findings.filter(({ severity }) => severity === 'error');
    expect(told.map(({ code, range }) => [code, range.start.line])).toEqual([['invalid-value', 0]]);
    expect(
      told[0]?.related.map(({ message, range }) => [range.start.line, message.replace(/must be .*, not/, 'not')]),
    ).toEqual([
      [4, 'B2: pad not 0.5'],
      [5, 'wide: pad not -1'],
    ]);
  });

  test('is told at the first use of the parameter, which is at fault', async () => {
    const text = `block B(n) {\n  conv n 1x1; relu\n  conv n 3x3 pad 1\n}\n${network('input 8x8x3\nB(3x3)')}`;
    expect((await errors(text)).map(({ line, message }) => [line, message])).toEqual([
      [2, 'filters must be a positive whole number, not 3x3'],
    ]);
  });

  test('tells what a block cannot take', async () => {
    const text = `block Up(skip) { concat from skip, previous }\n${network('input 8x8x3')}`;
    expect((await errors(text)).map(({ message }) => message)).toEqual([
      'skip is a parameter, a value: a block has one input, so what merges two layers stands in the network',
    ]);
  });
});

describe('expect behind a block or a repeat', () => {
  // conv 4 3x3 on 3 channels: (3·3·3 + 1)·4 = 112; conv 4 3x3 on 4: (3·3·4 + 1)·4 = 148; each of them at 8·8 places.
  test('counts all its layers', async () => {
    const block = 'block B() { conv 4 3x3 pad 1; relu; conv 4 3x3 pad 1 }';
    const held =
      'input 8x8x3\nB expect params 260 expect output 8x8x4\nrepeat 2 { conv 4 3x3 pad 1; relu } expect params 296';
    expect(await errors(`${block}\n${network(held)}`)).toEqual([]);
    const macs = `input 8x8x3\nB expect macs ${64 * (27 * 4 + 36 * 4)}`;
    expect(await errors(`${block}\n${network(macs)}`)).toEqual([]);
  });
});

describe('outside of networks', () => {
  test.each([
    ['import { B } from "./blocks.convnet"', 'syntax', 'import takes names without braces'],
    ['block B(n) {\n  repeat n ( conv n 3x3; relu }\n  relu\n}', 'syntax', 'The body of `repeat` stands in braces'],
    ['from "./blocks.convnet" import B', 'syntax', 'An import begins with what it takes'],
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

  test.each(['\uFEFF', '\r\n'])('%j is no mistake', async (odd) => {
    const text =
      odd === '\r\n' ? network('input 8x8x3\nrelu').replaceAll('\n', odd) : odd + network('input 8x8x3\nrelu');
    expect(await errors(text)).toEqual([]);
  });
});
