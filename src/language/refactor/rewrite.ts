import type { AstNode, LangiumDocument } from 'langium';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextEdit } from 'vscode-languageserver-types';
import type { Expression, Statement } from '../generated/ast.js';
import { formatLines } from '../text/format.js';
import { cstOf, type Place } from '../text/place.js';

/** Other words for a stretch of a text, by offsets. */
export interface Patch {
  readonly offset: number;
  readonly end: number;
  readonly text: string;
}

/** Insertions first, then from the outside in. */
const inOrder = (a: Patch, b: Patch): number =>
  a.offset - b.offset || Number(b.end === b.offset) - Number(a.end === a.offset) || b.end - a.end;

/** The text from `from` to `to` with patches; of overlapping ones the outermost counts. */
export function rewrite(text: string, from: number, to: number, patches: readonly Patch[]): string {
  let written = '';
  let at = from;
  for (const patch of [...patches].sort(inOrder)) {
    if (patch.offset < at || patch.end > to) continue;
    written += text.slice(at, patch.offset) + patch.text;
    at = patch.end;
  }
  return written + text.slice(at, to);
}

export const patchAt = (place: Place, text: string): readonly Patch[] => {
  const cst = cstOf(place);
  return cst ? [{ offset: cst.offset, end: cst.end, text }] : [];
};

export const textOf = ({ $cstNode }: AstNode): string => $cstNode?.text ?? '';

/** An expression as it stands in a line or inside another expression. */
export const asOperand = (expression: Expression): string =>
  ['BinaryExpression', 'Call', 'Unary'].includes(expression.$type) ? `(${textOf(expression)})` : textOf(expression);

/** From the first of some statements to the end of the last, with a comment that follows it on its line. */
export function spanOf(statements: readonly Statement[], text: string): { readonly from: number; readonly to: number } {
  const from = statements[0]?.$cstNode?.offset ?? 0;
  const end = statements.at(-1)?.$cstNode?.end ?? from;
  return { from, to: end + (/^[ \t]*\/\/[^\r\n]*/.exec(text.slice(end))?.[0].length ?? 0) };
}

export const hasComment = (text: string): boolean => /\/\/|\/\*/.test(text.replaceAll(/"[^"\r\n]*"?/g, ''));

/** Puts statements where one stood: between braces on the same line they get lines of their own. */
export function inPlaceOf(text: string, from: number, to: number, statements: string): string {
  if (!/[\r\n]/.test(statements)) return statements;
  const before = /\{[ \t]*$/.test(text.slice(0, from)) ? '\n' : '';
  const after = /^[ \t]*[}]/.test(text.slice(to)) || /\/\/[^\r\n]*$/.test(statements) ? '\n' : '';
  return before + statements + after;
}

/** A name that is not taken: `conv1`, `conv2`, … */
export function freeName(stem: string, isTaken: (name: string) => boolean): string {
  for (let i = 1; ; i++) if (!isTaken(`${stem}${i}`)) return `${stem}${i}`;
}

/** The same change with every line that it touches laid out; it then consists of whole lines. */
export function laidOut({ textDocument }: LangiumDocument, edits: readonly TextEdit[]): readonly TextEdit[] {
  const sorted = [...edits].sort((a, b) => textDocument.offsetAt(a.range.start) - textDocument.offsetAt(b.range.start));
  const after = TextDocument.applyEdits(textDocument, sorted);
  const formatted = formatLines(after);
  const result: TextEdit[] = [];
  let shift = 0;
  for (const { range, newText } of sorted) {
    const first = range.start.line + shift;
    const added = newText.split('\n').length - 1;
    shift += added - (range.end.line - range.start.line);
    const last = first + added;
    const lines = formatted
      .filter((line) => line.first >= first && line.last <= last)
      .flatMap(({ text }) => text ?? []);
    const previous = result.at(-1);
    const start = { line: range.start.line, character: 0 };
    const next = { line: range.end.line + 1, character: 0 };
    const whole = textDocument.getText({ start, end: next });
    const ending = /(?:\r\n|\n|\r)?$/.exec(whole)?.[0] ?? '';
    const newline = after.includes('\r\n') ? '\r\n' : '\n';
    // Two changes of one line cannot be laid out apart from each other.
    if (previous && previous.range.end.line > range.start.line) return edits;
    result.push({ range: { start, end: next }, newText: lines.length === 0 ? '' : lines.join(newline) + ending });
  }
  return result;
}
