import { CodeActionKind } from 'vscode-languageserver-types';
import type { Expression, Repeat, Statement } from '../generated/ast.js';
import { valueIn } from '../meaning/constants.js';
import { at } from '../text/place.js';
import type { Proposal, Refactoring, Request } from './refactoring.js';
import { freeName, hasComment, inPlaceOf, type Patch, patchAt, rewrite, spanOf, textOf } from './rewrite.js';

/** What a repeat is written out to at most. */
const MOST_UNFOLDED = 100;

/** Statements that stand several times in a row become a `repeat`. */
export const foldRepeat: Refactoring = {
  kind: CodeActionKind.RefactorRewrite,
  propose({ document, selection }) {
    if (!selection) return [];
    const { statements } = selection.body;
    const run = longestRun(statements, statements.indexOf(selection.statements[0]));
    if (!run) return [];
    const { textDocument } = document;
    const text = textDocument.getText();
    const { first, period, count } = run;
    const kept = spanOf(statements.slice(first, first + period), '');
    const all = spanOf(statements.slice(first, first + period * count), '');
    // A comment on one of the copies would be lost.
    if (hasComment(text.slice(kept.to, all.to))) return [];
    const body = text.slice(kept.from, kept.to);
    const isShort = !/[\r\n]/.test(body);
    const newText = isShort ? `repeat ${count} { ${body} }` : `repeat ${count} {\n${body}\n}`;
    const range = { start: textDocument.positionAt(all.from), end: textDocument.positionAt(all.to) };
    return [{ title: `Fold ${count} repetitions into repeat`, keeps: 'layers', edits: [{ range, newText }] }];
  },
};

interface Run {
  readonly first: number;
  /** How many statements are repeated. */
  readonly period: number;
  readonly count: number;
}

/** The repetition around a statement that covers most statements; of those the one with the shortest period. */
function longestRun(statements: readonly Statement[], around: number): Run | undefined {
  const texts = statements.map((statement) => textOf(statement).replaceAll(/\s+/g, ' '));
  let best: Run | undefined;
  for (let period = 1; period * 2 <= texts.length; period++) {
    let first = 0;
    for (let i = period; i <= texts.length; i++) {
      if (texts[i] === texts[i - period] && i < texts.length) continue;
      const count = Math.floor((i - first) / period);
      const end = first + count * period;
      const isBetter = count >= 2 && (!best || count * period > best.count * best.period);
      if (isBetter && first <= around && around < end) best = { first, period, count };
      first = i - period + 1;
    }
  }
  return best;
}

/** A `repeat` becomes the lines it stands for. */
export const unfoldRepeat: Refactoring = {
  kind: CodeActionKind.RefactorRewrite,
  propose(request) {
    const [repeat, more] = request.selection?.statements ?? [];
    if (repeat?.$type !== 'Repeat' || !repeat.$cstNode || !repeat.body || more || repeat.expectations.length > 0)
      return [];
    const turns = turnsOf(repeat, request);
    return turns ? [unfold(repeat, turns, request)] : [];
  },
};

/** The values of the loop variable; undefined where they depend on a call or are too many. */
function turnsOf({ first, last }: Repeat, { analysis: { model }, analyzer }: Request): readonly number[] | undefined {
  const numberOf = (expression: Expression): number | undefined => {
    const value = valueIn(expression, new Map(), model, analyzer);
    return value?.type === 'number' && Number.isInteger(value.value) ? value.value : undefined;
  };
  const start = first && numberOf(first);
  const end = last ? numberOf(last) : start;
  if (start === undefined || end === undefined) return undefined;
  const from = last ? start : 1;
  const count = Math.max(0, end - from + 1);
  return count > MOST_UNFOLDED ? undefined : Array.from({ length: count }, (_, i) => from + i);
}

function unfold(repeat: Repeat, turns: readonly number[], { document, analysis, selection }: Request): Proposal {
  const { textDocument } = document;
  const { model } = analysis;
  const text = textDocument.getText();
  const { offset = 0, end = 0 } = repeat.$cstNode ?? {};
  const inside = { from: (repeat.body.$cstNode?.offset ?? 0) + 1, to: (repeat.body.$cstNode?.end ?? 0) - 1 };
  const labels = selection && model.labels.get(selection.owner);
  const taken = new Set(labels?.keys() ?? []);
  const copies = turns.map((turn, i) => {
    const patches: Patch[] = [];
    for (const { place, declaration } of model.bindings)
      if (declaration === repeat.variable) patches.push(...patchAt(place, String(turn)));
    // Later lines read the layers of the last turn: those keep their names.
    for (const [name, layers] of i < turns.length - 1 ? (labels ?? []) : []) {
      const own = layers.filter(
        ({ $cstNode }) => $cstNode && inside.from <= $cstNode.offset && $cstNode.end <= inside.to,
      );
      if (own.length === 0) continue;
      const other = freeName(name, (candidate) => taken.has(candidate));
      taken.add(other);
      for (const layer of own) patches.push(...patchAt(at(layer, 'label'), other));
      for (const { place, declaration } of model.bindings)
        if (declaration.$type === 'Layer' && own.includes(declaration)) patches.push(...patchAt(place, other));
    }
    return rewrite(text, inside.from, inside.to, patches).trim();
  });
  const range = { start: textDocument.positionAt(offset), end: textDocument.positionAt(end) };
  const newText = inPlaceOf(text, offset, end, copies.join('\n'));
  return { title: 'Unfold this repeat', keeps: 'layers', edits: [{ range, newText }] };
}
