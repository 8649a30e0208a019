import type { Position, Range } from 'vscode-languageserver-types';
import type { Block, Body, File, Network, Statement } from '../generated/ast.js';

/** Neighbouring statements of one body. */
export interface Selection {
  readonly owner: Block | Network;
  readonly body: Body;
  readonly statements: readonly [Statement, ...Statement[]];
  /** Whether a stretch of text is selected, or the cursor only stands there. */
  readonly isStretch: boolean;
}

/** The statements that a range touches, in the innermost body around it. */
export function selectionIn(
  root: File,
  text: string,
  { start, end }: Range,
  offsetOf: (position: Position) => number,
): Selection | undefined {
  let from = offsetOf(start);
  let to = offsetOf(end);
  const isStretch = to > from;
  if (isStretch) {
    const selected = text.slice(from, to);
    from += selected.length - selected.trimStart().length;
    to -= selected.length - selected.trimEnd().length;
  }
  // Before a line means on its first layer.
  if (!isStretch) from = to += /^[ \t]*/.exec(text.slice(to))?.[0].length ?? 0;
  const encloses = ({ $cstNode }: Body) => $cstNode !== undefined && $cstNode.offset < from && to < $cstNode.end;
  for (const owner of root.items) {
    if ((owner.$type !== 'Network' && owner.$type !== 'Block') || !owner.body || !encloses(owner.body)) continue;
    let body: Body = owner.body;
    for (;;) {
      const inner: Body | undefined = body.statements.flatMap(bodiesOf).find(encloses);
      if (!inner) break;
      body = inner;
    }
    const [first, ...more] = body.statements.filter(
      ({ $cstNode }) => $cstNode && $cstNode.offset <= to && from <= $cstNode.end,
    );
    return first && { owner, body, statements: [first, ...more], isStretch };
  }
  return undefined;
}

function bodiesOf(statement: Statement): readonly Body[] {
  switch (statement.$type) {
    case 'If':
      return [
        ...(statement.then ? [statement.then] : []),
        ...(statement.otherwise ? [statement.otherwise] : []),
        ...(statement.elseIf ? bodiesOf(statement.elseIf) : []),
      ];
    case 'Expectation':
      return [];
    default:
      return statement.body ? [statement.body] : [];
  }
}
