import type { LangiumSharedServices } from 'langium/lsp';
import type { Connection } from 'vscode-languageserver';
import type { WeightsFile } from '../../network/weights-file.js';
import type { Analyzer } from '../findings/analyzer.js';
import { READ_WEIGHTS_REQUEST, WEIGHTS_CHANGED_NOTIFICATION } from '../protocol.js';

/** Reads the tables of weights files through the client, and checks the documents that name them when they change. */
export function followWeights(shared: LangiumSharedServices, analyzer: Analyzer, connection: Connection): void {
  const { DocumentBuilder, LangiumDocuments } = shared.workspace;
  analyzer.weights.read = async (uri) => {
    try {
      return await connection.sendRequest<WeightsFile>(READ_WEIGHTS_REQUEST, uri);
    } catch {
      // Another editor's client knows no weights files: nothing is said of them.
      return undefined;
    }
  };
  connection.onNotification(WEIGHTS_CHANGED_NOTIFICATION, (uris: readonly string[]) => {
    const changed = new Set(uris);
    void shared.workspace.WorkspaceLock.write(async (token) => {
      const documents = LangiumDocuments.all.filter((document) => analyzer.namesWeights(document, changed));
      await DocumentBuilder.update(documents.map(({ uri }) => uri).toArray(), [], token);
    });
  });
}
