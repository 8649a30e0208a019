import { type LangiumDocument, type LangiumDocuments, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { CodeLensRefreshRequest } from 'vscode-languageserver';
import type { Analysis } from '../findings/analysis.js';
import { Analyzer } from '../findings/analyzer.js';
import { type ClientOptions, COMMIT_NOTIFICATION, COMMITTED_TEXT_REQUEST, type CommittedFile } from '../protocol.js';
import type { ConvNetServices } from '../services.js';

/** What the client can do beyond the language server protocol; without one it can do nothing. */
export class EditorClient {
  private commands: ReadonlySet<string> = new Set();
  private committed: CommittedFiles;

  constructor(
    private readonly shared: LangiumSharedServices,
    private readonly convnet: () => ConvNetServices,
  ) {
    const { Connection: connection, LanguageServer } = shared.lsp;
    this.committed = this.filesOf('HEAD');
    LanguageServer.onInitialize(({ initializationOptions }) => {
      const { commands = [] }: ClientOptions = initializationOptions ?? {};
      this.commands = new Set(commands);
    });
    connection?.onNotification(COMMIT_NOTIFICATION, () => {
      this.committed = this.filesOf('HEAD');
      connection.sendRequest(CodeLensRefreshRequest.type).catch(() => {});
    });
  }

  canRun(command: string): boolean {
    return this.commands.has(command);
  }

  /** A file as the last git commit has it, checked; undefined where there is none. */
  committedAnalysis(uri: string): Promise<Analysis | undefined> {
    return this.committed.analysis(uri);
  }

  /** The same for any commit. */
  analysisAt(revision: string, uri: string): Promise<Analysis | undefined> {
    return this.filesOf(revision).analysis(uri);
  }

  private filesOf(revision: string): CommittedFiles {
    const textOf = async (uri: string): Promise<string | null> => {
      const file: CommittedFile = { uri, revision };
      try {
        return (await this.shared.lsp.Connection?.sendRequest<string | null>(COMMITTED_TEXT_REQUEST, file)) ?? null;
      } catch {
        // It does not know of git.
        return null;
      }
    };
    return new CommittedFiles(this.shared, this.convnet, textOf);
  }
}

/** The files of a commit, which does not change: each is asked for and checked once. */
class CommittedFiles implements Pick<LangiumDocuments, 'getDocument' | 'getOrCreateDocument'> {
  private readonly documents = new Map<string, LangiumDocument>();
  private readonly analyses = new Map<string, Promise<Analysis | undefined>>();

  constructor(
    private readonly shared: LangiumSharedServices,
    private readonly convnet: () => ConvNetServices,
    private readonly textOf: (uri: string) => Promise<string | null>,
  ) {}

  analysis(uri: string): Promise<Analysis | undefined> {
    const known = this.analyses.get(uri) ?? this.analyse(uri);
    this.analyses.set(uri, known);
    return known;
  }

  getDocument(uri: URI): LangiumDocument | undefined {
    return this.documents.get(uri.toString());
  }

  async getOrCreateDocument(uri: URI): Promise<LangiumDocument> {
    const known = this.getDocument(uri);
    if (known) return known;
    const text = await this.textOf(uri.toString());
    if (text === null) throw new Error(`${uri.toString()} is in no commit`);
    const document = this.shared.workspace.LangiumDocumentFactory.fromString(text, uri);
    this.documents.set(uri.toString(), document);
    return document;
  }

  private async analyse(uri: string): Promise<Analysis | undefined> {
    const analyzer = new Analyzer({
      parser: this.convnet().parser,
      shared: { workspace: { LangiumDocuments: this } },
    });
    try {
      const document = await this.getOrCreateDocument(URI.parse(uri));
      await analyzer.load(document);
      return analyzer.analyse(document);
    } catch {
      return undefined;
    }
  }
}
