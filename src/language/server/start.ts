import { DocumentState, type LangiumDocument, UriUtils } from 'langium';
import { createServerRequestHandler, type DefaultSharedModuleContext, startLanguageServer } from 'langium/lsp';
import type { Connection, SelectionRangeParams } from 'vscode-languageserver';
import { selectionRanges } from '../features/selection-ranges.js';
import type { AnalysedNetwork } from '../findings/analysis.js';
import { NETWORKS_NOTIFICATION, type NetworkReport, type NetworksMessage } from '../protocol.js';
import { refreshRelated } from './refresh.js';
import { createServerServices } from './services.js';
import { followSettings } from './settings.js';
import { followWeights } from './weights.js';

/** Serves the language over a connection, and tells the client the networks of every open document after each check. */
export function startServer(context: DefaultSharedModuleContext & { readonly connection: Connection }): void {
  const { shared, convnet } = createServerServices(context);
  shared.workspace.DocumentBuilder.onDocumentPhase(DocumentState.Validated, async (document) => {
    const uri = document.uri.toString();
    if (!shared.workspace.TextDocuments.get(uri)) return;
    const { networks } = convnet.analysis.Analyzer.analyse(document);
    await context.connection.sendNotification(NETWORKS_NOTIFICATION, networksMessage(document, networks));
  });
  convnet.analysis.Analyzer.mayRead = (uri) => {
    const folders = shared.workspace.WorkspaceManager.workspaceFolders ?? [];
    return folders.length === 0 || folders.some((folder) => UriUtils.contains(folder.uri, uri));
  };
  followSettings(shared, convnet.analysis.Analyzer);
  followWeights(shared, convnet.analysis.Analyzer, context.connection);
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
}

const networksMessage = (document: LangiumDocument, networks: readonly AnalysedNetwork[]): NetworksMessage => ({
  uri: document.uri.toString(),
  version: document.textDocument.version,
  networks: networks.map((network) => reportOf(document.uri.toString(), network)),
});

/** What the panel is told of a checked network. */
export function reportOf(
  file: string,
  { network, checked: { facts, totals }, findings }: AnalysedNetwork,
): NetworkReport {
  const messages = findings.map(({ severity, code, message, range: { start, end } }) => ({
    severity,
    code,
    message,
    range: {
      file,
      startLine: start.line,
      startCharacter: start.character,
      endLine: end.line,
      endCharacter: end.character,
    },
  }));
  return { network, facts, totals, messages };
}
