import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** VS Code calls this in its extension host: a fresh one each time, in which nothing has woken the extension. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('convnet.convnet-vscode');
  if (!extension || extension.isActive) throw new Error('The extension is not there, or active already');
  const began = performance.now();
  await extension.activate();
  writeFileSync(join(__dirname, 'activation.json'), JSON.stringify(performance.now() - began));
}
