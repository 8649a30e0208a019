import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { DefaultLexer, EmptyFileSystem } from 'langium';
import { describe, expect, it } from 'vitest';
import { createConvNetServices } from '../../src/language/services.js';
import { formatText } from '../../src/language/text/format.js';

const lexer = new DefaultLexer(createConvNetServices(EmptyFileSystem).convnet);

/** Everything but spaces and empty lines: the words and signs, the ends of lines, the comments. */
function essence(text: string): string[] {
  const { tokens, hidden } = lexer.tokenize(text);
  return [...tokens, ...hidden]
    .sort((a, b) => a.startOffset - b.startOffset)
    .map(({ tokenType, image }) => (tokenType.name === 'NL' && image !== ';' ? '⏎' : image.trim()))
    .filter((word, i, all) => word !== '' && (word !== '⏎' || (i > 0 && all[i - 1] !== '⏎' && i < all.length - 1)))
    .filter((word, i, all) => word !== '⏎' || i < all.length - 1);
}

const examples = ['examples', 'examples/mistakes']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: false })
      .filter((name) => String(name).endsWith('.convnet'))
      .map((name) => `${folder}/${name}`),
  )
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

describe('the formatter', () => {
  it.each([
    [
      'indents by braces',
      'network N {\ninput 8x8x3\n    repeat 2 {\nrelu\n   }\n}\n',
      'network N {\n  input 8x8x3\n  repeat 2 {\n    relu\n  }\n}\n',
    ],
    ['puts one space between words', 'network   N{\n\tconv  4   3x3 ;relu\n}', 'network N {\n  conv 4 3x3; relu\n}\n'],
    [
      'sets parentheses',
      'block B ( k,s=1 ) {\nconv ( 2*k )  1x1 pad( 1 ,2 )\n}',
      'block B(k, s = 1) {\n  conv (2 * k) 1x1 pad (1, 2)\n}\n',
    ],
    ['sets calls', 'network N {\nx :B ( 4,s = min ( 1,2 ) )\n}', 'network N {\n  x: B(4, s = min(1, 2))\n}\n'],
    [
      'tells signs from operators',
      'const a = - 1-2\nconst b=( -a )*3 - min( - 1 )\n',
      'const a = -1 - 2\nconst b = (-a) * 3 - min(-1)\n',
    ],
    [
      'keeps a negative value beside its attribute',
      'network N {\nleakyrelu -0.1\n}',
      'network N {\n  leakyrelu -0.1\n}\n',
    ],
    [
      'sets ranges and conditions',
      'network N {\nrepeat i in 1 .. n {\nif ! ( i==2 )&&a!=b{ relu }else{ }\n}\n}',
      'network N {\n  repeat i in 1..n {\n    if !(i == 2) && a != b { relu } else {}\n  }\n}\n',
    ],
    ['keeps at most one empty line', '\n\nconst a = 1\n\n\n\nconst b = 2\n\n\n', 'const a = 1\n\nconst b = 2\n'],
    [
      'puts comments in a column',
      'network N {\n  relu // a\n  conv 4 3x3 // b\n\n  relu // c\n}',
      'network N {\n  relu        // a\n  conv 4 3x3  // b\n\n  relu  // c\n}\n',
    ],
    [
      'puts expectations in a column, too',
      'network N {\n relu expect 1x1x1 // a\n conv 4 3x3 expect params 1 // b\n tanh // c\n}',
      'network N {\n  relu        expect 1x1x1     // a\n  conv 4 3x3  expect params 1  // b\n  tanh        // c\n}\n',
    ],
    [
      'keeps an expect of the network in its place',
      'network N {\n  expect   params 1\n relu;expect macs<5G\n}',
      'network N {\n  expect params 1\n  relu; expect macs < 5G\n}\n',
    ],
    [
      'indents what goes on in parentheses',
      'network N {\ninput 8x8x3 mean (1,\n2,\n3)\nrelu\n}',
      'network N {\n  input 8x8x3 mean (1,\n    2,\n    3)\n  relu\n}\n',
    ],
    [
      'indents comments with their lines',
      'network N {\n// one\n/* two\n three */ relu\n}',
      'network N {\n  // one\n  /* two\n three */ relu\n}\n',
    ],
    ['writes an import', 'import  B ,n from   "./a b.convnet"', 'import B, n from "./a b.convnet"\n'],
    ['keeps the ends of lines that are there', 'const a=1\r\nconst b=2\r\n', 'const a = 1\r\nconst b = 2\r\n'],
    ['leaves nothing of nothing', ' \n\n', ''],
  ])('%s', (_, before, after) => {
    expect(formatText(before)).toBe(after);
    expect(formatText(after)).toBe(after);
  });

  it.each(examples)('changes only spaces in $path, and nothing the second time', ({ text }) => {
    const once = formatText(text);
    expect(essence(once)).toEqual(essence(text));
    expect(formatText(once)).toBe(once);
  });

  it('holds so for any layout of any tokens', () => {
    const word = fc.constantFrom(
      ...[
        'conv',
        'relu',
        'a',
        'B',
        '4',
        '3x3',
        '-',
        '(',
        ')',
        '{',
        '}',
        ';',
        ',',
        ':',
        '=',
        '==',
        '..',
        '!',
        '+',
        '"t"',
      ],
      ...[
        'expect',
        'const',
        'repeat',
        'if',
        'else',
        '// c',
        '/* d */',
        '/* e\n f */',
        '\n',
        '\n',
        '\n\n\n',
        ' ',
        '\t',
        '\r\n',
        '"',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.constantFrom('', ' ', '  ')), { maxLength: 60 }), (parts) => {
        const text = parts.map(([a, b]) => (a.startsWith('//') ? `${a}\n` : a + b)).join('');
        const once = formatText(text);
        expect(essence(once)).toEqual(essence(text));
        expect(formatText(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });
});
