import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type CodeAction, CodeActionTriggerKind } from 'vscode-languageserver-types';
import { lsp, open } from './driver.js';

type Asked = { readonly only?: string[]; readonly triggerKind?: CodeActionTriggerKind };

/** What is offered at the cursor, with the text it leaves. */
async function actions(marked: string, asked: Asked = {}): Promise<ReadonlyMap<string, string>> {
  const { document, textDocument, range } = await open(marked);
  const context = { diagnostics: [], ...asked };
  const found = ((await lsp.CodeActionProvider?.getCodeActions(document, { textDocument, range, context })) ??
    []) as CodeAction[];
  return new Map(
    found.map(({ title, edit }) => [
      title,
      TextDocument.applyEdits(document.textDocument, edit?.changes?.[textDocument.uri] ?? []),
    ]),
  );
}

const biased = `network N {
  input 8x8x3
  conv 4 3x3 pad 1; batchnorm; relu|
  conv 4 3x3 pad 1; batchnorm; relu
}
`;

describe('fix all of this kind', () => {
  it('fixes every finding with the code of the one at the cursor', async () => {
    const fixed = (await actions(biased)).get('Fix all of this kind (2): bias-before-batchnorm');
    expect(fixed).toBe(biased.replace('|', '').replaceAll('pad 1;', 'pad 1 bias false;'));
  });

  it('goes one by one where one fix changes what the next has to be', async () => {
    const text =
      'network N {\n  input 33x33x3\n  concat {\n    branch { conv 8 4x4| stride 2 }\n    branch { conv 8 4x4 stride 2 }\n  }\n}\n';
    const fixed = (await actions(text)).get('Fix all of this kind (2): does-not-fit');
    expect(fixed).toBeDefined();
    expect([...(await actions(`${fixed}|`, { only: ['quickfix'] })).keys()]).toEqual([]);
  });

  it('is not worked out at every move of the cursor', async () => {
    const found = await actions(biased, { triggerKind: CodeActionTriggerKind.Automatic });
    expect([...found.keys()]).toEqual(['Set bias to false']);
  });
});

describe('source.fixAll', () => {
  const only = ['source.fixAll'];

  it('fixes what has one way to be fixed', async () => {
    const text = biased.replace('batchnorm; relu|', 'bathcnorm; relu');
    const [fixed] = (await actions(text, { only })).values();
    expect(fixed).toContain('batchnorm; relu\n  conv 4 3x3 pad 1');
  });

  it('changes no size that is known', async () => {
    const text = 'network N {\n  input 32x32x3\n  conv 8 5x5; relu\n  conv 8 5x5; relu\n  conv 8 5x5; relu\n}\n';
    expect([...(await actions(text, { only })).keys()]).toEqual([]);
  });

  it('puts in no layer', async () => {
    const text = 'network N {\n  input 8x8x3\n  fc 100\n  fc 100|\n  relu\n}\n';
    expect([...(await actions(text)).keys()]).toContain('Put relu between');
    expect([...(await actions(text, { only })).keys()]).toEqual([]);
  });

  it('is there only for those that ask for it', async () => {
    expect([...(await actions(biased)).keys()].filter((title) => title.startsWith('Fix all that'))).toEqual([]);
    expect([...(await actions(biased, { only: ['refactor'] })).keys()]).not.toContain('Set bias to false');
  });
});
