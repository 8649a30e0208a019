import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutWords } from '../../esbuild.engine.js';
import { createFileChecker } from '../../src/cli/checker.js';
import { checkNetwork } from '../../src/network/check.js';

/** The engine by itself, as docs/engine.md tells to use it. */
const folder = mkdtempSync(join(tmpdir(), 'convnet-engine-'));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() =>
  build({
    entryPoints: { engine: 'src/engine/module.ts', 'engine-worker': 'src/engine/worker/entry.ts' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    minify: true,
    target: 'es2022',
    plugins: [withoutWords],
    outdir: join(folder, 'dist'),
  }),
);

test("the documentation's example runs without anything beside the module", () => {
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/engine.md', 'utf8')) ?? [];
  expect(example).toContain('createWorkerPredictor');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'example.js'), example);
  const output = execFileSync(process.execPath, ['example.js'], { cwd: folder, encoding: 'utf8' });
  // The times of the worker's steps, then how many numbers each activation has: 32×32×3, 30×30×16 twice, 10.
  expect(output).toMatch(/^relu1 [\d.e-]+\nfc2 [\d.e-]+\n/);
  expect(output).toContain('[ 3072, 14400, 14400, 10 ]');
});

test('finds the sizes and mistakes of every example that the editor finds', async () => {
  const module: typeof import('../../src/engine/module.js') = await import(
    pathToFileURL(join(folder, 'dist', 'engine.js')).href
  );
  const checker = createFileChecker();
  const files = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.convnet'),
  );
  let [networks, problems] = [0, 0];
  for (const file of files) {
    const path = join('examples', file);
    const { networks: all } = await checker.check(pathToFileURL(path).href, readFileSync(path, 'utf8'));
    for (const { network } of all.map(({ checked }) => checked)) {
      const [expected, found] = [checkNetwork(network), module.checkNetwork(network)];
      const said = (of: typeof found) => of.problems.map(({ layer, problem }) => [layer, problem.code]);
      expect(found.facts, file).toEqual(expected.facts);
      expect(said(found), file).toEqual(said(expected));
      networks++;
      problems += found.problems.length;
    }
  }
  expect(networks).toBeGreaterThan(40);
  expect(problems).toBeGreaterThan(5);
});

test('is smaller than 120 KB', () => {
  expect(readFileSync(join(folder, 'dist', 'engine.js')).length).toBeLessThan(120_000);
});
