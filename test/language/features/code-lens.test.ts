import { expect, it } from 'vitest';
import { lsp, open } from './driver.js';

async function lenses(text: string): Promise<string[]> {
  const { document, textDocument } = await open(text);
  const found = (await lsp.CodeLensProvider?.provideCodeLens(document, { textDocument })) ?? [];
  return found.map(({ range, command }) => `${range.start.line} ${command?.title}`);
}

it('shows what networks and blocks cost', async () => {
  expect(await lenses('block B {\n conv 3 1x1\n}\nnetwork N {\n input 8x8x3\n B\n B\n}')).toEqual([
    '3 24 parameters · 1.15 kMACs · 2.3 KiB of activations',
    '0 used 2 times · 24 parameters · 1.15 kMACs',
  ]);
});

it('leaves out what an error leaves unknown', async () => {
  expect(await lenses('network N {\n input 8x8x3\n conv 4\n}')).toEqual([]);
});
