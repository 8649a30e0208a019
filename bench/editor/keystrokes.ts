import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

const EDITS = 60;
const PATIENCE = 60_000;

export interface KeystrokeTimes {
  /** From the change of the text, as extensions learn of it, to its diagnostics. */
  readonly fromChange: number[];
  /** From the call that edits: VS Code's own way to the page and back included. */
  readonly fromEdit: number[];
}

/** VS Code calls this in its extension host. */
export async function run(): Promise<void> {
  const [file] = await vscode.workspace.findFiles('vgg16.convnet');
  if (!file) throw new Error('vgg16.convnet is not among the examples');
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
  const text = editor.document.getText();
  const kernel = text.indexOf('3x3');
  if (kernel < 0) throw new Error('vgg16 has no 3x3 filter');
  const at = editor.document.positionAt(kernel + '3x3'.length);
  // A word that no layer knows: one more letter, one more diagnostic.
  const mistake = new vscode.Range(at, at.translate(0, 2));

  await type(editor, at, ' q');
  await diagnosed(file, true);
  const times: KeystrokeTimes = { fromChange: [], fromEdit: [] };
  for (let edit = 0; edit < EDITS; edit++) {
    const adds = edit % 2 === 1;
    let changedAt = Number.NaN;
    const listener = vscode.workspace.onDidChangeTextDocument(() => {
      changedAt = performance.now();
    });
    const editedAt = performance.now();
    const edited = adds ? type(editor, at, ' q') : editor.edit((change) => change.delete(mistake));
    const diagnosedAt = await diagnosed(file, adds);
    listener.dispose();
    await edited;
    times.fromChange.push(diagnosedAt - changedAt);
    times.fromEdit.push(diagnosedAt - editedAt);
  }
  writeFileSync(join(__dirname, 'keystrokes.json'), JSON.stringify(times));
}

const type = (editor: vscode.TextEditor, at: vscode.Position, text: string) =>
  editor.edit((change) => change.insert(at, text));

/**
 * When the file has diagnostics, or has none any more. Looked at in every turn of the event loop: VS Code holds the
 * event that tells extensions of new diagnostics back by 50 ms, though it has long shown them.
 */
async function diagnosed(file: vscode.Uri, some: boolean): Promise<number> {
  const deadline = performance.now() + PATIENCE;
  const isError = ({ severity }: vscode.Diagnostic) => severity === vscode.DiagnosticSeverity.Error;
  while (vscode.languages.getDiagnostics(file).some(isError) !== some) {
    if (performance.now() > deadline) throw new Error(`No new diagnostics within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now();
}
