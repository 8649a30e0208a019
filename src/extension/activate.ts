import type { ExtensionContext } from 'vscode';
import { activateCompare } from './compare.js';
import { activateExpectations } from './expectations.js';
import { activateExport } from './export/command.js';
import { activateGit } from './git.js';
import { activateImport } from './import/command.js';
import { activateLanguageClient, type CreateClient } from './language-client.js';
import { NetworkStore } from './network-store.js';
import { activateNetworkView } from './network-view/view.js';
import type { ReadPart } from './preview/data-files.js';
import { activatePreview } from './preview/manager.js';
import { activateShowReferences } from './show-references.js';
import { activateExamples } from './starting/examples.js';
import { activateNewNetwork } from './starting/new-network.js';
import { activateStatusBar } from './status-bar.js';
import { activateWeightsTables } from './weights-tables.js';

/** Everything the extension does, a line each; the entry points differ only in how they start the language server. */
export function activateFeatures(context: ExtensionContext, createClient: CreateClient, readPart?: ReadPart): void {
  const networks = new NetworkStore();
  context.subscriptions.push(networks);
  const server = activateLanguageClient(context, createClient, networks);
  const git = activateGit(context, server);
  activatePreview(context, networks, server, git, readPart);
  activateNetworkView(context, networks);
  activateStatusBar(context, networks);
  activateExpectations(context, networks, server);
  activateExport(context, networks);
  activateImport(context, networks);
  activateNewNetwork(context);
  activateExamples(context);
  activateWeightsTables(context, server);
  activateCompare(context, networks, server, git);
  activateShowReferences(context);
  // Everything is there at once; what it shows comes with the server, which takes its time. VS Code does not wait for that.
  setTimeout(() => void server.start());
}
