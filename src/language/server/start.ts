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

/** Networks of so many layers, ResNet-50's and fewer, are told in a millisecond or two. */
const FEW_LAYERS = 200;

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
  const { DocumentBuilder, TextDocuments } = shared.workspace;
  // Small ones before the diagnostics: a panel runs and paints them while the editor draws its marks.
  DocumentBuilder.onDocumentPhase(DocumentState.Validated, (document) => tellNetworks(document, true));
  startLanguageServer(shared);
  // The others after the diagnostics, which a person waits for: a large network is half a megabyte.
  DocumentBuilder.onDocumentPhase(DocumentState.Validated, (document) => {
    void delayNextTick().then(() => tellNetworks(document, false));
  });

  async function tellNetworks(document: LangiumDocument, areSmall: boolean): Promise<void> {
    if (!TextDocuments.get(document.uri)) return;
    // Where the check failed, that is told; where a newer text has come, its networks will be.
    const analysis = await convnet.analysis.Analyzer.analysed(document).catch(() => undefined);
    if (!analysis || document.state !== DocumentState.Validated) return;
    const layers = analysis.networks.reduce((sum, { network }) => sum + network.layers.length, 0);
    if (layers <= FEW_LAYERS !== areSmall) return;
    const message = networksMessage(document, analysis.networks);
    void context.connection.sendNotification(NETWORKS_NOTIFICATION, message).catch(() => {});
  }
}
