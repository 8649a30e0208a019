import type { LangiumDocument } from 'langium';
import type { CodeActionKind, Range, TextEdit } from 'vscode-languageserver-types';
import type { Analysis } from '../findings/analysis.js';
import type { Analyzer } from '../findings/analyzer.js';
import type { Selection } from './selection.js';

/** What a refactoring is asked for. */
export interface Request {
  readonly document: LangiumDocument;
  readonly analysis: Analysis;
  readonly analyzer: Analyzer;
  readonly range: Range;
  /** The statements that the range touches; undefined outside of every body. */
  readonly selection: Selection | undefined;
}

/** A change of the text, not yet tried. */
export interface Proposal {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** What must be the same afterwards: every layer in all its attributes, or only the sizes. */
  readonly keeps: 'layers' | 'sizes';
}

/** One kind of change of the text that leaves the networks what they are. */
export interface Refactoring {
  readonly kind: CodeActionKind;
  propose(request: Request): Iterable<Proposal>;
}
