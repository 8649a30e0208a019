import type { CodeAction, Range } from 'vscode-languageserver-types';
import { extractBlock } from './extract-block.js';
import { changeFramework } from './framework.js';
import { inlineBlock } from './inline-block.js';
import { nameLayer } from './name-layer.js';
import type { Refactoring, Request } from './refactoring.js';
import { foldRepeat, unfoldRepeat } from './repeat.js';
import { laidOut } from './rewrite.js';
import { keepsNetworks } from './same-network.js';
import { selectionIn } from './selection.js';

/** One line a refactoring. */
const refactorings: readonly Refactoring[] = [
  extractBlock,
  inlineBlock,
  foldRepeat,
  unfoldRepeat,
  nameLayer,
  changeFramework,
];

/** The refactorings for a stretch of the text, each tried: none is offered that would change a network. */
export function refactoringsAt(
  { document, analysis, analyzer }: Pick<Request, 'document' | 'analysis' | 'analyzer'>,
  range: Range,
  isWanted: (kind: string) => boolean,
): readonly CodeAction[] {
  const { textDocument } = document;
  const offsetOf = textDocument.offsetAt.bind(textDocument);
  const selection = selectionIn(analysis.model.root, textDocument.getText(), range, offsetOf);
  const request = { document, analysis, analyzer, range, selection };
  return refactorings
    .filter(({ kind }) => isWanted(kind))
    .flatMap(({ kind, propose }) =>
      propose(request).flatMap(({ title, edits, keeps }) => {
        const whole = laidOut(document, edits);
        if (!keepsNetworks(document, { edits: whole, keeps }, analyzer)) return [];
        return [{ title, kind, edit: { changes: { [textDocument.uri]: [...whole] } } }];
      }),
    );
}
