import { CodeActionKind } from 'vscode-languageserver-types';
import type { Binding } from '../meaning/model.js';
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
    const usedInside = ({ place }: Binding) => isInside(cstOf(place)?.offset);

    const parameters = new Set<string>();
    for (const binding of model.bindings.filter(usedInside)) {
      const { $type, $cstNode } = binding.declaration;
      if ($type !== 'Parameter' && $type !== 'LoopVariable') continue;
      if (!isInside($cstNode?.offset)) parameters.add(binding.declaration.name);
    }

    const patches: Patch[] = [];
    let [label, source] = ['', ''];
    const [first] = statements;
    const last = statements.at(-1);
    const uses = model.bindings.filter(({ declaration }) => declaration === last);
    if (last?.$type === 'Layer' && last.label !== undefined && uses.some((use) => !usedInside(use))) {
      label = `${last.label}: `;
      const [start, kind] = [cstOf(at(last, 'label')), cstOf(at(last, 'kind'))];
      if (start && kind && !uses.some(usedInside)) patches.push({ offset: start.offset, end: kind.offset, text: '' });
    }
    const [read] = (first.$type === 'Layer' && model.forms.get(first)?.from) || [];
    if (first.$type === 'Layer' && read && read.name !== 'previous') {
      const argument = first.arguments.findIndex(({ values }) => values.includes(read));
      const [word, names] = [first.arguments[argument - 1], first.arguments[argument]];
      if (!word?.$cstNode || names?.values.length !== 1) return [];
      source = ` from ${read.name}`;
      patches.push({ offset: word.$cstNode.offset, end: names.$cstNode?.end ?? word.$cstNode.end, text: '' });
    }

    const taken = (name: string) => model.declarations.has(name) || model.networks.some((other) => other.name === name);
    const name = freeName('Stage', taken);
    const list = parameters.size === 0 ? '' : `(${[...parameters].join(', ')})`;
    const block = `block ${name}${list} {\n${rewrite(text, from, to, patches)}\n}\n\n`;
    const above = textDocument.positionAt(startWithComments(text, owner.$cstNode?.offset ?? 0));
    const range = { start: textDocument.positionAt(from), end: textDocument.positionAt(to) };
    return [
      {
        title: `Extract to block ${name}`,
        keeps: 'layers',
        edits: [
          { range: { start: above, end: above }, newText: block },
          { range, newText: `${label}${name}${list}${source}` },
        ],
      },
    ];
  },
};

/** The start of a declaration, or of the comment lines just above it. */
function startWithComments(text: string, offset: number): number {
  const above = /(?:(?<=^|[\r\n])[ \t]*\/\/[^\r\n]*(?:\r\n|\n|\r))*[ \t]*$/.exec(text.slice(0, offset));
  return above?.index ?? offset;
}
