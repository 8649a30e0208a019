import {
  delayNextTick,
  type LangiumDocument,
  type LangiumDocuments,
  type LangiumParser,
  OperationCancelled,
  type ParseResult,
  URI,
} from 'langium';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextEdit } from 'vscode-languageserver-types';
import { finish, type Steps } from '../../network/check.js';
import type { Framework } from '../../network/frameworks.js';
import type { WeightsFile } from '../../network/weights-file.js';
import type { File } from '../generated/ast.js';
import { Imports, importedUri, importsOf } from '../meaning/imports.js';
import { type FileModel, modelOf } from '../meaning/model.js';
import { type Analysis, analyse, type Finding } from './analysis.js';
import type { TextFix } from './edits.js';
import type { CheckOptions } from './options.js';
import { syntaxOf } from './syntax.js';
import { WeightsFiles } from './weights.js';

/** Deeper chains of imports are not followed. */
const MOST_IMPORTED_FILES = 1000;

const OUTSIDE = 'it lies outside the folder that is open';

/** What the analyzer needs to find imported files by. */
type Documents = Pick<LangiumDocuments, 'getDocument' | 'getOrCreateDocument'>;

interface AnalyzerServices {
  readonly parser: { readonly LangiumParser: LangiumParser };
  readonly shared: { readonly workspace: { readonly LangiumDocuments: Documents } };
}

/** A document, or what one would be after a change. */
export type ParsedText = Pick<LangiumDocument, 'uri' | 'textDocument' | 'parseResult'>;

interface Cached {
  readonly analysis: Analysis;
  readonly options: CheckOptions;
  /** The files it was made with: it holds as long as they are the same. */
  readonly imported: ReadonlyMap<string, ParseResult | undefined>;
  readonly weights: ReadonlyMap<string, WeightsFile | undefined>;
}

/** Keeps one analysis a document, made anew when the document or a file it imports has changed. */
export class Analyzer {
  private readonly documents: Documents;
  private readonly parser: LangiumParser;
  private readonly models = new WeakMap<ParseResult, FileModel>();
  private readonly analyses = new WeakMap<ParseResult, Cached>();
  private readonly running = new Map<ParseResult, Promise<Analysis>>();
  private readonly unreadable = new Map<string, string>();
  private readonly imports: Imports;
  /** The tables of the weights files; whoever knows files sets how they are read. */
  readonly weights = new WeightsFiles();
  /** How the user wants files to be checked; a new object makes every analysis anew. */
  settings: CheckOptions = {};
  /** Whether an import may be followed: an editor reads nothing outside the folders that are open. */
  mayRead: (uri: URI) => boolean = () => true;

  constructor(services: AnalyzerServices) {
    this.documents = services.shared.workspace.LangiumDocuments;
    this.parser = services.parser.LangiumParser;
    this.imports = new Imports(
      this.documents,
      (document) => this.modelOf(document.uri.toString(), document.parseResult),
      (uri) => this.unreadable.get(uri.toString()),
    );
  }

  /**
   * Reads the files that a document imports, and those that they import, so that {@link analyse} finds them, and the tables
   * of the weights files it names.
   */
  async load(document: LangiumDocument): Promise<void> {
    await this.weights.load(this.model(document), (uri) => (this.mayRead(uri) ? undefined : OUTSIDE));
    const waiting = [this.modelOf(document.uri.toString(), document.parseResult)];
    const seen = new Set<string>();
    for (let model = waiting.pop(); model && seen.size < MOST_IMPORTED_FILES; model = waiting.pop())
      for (const statement of importsOf(model)) {
        const uri = importedUri(model, statement);
        if (!uri || seen.has(uri.toString())) continue;
        seen.add(uri.toString());
        const imported = await this.read(uri);
        if (imported) waiting.push(this.modelOf(uri.toString(), imported.parseResult));
      }
  }

