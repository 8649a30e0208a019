import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { mayUse } from '../../src/extension/documents.js';
import { closeAll, open, until } from './document.js';

const EXPECTING = `network Right {
  input 32x32x3
  conv 10 5x5 pad 2 expect 32x32x10
}
`;

describe('What stands beside the text', () => {
  afterEach(closeAll);

  it('offers to check all networks, and the one that is open, as tasks', async () => {
    await open(EXPECTING);
    const tasks = await until(
      () => vscode.tasks.fetchTasks({ type: 'convnet' }),
      (list) => list.length >= 2,
      'tasks',
    );
    assert.deepEqual(
      tasks.map(({ name }) => name.replace(/test-\d+/, 'test')),
      ['check all networks', 'check test.convnet'],
    );
    for (const { problemMatchers } of tasks) assert.deepEqual(problemMatchers, ['$convnet', '$convnet-like']);
  });

  it('runs convnet check, and what it finds is a problem where no editor shows it', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    const tasks = await vscode.tasks.fetchTasks({ type: 'convnet' });
    const task = tasks.find(({ name }) => name === 'check all networks');
    assert.ok(task);
    const ended = new Promise<number | undefined>((resolve) => {
      const listener = vscode.tasks.onDidEndTaskProcess(({ exitCode }) => {
        listener.dispose();
        resolve(exitCode);
      });
    });
    await vscode.tasks.executeTask(task);
    // The mistakes are among the examples.
    assert.equal(await ended, 1);
    const file = vscode.Uri.joinPath(folder.uri, 'mistakes', 'does-not-fit.convnet');
    const found = await until(
      () => vscode.languages.getDiagnostics(file).filter(({ source }) => source === 'convnet'),
      (list) => list.length > 0,
      'a problem',
    );
    assert.equal(found[0]?.range.start.line, 4);
    assert.match(found[0]?.message ?? '', /2\.33/);
  });

  it('changes the framework of a network by an action of its own kind', async () => {
    const editor = await open('network R like pytorch {\n  input 12x12x3\n  maxpool 3x3 stride 2\n}\n');
    const range = new vscode.Range(0, 0, 0, 0);
    const actions = await until(
      () =>
        vscode.commands.executeCommand<vscode.CodeAction[]>(
          'vscode.executeCodeActionProvider',
          editor.document.uri,
          range,
          vscode.CodeActionKind.RefactorRewrite.append('framework').value,
          20,
        ),
      (list) => list.length > 0,
      'actions',
    );
    // Six others, or none.
    assert.ok(actions.length >= 5, actions.map(({ title }) => title).join(' | '));
    for (const { title, edit } of actions) {
      assert.match(title, /^Follow /);
      assert.ok(edit);
    }
  });

  it('reads of the files that a network names those in the workspace only', () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    assert.ok(mayUse(vscode.Uri.joinPath(folder, 'pictures', 'cat.png')));
    assert.ok(!mayUse(vscode.Uri.joinPath(folder, '..', 'cat.png')));
    assert.ok(!mayUse(vscode.Uri.joinPath(folder, 'pictures', '..', '..', 'cat.png')));
  });

  it('opens an example as a copy that is not saved, with what it imports in it', async () => {
    await vscode.commands.executeCommand('convnet.openExample', 'resnet18');
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document?.isUntitled);
    assert.equal(document.languageId, 'convnet');
    assert.match(document.getText(), /block BasicBlock/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
