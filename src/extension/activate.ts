import type { ExtensionContext } from 'vscode';
import { activateLanguageClient, type CreateClient } from './language-client.js';
import { NetworkStore } from './network-store.js';
import { activatePreview } from './preview/manager.js';

/** Everything the extension does, a line each; the entry points differ only in how they start the language server. */
export async function activateFeatures(context: ExtensionContext, createClient: CreateClient): Promise<void> {
  const networks = new NetworkStore();
  context.subscriptions.push(networks);
  activatePreview(context, networks);
  await activateLanguageClient(context, createClient, networks);
}
