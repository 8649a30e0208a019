import { type LangiumDocument, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import type { Analyzer } from '../../findings/analyzer.js';
import { lineBefore } from './line-diff.js';

/** What stands behind the lines of a text, by line. */
type Labels = ReadonlyMap<number, string>;

interface Saved {
  readonly lines: readonly string[];
  readonly labels: Labels;
}

const linesOf = ({ textDocument }: LangiumDocument): readonly string[] => textDocument.getText().split(/\r\n|\r|\n/);

/** The sizes of every open document as they were when it was opened or saved last. */
export class SavedSizes {
  private readonly saved = new Map<string, Saved>();

  constructor(shared: LangiumSharedServices, analyzer: () => Analyzer) {
    const { workspace, lsp } = shared;
    workspace.TextDocuments.onDidClose(({ document }) => this.saved.delete(document.uri));
    workspace.TextDocuments.onDidSave(({ document }) => {
      this.saved.delete(document.uri);
      // What follows the blocks of a file was changed, and is saved, with it.
      for (const uri of this.saved.keys()) {
        const other = workspace.LangiumDocuments.getDocument(URI.parse(uri));
        if (other && analyzer().importsAny(other, new Set([document.uri]))) this.saved.delete(uri);
      }
      lsp.Connection?.languages.inlayHint.refresh().catch(() => {});
    });
  }

  /** For a line whose label was another one when the document was saved: that label. */
  before(document: LangiumDocument, labels: Labels): (line: number) => string | undefined {
    const uri = document.textDocument.uri;
    const saved = this.saved.get(uri);
    if (!saved) {
      this.saved.set(uri, { lines: linesOf(document), labels });
      return () => undefined;
    }
    if ([...labels].every(([line, label]) => saved.labels.get(line) === label)) return () => undefined;
    const lineOf = lineBefore(saved.lines, linesOf(document));
    return (line) => {
      const old = saved.labels.get(lineOf(line) ?? -1);
      return old === labels.get(line) ? undefined : old;
    };
  }
}
