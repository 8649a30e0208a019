import { cpuUsage, env } from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codes } from '../../src/network/diagnostics.js';
import { check } from './check.js';
import { samples, type TokenPlace, tokensOf, withoutExpectations } from './corpus.js';

/**
 * Whatever is typed, the checker answers. `FUZZ_RUNS=100000 npx vitest run test/language/fuzz.test.ts` tries as many
 * inputs in all and prints the one that took longest.
 */

const runs = Number(env.FUZZ_RUNS ?? 2000);
const parameters = { numRuns: Math.ceil(runs / 4), seed: 231 };
const timeout = 60_000 + runs * 50;

/** What a token may be replaced by, by its kind. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  word: ['conv', 'relu', 'add', 'xyzzy', 'stride', 'filters', 'from', 'previous', 'données'],
  keyword: ['network', 'block', 'const', 'import', 'repeat', 'in', 'if', 'else', 'branch', 'expect', 'like', 'true'],
  number: ['0', '3', '0.5', '5k', '1e-4', '99999999999999999999'],
  size: ['3x3', '32x32x3', '0x0', '1x2x3x4'],
  text: ['"a"', '"', '"./blocks.convnet"'],
  brace: ['{', '}'],
  parenthesis: ['(', ')'],
  mark: [',', ':', '=', '..', '+', '-', '*', '/', '%', '!', '<', '==', '&&'],
  separator: [';', '\n'],
  strange: ['@', '#', '\u0000', '\uFEFF', '\t', '\r', '\r\n', 'é', '😀', '\u2028', '//', '/*', '*/'],
};

const kindOf = ({ image }: TokenPlace): string => {
  const known = Object.entries(kinds).find(([, images]) => images.includes(image));
  if (known) return known[0];
  if (image.startsWith('"')) return 'text';
  if (/^\d+x/.test(image)) return 'size';
  return /^\d/.test(image) ? 'number' : 'word';
};

type Change = 'delete' | 'duplicate' | 'replace' | 'insert' | 'swap';

interface Mutation {
  readonly change: Change;
  /** Between 0 and 1: the token, and the one it is swapped with. */
  readonly at: number;
  readonly other: number;
  readonly image: string;
}

const image = fc.noBias(fc.constantFrom(...Object.values(kinds).flat()));
const place = fc.noBias(fc.nat({ max: 9999 })).map((n) => n / 10_000);
const mutationOf = (...changes: Change[]): fc.Arbitrary<Mutation> =>
  fc.record({ change: fc.constantFrom(...changes), at: place, other: place, image });

function mutate(text: string, { change, at, other, image }: Mutation): { text: string; token: TokenPlace | undefined } {
  const tokens = tokensOf(text);
  const token = tokens[Math.floor(at * tokens.length)];
  const second = tokens[Math.floor(other * tokens.length)];
  if (!token || !second) return { text: image, token };
  const before = text.slice(0, token.start);
  const after = text.slice(token.end);
  const replaced = (by: string) => ({ text: `${before}${by}${/^\w/.test(after) ? ' ' : ''}${after}`, token });
  switch (change) {
    case 'delete':
      return replaced('');
    case 'duplicate':
      return replaced(`${token.image} ${token.image}`);
    case 'replace':
      return replaced(`${/\w$/.test(before) ? ' ' : ''}${image}`);
    case 'insert':
      return replaced(`${image} ${token.image}`);
    case 'swap': {
      const [first, last] = token.start <= second.start ? [token, second] : [second, token];
      if (first === last) return { text, token };
      const between = text.slice(first.end, last.start);
      return {
        text: text.slice(0, first.start) + last.image + between + first.image + text.slice(last.end),
        token,
      };
    }
  }
}

let slowest = { milliseconds: 0, text: '' };

