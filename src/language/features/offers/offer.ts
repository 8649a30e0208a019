import { type LangiumDocument, type LangiumDocuments, UriUtils } from 'langium';
import { CompletionItemKind, type Range, type TextEdit } from 'vscode-languageserver-types';
import type { Analysis } from '../../findings/analysis.js';
import type { Analyzer } from '../../findings/analyzer.js';
import type { Block } from '../../generated/ast.js';
import type { Cursor } from '../support/cursor.js';
import { commentAbove, signatureOf } from '../support/describe.js';

/** Where something is to be completed. */
export interface Request {
  readonly document: LangiumDocument;
  readonly analysis: Analysis;
  readonly analyzer: Analyzer;
  readonly documents: LangiumDocuments;
  readonly cursor: Cursor;
  readonly offset: number;
  /** The word that is being typed. */
  readonly range: Range;
  readonly onlyNeeded: boolean;
}

/** An item before it is tied to the word it replaces; the group decides what comes first. */
export interface Offer {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly group: number;
  readonly insert?: string;
  /** What the typed word is compared with, where it is not the label. */
  readonly filter?: string;
  readonly after?: string;
  readonly description?: string;
  readonly doc?: string;
  /** Changes elsewhere that go with it. */
  readonly edits?: readonly TextEdit[];
  /** Opens the list again for what follows. */
  readonly goesOn?: boolean;
}

/** `<name>` in the text is a place to fill in. */
export const keyword = (label: string, text: string, description: string): Offer => {
  let stop = 0;
  const insert = text.replace(/<(.*?)>/g, (_, name: string) => (name ? `\${${++stop}:${name}}` : '$0'));
  return { label, kind: CompletionItemKind.Keyword, group: 3, insert, description };
};

export const blockDoc = (block: Block): string =>
  `\`\`\`convnet\n${signatureOf(block)}\n\`\`\`\n\n${commentAbove(block)}`;

/** What follows the cursor in its statement. */
export const restOfLine = ({ textDocument }: LangiumDocument, offset: number): string =>
  /^(?:(?!\/\/|\/\*|\bexpect\b)[^\r\n;{}])*/.exec(textDocument.getText().slice(offset, offset + 500))?.[0] ?? '';

/** The path of another file, as an import in this one writes it. */
export function pathTo(from: LangiumDocument, to: LangiumDocument): string {
  const path = UriUtils.relative(UriUtils.dirname(from.uri), to.uri);
  return path.startsWith('.') ? path : `./${path}`;
}
