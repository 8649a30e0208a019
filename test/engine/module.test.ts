import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutWords } from '../../esbuild.engine.js';

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

test('is smaller than 120 KB', () => {
  expect(readFileSync(join(folder, 'dist', 'engine.js')).length).toBeLessThan(120_000);
});
