import { expect, it } from 'vitest';
import { lsp, open } from './driver.js';

/** Each coloured word with its type. */
async function colours(text: string): Promise<string[]> {
  const { document, textDocument } = await open(text);
  const provider = lsp.SemanticTokenProvider;
  const { data = [] } = (await provider?.semanticHighlight(document, { textDocument })) ?? {};
  const types = provider?.semanticTokensOptions.legend.tokenTypes ?? [];
  const found: string[] = [];
  let line = 0;
  let character = 0;
  for (let i = 0; i < data.length; i += 5) {
    const [lines = 0, characters = 0, length = 0, type = 0] = data.slice(i, i + 4);
    character = lines === 0 ? character + characters : characters;
    line += lines;
    const start = { line, character };
    found.push(
      `${document.textDocument.getText({ start, end: { line, character: character + length } })} ${types[type]}`,
    );
  }
  return found;
}

it('tells layers, attributes, blocks and names apart', async () => {
  expect(await colours('const n = 2\nblock B(stride) {\n c: conv n 1x1 stride stride\n}')).toEqual([
    'n variable',
    'B class',
    'stride parameter',
    'c property',
    'conv function',
    'n variable',
    'stride property',
    'stride parameter',
  ]);
});

it('colours what can be read while a line is being written', async () => {
  expect(await colours('network N {\n input 8x8x3\n conv (\n relu\n}')).toEqual(
    expect.arrayContaining(['N namespace', 'input function', 'relu function']),
  );
});
