import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, diagnosticsOf, open, plain, positionOf, until } from './document.js';

/** The lecture's first mistake: 7×7 with 3×3 at stride 3. */
const WRONG = `network Wrong {
  input 7x7x3
  conv 8 3x3 stride 3
}
`;

const RIGHT = `network Right {
  input 32x32x3
  conv1: conv 10 5x5 pad 2
  relu
  fc 10
}
`;

const code = ({ code }: vscode.Diagnostic) => (typeof code === 'object' ? code.value : code);

const hasSome = (list: readonly unknown[] | undefined) => (list?.length ?? 0) > 0;

describe('The language in VS Code', () => {
  afterEach(closeAll);

  it('knows the file by its extension', async () => {
    const { document } = await open(RIGHT);
    assert.equal(document.languageId, 'convnet');
  });

  it('marks a filter that does not fit, with the arithmetic', async () => {
    const editor = await open(WRONG);
    const [diagnostic, ...others] = await until(() => diagnosticsOf(editor), hasSome, 'a diagnostic');
    assert.ok(diagnostic);
    assert.deepEqual(others, []);
    assert.equal(code(diagnostic), 'does-not-fit');
    assert.match(diagnostic.message, /2\.33/);
    assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(diagnostic.range.start.line, 2);
  });

  it('follows the typing', async () => {
    const editor = await open(RIGHT);
    const at = positionOf(editor, 'pad 2');
    await editor.edit((edit) => edit.insert(at, 'stride 4 '));
    await until(() => diagnosticsOf(editor), hasSome, 'a diagnostic for the new stride');
    await editor.edit((edit) => edit.delete(new vscode.Range(at, at.translate(0, 'stride 4 '.length))));
    await until(
      () => diagnosticsOf(editor),
      (list) => list.length === 0,
      'no diagnostic after the stride is gone',
    );
  });

  it('offers fixes, and the first one leaves no error', async () => {
    const editor = await open(WRONG);
    const [diagnostic] = await until(() => diagnosticsOf(editor), hasSome, 'a diagnostic');
    assert.ok(diagnostic);
    const fixes = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      editor.document.uri,
      diagnostic.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    assert.ok(fixes.length >= 2, `${fixes.length} fixes`);
    const edit = fixes[0]?.edit;
    assert.ok(edit, 'the fix says what it changes');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await until(
      () => diagnosticsOf(editor),
      (list) => list.length === 0,
      'no diagnostic after the fix',
    );
    assert.notEqual(editor.document.getText(), WRONG);
  });

  it('explains a layer in a hover', async () => {
    const editor = await open(RIGHT);
    const hovers = await until(
      () =>
        vscode.commands.executeCommand<vscode.Hover[]>(
          'vscode.executeHoverProvider',
          editor.document.uri,
          positionOf(editor, 'conv 10', 1),
        ),
      hasSome,
      'a hover',
    );
    const text = hovers.flatMap(({ contents }) => contents.map(plain)).join('\n');
    assert.match(text, /760/, 'its parameters');
    assert.match(text, /32[×x]32[×x]10/, 'its output size');
  });

  it('shows the output sizes at the ends of the lines', async () => {
    const editor = await open(RIGHT);
    const hints = await until(
      () =>
        vscode.commands.executeCommand<vscode.InlayHint[]>(
          'vscode.executeInlayHintProvider',
          editor.document.uri,
          new vscode.Range(0, 0, editor.document.lineCount, 0),
        ),
      hasSome,
      'inlay hints',
    );
    const labels = hints.map(({ label }) =>
      typeof label === 'string' ? label : label.map(({ value }) => value).join(''),
    );
    assert.ok(
      labels.some((label) => /32[×x]32[×x]10/.test(label)),
      labels.join(' | '),
    );
    const conv = hints.find(({ position }) => position.line === 2);
    assert.equal(conv?.position.character, editor.document.lineAt(2).text.length);
  });

  it('completes layers with their documentation, and their attributes', async () => {
    const editor = await open(RIGHT.replace('  relu\n', '  relu\n  \n'));
    const completionsAt = (position: vscode.Position) =>
      until(
        () =>
          vscode.commands.executeCommand<vscode.CompletionList>(
            'vscode.executeCompletionItemProvider',
            editor.document.uri,
            position,
            undefined,
            // How many items VS Code resolves, for their documentation.
            50,
          ),
        ({ items }) => hasSome(items),
        'completions',
      );
    const label = (item: vscode.CompletionItem) => (typeof item.label === 'string' ? item.label : item.label.label);

    const layers = await completionsAt(new vscode.Position(4, 2));
    const maxpool = layers.items.find((item) => label(item) === 'maxpool');
    assert.ok(maxpool, layers.items.map(label).join(' '));
    assert.notEqual(plain(maxpool.documentation), '');

    const attributes = await completionsAt(positionOf(editor, 'pad 2'));
    for (const name of ['stride', 'dilation', 'groups'])
      assert.ok(
        attributes.items.some((item) => label(item) === name),
        `${name} in ${attributes.items.map(label).join(' ')}`,
      );
  });

  it('outlines the networks and their layers', async () => {
    const editor = await open(RIGHT);
    const [network] = await until(
      () =>
        vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
          'vscode.executeDocumentSymbolProvider',
          editor.document.uri,
        ),
      hasSome,
      'symbols',
    );
    assert.equal(network?.name, 'Right');
    assert.ok(network?.children.some(({ name }) => name.includes('conv1')));
  });

  it('folds a network', async () => {
    const editor = await open(RIGHT);
    const [fold] = await until(
      () =>
        vscode.commands.executeCommand<vscode.FoldingRange[]>(
          'vscode.executeFoldingRangeProvider',
          editor.document.uri,
        ),
      hasSome,
      'folding ranges',
    );
    assert.equal(fold?.start, 0);
  });

  it('finds nothing wrong in the examples', async () => {
    const files = await vscode.workspace.findFiles('*.convnet', 'test-*.convnet');
    assert.ok(files.length >= 4, `${files.length} examples`);
    for (const file of files) {
      const document = await vscode.workspace.openTextDocument(file);
      // A symbol means that the server has seen the file.
      await until(
        () => vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', file),
        hasSome,
        `symbols of ${file.path}`,
      );
      const errors = vscode.languages
        .getDiagnostics(document.uri)
        .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
      assert.deepEqual(errors, [], file.path);
    }
  });
});
