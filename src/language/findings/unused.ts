import { type AstNode, AstUtils, type CstNode } from 'langium';
import type { Range, TextEdit } from 'vscode-languageserver-types';
import * as diagnostics from '../../network/diagnostics.js';
import {
  type Block,
  type Const,
  type Entry,
  type ImportedName,
  isRepeat,
  type LoopVariable,
  type Parameter,
  type Repeat,
} from '../generated/ast.js';
import type { FileModel, PlacedProblem } from '../meaning/model.js';
import { at, cstOf } from '../text/place.js';
import type { TextFix } from './edits.js';

interface UnusedName extends PlacedProblem {
  readonly fixes: () => readonly TextFix[];
}

/**
 * The constants, blocks, parameters, loop variables and imports that nothing reads. Other files may import the constants and
 * blocks of a file without networks, and what it imports itself: those are left alone.
 */
export function unusedNames(model: FileModel): readonly UnusedName[] {
  const used = new Set<object>(model.bindings.map(({ declaration }) => declaration));
  const found: UnusedName[] = [];
  const add = (
    node: Const | Block | ImportedName | LoopVariable | Parameter,
    what: string,
    remove: () => readonly TextEdit[],
  ) => {
    if (used.has(node) || node.name === undefined) return;
    const place = node.$type === 'ImportedName' ? at(node) : at(node, 'name');
    const fixes = () => {
      const edits = remove();
      return edits.length === 0 ? [] : [{ title: `Remove ${node.name}`, edits }];
    };
    found.push({ place, problem: diagnostics.unusedName(what, node.name), fixes });
  };
  const text = model.root.$cstNode?.root.fullText ?? '';
  const hasNetworks = model.networks.length > 0;
  for (const declaration of hasNetworks ? model.declarations.values() : [])
    if (declaration.$type === 'Const') add(declaration, 'constant', () => removeLine(text, declaration.$cstNode));
    else if (declaration.$type === 'ImportedName')
      add(declaration, 'import', () => {
        const { names, $cstNode } = declaration.$container;
        return names.length === 1 ? removeLine(text, $cstNode) : removeFromList(names, declaration);
      });
    else if (declaration.$type === 'Block') add(declaration, 'block', () => removeLine(text, declaration.$cstNode));
  for (const repeat of AstUtils.streamAst(model.root).filter(isRepeat))
    if (repeat.variable) add(repeat.variable, 'loop variable', () => removeVariable(repeat));
  // The calls in other files would have to change, too.
  for (const block of model.blocks)
    for (const parameter of block.parameters)
      add(parameter, 'parameter', () => (hasNetworks ? removeParameter(model, block, parameter) : []));
  return found;
}

/** A statement goes with its line, when it stands there alone. */
function removeLine(text: string, node: CstNode | undefined): readonly TextEdit[] {
  if (!node) return [];
  const before = /(?:^|[\r\n])[ \t]*$/.test(text.slice(0, node.offset));
  const after = /^[ \t]*(?:\/\/[^\r\n]*)?(?:\r\n|\n|\r|$)/.test(text.slice(node.end));
  const { start, end } = node.range;
  if (!before || !after) return [];
  return [remove({ start: { line: start.line, character: 0 }, end: { line: end.line + 1, character: 0 } })];
}

const remove = (range: Range): TextEdit => ({ range, newText: '' });

/** `repeat i in 1..4` becomes `repeat 4`, where it begins with 1. */
function removeVariable({ variable, first, last }: Repeat): readonly TextEdit[] {
  const start = variable?.$cstNode?.range.start;
  const end = last?.$cstNode?.range;
  return start && end && first.$cstNode?.text === '1' ? [remove({ start, end: end.start })] : [];
}

/** An entry of a list goes with its comma. */
function removeFromList<T extends AstNode>(list: readonly T[], entry: T): readonly TextEdit[] {
  const place = list.indexOf(entry);
  const [before, own, next] = [list[place - 1], list[place], list[place + 1]].map((node) => node?.$cstNode?.range);
  if (!own) return [];
  if (before) return [remove({ start: before.end, end: own.end })];
  return [remove({ start: own.start, end: next ? next.start : own.end })];
}

/** A parameter goes with the arguments of all calls. */
function removeParameter(model: FileModel, block: Block, parameter: Parameter): readonly TextEdit[] {
  const { parameters } = block;
  const name = cstOf(at(block, 'name'))?.range.end;
  const body = block.body?.$cstNode?.range.start;
  if (!name || !body) return [];
  const edits: TextEdit[] =
    parameters.length === 1
      ? [{ range: { start: name, end: body }, newText: ' ' }]
      : [...removeFromList(parameters, parameter)];
  for (const [call, { target, entries }] of model.forms) {
    if (target.type !== 'block' || target.declaration !== block) continue;
    const argument = argumentFor(entries, parameters.indexOf(parameter), parameter.name);
    const kind = cstOf(at(call, 'kind'))?.range.end;
    const list = argument?.$container.$cstNode?.range.end;
    if (!argument || !kind || !list) continue;
    if (entries.length === 1) edits.push(remove({ start: kind, end: list }));
    else edits.push(...removeFromList(entries, argument));
  }
  return edits;
}

function argumentFor(entries: readonly Entry[], position: number, name: string): Entry | undefined {
  const unnamed = entries.filter((entry) => entry.name === undefined);
  return entries.find((entry) => entry.name === name) ?? unnamed[position];
}
