import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { activateFeatures } from './activate.js';
import { CLIENT_ID, CLIENT_NAME } from './language-client.js';

/** VS Code on a desktop or a server: the language server is a process of its own. */
export const activate = (context: ExtensionContext): Promise<void> =>
  activateFeatures(context, (options) => {
    const server = { module: context.asAbsolutePath('dist/server.cjs'), transport: TransportKind.ipc };
    return new LanguageClient(CLIENT_ID, CLIENT_NAME, server, options);
  });
