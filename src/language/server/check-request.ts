import { type LangiumDocument, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import type { Connection } from 'vscode-languageserver';
import type { Analysis } from '../findings/analysis.js';
import type { Analyzer } from '../findings/analyzer.js';
import { CHECK_REQUEST, COMPARE_REQUEST, type Comparison, type NetworksMessage } from '../protocol.js';
import { compareFiles } from '../report/comparison.js';
import { formatMarkdownDiff } from '../report/comparison-table.js';
import type { EditorClient } from './editor-client.js';
import { networksMessage } from './networks-message.js';

/** Answers what the networks of a file are, be it open or not; null for one that is not there or may not be read. */
export function answerChecks(shared: LangiumSharedServices, analyzer: Analyzer, connection: Connection): void {
  connection.onRequest(CHECK_REQUEST, async (uri: string): Promise<NetworksMessage | null> => {
    const checked = await checkedFile(uri, shared, analyzer);
    return checked ? networksMessage(checked.document, checked.analysis.networks) : null;
  });
}

/** Answers what changed in a file since a commit, or between two files. */
export function answerComparisons(
  shared: LangiumSharedServices,
  analyzer: Analyzer,
  connection: Connection,
  client: EditorClient,
): void {
  connection.onRequest(COMPARE_REQUEST, async ({ uri, with: other }: Comparison): Promise<string | null> => {
    const before =
      'uri' in other
        ? (await checkedFile(other.uri, shared, analyzer))?.analysis
        : await client.analysisAt(other.revision, uri);
    const after = await checkedFile(uri, shared, analyzer);
    return before && after ? formatMarkdownDiff(compareFiles(before, after.analysis)) : null;
  });
}

interface CheckedFile {
  readonly document: LangiumDocument;
  readonly analysis: Analysis;
}

async function checkedFile(
  address: string,
  { workspace }: LangiumSharedServices,
  analyzer: Analyzer,
): Promise<CheckedFile | undefined> {
  const { LangiumDocuments, WorkspaceLock, WorkspaceManager } = workspace;
  await WorkspaceManager.ready;
  const uri = URI.parse(address);
  // After the edits that are on their way.
  return WorkspaceLock.read(async () => {
    const isKnown = LangiumDocuments.hasDocument(uri) || analyzer.mayRead(uri);
    const document = isKnown ? await LangiumDocuments.getOrCreateDocument(uri).catch(() => undefined) : undefined;
    if (!document) return undefined;
    await analyzer.load(document);
    return { document, analysis: analyzer.analyse(document) };
  });
}
