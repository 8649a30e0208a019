import type { LangiumDocument } from 'langium';
import type { Formatter } from 'langium/lsp';
import type { DocumentOnTypeFormattingParams, DocumentRangeFormattingParams } from 'vscode-languageserver';
import type { TextEdit } from 'vscode-languageserver-types';
import { type FormattedLine, formatLines, isReadable } from '../text/format.js';

/** Lays out a document, some of its lines, or the line that has just been finished. */
export class ConvNetFormatter implements Formatter {
  readonly formatOnTypeOptions = { firstTriggerCharacter: '}', moreTriggerCharacter: ['\n'] };

  formatDocument(document: LangiumDocument): TextEdit[] {
    const edits = editsOf(document, () => true);
    const { textDocument } = document;
    const text = textDocument.getText();
    const end = textDocument.positionAt(text.length);
    if (isReadable(document.parseResult) && /[^\s]$/.test(text))
      edits.push({ range: { start: end, end }, newText: '\n' });
    return edits;
  }

  formatDocumentRange(document: LangiumDocument, { range: { start, end } }: DocumentRangeFormattingParams): TextEdit[] {
    return editsOf(document, ({ first, last }) => last >= start.line && first <= end.line);
  }

  formatDocumentOnType(document: LangiumDocument, { position, ch }: DocumentOnTypeFormattingParams): TextEdit[] {
    const finished = ch === '\n' ? position.line - 1 : position.line;
    return editsOf(document, ({ first, last, text }) => text !== null && first === finished && last === finished);
  }
}

function editsOf(
  { parseResult, textDocument }: LangiumDocument,
  isWanted: (line: FormattedLine) => boolean,
): TextEdit[] {
  if (!isReadable(parseResult)) return [];
  const edits: TextEdit[] = [];
  for (const line of formatLines(textDocument.getText())) {
    if (!isWanted(line)) continue;
    const { first, last, text } = line;
    const start = { line: first, character: 0 };
    const next = { line: last + 1, character: 0 };
    const before = textDocument.getText({ start, end: next });
    const ending = /(?:\r\n|\n|\r)?$/.exec(before)?.[0] ?? '';
    const newText = text === null ? '' : text + ending;
    if (newText !== before) edits.push({ range: { start, end: next }, newText });
  }
  return edits;
}
