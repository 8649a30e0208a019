import type { CodeAction, Range } from 'vscode-languageserver-types';
import type { Steps } from '../../network/check.js';
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

/** The refactorings for a stretch of the text, each tried, a step each: none is offered that would change a network. */
export function* refactoringsAt(
  { document, analysis, analyzer }: Pick<Request, 'document' | 'analysis' | 'analyzer'>,
  range: Range,
  isWanted: (kind: string) => boolean,
): Steps<readonly CodeAction[]> {
  const { textDocument } = document;
  const offsetOf = textDocument.offsetAt.bind(textDocument);
  const selection = selectionIn(analysis.model.root, textDocument.getText(), range, offsetOf);
  const request = { document, analysis, analyzer, range, selection };
  const actions: CodeAction[] = [];
  for (const { kind, propose } of refactorings) {
    if (!isWanted(kind)) continue;
    for (const { title, edits, keeps } of propose(request)) {
      yield;
      const whole = laidOut(document, edits);
      if (keepsNetworks(document, { edits: whole, keeps }, analyzer))
        actions.push({ title, kind, edit: { changes: { [textDocument.uri]: [...whole] } } });
    }
  }
  return actions;
}