  private async read(uri: URI): Promise<LangiumDocument | undefined> {
    this.unreadable.delete(uri.toString());
    if (!this.mayRead(uri)) {
      this.unreadable.set(uri.toString(), OUTSIDE);
      return undefined;
    }
    try {
      return await this.documents.getOrCreateDocument(uri);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason) this.unreadable.set(uri.toString(), reason);
      return undefined;
    }
  }

  analyse(document: ParsedText): Analysis {
    return this.cached(document) ?? finish(this.analyseInSteps(document));
  }

  /**
   * The same for an open document, in slices: between them other requests are heard. All who ask share one analysis. It is
   * given up, with `OperationCancelled`, when the document gets a newer text.
   */
  async analysed(document: LangiumDocument): Promise<Analysis> {
    const cached = this.cached(document);
    if (cached) return cached;
    const { parseResult } = document;
    const running = this.running.get(parseResult) ?? inSlices(this.analyseInSteps(document), document);
    this.running.set(parseResult, running);
    try {
      return await running;
    } finally {
      this.running.delete(parseResult);
    }
  }

  private cached({ parseResult }: ParsedText): Analysis | undefined {
    const cached = this.analyses.get(parseResult);
    const holds =
      cached?.options === this.settings &&
      [...cached.imported].every(([uri, result]) => this.current(uri) === result) &&
      [...cached.weights].every(([uri, file]) => this.weights.get(uri) === file);
    return holds ? cached.analysis : undefined;
  }

  private *analyseInSteps({ uri, parseResult }: ParsedText): Steps<Analysis> {
    const model = this.modelOf(uri.toString(), parseResult);
    const madeWith = { options: this.settings, imported: this.importedBy(model), weights: this.weights.of(model) };
    const analysis = yield* this.steps(uri.toString(), parseResult, madeWith.options);
    this.analyses.set(parseResult, { analysis, ...madeWith });
    return analysis;
  }

  /** What a document declares, without working out its networks. */
  model(document: LangiumDocument): FileModel {
    return this.modelOf(document.uri.toString(), document.parseResult);
  }

  /** The same document, as if its networks followed another framework. */
  analyseLike(document: LangiumDocument, framework: Framework): Analysis {
    return this.analyseText(document.uri.toString(), document.parseResult, { ...this.settings, like: framework });
  }

  /** Whether a document, directly or through others, imports one of these files. */
  importsAny(document: LangiumDocument, uris: ReadonlySet<string>): boolean {
    const imported = this.analyses.get(document.parseResult)?.imported;
    return imported !== undefined && [...imported.keys()].some((uri) => uris.has(uri));
  }

  /** Whether a document names one of these weights files. */
  namesWeights(document: LangiumDocument, uris: ReadonlySet<string>): boolean {
    return [...this.weights.of(this.model(document)).keys()].some((uri) => uris.has(uri));
  }

  /** The block or constant that a name at the top of a file means, with the model of the file that declares it. */
  declaration(model: FileModel, name: string): ReturnType<Imports['declaration']> {
    return this.imports.declaration(model, name);
  }

  private current(uri: string): ParseResult | undefined {
    return this.documents.getDocument(URI.parse(uri))?.parseResult;
  }

  private importedBy(model: FileModel, found = new Map<string, ParseResult | undefined>()): typeof found {
    for (const statement of importsOf(model)) {
      const uri = importedUri(model, statement)?.toString();
      if (uri === undefined || found.has(uri)) continue;
      const result = this.current(uri);
      found.set(uri, result);
      if (result) this.importedBy(this.modelOf(uri, result), found);
    }
    return found;
  }

  private modelOf(uri: string, result: ParseResult): FileModel {
    const known = this.models.get(result);
    if (known) return known;
    const model = modelOf(uri, result.value as File, syntaxOf(result).damage);
    this.models.set(result, model);
    return model;
  }

  /** Analyses a text that is no document: a line on trial. */
  analyseTrial(text: string): Analysis {
    return this.analyseText('trial:', this.parser.parse<File>(text));
  }

  /** A document as it would be after a change. */
  edited({ uri, textDocument }: ParsedText, edits: readonly TextEdit[]): ParsedText {
    const text = TextDocument.applyEdits(textDocument, [...edits]);
    const after = TextDocument.create(textDocument.uri, textDocument.languageId, textDocument.version, text);
    return { uri, textDocument: after, parseResult: this.parser.parse<File>(text) };
  }

  private analyseText(uri: string, result: ParseResult, options = this.settings): Analysis {
    return finish(this.steps(uri, result, options));
  }

  private steps(uri: string, result: ParseResult, options: CheckOptions): Steps<Analysis> {
    const model = this.modelOf(uri, result);
    return analyse(model, syntaxOf(result).problems, this.imports, this.imports.problems(model), this.weights, options);
  }

  /** The fixes of a finding that were tried and work: the finding is gone and no error has come. */
  verifiedFixes(document: ParsedText, finding: Finding): readonly TextFix[] {
    return finding.fixes().filter((fix) => this.isVerified(document, finding, fix));
  }

  isVerified(document: ParsedText, finding: Finding, { edits }: TextFix): boolean {
    const after = this.analyse(this.edited(document, edits));
    const isGone = !after.findings.some(
      ({ code, range }) => code === finding.code && range.start.line === finding.range.start.line,
    );
    return isGone && errorsOf(after) <= errorsOf(this.analyse(document)) - (finding.severity === 'error' ? 1 : 0);
  }
}

/** How long other requests wait for a slice of a long analysis. */
const MILLISECONDS_A_SLICE = 10;

async function inSlices<T>(steps: Steps<T>, document: LangiumDocument): Promise<T> {
  const { parseResult, textDocument } = document;
  const { version } = textDocument;
  let start = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - start < MILLISECONDS_A_SLICE) continue;
    await delayNextTick();
    if (document.parseResult !== parseResult || document.textDocument.version !== version) throw OperationCancelled;
    start = performance.now();
  }
}

export const errorsOf = ({ findings }: Analysis): number =>
  findings.filter(({ severity }) => severity === 'error').length;

/** Why a file cannot be read, where it is there at all. */
function reasonOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read';
  return undefined;
}
