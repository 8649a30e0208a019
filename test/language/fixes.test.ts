import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextFix } from '../../src/language/findings/edits.js';
import type { CheckedFile, Finding } from '../../src/language/index.js';
import { check, errors, network } from './check.js';

const isError = ({ severity }: Finding): boolean => severity === 'error';

const errorsOf = ({ findings }: CheckedFile): readonly Finding[] => findings.filter(isError);

const isAt =
  (line: number) =>
  ({ range }: Finding): boolean =>
    range.start.line === line;

const applied = (text: string, { edits }: TextFix): string =>
  TextDocument.applyEdits(TextDocument.create('', '', 0, text), [...edits]);

const number = (min: number, max: number) => fc.integer({ min, max });
const oneOf = (...texts: string[]) => fc.constantFrom(...texts);

/** Lines that may not fit, slips of the pen, and lines that a lesson is told of. */
const line: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(number(1, 8), number(1, 7), number(1, 4), number(0, 3))
      .map(([f, k, s, p]) => `conv ${f} ${k}x${k} stride ${s} pad ${p}`),
  },
  fc.tuple(number(1, 8), number(1, 6), number(1, 6)).map(([f, h, w]) => `conv ${f} ${h}x${w}`),
  fc.tuple(number(1, 12), number(1, 6)).map(([f, g]) => `conv ${f} 1x1 groups ${g}`),
  fc.tuple(number(1, 8), number(1, 4)).map(([f, d]) => `conv ${f} 3x3 dilation ${d}`),
  fc.tuple(number(1, 4), number(1, 4)).map(([k, s]) => `maxpool ${k}x${k} stride ${s}`),
  number(1, 4).map((k) => `avgpool ${k}x${k}`),
  fc.tuple(number(1, 8), number(1, 5)).map(([f, k]) => `conv (${f} * two) (${k}, ${k})`),
  oneOf('relu', 'relu', 'batchnorm', 'batchnorm', 'fc 10', 'softmax', 'flatten', 'dropout 0.5', 'globalavgpool'),
  oneOf(
    'rleu',
    'batchnrom',
    'maxpol 2x2',
    'conv 4 3x3 strid 2',
    'conv 4 3x3 pad smae',
    'Stge(4)',
    'fc clases',
    'fc tow',
  ),
  fc.tuple(number(1, 6), number(1, 3)).map(([f, s]) => `Stage(${f}, stride = ${s})`),
  fc.tuple(number(1, 6), number(1, 3)).map(([f, s]) => `add { branch { conv ${f} 3x3 stride ${s} pad 1 } branch { } }`),
  fc
    .tuple(number(1, 6), number(1, 3), oneOf('add from previous, a', 'add from a, previous', 'add from a, b'))
    .map(([f, s, merge]) => `a: relu\nb: conv ${f} 3x3 stride ${s} pad 1\n${merge}`),
  fc
    .tuple(number(1, 6), oneOf('add from previous, c', 'multiply from c, previous', 'concat from c, previous'))
    .map(([f, merge]) => `c: relu\nconv ${f} 3x3; relu; ${merge}`),
);

const constants = `const two = 2
const classes = 10
block Stage(filters, stride = 1) {
  conv filters 3x3 stride stride
  batchnorm
}
`;

const networks = fc
  .tuple(
    number(1, 40),
    number(1, 40),
    number(1, 8),
    fc.array(line, { minLength: 1, maxLength: 6 }),
    oneOf('', ' like pytorch'),
  )
  .map(
    ([height, width, channels, lines, like]) =>
      constants + network(`input ${height}x${width}x${channels}\n${lines.join('\n')}`, `network N${like}`),
  );

test('every fix, applied, removes its finding and adds no error', { timeout: 300_000 }, () =>
  fc.assert(
    fc.asyncProperty(networks, async (text) => {
      const before = await check(text);
      const offers = before.findings.flatMap((finding) => before.fixesOf(finding).map((fix) => ({ finding, fix })));
      for (const { finding, fix } of offers) {
        const after = await check(applied(text, fix));
        const same = after.findings.filter(isAt(finding.range.start.line)).filter(({ code }) => code === finding.code);
        expect({ fix: fix.title, left: same.map(({ message }) => message) }).toEqual({ fix: fix.title, left: [] });
        expect(errorsOf(after).length).toBeLessThanOrEqual(errorsOf(before).length - (isError(finding) ? 1 : 0));
      }
    }),
    { numRuns: 300, seed: 231 },
  ),
);

/** The titles of all fixes of a network's errors. */
async function offersFor(body: string): Promise<readonly string[]> {
  const checked = await check(network(body));
  return checked.findings.filter(isError).flatMap((finding) => checked.fixesOf(finding).map(({ title }) => title));
}

