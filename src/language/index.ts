import { EmptyFileSystem, type FileSystemProvider, type LangiumDocument, URI } from 'langium';
import type { Framework } from '../network/frameworks.js';
import type { Analysis, Finding } from './findings/analysis.js';
import type { TextFix } from './findings/edits.js';
import type { CheckOptions } from './findings/options.js';
import type { ReadWeightsFile } from './findings/weights.js';
import { createConvNetServices } from './services.js';
import { formatText, isReadable } from './text/format.js';

export type { AnalysedNetwork, Analysis, Finding } from './findings/analysis.js';

/** A checked file, with what can be asked of it. */
export interface CheckedFile extends Analysis {
  readonly document: LangiumDocument;
  /** The fixes of a finding that were tried and work, the smallest first. */
  fixesOf(finding: Finding): readonly TextFix[];
  /** The same file, as if its networks followed another framework. */
  like(framework: Framework): Analysis;
}

/** Checks texts and files without an editor; keeps what it has read, so that imports are parsed once. */
export interface Checker {
  check(uri: string, text: string): Promise<CheckedFile>;
  /** Lays a text out; one with a slip in its syntax stays as it is. */
  format(text: string): string;
}

/** `files` reads imported files, `readWeights` the tables of weights files; by default there are none. */
export function createChecker(
  files?: FileSystemProvider,
  options: CheckOptions = {},
  readWeights?: ReadWeightsFile,
): Checker {
  const { shared, convnet } = createConvNetServices(files ? { fileSystemProvider: () => files } : EmptyFileSystem);
  const documents = shared.workspace.LangiumDocuments;
  const analyzer = convnet.analysis.Analyzer;
  analyzer.settings = options;
  analyzer.weights.read = readWeights;
  return {
    async check(uri, text) {
      const address = URI.parse(uri);
      documents.deleteDocument(address);
      const document = shared.workspace.LangiumDocumentFactory.fromString(text, address);
      documents.addDocument(document);
      await analyzer.load(document);
      return {
        ...analyzer.analyse(document),
        document,
        fixesOf: (finding) => analyzer.verifiedFixes(document, finding),
        like: (framework) => analyzer.analyseLike(document, framework),
      };
    },
    format: (text) => (isReadable(convnet.parser.LangiumParser.parse(text)) ? formatText(text) : text),
  };
}
