import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, until } from './document.js';

const PROTOTXT = `name: "Small"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "stem" type: "Convolution" bottom: "data" top: "stem" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "perm" type: "Permute" bottom: "stem" top: "perm" permute_param { order: 0 order: 2 } }
layer { name: "prob" type: "Softmax" bottom: "perm" top: "prob" }
`;

describe('Import…', () => {
  afterEach(closeAll);

  async function write(name: string, text: string): Promise<vscode.Uri> {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder.uri, name);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    return uri;
  }

  it('shows a prototxt as a new ConvNet text, with what is not translated as a comment', async () => {
    const uri = await write('small.prototxt', PROTOTXT);
    const document = await until(
      () => vscode.commands.executeCommand<vscode.TextDocument | undefined>('convnet.import', uri),
      (answer) => answer !== undefined,
      'the imported text',
    );
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.languageId, 'convnet');
    assert.equal(editor.document.isUntitled, true);
    assert.ok(document);
    assert.equal(
      editor.document.getText(),
      `// Imported from small.prototxt

network Small like caffe {
  input 8x8x3
  stem: conv 2 3x3
  // not translated: perm (Permute) { permute_param { order: 0 order: 2 } }: there is no such layer in the language
  softmax
}
`,
    );
  });

  it('opens nothing for a file that is no network', async () => {
    const uri = await write('broken.onnx', 'no network');
    const before = vscode.window.visibleTextEditors.length;
    assert.equal(await vscode.commands.executeCommand('convnet.import', uri), undefined);
    assert.equal(vscode.window.visibleTextEditors.length, before);
  });
});
