import { DocumentState } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { CodeLensRefreshRequest, type Connection } from 'vscode-languageserver';
import type { Analyzer } from '../findings/analyzer.js';

/**
 * Hints and lenses are asked for when their own text changes. Those of a file also follow the blocks that it imports, and
 * those of a block the networks that use it: when such another file changes, the client is told to ask again.
 */
export function refreshRelated(shared: LangiumSharedServices, analyzer: Analyzer, connection: Connection): void {
  const { DocumentBuilder, LangiumDocuments, TextDocuments } = shared.workspace;
  let changed: ReadonlySet<string> = new Set();
  let refresh = async (): Promise<void> => {};
  shared.lsp.LanguageServer.onInitialize(({ capabilities: { workspace } }) => {
    refresh = async () => {
      if (workspace?.inlayHint?.refreshSupport) await connection.languages.inlayHint.refresh();
      if (workspace?.codeLens?.refreshSupport) await connection.sendRequest(CodeLensRefreshRequest.type);
    };
  });
  DocumentBuilder.onUpdate((uris) => {
    // Those of a build that this one has cancelled are still to be told.
    changed = new Set([...changed, ...uris.map(String)]);
  });
  DocumentBuilder.onBuildPhase(DocumentState.Validated, () => {
    const others = LangiumDocuments.all.filter(({ uri }) => !changed.has(uri.toString()));
    const isRelated = others
      .filter(({ uri }) => TextDocuments.get(uri) !== undefined)
      .some((open) => {
        const own = new Set([open.uri.toString()]);
        const isImported = LangiumDocuments.all.some(
          (document) => changed.has(document.uri.toString()) && analyzer.importsAny(document, own),
        );
        return isImported || analyzer.importsAny(open, changed);
      });
    changed = new Set();
    // The build does not wait for the client's answer; a client that has gone gives none.
    if (isRelated) refresh().catch(() => {});
  });
}
