import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { convnet, folderWith } from './driver.js';

const untidy = 'network  N{\ninput   8x8x3 // a picture\n\n\n\nrelu\n}';
const tidy = 'network N {\n  input 8x8x3  // a picture\n\n  relu\n}\n';
const broken = 'network N {\ninput   8x8x3 )\n}\n';

it('lays files out, names those it changes, and leaves those with a slip alone', async () => {
  const folder = folderWith({ 'untidy.convnet': untidy, 'tidy.convnet': tidy, 'broken.convnet': broken });
  const { status, out } = await convnet(['fmt', folder]);
  expect([status, out]).toEqual([0, `${join(folder, 'untidy.convnet')}\n`]);
  expect(readFileSync(join(folder, 'untidy.convnet'), 'utf8')).toBe(tidy);
  expect(readFileSync(join(folder, 'broken.convnet'), 'utf8')).toBe(broken);
});

it('with --check writes nothing and fails', async () => {
  const folder = folderWith({ 'untidy.convnet': untidy });
  expect((await convnet(['fmt', '--check', folder])).status).toBe(1);
  expect(readFileSync(join(folder, 'untidy.convnet'), 'utf8')).toBe(untidy);
  expect((await convnet(['fmt', '--check', '-'], { input: tidy })).status).toBe(0);
});

it('writes what it reads from standard input to standard output', async () =>
  expect(await convnet(['fmt', '-'], { input: untidy })).toMatchObject({ status: 0, out: tidy }));
