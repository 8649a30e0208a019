import { CodeActionKind } from 'vscode-languageserver-types';
import type { Statement } from '../generated/ast.js';
import type { Binding, FileModel } from '../meaning/model.js';
import { at, cstOf } from '../text/place.js';
import type { Refactoring } from './refactoring.js';
import { freeName, type Patch, rewrite, spanOf } from './rewrite.js';

/**
 * The selected lines become a block, and a call of it. The parameters and loop variables that they use become its
 * parameters; what the first line reads and the name of the last are those of the call.
 */
export const extractBlock: Refactoring = {
  kind: CodeActionKind.RefactorExtract,
  propose({ document, analysis: { model }, selection }) {
    if (!selection?.isStretch) return [];
    const { owner, statements } = selection;
    if (statements.some(({ $type }) => $type === 'Branch' || $type === 'Expectation')) return [];
    const { textDocument } = document;
    const text = textDocument.getText();
    const { from, to } = spanOf(statements, text);
    const isInside = (offset: number | undefined) => offset !== undefined && from <= offset && offset < to;
    const label = labelOf(statements, model, isInside);
    const source = sourceOf(statements[0], model);
    if (!source) return [];

    const taken = (name: string) => model.declarations.has(name) || model.networks.some((other) => other.name === name);
    const name = freeName('Stage', taken);
    const parameters = parametersFor(model, isInside);
    const list = parameters.size === 0 ? '' : `(${[...parameters].join(', ')})`;
    const body = rewrite(text, from, to, [...label.patches, ...source.patches]);
    const above = textDocument.positionAt(startWithComments(text, owner.$cstNode?.offset ?? 0));
    const range = { start: textDocument.positionAt(from), end: textDocument.positionAt(to) };
    return [
      {
        title: `Extract to block ${name}`,
        keeps: 'layers',
        edits: [
          { range: { start: above, end: above }, newText: `block ${name}${list} {\n${body}\n}\n\n` },
          { range, newText: `${label.text}${name}${list}${source.text}` },
        ],
      },
    ];
  },
};

type IsInside = (offset: number | undefined) => boolean;

/** What the call says, and what no longer stands in the lines. */
interface Moved {
  readonly text: string;
  readonly patches: readonly Patch[];
}

const offsetOf = ({ place }: Binding): number | undefined => cstOf(place)?.offset;

/** The parameters and loop variables that lines use and do not declare. */
function parametersFor({ bindings }: FileModel, isInside: IsInside): ReadonlySet<string> {
  const names = new Set<string>();
  for (const binding of bindings) {
    const { declaration } = binding;
    const isInner = declaration.$type === 'Parameter' || declaration.$type === 'LoopVariable';
    if (isInner && isInside(offsetOf(binding)) && !isInside(declaration.$cstNode?.offset)) names.add(declaration.name);
  }
  return names;
}

/** The name of the last line is the call's, where later lines use it. */
function labelOf(statements: readonly Statement[], { bindings }: FileModel, isInside: IsInside): Moved {
  const last = statements.at(-1);
  const uses = bindings.filter(({ declaration }) => declaration === last).map(offsetOf);
  if (last?.$type !== 'Layer' || last.label === undefined || uses.every(isInside)) return { text: '', patches: [] };
  const [start, kind] = [cstOf(at(last, 'label')), cstOf(at(last, 'kind'))];
  const patches = start && kind && !uses.some(isInside) ? [{ offset: start.offset, end: kind.offset, text: '' }] : [];
  return { text: `${last.label}: `, patches };
}

/** What the first line reads is the call's; undefined where that is more than one layer. */
function sourceOf(first: Statement, { forms }: FileModel): Moved | undefined {
  const [read] = (first.$type === 'Layer' && forms.get(first)?.from) || [];
  if (first.$type !== 'Layer' || !read || read.name === 'previous') return { text: '', patches: [] };
  const argument = first.arguments.findIndex(({ values }) => values.includes(read));
  const [word, names] = [first.arguments[argument - 1], first.arguments[argument]];
  if (!word?.$cstNode || names?.values.length !== 1) return undefined;
  const patch = { offset: word.$cstNode.offset, end: names.$cstNode?.end ?? word.$cstNode.end, text: '' };
  return { text: ` from ${read.name}`, patches: [patch] };
}

/** The start of a declaration, or of the comment lines just above it. */
function startWithComments(text: string, offset: number): number {
  const above = /(?:(?<=^|[\r\n])[ \t]*\/\/[^\r\n]*(?:\r\n|\n|\r))*[ \t]*$/.exec(text.slice(0, offset));
  return above?.index ?? offset;
}
