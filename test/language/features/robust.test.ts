import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lsp, open } from './driver.js';

const text = `import Other from "./other.convnet"
const wide = 2 * 8 // channels
// Halves the size.
block B(filters, stride = 1) {
  add {
    branch { conv filters 3x3 stride stride pad 1 bias false; batchnorm }
    branch { if stride != 1 { conv filters 1x1 stride stride } else { relu } }
  }
  relu
}
network N like pytorch {
  input 33x33x3 sample "cat.jpg" mean (0.5, 0.4, 0.4)
  first: conv wide 3x3 pad same expect 33x33x16
  repeat i in 1..2 { B(wide * i, stride = min(2, i)) }
  Other(4)
  a: relu
  concat from a, first, previous
  fc 10; softmax
  expect params > 5k
}
`;
const other = { 'other.convnet': 'block Other(k) {\n conv k 1x1\n}\n' };
const options = { tabSize: 2, insertSpaces: true };
const words = text.split(/(?<=\W)|(?=\W)/);

/** The text with a stretch of it taken out or something put in, as it is while somebody types. */
const typed = fc
  .record({
    from: fc.nat(words.length),
    gone: fc.nat(6),
    put: fc.constantFrom(
      '',
      ' ',
      '(',
      ')',
      '{',
      '}',
      'conv ',
      '"',
      '/*',
      ',',
      'from ',
      'expect ',
      '\n',
      'stride ',
      '1..',
      '=',
      ':',
    ),
  })
  .map(({ from, gone, put }) => ({
    before: words.slice(0, from).join('') + put,
    after: words.slice(from + gone).join(''),
  }));

it('a parameter list over several lines may be broken', async () => {
  await expect(
    open('block B(a,\n = 1) {\n relu\n}\nnetwork N {\n input 8x8x3\n B(1, b = 2)\n}'),
  ).resolves.toBeDefined();
});

it('nothing the editor asks fails, whatever is being written', async () => {
  await fc.assert(
    fc.asyncProperty(typed, async ({ before, after }) => {
      const { document, textDocument } = await open(before + after, other);
      const position = document.textDocument.positionAt(before.length);
      const end = document.textDocument.positionAt(before.length + after.length);
      const at = { textDocument, position };
      const context = { includeDeclaration: true };
      const range = { start: { line: 0, character: 0 }, end };
      const asked = [
        lsp.CompletionProvider?.getCompletion(document, at),
        lsp.HoverProvider?.getHoverContent(document, at),
        lsp.SignatureHelp?.provideSignatureHelp(document, at),
        lsp.DefinitionProvider?.getDefinition(document, at),
        lsp.ReferencesProvider?.findReferences(document, { ...at, context }),
        lsp.DocumentHighlightProvider?.getDocumentHighlight(document, at),
        lsp.RenameProvider?.prepareRename(document, at),
        lsp.DocumentSymbolProvider?.getSymbols(document, { textDocument }),
        lsp.InlayHintProvider?.getInlayHints(document, { textDocument, range }),
        lsp.FoldingRangeProvider?.getFoldingRanges(document, { textDocument }),
        lsp.SemanticTokenProvider?.semanticHighlight(document, { textDocument }),
        lsp.CodeLensProvider?.provideCodeLens(document, { textDocument }),
        lsp.DocumentLinkProvider?.getDocumentLinks(document, { textDocument }),
        lsp.CodeActionProvider?.getCodeActions(document, {
          textDocument,
          range: { start: position, end },
          context: { diagnostics: [] },
        }),
        lsp.Formatter?.formatDocument(document, { textDocument, options }),
      ];
      await expect(Promise.all(asked)).resolves.toBeDefined();
      for (const symbol of (await asked[7]) as { name: string }[]) expect(symbol.name).not.toBe('');
    }),
    { numRuns: 300 },
  );
});
