import { type AstNode, CstUtils, type LangiumDocument } from 'langium';
import type { Position, Range, SelectionRange } from 'vscode-languageserver-types';
import { lastArgument } from '../findings/edits.js';
import { isBody, isLayer, type Layer } from '../generated/ast.js';
import type { FileModel } from '../meaning/model.js';
import { at, rangeOf } from '../text/place.js';

/** What "Expand Selection" goes through: a value, its attribute, the line, what stands in the braces, and so on outwards. */
export function selectionRanges(
  document: LangiumDocument,
  model: FileModel,
  positions: readonly Position[],
): SelectionRange[] {
  const { textDocument } = document;
  const end = textDocument.positionAt(textDocument.getText().length);
  const whole: Range = { start: { line: 0, character: 0 }, end };
  return positions.map((position) => {
    const ranges = [...rangesAt(model, textDocument.offsetAt(position)), whole];
    return ranges.reduceRight<SelectionRange>(
      (parent, range) => (isWider(parent.range, range) ? { range, parent } : parent),
      { range: whole },
    );
  });
}

/** From the inside out. */
function rangesAt(model: FileModel, offset: number): readonly Range[] {
  const root = model.root.$cstNode;
  const leaf = root && (CstUtils.findLeafNodeAtOffset(root, offset) ?? CstUtils.findLeafNodeBeforeOffset(root, offset));
  if (!leaf) return [];
  const ranges: Range[] = [leaf.range];
  for (let node: AstNode | undefined = leaf.astNode; node; node = node.$container) {
    if (isBody(node)) ranges.push(...insideBraces(node));
    ranges.push(rangeOf(at(node)));
    const line = node.$container;
    if (isLayer(line)) ranges.push(...partsOfLine(line, node, model));
  }
  return ranges;
}

/** `stride 2`, and the line without its braces. */
function partsOfLine(line: Layer, argument: AstNode, model: FileModel): readonly Range[] {
  const own = argument.$cstNode;
  const last = lastArgument(line);
  if (!own || !last || own.offset >= last.end) return [];
  const ranges: Range[] = [];
  for (const { word, value } of model.forms.get(line)?.attributes.values() ?? []) {
    const [start, end] = [word.$cstNode, value?.$cstNode];
    if (start && end && start.offset <= own.offset && own.end <= end.end)
      ranges.push({ start: start.range.start, end: end.range.end });
  }
  ranges.push({ start: rangeOf(at(line, 'kind')).start, end: last.range.end });
  ranges.push({ start: rangeOf(at(line)).start, end: last.range.end });
  return ranges;
}

/** All statements of a body. */
function insideBraces({ statements }: { readonly statements: readonly AstNode[] }): readonly Range[] {
  const [first, last] = [statements[0], statements.at(-1)];
  return first && last ? [{ start: rangeOf(at(first)).start, end: rangeOf(at(last)).end }] : [];
}

const isWider = (outer: Range, inner: Range): boolean =>
  !isBefore(inner.start, outer.start) &&
  !isBefore(outer.end, inner.end) &&
  (isBefore(outer.start, inner.start) || isBefore(inner.end, outer.end));

const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);
