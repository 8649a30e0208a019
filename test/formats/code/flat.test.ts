import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { lasagne } from '../../../src/formats/code/lasagne.js';
import { torch7 } from '../../../src/formats/code/torch7.js';
import { ExportError, type Format } from '../../../src/formats/format.js';
import type { CheckedNetwork } from '../../../src/network/check.js';
import { check } from '../../network/build.js';
import { exampleNetworks } from '../networks.js';

/**
 * Torch7 and Lasagne have no runtime any more. Their code runs against stand-ins of their layers that compute sizes by those
 * frameworks' documented rules: what they compute must be our sizes.
 */

const networks = await exampleNetworks(true);

const textOf = async (format: Format, checked: CheckedNetwork): Promise<string | ExportError> => {
  try {
    return String((await format.write?.({ checked, fileName: 'model' }, {}))?.files[0]?.content);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
};

const isThere = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(`Not run: there is no ${command}`);
    return false;
  }
};

const folder = mkdtempSync(join(tmpdir(), 'convnet-code-'));
afterAll(() => rmSync(folder, { recursive: true }));

const standIn = (name: string): string => fileURLToPath(new URL(`stand-ins/${name}`, import.meta.url));

/** Runs each network's code in one process; gives the size of its output, or why it is refused. */
async function sizesOf(format: Format, command: string, script: string, ending: string): Promise<Map<string, string>> {
  const sizes = new Map<string, string>();
  const files: string[] = [];
  const titles: string[] = [];
  for (const [i, { title, checked }] of networks.entries()) {
    const text = await textOf(format, checked);
    if (text instanceof ExportError) {
      sizes.set(title, `refused: ${text.refusals.map(({ reason }) => reason).join('; ')}`);
      continue;
    }
    const path = join(folder, `${i}${ending}`);
    writeFileSync(path, text);
    const { height = 0, width = 0, channels = 0 } = checked.facts[0]?.output ?? {};
    files.push(path, String(channels), String(height), String(width));
    titles.push(title);
  }
  const answers = execFileSync(command, [standIn(script), ...files], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const [i, title] of titles.entries()) sizes.set(title, answers[i] ?? '');
  return sizes;
}

describe.each([
  ['Torch7', torch7, 'luajit', ['-v'], 'nn.lua', '.lua'],
  ['Lasagne', lasagne, 'python3', ['--version'], 'lasagne_sizes.py', '.py'],
] as const)('%s', (_, format, command, probe, script, ending) => {
  const runs = isThere(command, ...probe);
  test.skipIf(!runs)('every example has our size there, or is refused', async () => {
    const refused: string[] = [];
    for (const [title, size] of await sizesOf(format, command, script, ending)) {
      const output = networks.find((network) => network.title === title)?.checked.facts.at(-1)?.output;
      if (size.startsWith('refused')) refused.push(`${title} ${size}`);
      else expect([title, size]).toEqual([title, `${output?.channels}x${output?.height}x${output?.width}`]);
    }
    console.info(refused.join('\n'));
    expect(refused.length).toBeLessThan(networks.length / 3);
  });
});

test('what a framework computes otherwise is refused, layer by layer, with the reason', async () => {
  const grouped = check([['conv', { filters: 4, kernel: [3, 3], groups: 2 }], 'gelu'], { input: [8, 8, 4] });
  expect(await textOf(torch7, grouped)).toMatchObject({
    refusals: [
      { name: 'conv1', reason: 'nn.SpatialConvolution has no groups' },
      { name: 'gelu1', reason: 'nn has no GELU' },
    ],
  });
});

test('the layer of the lecture reads as it does there', async () => {
  const layer = check([['conv', { filters: 10, kernel: [5, 5], pad: 2 }]], { input: [32, 32, 3] });
  expect(await textOf(torch7, layer)).toContain('nn.SpatialConvolution(3, 10, 5, 5, 1, 1, 2, 2)');
  expect(await textOf(lasagne, layer)).toContain('num_filters=10');
});
