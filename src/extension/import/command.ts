import { commands, type ExtensionContext, type Uri } from 'vscode';
import type { NetworkStore } from '../network-store.js';

/** *Import…*. Its code is loaded when it is first used. */
export function activateImport(context: ExtensionContext, networks: NetworkStore): void {
  const run = async (uri?: Uri) => (await import('./importing.js')).importNetwork(networks, uri);
  context.subscriptions.push(commands.registerCommand('convnet.import', run));
}
