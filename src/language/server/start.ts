import { DocumentState, delayNextTick, type LangiumDocument, URI, UriUtils } from 'langium';
import { createServerRequestHandler, type DefaultSharedModuleContext, startLanguageServer } from 'langium/lsp';
import type { Connection, SelectionRangeParams } from 'vscode-languageserver';
import { selectionRanges } from '../features/selection-ranges.js';
import { NETWORKS_NOTIFICATION } from '../protocol.js';
import { answerAttributes, answerChecks, answerComparisons } from './check-request.js';
import { networksMessage } from './networks-message.js';
import { refreshRelated } from './refresh.js';
import { createServerServices } from './services.js';
import { followSettings } from './settings.js';
import { followWeights } from './weights.js';

/** Serves the language over a connection, and tells the client the networks of every open document after each check. */
export function startServer(context: DefaultSharedModuleContext & { readonly connection: Connection }): void {
  const { shared, convnet } = createServerServices(context);
  convnet.analysis.Analyzer.mayRead = (uri) => {
    const folders = shared.workspace.WorkspaceManager.workspaceFolders ?? [];
    return folders.length === 0 || folders.some((folder) => UriUtils.contains(URI.parse(folder.uri), uri));
  };
  followSettings(shared, convnet.analysis.Analyzer);
  followWeights(shared, convnet.analysis.Analyzer, context.connection);
  answerChecks(shared, convnet.analysis.Analyzer, context.connection);
  answerAttributes(shared, convnet.analysis.Analyzer, context.connection);
  answerComparisons(shared, convnet.analysis.Analyzer, context.connection, convnet.editor.Client);
  refreshRelated(shared, convnet.analysis.Analyzer, context.connection);
  context.connection.onSelectionRanges(
    createServerRequestHandler(
      (_services, document, { positions }: SelectionRangeParams) =>
        selectionRanges(document, convnet.analysis.Analyzer.model(document), positions),
      shared,
      DocumentState.Parsed,
    ),
  );
  startLanguageServer(shared);
  // After the diagnostics, which a person waits for: a large network is half a megabyte.
  shared.workspace.DocumentBuilder.onDocumentPhase(DocumentState.Validated, (document) => {
    tellNetworks(document).catch(() => {});
  });

  async function tellNetworks(document: LangiumDocument): Promise<void> {
    if (!shared.workspace.TextDocuments.get(document.uri)) return;
    // They are on their way before this takes the thread.
    await delayNextTick();
    // Where the check failed, that is told; where a newer text has come, its networks will be.
    const analysis = await convnet.analysis.Analyzer.analysed(document).catch(() => undefined);
    if (!analysis || document.state !== DocumentState.Validated) return;
    await context.connection.sendNotification(NETWORKS_NOTIFICATION, networksMessage(document, analysis.networks));
  }
}
