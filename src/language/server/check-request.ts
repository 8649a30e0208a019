import { URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import type { Connection } from 'vscode-languageserver';
import type { Analyzer } from '../findings/analyzer.js';
import { CHECK_REQUEST, type NetworksMessage } from '../protocol.js';
import { networksMessage } from './networks-message.js';

/** Answers what the networks of a file are, be it open or not; null for one that is not there or may not be read. */
export function answerChecks(shared: LangiumSharedServices, analyzer: Analyzer, connection: Connection): void {
  const { LangiumDocuments, WorkspaceLock, WorkspaceManager } = shared.workspace;
  connection.onRequest(CHECK_REQUEST, async (address: string): Promise<NetworksMessage | null> => {
    await WorkspaceManager.ready;
    const uri = URI.parse(address);
    // After the edits that are on their way.
    return WorkspaceLock.read(async () => {
      const isKnown = LangiumDocuments.hasDocument(uri) || analyzer.mayRead(uri);
      const document = isKnown ? await LangiumDocuments.getOrCreateDocument(uri).catch(() => undefined) : undefined;
      if (!document) return null;
      await analyzer.load(document);
      return networksMessage(document, analyzer.analyse(document).networks);
    });
  });
}
