import type { ParseResult } from 'langium';
import type { Position, Range } from 'vscode-languageserver-types';
import type { Damage } from '../meaning/model.js';
import type { LayoutError } from '../text/lexer.js';
import type { Edge, Mend } from '../text/slips.js';
import type { SyntaxProblem } from './analysis.js';
import type { TextFix } from './edits.js';

/** More slips than this in one file are not told: nobody mends them one by one. */
const MOST_SYNTAX_PROBLEMS = 100;

/** What the lexer and the parser could not read: one message a line, in the order of the text. */
export function syntaxOf(parseResult: ParseResult): {
  readonly problems: readonly SyntaxProblem[];
  readonly damage: Damage;
} {
  const byLine = new Map<number, SyntaxProblem>();
  const structural = new Set<number>();
  const add = (problem: SyntaxProblem) => {
    const { line } = problem.range.start;
    if (!byLine.has(line)) byLine.set(line, problem);
  };
  for (const error of parseResult.lexerErrors as LayoutError[]) {
    const line = (error.line ?? 1) - 1;
    const start = { line, character: (error.column ?? 1) - 1 };
    add({
      ...(error.tooLarge && { code: 'too-large' }),
      message: error.message,
      range: { start, end: { line, character: start.character + error.length } },
      ...(error.mend && { fix: fixOf(error.mend) }),
    });
    if (error.structural) structural.add(line);
  }
  for (const { token, message, ...rest } of parseResult.parserErrors) {
    const previous = 'previousToken' in rest ? (rest.previousToken as typeof token) : undefined;
    const range = rangeOfToken(token) ?? endOfToken(previous);
    // Without a place it is about a token that the layout put in, and told.
    if (range) add({ message, range });
  }
  const problems = [...byLine.values()].sort((a, b) => a.range.start.line - b.range.start.line);
  return { problems: problems.slice(0, MOST_SYNTAX_PROBLEMS), damage: { lines: new Set(byLine.keys()), structural } };
}

function fixOf({ title, edits }: Mend): TextFix | undefined {
  const texts = edits.flatMap(({ from, to, text }) => {
    const [start, end] = [placeOf(from), placeOf(to)];
    return start && end ? [{ range: { start, end }, newText: text }] : [];
  });
  return texts.length === edits.length ? { title, edits: texts } : undefined;
}

const placeOf = ({ token, side }: Edge): Position | undefined => rangeOfToken(token)?.[side];

type Token = ParseResult['parserErrors'][number]['token'];

function rangeOfToken(token: Token | undefined): Range | undefined {
  const { startLine, startColumn, endLine, endColumn } = token ?? {};
  if (!startLine || !startColumn || !endLine || !endColumn) return undefined;
  const isLineEnd = token?.tokenType.name === 'NL';
  const start = { line: startLine - 1, character: startColumn - 1 };
  return { start, end: isLineEnd ? start : { line: endLine - 1, character: endColumn } };
}

/** Just behind a token: where something is missing. */
function endOfToken(token: Token | undefined): Range | undefined {
  const range = rangeOfToken(token);
  return range && { start: range.end, end: range.end };
}
