import { type CstNode, GrammarUtils } from 'langium';
import type { TextEdit } from 'vscode-languageserver-types';
import type { AttributeEdit, Fix, Insertion, Problem } from '../../network/problem.js';
import type { Layer } from '../generated/ast.js';
import type { Elaboration, Origin } from '../meaning/elaboration.js';
import { at, type Place, rangeOf } from '../text/place.js';

/** A change of the text of one file that removes a finding. */
export interface TextFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** Other words for the one at the place of a problem: the slip, mended. */
export function replacementEdits(place: Place, { replacements = [] }: Problem): readonly TextFix[] {
  return replacements
    .slice(0, 3)
    .map((word) => ({ title: `Change to ${word}`, edits: [{ range: rangeOf(place), newText: word }] }));
}

/** A fix of a layer's attributes as changes of the text; none where the layer is written in another file. */
export function fixEdits(
  elaboration: Elaboration,
  origin: Origin,
  { title, edits, insertion }: Fix,
): readonly TextFix[] {
  const texts: TextEdit[] = [];
  for (const edit of edits) {
    const target = edit.target === 'input' ? elaboration.origins[0] : origin;
    if (!target || target.model !== origin.model) return [];
    texts.push(attributeEdit(target, edit));
  }
  if (insertion) {
    const text = insertionEdit(origin.node, insertion);
    if (!text) return [];
    texts.push(text);
  }
  return [{ title, edits: texts }];
}

function insertionEdit(node: Layer, insertion: Insertion): TextEdit | undefined {
  const { line } = insertion;
  const cst = node.$cstNode;
  if (!cst) return undefined;
  if (insertion.into === 'above') {
    const { start } = cst.range;
    const before = cst.root.fullText.slice(cst.offset - start.character, cst.offset);
    const isAlone = before.trim() === '';
    return { range: { start, end: start }, newText: isAlone ? `${line}\n${before}` : `${line}; ` };
  }
  const branches = node.body?.statements ?? [];
  // The branches are the inputs only where none is repeated or chosen.
  if (!branches.every(({ $type }) => $type === 'Branch')) return undefined;
  const branch = branches[insertion.input];
  const body = branch?.$type === 'Branch' ? branch.body : undefined;
  const last = body?.statements.at(-1);
  if (insertion.into === 'empty branch')
    return body && !last ? { range: rangeOf(at(body)), newText: `{ ${line} }` } : undefined;
  if (!last) return body && { range: rangeOf(at(body)), newText: `{ ${line} }` };
  // On the last line of the branch: the formatter leaves lines as they are.
  const { end } = rangeOf(at(last));
  return { range: { start: end, end }, newText: `; ${line}` };
}

export function attributeEdit({ node, model, positional }: Origin, { attribute, value }: AttributeEdit): TextEdit {
  const form = model.forms.get(node);
  const unnamed = form?.positional[positional.indexOf(attribute)];
  const written = form?.attributes.get(attribute)?.value ?? unnamed;
  if (written) return { range: rangeOf(at(written)), newText: value };
  const end = (lastArgument(node)?.range ?? rangeOf(at(node))).end;
  return { range: { start: end, end }, newText: ` ${attribute} ${value}` };
}

/** What one more attribute of a line would stand behind. */
export const lastArgument = (node: Layer): CstNode | undefined =>
  node.arguments.at(-1)?.$cstNode ?? GrammarUtils.findNodeForProperty(node.$cstNode, 'kind');