describe('a window that does not fit', () => {
  const misfits = fc
    .tuple(number(6, 40), number(2, 7), number(2, 4), number(0, 2))
    .filter(([size, kernel, stride, pad]) => size + 2 * pad >= kernel && (size + 2 * pad - kernel) % stride !== 0);

  test('has fixes; the first leaves no error in its line', { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(misfits, async ([size, kernel, stride, pad]) => {
        const text = network(`input ${size}x${size}x3\nconv 8 ${kernel}x${kernel} stride ${stride} pad ${pad}\nrelu`);
        const before = await check(text);
        const [finding] = errorsOf(before);
        expect(finding?.code).toBe('does-not-fit');
        if (!finding) return;
        const fixes = before.fixesOf(finding);
        expect(fixes.length).toBeGreaterThanOrEqual(3);
        const after = await check(applied(text, fixes[0] as TextFix));
        expect(errorsOf(after).filter(isAt(finding.range.start.line))).toEqual([]);
      }),
      { numRuns: 200, seed: 231 },
    ),
  );

  test('is offered strides, paddings, kernels and input sizes', async () => {
    const titles = (await offersFor('input 14x14x6\nconv 16 5x5 stride 2')).join('\n');
    for (const what of [/stride/, /pad/, /kernel|filter/, /input/]) expect(titles).toMatch(what);
  });
});

describe('other mistakes', () => {
  test.each([
    ['input 8x8x6\nconv 4 3x3 groups 4', 'groups 2'],
    ['input 9x9x3\nconv 4 3x3 strid 2', 'stride'],
    ['input 8x8x3\ncnov 4 3x3', 'conv'],
    ['input 8x8x3\nconv 4 3x3 pad smae', 'same'],
    ['input 8x8x3\nfc (2 * 5\nrelu', 'Insert )'],
    ['input 8x8x3\nfc 2 * 5', 'Write (2 * 5)'],
    ['input 8x8x3\nconv 4 3x3 pad = 1', 'Write pad 1'],
    ['input 8x8x3\nconv 4 3', 'Change to kernel 3'],
    ['input 8x8x3\nconv 4 3x3 padding 1', 'Change to pad'],
    ['  input 8x8x3\n  repeat 2 {\n    relu\n  tanh', 'Insert }'],
    ['input 8x8x3\nadd { branch { conv 4 3x3 pad 1 } branch { } }', 'Project the shortcut with conv 4 1x1'],
    ['input 8x8x3\nconcat { branch { conv 4 3x3 pad 1 } branch { conv 4 3x3; relu } }', 'Pad the branch with pad 1'],
    ['input 8x8x3\nadd { branch { } branch { conv 3 2x2 } }', 'Pad the branch with pad (0, 1, 1, 0)'],
    ['input 8x8x3\nconcat { branch { fc 4 } branch { conv 4 3x3; relu } }', 'Flatten the branch'],
    ['input 9x9x3\nadd { branch { conv 4 3x3 stride 2 pad 1 } branch { } }', 'conv 4 1x1 stride 2'],
    ['input 9x9x3\na: relu\nconv 4 3x3 stride 2 pad 1\nadd from a, previous', 'Project a with conv 4 1x1 stride 2'],
    ['input 9x9x3\na: relu\nb: conv 4 3x3 pad 1\nadd from a, b', 'Project b with conv 3 1x1'],
    ['input 9x9x3\na: relu\nconv 4 3x3\nconcat from a, previous', 'Pad conv1 with pad 1'],
    ['input 9x9x3\na: relu\nfc 4\nconcat from previous, a', 'Flatten a'],
  ])('%j', async (body, title) => {
    expect((await offersFor(body)).join('\n')).toContain(title);
    expect(await errors(network(body))).toHaveLength(1);
  });
});

test.each([
  // 115 does not halve, and of the 57 that are left neither does: the first mistake may be the only one.
  ['input 230x230x3\nmaxpool 2x2\nmaxpool 2x2\nmaxpool 2x2', ['does-not-fit']],
  // The branches would be of one size, had the first not been rounded.
  ['input 8x8x3\nadd { branch { maxpool 3x3 stride 2 } branch { conv 3 2x2 stride 2 } }', ['does-not-fit']],
  // Its channels are wrong whatever the size is.
  [
    'input 8x8x3\nadd { branch { maxpool 3x3 stride 2 } branch { conv 4 2x2 stride 2 } }',
    ['shapes-differ', 'does-not-fit'],
  ],
  [
    'input 8x8x3\nconcat { branch { conv 3 3x3 stride 2 } branch { conv 4 3x3 stride 2 } }',
    ['does-not-fit', 'does-not-fit'],
  ],
])('%j: what follows from a rounded size is not told', async (body, codes) => {
  const { findings } = await check(network(body));
  expect(findings.filter(isError).map(({ code }) => code)).toEqual(codes);
});
