import { type CstNode, GrammarUtils } from 'langium';
import type { TextEdit } from 'vscode-languageserver-types';
import type { AttributeEdit, Fix, Insertion, Problem } from '../../network/problem.js';
import type { Layer, Statement } from '../generated/ast.js';
import type { Elaboration, Origin } from '../meaning/elaboration.js';
import type { FileModel } from '../meaning/model.js';
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
    const inserted = insertionEdits(origin, insertion);
    if (!inserted) return [];
    texts.push(...inserted);
  }
  return [{ title, edits: texts }];
}

function insertionEdits(origin: Origin, insertion: Insertion): readonly TextEdit[] | undefined {
  if (insertion.into === 'from') return readInstead(origin, insertion);
  const text =
    insertion.into === 'above' ? lineAbove(origin.node, insertion.line) : lineInBranch(origin.node, insertion);
  return text && [text];
}

function lineAbove({ $cstNode: cst }: Layer, line: string): TextEdit | undefined {
  if (!cst) return undefined;
  const { start } = cst.range;
  const before = cst.root.fullText.slice(cst.offset - start.character, cst.offset);
  const isAlone = before.trim() === '';
  return { range: { start, end: start }, newText: isAlone ? `${line}\n${before}` : `${line}; ` };
}

type InputInsertion = Exclude<Insertion, { readonly into: 'above' }>;

function lineInBranch(node: Layer, { into, input, line }: InputInsertion): TextEdit | undefined {
  const branches = node.body?.statements ?? [];
  // The branches are the inputs only where none is repeated or chosen.
  if (!branches.every(({ $type }) => $type === 'Branch')) return undefined;
  const branch = branches[input];
  const body = branch?.$type === 'Branch' ? branch.body : undefined;
  const last = body?.statements.at(-1);
  if (!last) return body && { range: rangeOf(at(body)), newText: `{ ${line} }` };
  if (into === 'empty branch') return undefined;
  // On the last line of the branch: the formatter leaves lines as they are.
  const { end } = rangeOf(at(last));
  return { range: { start: end, end }, newText: `; ${line}` };
}

/** Puts a line just above a merge that reads one of the inputs named after its `from`; the merge reads the line, as `previous`. */
function readInstead({ node, model }: Origin, { input, line }: InputInsertion): readonly TextEdit[] | undefined {
  const from = model.forms.get(node)?.from ?? [];
  const replaced = from[input];
  const inserted = replaced && lineAbove(node, replaced.name === PREVIOUS ? line : `${line} from ${replaced.name}`);
  if (!inserted) return undefined;
  const texts: TextEdit[] = [];
  if (replaced.name !== PREVIOUS) {
    texts.push({ range: rangeOf(at(replaced)), newText: PREVIOUS });
    // What was `previous` is no longer just above: it needs a name.
    const others = from.filter(({ name }) => name === PREVIOUS);
    if (others.length > 0) {
      const named = nameAbove(node, model);
      if (!named) return undefined;
      texts.push(...named.edits, ...others.map((other) => ({ range: rangeOf(at(other)), newText: named.name })));
    }
  }
  return [...texts, inserted];
}

const PREVIOUS = 'previous';

/** The name of the layer just above a line, and the change that gives it one; undefined where no single line stands there. */
function nameAbove(
  { $container: body, $containerIndex: index = 0 }: Layer,
  { labels }: FileModel,
): { readonly name: string; readonly edits: readonly TextEdit[] } | undefined {
  const above = body.$type === 'Body' ? body.statements.slice(0, index).findLast(isNoExpectation) : undefined;
  if (above?.$type !== 'Layer') return undefined;
  if (above.label !== undefined) return { name: above.label, edits: [] };
  const taken = [...labels.values()];
  let name = 'main';
  for (let i = 2; taken.some((names) => names.has(name)); i++) name = `main${i}`;
  const { start } = rangeOf(at(above));
  return { name, edits: [{ range: { start, end: start }, newText: `${name}: ` }] };
}

const isNoExpectation = ({ $type }: Statement): boolean => $type !== 'Expectation';

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
