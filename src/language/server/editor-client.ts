import { type LangiumDocument, type LangiumDocuments, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { CodeLensRefreshRequest } from 'vscode-languageserver';
import type { Analysis } from '../findings/analysis.js';
import { Analyzer } from '../findings/analyzer.js';
import { type ClientOptions, COMMIT_NOTIFICATION, COMMITTED_TEXT_REQUEST, type CommittedFile } from '../protocol.js';
import type { ConvNetServices } from '../services.js';

/** How long code lenses wait for git; the rest of them is not to wait for it. */
const PATIENCE = 1000;

/** What the client can do beyond the language server protocol; without one it can do nothing. */
export class EditorClient {
  private commands: ReadonlySet<string> = new Set();
  private committed: CommittedFiles;
  /** What is to be told of when it is known. */
  private readonly late = new Set<Promise<unknown>>();

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
      this.refreshLenses();
    });
  }

  canRun(command: string): boolean {
    return this.commands.has(command);
  }

  /** A file as the last git commit has it, checked; undefined where there is none. */
  committedAnalysis(uri: string): Promise<Analysis | undefined> {
    return this.committed.analysis(uri);
  }

  /** The same, for code lenses: undefined as well where it takes too long; they are asked for again when it is there. */
  async committedSoon(uri: string): Promise<Analysis | undefined> {
    const committed = this.committed.analysis(uri);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, PATIENCE, 'late');
    });
    const found = await Promise.race([committed, late]).finally(() => clearTimeout(timer));
    if (found !== 'late') return found;
    if (!this.late.has(committed))
      void committed.then((analysis) => {
        this.late.delete(committed);
        if (analysis) this.refreshLenses();
      });
    this.late.add(committed);
    return undefined;
  }

  /** A file as a commit has it. */
  analysisAt(revision: string, uri: string): Promise<Analysis | undefined> {
    return this.filesOf(revision).analysis(uri);
  }

  private refreshLenses(): void {
    this.shared.lsp.Connection?.sendRequest(CodeLensRefreshRequest.type).catch(() => {});
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
