import { Position, Range, Selection, TextEditorRevealType, Uri, ViewColumn, window, workspace } from 'vscode';
import type { SourceRange } from '../network/network.js';

/** The range as VS Code has it; the text may have changed since it was checked. */
export const rangeOf = ({ startLine, startCharacter, endLine, endCharacter }: SourceRange): Range =>
  new Range(startLine, startCharacter, endLine, endCharacter);

/** Puts the cursor where something stands in the text, in the editor that shows it already where there is one. */
export async function reveal(source: SourceRange, { focus }: { readonly focus: boolean }): Promise<void> {
  const document = await workspace.openTextDocument(Uri.parse(source.file));
  const shown = window.visibleTextEditors.find((editor) => editor.document === document);
  const editor = await window.showTextDocument(document, {
    viewColumn: shown?.viewColumn ?? ViewColumn.One,
    preserveFocus: !focus,
  });
  const start = document.validatePosition(new Position(source.startLine, source.startCharacter));
  editor.selection = new Selection(start, start);
  editor.revealRange(new Range(start, start), TextEditorRevealType.InCenterIfOutsideViewport);
}
