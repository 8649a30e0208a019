import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { formatText } from '../../../src/language/text/format.js';
import { lsp, open } from './driver.js';

const options = { tabSize: 2, insertSpaces: true };
const untidy = 'network   N {\n\n\ninput 8x8x3  // a\n   conv 4 3x3 // b\n}\n\n\n';

describe('formatting in the editor', () => {
  it.each([untidy, untidy.trimEnd(), '', '\n\n', 'const a=1', untidy.replaceAll('\n', '\r\n')])(
    'lays out a document: %j',
    async (text) => {
      const { document, textDocument } = await open(text);
      const edits = (await lsp.Formatter?.formatDocument(document, { textDocument, options })) ?? [];
      expect(TextDocument.applyEdits(document.textDocument, edits)).toBe(formatText(text));
    },
  );

  it('leaves other lines alone', async () => {
    const { document, textDocument, range } = await open(untidy.replace('   conv 4 3x3', '<|   conv 4|> 3x3'));
    const edits = (await lsp.Formatter?.formatDocumentRange(document, { textDocument, range, options })) ?? [];
    expect(TextDocument.applyEdits(document.textDocument, edits)).toBe(
      untidy.replace('   conv 4 3x3 // b', '  conv 4 3x3   // b'),
    );
  });

  it('lays out a line that is finished', async () => {
    const { document, textDocument, position } = await open('network N {\ninput  8x8x3\n  |\n}');
    const edits =
      (await lsp.Formatter?.formatDocumentOnType(document, { textDocument, position, ch: '\n', options })) ?? [];
    expect(TextDocument.applyEdits(document.textDocument, edits)).toBe('network N {\n  input 8x8x3\n  \n}');
  });

  it('does nothing to a text whose syntax is wrong', async () => {
    const { document, textDocument } = await open('network N {\ninput 8x8x3\nconv (\n}');
    expect(await lsp.Formatter?.formatDocument(document, { textDocument, options })).toEqual([]);
  });
});
