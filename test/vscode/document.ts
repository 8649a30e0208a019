import * as vscode from 'vscode';

/** How long VS Code may take to answer: the first request also starts the language server. */
const PATIENCE = 60_000;

let counter = 0;

/** Writes a file into the workspace and shows it. */
export async function open(text: string): Promise<vscode.TextEditor> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('The tests need a folder to work in');
  const uri = vscode.Uri.joinPath(folder.uri, `test-${++counter}.convnet`);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

export async function closeAll(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.files.revert');
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Asks until the answer is `enough`: language features answer empty until the server is up. */
export async function until<T>(
  ask: () => T | PromiseLike<T>,
  enough: (answer: T) => boolean,
  what: string,
): Promise<T> {
  const deadline = Date.now() + PATIENCE;
  let answer = await ask();
  while (!enough(answer)) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE / 1000} s; last: ${show(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer = await ask();
  }
  return answer;
}

const show = (answer: unknown): string => JSON.stringify(answer)?.slice(0, 500) ?? String(answer);

export const diagnosticsOf = ({ document }: vscode.TextEditor): readonly vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(document.uri);

/** Where `word` first stands, moved on by some characters. */
export function positionOf({ document }: vscode.TextEditor, word: string, offset = 0): vscode.Position {
  const at = document.getText().indexOf(word);
  if (at < 0) throw new Error(`'${word}' is not in the document`);
  return document.positionAt(at + offset);
}

/** The text of a hover or a documentation, whichever of VS Code's types carries it. */
export const plain = (content: vscode.MarkdownString | vscode.MarkedString | undefined): string =>
  typeof content === 'string' ? content : (content?.value ?? '');
