import { describe, expect, it } from 'vitest';
import type { Position, Range } from 'vscode-languageserver-types';
import { lsp, open } from './driver.js';

const blocks = 'const wide = 8\nblock B(k, stride = 1) {\n conv k 1x1 stride stride\n}\n';
const main = `import B, wide from "./blocks.convnet"
network N {
  input 8x8x3
  a: B(wide, stride = 2)
  b: relu
  repeat i in 1..2 { conv i 1x1 }
  add from b, previous
}`;

/** Puts the cursor before the n-th occurrence of a text. */
const cursorBefore = (text: string, where: string): string => text.replace(where, `|${where}`);

const at = ({ start }: { readonly start: Position }): string => `${start.line}:${start.character}`;
const fileOf = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1);

async function definition(marked: string, others: Record<string, string> = {}): Promise<string[]> {
  const { document, textDocument, position } = await open(marked, others);
  const links = (await lsp.DefinitionProvider?.getDefinition(document, { textDocument, position })) ?? [];
  return links.map(({ targetUri, targetSelectionRange }) => `${fileOf(targetUri)} ${at(targetSelectionRange)}`);
}

async function references(marked: string, others: Record<string, string> = {}): Promise<string[]> {
  const { document, textDocument, position } = await open(marked, others);
  const context = { includeDeclaration: true };
  const found = (await lsp.ReferencesProvider?.findReferences(document, { textDocument, position, context })) ?? [];
  const folder = textDocument.uri.slice(0, textDocument.uri.lastIndexOf('/'));
  return found
    .filter(({ uri }) => uri.startsWith(`${folder}/`))
    .map(({ uri, range }) => `${fileOf(uri)} ${at(range)}`)
    .sort();
}

/** The texts after a rename, by file. */
async function rename(marked: string, newName: string, others: Record<string, string> = {}): Promise<string> {
  const { document, textDocument, position } = await open(marked, others);
  const edit = await lsp.RenameProvider?.rename(document, { textDocument, position, newName });
  const edits = edit?.changes?.[textDocument.uri] ?? [];
  const { TextDocument } = await import('vscode-languageserver-textdocument');
  const text = TextDocument.applyEdits(document.textDocument, edits);
  const elsewhere = Object.entries(edit?.changes ?? {}).filter(([uri]) => uri !== textDocument.uri);
  return [
    text,
    ...elsewhere.map(([uri, changes]) => `${fileOf(uri)} ${changes.map(({ range }) => at(range)).join(' ')}`),
  ].join('\n');
}

const files = { 'blocks.convnet': blocks };

describe('definition', () => {
  it('follows blocks and constants through imports', async () => {
    expect(await definition(cursorBefore(main, 'B(wide'), files)).toEqual(['blocks.convnet 1:6']);
    expect(await definition(cursorBefore(main, 'wide,'), files)).toEqual(['blocks.convnet 0:6']);
    expect(await definition(cursorBefore(main, 'B, wide'), files)).toEqual(['blocks.convnet 1:6']);
    expect(await definition(cursorBefore(main, '"./blocks'), files)).toEqual(['blocks.convnet 0:0']);
  });

  it('knows parameters, named arguments, loop variables and labels', async () => {
    expect(await definition(cursorBefore(blocks, 'k 1x1'))).toEqual(['main.convnet 1:8']);
    expect(await definition(blocks.replace('stride stride', 'stride |stride'))).toEqual(['main.convnet 1:11']);
    expect(await definition(cursorBefore(main, 'stride = 2'), files)).toEqual(['blocks.convnet 1:11']);
    expect(await definition(cursorBefore(main, 'i 1x1'), files)).toEqual(['main.convnet 5:9']);
    expect(await definition(cursorBefore(main, 'b, previous'), files)).toEqual(['main.convnet 4:2']);
  });

  it('finds nothing where nothing is named', async () => {
    expect(await definition(cursorBefore(main, 'relu'), files)).toEqual([]);
    expect(await definition('network N {\n input |\n conv (')).toEqual([]);
  });
});

describe('references', () => {
  it('finds every use in all files', async () => {
    expect(await references(cursorBefore(main, 'wide,'), files)).toEqual([
      'blocks.convnet 0:6',
      'main.convnet 0:10',
      'main.convnet 3:7',
    ]);
    expect(await references(cursorBefore(main, 'stride = 2'), files)).toEqual([
      'blocks.convnet 1:11',
      'blocks.convnet 2:19',
      'main.convnet 3:13',
    ]);
  });
});

describe('highlights', () => {
  it('mark the uses in the file', async () => {
    const { document, textDocument, position } = await open(cursorBefore(main, 'b: relu'), files);
    const found = await lsp.DocumentHighlightProvider?.getDocumentHighlight(document, { textDocument, position });
    expect((found ?? []).map(({ range }: { range: Range }) => at(range)).sort()).toEqual(['4:2', '6:11']);
  });
});

describe('rename', () => {
  it('changes every use, in all files', async () => {
    expect(await rename(cursorBefore(main, 'B(wide'), 'Basic', files)).toBe(
      `${main.replaceAll(/\bB\b/g, 'Basic')}\nblocks.convnet 1:6`,
    );
    expect(await rename(cursorBefore(main, 'b: relu'), 'shortcut', files)).toBe(
      main.replace('b: relu', 'shortcut: relu').replace('from b', 'from shortcut'),
    );
  });

  it('and back again leaves the text as it was', async () => {
    const there = await rename(cursorBefore(blocks, 'k 1x1'), 'filterCount');
    expect(there).toBe(blocks.replaceAll(/\bk\b/g, 'filterCount'));
    expect(await rename(cursorBefore(there, 'filterCount 1x1'), 'k')).toBe(blocks);
  });

  it.each(['network', 'previous', '3x3', 'two words', ''])('refuses %j', async (name) => {
    await expect(rename(cursorBefore(blocks, 'k 1x1'), name)).rejects.toThrow();
  });

  it('refuses names that are taken or would be misread', async () => {
    await expect(rename(cursorBefore(blocks, 'k 1x1'), 'wide')).rejects.toThrow('already');
    await expect(rename(cursorBefore(blocks, 'k 1x1'), 'groups')).rejects.toThrow('in conv');
    await expect(rename(cursorBefore(main, 'b: relu'), 'a', files)).rejects.toThrow('already');
    await expect(rename(cursorBefore(blocks, 'B('), 'conv')).rejects.toThrow('a layer');
  });
});
