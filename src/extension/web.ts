import { type ExtensionContext, Uri } from 'vscode';
import { activateFeatures } from './activate.js';
import { CLIENT_ID, CLIENT_NAME } from './language-client.js';

/** VS Code in a browser without a server: the language server is a web worker. */
export const activate = (context: ExtensionContext): void =>
  activateFeatures(context, async (options) => {
    const { LanguageClient } = await import('vscode-languageclient/browser');
    const script = Uri.joinPath(context.extensionUri, 'dist/browser/server.js');
    return new LanguageClient(CLIENT_ID, CLIENT_NAME, options, new Worker(script.toString(true)));
  });
