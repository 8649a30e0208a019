import { expect, it } from 'vitest';
import { lsp, open } from './driver.js';

async function folds(text: string): Promise<string[]> {
  const { document, textDocument } = await open(text);
  const ranges = (await lsp.FoldingRangeProvider?.getFoldingRanges(document, { textDocument })) ?? [];
  return ranges.map(({ startLine, endLine, kind }) => `${startLine}–${endLine}${kind ? ` ${kind}` : ''}`).sort();
}

it('folds bodies up to their closing brace', async () => {
  expect(await folds('network N {\n input 8x8x3\n repeat 2 {\n  relu\n }\n}')).toEqual(['0–4', '2–3']);
  expect(await folds('block B(k) {\n if k > 1 {\n  relu\n } else {\n  tanh\n }\n}')).toEqual(['0–5', '1–2', '3–4']);
});

it('folds comments and imports', async () => {
  expect(await folds('// one\n// two\n\n/* a\n b */\nimport A from "a"\nimport B from "b"')).toEqual([
    '0–1 comment',
    '3–4 comment',
    '5–6 imports',
  ]);
});

it('folds what can be folded while a line is being written', async () => {
  expect(await folds('network N {\n input 8x8x3\n conv (\n relu\n}')).toContain('0–3');
});
