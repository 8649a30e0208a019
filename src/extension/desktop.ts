import type { ExtensionContext } from 'vscode';
import { activateFeatures } from './activate.js';
import { activateCheckTasks } from './check-tasks.js';
import { CLIENT_ID, CLIENT_NAME } from './language-client.js';

/** VS Code on a desktop or a server: the language server is a process of its own, and programs can be run. */
export function activate(context: ExtensionContext): void {
  activateFeatures(context, async (options) => {
    const { LanguageClient, TransportKind } = await import('./node-client.js');
    const server = { module: context.asAbsolutePath('dist/server.cjs'), transport: TransportKind.ipc };
    return new LanguageClient(CLIENT_ID, CLIENT_NAME, server, options);
  });
  activateCheckTasks(context);
}
