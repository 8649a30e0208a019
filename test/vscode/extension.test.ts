import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, open, until } from './document.js';

const ID = 'convnet.convnet-vscode';

interface Contributions {
  readonly commands: readonly { readonly command: string }[];
  readonly configuration: readonly { readonly properties: Readonly<Record<string, unknown>> }[];
}

describe('The extension in VS Code', () => {
  afterEach(closeAll);

  const contributions = (): Contributions => vscode.extensions.getExtension(ID)?.packageJSON.contributes;

  it('is activated by a .convnet file', async () => {
    await open('network A {\n  input 4x4x1\n}\n');
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension, `${ID} is installed`);
    await until(
      () => extension.isActive,
      (active) => active,
      'activation',
    );
  });

  it('registers every command it contributes', async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const { command } of contributions().commands)
      assert.ok(registered.includes(command), `${command} is registered`);
  });

  it('has the settings it contributes', () => {
    const settings = contributions().configuration.flatMap(({ properties }) => Object.keys(properties));
    assert.ok(settings.length > 0);
    for (const name of settings)
      assert.notEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, undefined, name);
  });

  it('opens the panel beside the editor', async () => {
    const editor = await open('network A {\n  input 4x4x1\n  conv 2 3x3\n}\n');
    await vscode.commands.executeCommand('convnet.openPreview');
    const tab = await until(
      () =>
        vscode.window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .find(({ input }) => input instanceof vscode.TabInputWebview),
      (found) => found !== undefined,
      'a panel',
    );
    assert.notEqual(tab?.group.viewColumn, editor.viewColumn);
  });
});
