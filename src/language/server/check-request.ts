import { type LangiumDocument, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import type { Connection } from 'vscode-languageserver';
import type { Analysis } from '../findings/analysis.js';
import type { Analyzer } from '../findings/analyzer.js';
import { attributeEdit } from '../findings/edits.js';
import {
  type AttributeEdit,
  CHECK_REQUEST,
  COMMITTED_REQUEST,
  COMPARE_REQUEST,
  type Comparison,
  type NetworkReport,
  type NetworksMessage,
  SET_ATTRIBUTE_REQUEST,
  type SetAttribute,
} from '../protocol.js';
import { compareFiles } from '../report/comparison.js';
import { formatMarkdownDiff } from '../report/comparison-table.js';
import type { EditorClient } from './editor-client.js';
import { networksMessage, reportOf } from './networks-message.js';

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
  connection.onRequest(COMMITTED_REQUEST, async (uri: string): Promise<readonly NetworkReport[] | null> => {
    const committed = await client.committedAnalysis(uri);
    return committed?.networks.map((network) => reportOf(uri, network)) ?? null;
  });
}

/** Answers how the text sets an attribute of a layer that stands in the file itself. */
export function answerAttributes(shared: LangiumSharedServices, analyzer: Analyzer, connection: Connection): void {
  connection.onRequest(
    SET_ATTRIBUTE_REQUEST,
    async ({ uri, network, layer, attribute, value }: SetAttribute): Promise<AttributeEdit | null> => {
      const checked = await checkedFile(uri, shared, analyzer);
      const analysed = checked?.analysis.networks.find((candidate) => candidate.network.name === network);
      const index = analysed?.network.layers.findIndex(({ name }) => name === layer) ?? -1;
      const origin = analysed?.origins[index];
      if (!checked || !origin || origin.model.uri !== uri) return null;
      const edit = attributeEdit(origin, { target: 'layer', attribute, value });
      return { version: checked.document.textDocument.version, edit };
    },
  );
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
