import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkNetwork } from '../../src/network/check.js';
import { codes } from '../../src/network/diagnostics.js';
import { applyFix, build, check, type Line, type Options } from './build.js';

const titles = (lines: readonly Line[], options?: Options): string[] =>
  check(lines, options).problems.flatMap(({ problem }) => (problem.fixes?.() ?? []).map((fix) => fix.title));

const conv = (attributes: Readonly<Record<string, unknown>>): Line => [
  'conv',
  { filters: 8, kernel: 3, ...attributes },
];

describe('ordered by how little they change', () => {
  test('7×7 with 3×3 at stride 3', () => {
    expect(titles([conv({ stride: 3 })], { input: [7, 7, 3] })).toEqual([
      'Use stride 2 (output 3×3)',
      'Use kernel 4x4 (output 2×2)',
      'Use pad 1 (output 3×3)',
      'Use kernel 1x1 (output 3×3)',
      'Use pad fit (output 3×3)',
      'Use fit floor (output 2×2)',
      'Use input 6x6x3, which fits every layer',
      'Use input 9x9x3, which fits every layer',
    ]);
  });

  test('a kernel larger than its input', () => {
    expect(titles([conv({ kernel: 5 })], { input: [3, 3, 3] }).slice(0, 4)).toEqual([
      'Use pad 1 (output 1×1)',
      'Use kernel 3x3 (output 1×1)',
      'Use pad fit (output 1×1)',
      'Use input 5x5x3, which fits every layer',
    ]);
  });

  test('dilation is reduced, never introduced', () => {
    expect(titles([conv({ dilation: 4 })], { input: [7, 7, 3] })).toContain('Use dilation 3 (output 1×1)');
    expect(titles([conv({ stride: 3 })], { input: [7, 7, 3] }).join()).not.toContain('dilation');
  });

  test('an axis alone where both together do not fit', () => {
    // Of 7×8, an even padding changes neither parity: only a kernel of its own for the width, or a stride, fits.
    expect(titles([conv({ stride: 2 })], { input: [7, 8, 3] })).toContain('Use kernel 3x2 (output 3×4)');
  });

  test('input sizes fit the whole network', () => {
    // VGG's five halvings: 224 = 7·32 and 256 = 8·32 are the neighbours of 230.
    const lines = Array.from({ length: 5 }, (): Line => ['maxpool', { kernel: 2 }]);
    expect(titles(lines, { input: [230, 230, 3] }).filter((title) => title.includes('input'))).toEqual(
      expect.arrayContaining([
        'Use input 224x224x3, which fits every layer',
        'Use input 256x256x3, which fits every layer',
      ]),
    );
  });

  test('groups', () => {
    expect(titles([conv({ groups: 3, filters: 16 })], { input: [8, 8, 12] })).toEqual([
      'Use groups 2',
      'Use groups 4',
      'Use filters 15',
      'Use groups 1',
    ]);
  });

  test('absurd groups are solved at once', () => {
    expect(titles([conv({ groups: 1_000_000_000, filters: 2 ** 30 })], { input: [8, 8, 2 ** 15] }).length).toBe(4);
  });
});

/** The errors of a network by layer and code. */
const errorsOf = (network: ReturnType<typeof build>): string[] =>
  checkNetwork(network)
    .problems.filter(({ problem }) => codes[problem.code].severity === 'error')
    .map(({ layer, problem }) => `${layer} ${problem.code}`);

describe('every offered fix, applied, removes its problem and adds none', () => {
  const upTo = (max: number) => fc.integer({ min: 1, max });
  const pair = (max: number) => fc.oneof(upTo(max), fc.tuple(upTo(max), upTo(max)));
  const pad = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.tuple(fc.nat(3), fc.nat(3)),
    fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
    fc.constant('valid'),
  );
  const window = { kernel: pair(9), stride: pair(5), pad };
  const layer: fc.Arbitrary<Line> = fc.oneof(
    fc
      .record({ ...window, filters: upTo(24), groups: upTo(8), dilation: pair(3) })
      .map((attributes): Line => ['conv', attributes]),
    // Pools without a written stride follow their kernel: a fix of the kernel must not change the stride unseen.
    fc.record(window, { requiredKeys: ['kernel'] }).map((attributes): Line => ['maxpool', attributes]),
    fc.record(window, { requiredKeys: ['kernel'] }).map((attributes): Line => ['avgpool', attributes]),
  );
  const input = fc.tuple(upTo(40), upTo(40), fc.constantFrom(1, 3, 8, 12));

  test.each([undefined, 'pytorch', 'caffe'] as const)('like %s', (like) => {
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 3 }), input, (lines, size) => {
        const network = build(lines, { input: size, ...(like && { like }) });
        for (const { layer: index, problem } of checkNetwork(network).problems)
          for (const fix of problem.fixes?.() ?? []) {
            const after = errorsOf(applyFix(network, index, fix.edits));
            expect(after, `${problem.message} — ${fix.title}`).not.toContain(`${index} ${problem.code}`);
            // A change of one layer is not asked to foresee what its new size does further down; one of the input is.
            const wholeNetwork = fix.edits.some(({ target }) => target === 'input');
            const before = errorsOf(network);
            expect(
              after.filter((error) => (wholeNetwork || error.startsWith(`${index} `)) && !before.includes(error)),
            ).toEqual([]);
          }
      }),
      { numRuns: 300 },
    );
  });
});
