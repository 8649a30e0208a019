import { type CstNode, GrammarUtils } from 'langium';
import type { TextEdit } from 'vscode-languageserver-types';
import type { AttributeEdit, Fix, Problem } from '../network/problem.js';
import type { Elaboration, Origin } from './elaborate.js';
import type { Layer } from './generated/ast.js';
import { at, type Place, rangeOf } from './place.js';

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
export function fixEdits(elaboration: Elaboration, origin: Origin, { title, edits }: Fix): readonly TextFix[] {
  const texts: TextEdit[] = [];
  for (const edit of edits) {
    const target = edit.target === 'input' ? elaboration.origins[0] : origin;
    if (!target || target.model !== origin.model) return [];
    texts.push(attributeEdit(target, edit));
  }
  return [{ title, edits: texts }];
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
