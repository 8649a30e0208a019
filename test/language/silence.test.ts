import { describe, expect, it } from 'vitest';
import { createFileChecker } from '../../src/cli/checker.js';
import type { CheckOptions } from '../../src/language/findings/options.js';
import { findings, network } from './check.js';

/** Two linear layers in a row, told in line 4; the comment stands behind that line, or above it. */
const linear = (behind = '', above = '  relu') => network(`  input 8x8x3\n${above}\n  fc 20\n  fc 10 ${behind}`);

const told = async (text: string) => (await findings(text)).map(({ code }) => code);

describe('a comment switches a diagnostic off', () => {
  it('is told without one', async () => expect(await told(linear())).toEqual(['linear-layers']));

  it.each([
    ['for its line', linear('// convnet-ignore linear-layers')],
    ['with a reason behind it', linear('// convnet-ignore linear-layers: on purpose')],
    ['with other codes', linear('// convnet-ignore shrinking, linear-layers')],
    ['of any code', linear('// convnet-ignore')],
    ['for the line below', network('  input 8x8x3\n  fc 20\n  // convnet-ignore linear-layers\n  fc 10')],
    ['for the file', linear('', '  // convnet-ignore-file linear-layers\n  relu')],
    ['for the file, of any code', linear('', '  // convnet-ignore-file\n  relu')],
  ])('%s', async (_, text) => expect(await told(text)).toEqual([]));

  it.each([
    ['of another code', linear('// convnet-ignore shrinking')],
    ['of another line', linear('', '  relu // convnet-ignore linear-layers')],
    ['that only looks like one', linear('// convnet-ignored linear-layers')],
  ])('not one %s', async (_, text) => expect(await told(text)).toEqual(['linear-layers']));

  it('silences an error, too, and no other', async () => {
    const text = network('  input 7x7x1\n  conv 4 3x3 stride 3 // convnet-ignore does-not-fit\n  conv 4 3x3 strid 2');
    expect(await told(text)).toEqual(['unknown-attribute']);
  });
});

describe('a severity is set for a code', () => {
  const severities = async (options: CheckOptions) => {
    const { findings: found } = await createFileChecker(options).check('file:///test/file.convnet', linear());
    return found.map(({ code, severity }) => `${code} ${severity}`);
  };

  it.each([
    ['error', ['linear-layers error']],
    ['hint', ['linear-layers hint']],
    ['off', []],
  ] as const)('%s', async (severity, expected) => {
    expect(await severities({ severities: { 'linear-layers': severity } })).toEqual(expected);
  });

  it('and of another code changes nothing', async () => {
    expect(await severities({ severities: { shrinking: 'error' } })).toEqual(['linear-layers warning']);
  });
});
