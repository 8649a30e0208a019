import { describe, expect, it } from 'vitest';
import type { DocumentSymbol } from 'vscode-languageserver-types';
import { lsp, open, workspaceSymbols } from './driver.js';

/** The outline as indented lines. */
async function outline(text: string): Promise<string[]> {
  const { document, textDocument } = await open(text);
  const lines = (symbols: readonly DocumentSymbol[], indent: string): string[] =>
    symbols.flatMap(({ name, detail, children = [] }) => [
      `${indent}${name}${detail ? ` · ${detail}` : ''}`,
      ...lines(children, `${indent}  `),
    ]);
  return lines((await lsp.DocumentSymbolProvider?.getSymbols(document, { textDocument })) ?? [], '');
}

describe('the outline', () => {
  it('shows networks with their layers and sizes', async () => {
    expect(await outline('network Net like pytorch {\n input 32x32x3\n first: conv 6 5x5; relu\n}')).toEqual([
      'Net · like pytorch',
      '  input · 32×32×3',
      '  first · 28×28×6',
      '  relu · 28×28×6',
    ]);
  });

  it('nests blocks, repeats and conditions; a block shows the sizes it is used at', async () => {
    expect(
      await outline(`const wide = 8
block B(k, stride = 1) {
  if stride != 1 { maxpool 2x2 } else { relu }
  conv k 1x1
}
network Net {
  input 8x8x3
  repeat 2 { B(wide) }
  B(4, stride = 2)
}`),
    ).toEqual([
      'wide · 8',
      'B · (k, stride = 1)',
      '  if stride != 1',
      '    maxpool · 4×4×8',
      '  else',
      '    relu · 8×8×3, 8×8×8',
      '  conv · 8×8×8, 4×4×4',
      'Net',
      '  input · 8×8×3',
      '  repeat 2',
      '    B · 8×8×8',
      '  B · 4×4×4',
    ]);
  });

  it('leaves out what is not written yet', async () => {
    expect(await outline('network Net {\n input 8x8x3\n a:\n conv 4\n relu')).toContain('Net');
    expect(await outline('const\nnetwork {\n')).toEqual(['network']);
  });
});

describe('the symbols of the workspace', () => {
  it('are the declarations of every file', async () => {
    await open('network ResNet {\n input 8x8x3\n}\nconst wide = 2', { 'blocks.convnet': 'block Residual {\n relu\n}' });
    const named = async (query: string) =>
      ((await workspaceSymbols?.getSymbols({ query })) ?? []).map(({ name }) => name);
    expect((await named('')).sort()).toEqual(['ResNet', 'Residual', 'wide']);
    expect(await named('resi')).toEqual(['Residual']);
  });
});
