import { open } from 'node:fs/promises';
import type { ExtensionContext } from 'vscode';
import { activateFeatures } from './activate.js';
import { activateCheckTasks } from './check-tasks.js';
import { CLIENT_ID, CLIENT_NAME } from './language-client.js';

/** VS Code on a desktop or a server: the language server is a process of its own, and programs can be run. */
export function activate(context: ExtensionContext): void {
  activateFeatures(
    context,
    async (options) => {
      const { LanguageClient, TransportKind } = await import('./node-client.js');
      const server = { module: context.asAbsolutePath('dist/server.cjs'), transport: TransportKind.ipc };
      return new LanguageClient(CLIENT_ID, CLIENT_NAME, server, options);
    },
    (file, from, length) => (file.scheme === 'file' ? readPart(file.fsPath, from, length) : undefined),
  );
  activateCheckTasks(context);
}

/** VS Code itself reads files only whole. */
async function readPart(path: string, from: number, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