/** The checker answers, with findings that can be shown, and the same ones again. */
async function answers(text: string, uri?: string): Promise<void> {
  const start = cpuUsage();
  const { findings } = await check(text, uri);
  const milliseconds = cpuUsage(start).user / 1000;
  if (milliseconds > slowest.milliseconds) slowest = { milliseconds, text };
  const lines = text.split(/\r\n|\r|\n/);
  for (const { code, message, range } of findings) {
    expect(codes).toHaveProperty(code);
    expect(message).not.toBe('');
    expect(message).not.toMatch(/undefined|NaN|\[object/);
    for (const { line, character } of [range.start, range.end]) {
      expect(line).toBeGreaterThanOrEqual(0);
      expect(line).toBeLessThan(lines.length);
      expect(character).toBeGreaterThanOrEqual(0);
      expect(character).toBeLessThanOrEqual((lines[line] as string).length);
    }
  }
  const again = (await check(text, uri)).findings;
  expect(again.map(plain)).toEqual(findings.map(plain));
}

const plain = ({ code, message, range }: { code: string; message: string; range: object }) => ({
  code,
  message,
  range,
});

const sample = fc.constantFrom(...samples);

describe('the checker answers whatever is typed', () => {
  test(
    'examples with one to three tokens changed',
    () =>
      fc.assert(
        fc.asyncProperty(
          sample,
          fc.array(mutationOf('delete', 'duplicate', 'replace', 'insert', 'swap'), { minLength: 1, maxLength: 3 }),
          fc.constantFrom('\n', '\r\n', '\r'),
          async ({ text, uri }, mutations, lineEnd) => {
            const mutated = mutations.reduce((mutated, mutation) => mutate(mutated, mutation).text, text);
            await answers(mutated.replaceAll('\n', lineEnd), uri);
          },
        ),
        parameters,
      ),
    timeout,
  );

  test(
    'tokens in any order',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(image, { maxLength: 60 }),
          fc.constantFrom(' ', '', '\n', '\t'),
          fc.boolean(),
          (images, space, inNetwork) =>
            answers(inNetwork ? `network N {\n${images.join(space)}\n}` : images.join(space)),
        ),
        parameters,
      ),
    timeout,
  );

  test(
    'any characters',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 200 }),
            fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
            fc.string({ unit: fc.constantFrom(...'{}()\n\r;:,.=x0123 \t"/*\u0000\uFEFF'), maxLength: 200 }),
          ),
          (text) => answers(text),
        ),
        parameters,
      ),
    timeout,
  );
});

/** Consequences that are mistakes of their own: a valid value that was changed leads to sizes that do not work. */
const consequences = new Set<string>([
  'does-not-fit',
  'kernel-exceeds-input',
  'groups-do-not-divide',
  'shapes-differ',
  'too-large',
]);

/**
 * One mistake makes one error. It rightly makes more where
 * - a size, a number or a layer changed, and other layers do not work with it (the codes above);
 * - a name lost its meaning, or a constant or argument its kind, and several lines use it: one error each;
 * - a brace or parenthesis was replaced: one is missing, and something else is too much;
 * - `;` or a line end took the place of a token: the line lacks something, and the rest of it is a line of its own.
 * Left out are a bracket that became a line end, and a quote or comment that takes the rest of its line, brackets too.
 */
function isOneMistake(told: readonly Told[], token: TokenPlace, by: string | undefined): boolean {
  const own = told.filter(({ code }) => !consequences.has(code));
  // `filters must be a whole number, not "a"` and `kernel must be a size, not "a"` speak of the same value.
  const uses = new Set(
    own.map(({ code, message }) => (code === 'invalid-value' && message.split(/, not (?:on )?/)[1]) || message),
  );
  const isTwo = by !== undefined && (/[{}()]/.test(token.image) || ['separator', 'strange'].includes(kindOfImage(by)));
  return uses.size <= (isTwo ? 2 : 1);
}

const takesMore = (token: TokenPlace, by: string): boolean =>
  /^[/*"]+$/.test(by) || (/[{}()]/.test(token.image) && /[\r\n]/.test(by));

interface Told {
  readonly code: string;
  readonly message: string;
}

const kindOfImage = (image: string): string => kindOf({ image, start: 0, end: image.length });

test(
  'one token deleted, doubled or replaced makes one error',
  () =>
    fc.assert(
      fc.asyncProperty(sample, mutationOf('delete', 'duplicate', 'replace'), async ({ name, text, uri }, mutation) => {
        const { text: mutated, token } = mutate(withoutExpectations(text), mutation);
        const by = mutation.change === 'replace' ? mutation.image : undefined;
        // Of the same kind it is another network.
        if (!token || (by && (kindOfImage(by) === kindOf(token) || takesMore(token, by)))) return;
        const told = (await check(mutated, uri)).findings.filter(({ severity }) => severity === 'error');
        const line = mutated.slice(0, token.start).split('\n').length;
        if (!isOneMistake(told, token, by))
          throw new Error(
            `${name}:${line} ${mutation.change} ${token.image} ${by ?? ''}\n${told
              .map(({ code, message, range }) => `${range.start.line + 1} ${code} ${message}`)
              .join('\n')}`,
          );
      }),
      parameters,
    ),
  timeout,
);

test.runIf(env.FUZZ_RUNS)('the slowest', () => {
  console.log(`The slowest of ${runs} took ${slowest.milliseconds.toFixed(1)} ms:\n${slowest.text}`);
});
