import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convnet, folderWith, root } from './driver.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the hooks for pre-commit', () => {
  const entries = [...read('.pre-commit-hooks.yaml').matchAll(/^ {2}entry: convnet (.+)$/gm)].map(
    ([, command]) => command,
  );

  it('run commands that there are, on the files that pre-commit names', async () => {
    expect(entries).toEqual(['check', 'fmt']);
    const cwd = folderWith({ 'a.convnet': 'network A {\n  input 8x8x3\n  relu\n}\n' });
    for (const entry of entries) {
      const { status, err } = await convnet([entry ?? '', 'a.convnet'], { cwd });
      expect({ entry, status, err }).toEqual({ entry, status: 0, err: '' });
    }
  });
});

describe('the GitHub Action', () => {
  const action = read('action.yml');
  /** The script of its last step, without the indentation of the file. */
  const script = (action.split(/^ {6}run: \|\n/m)[1] ?? '').replaceAll(/^ {8}/gm, '');
  const runner = spawnSync('bash', ['--version']).status === 0;

  if (!runner) console.log('skipped: there is no bash to run the action');
  it.skipIf(!runner)('checks, and writes the findings whatever they are', () => {
    const cli = join(root, 'dist', 'cli', 'main.cjs');
    expect(existsSync(cli), 'npm run build').toBe(true);
    const folder = {
      'good.convnet': 'network A {\n  input 8x8x3\n  relu\n}\n',
      'bad.convnet': 'network B {\n  input 7x7x3\n  conv 4 3x3 stride 3\n}\n',
    };
    for (const [files, like, expected] of [
      ['good.convnet', '', 0],
      ['good.convnet bad.convnet', 'caffe', 1],
    ] as const) {
      const cwd = folderWith(folder);
      // As GitHub runs bash.
      const { status, stdout } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
        cwd,
        encoding: 'utf8',
        env: { ...process.env, FILES: files, LIKE: like, SARIF: 'found.sarif', CONVNET: cli },
      });
      expect(status, stdout).toBe(expected);
      const { runs } = JSON.parse(readFileSync(join(cwd, 'found.sarif'), 'utf8'));
      expect(runs[0].results.length > 0).toBe(expected === 1);
    }
  });

  it('takes the inputs that it says it takes', () => {
    const used = new Set([...action.matchAll(/\$\{\{ inputs\.(\w+) \}\}/g)].map(([, name]) => name));
    const declared = [...(action.split('outputs:')[0] ?? '').matchAll(/^ {2}(\w+):$/gm)].map(([, name]) => name);
    expect([...used].sort()).toEqual(declared.sort());
  });
});
