import type { ParseResult } from 'langium';
import { isLayerKind } from '../../network/catalogue.js';
import { ConvNetTerminals } from '../generated/ast.js';

/**
 * The layout of a file: two spaces a brace, one between words, and what stands at the ends of lines (an `expect`, a
 * comment) in columns. Lines stay the author's: what stands on a line, and after `;`, stays there. Only spaces and empty
 * lines change, so a network never does.
 */

/** One or (where a comment spans several) more lines of the text, with what they become; null for a line that goes. */
export interface FormattedLine {
  readonly first: number;
  readonly last: number;
  readonly text: string | null;
}

interface Token {
  readonly type: 'word' | 'number' | 'text' | 'sign' | 'comment';
  readonly text: string;
}

interface SourceLine {
  readonly first: number;
  readonly last: number;
  readonly tokens: readonly Token[];
}

const INDENT = '  ';
/** Before an `expect` or a comment at the end of a line. */
const GAP = '  ';

/** Whether a text can be laid out: where its syntax is wrong, braces may mean something else than they say. */
export const isReadable = ({ lexerErrors, parserErrors }: ParseResult): boolean =>
  lexerErrors.length === 0 && parserErrors.length === 0;

export function formatText(text: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = formatLines(text).flatMap((line) => line.text ?? []);
  return lines.length === 0 ? '' : `${text.startsWith('\uFEFF') ? '\uFEFF' : ''}${lines.join(newline)}${newline}`;
}

export function formatLines(text: string): readonly FormattedLine[] {
  const printed: Printed[] = [];
  const printer = new Printer();
  const source = readLines(text);
  const lastWithCode = source.findLastIndex(({ tokens }) => tokens.length > 0);
  for (const [i, { first, last, tokens }] of source.entries()) {
    const isEmpty = tokens.length === 0;
    const followsEmpty = printed.at(-1)?.isEmpty === true;
    const goes = isEmpty && (!printed.some((line) => !line.isEmpty) || i > lastWithCode || followsEmpty);
    printed.push({ first, last, ...printer.print(tokens), isEmpty, goes });
  }
  alignEnds(printed);
  return printed.map(({ first, last, code, ends, goes }) => ({
    first,
    last,
    text: goes ? null : code + ends.join(''),
  }));
}

interface Printed {
  readonly first: number;
  readonly last: number;
  /** Indented. A comment that has a line to itself is its code. */
  readonly code: string;
  /** What stands at the end: an `expect`, a comment, or both. */
  ends: readonly string[];
  readonly isEmpty: boolean;
  readonly goes: boolean;
}

/** Puts what stands at the ends of lines in columns, from one empty line to the next. */
function alignEnds(lines: readonly Printed[]): void {
  let run: Printed[] = [];
  const flush = () => {
    const codeWidth = widest(run.map(({ code }) => lastLineOf(code)));
    const endWidth = widest(
      run.flatMap(({ ends: [end, more] }) => (end !== undefined && more !== undefined ? [end] : [])),
    );
    for (const line of run) {
      const [end = '', more] = line.ends;
      const first = ' '.repeat(codeWidth - lastLineOf(line.code).length) + GAP + end;
      line.ends = more === undefined ? [first] : [first, ' '.repeat(endWidth - end.length) + GAP + more];
    }
    run = [];
  };
  for (const line of lines) {
    if (line.isEmpty) flush();
    else if (line.ends.length > 0) run.push(line);
  }
  flush();
}

const widest = (texts: readonly string[]): number => texts.reduce((width, text) => Math.max(width, text.length), 0);

const lastLineOf = (text: string): string => text.slice(text.lastIndexOf('\n') + 1);

// — Reading —

const types: readonly (readonly [Token['type'] | 'space' | 'newline', RegExp])[] = [
  ['comment', ConvNetTerminals.COMMENT],
  ['comment', ConvNetTerminals.BLOCK_COMMENT],
  ['text', ConvNetTerminals.TEXT],
  ['number', ConvNetTerminals.SIZE],
  ['number', ConvNetTerminals.NUMBER],
  ['word', ConvNetTerminals.ID],
  ['newline', /\r\n|\n|\r/],
  ['space', ConvNetTerminals.SPACE],
  ['sign', /\.\.|[<>=!]=|&&|\|\||[\s\S]/],
];
const pattern = new RegExp(types.map(([, { source }]) => `(${source.replaceAll(/\((?!\?)/g, '(?:')})`).join('|'), 'g');

function readLines(text: string): SourceLine[] {
  const lines: SourceLine[] = [];
  let tokens: Token[] = [];
  let first = 0;
  let line = 0;
  const finish = () => {
    lines.push({ first, last: line, tokens });
    tokens = [];
  };
  for (const match of text.matchAll(pattern)) {
    const type = types[match.slice(1).findIndex((group) => group !== undefined)]?.[0];
    if (type === 'newline') {
      finish();
      first = ++line;
    } else if (type && type !== 'space') {
      tokens.push({ type, text: type === 'comment' ? match[0].trimEnd() : match[0] });
      line += match[0].split(/\r\n|\n|\r/).length - 1;
    }
  }
  finish();
  return lines;
}

// — Printing —

/** Headers in which a name before a parenthesis is a function. */
const expressionHeads = new Set(['const', 'repeat', 'if', 'else']);
const unaryAfter = new Set([
  '(',
  ',',
  '=',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '!',
  '&&',
  '||',
  '..',
]);
const keywords = new Set([
  'const',
  'repeat',
  'in',
  'if',
  'else',
  'expect',
  'from',
  'like',
  'import',
  'block',
  'network',
]);

class Printer {
  private braces = 0;
  private parentheses = 0;
  /** The tokens of the statement so far. */
  private statement: Token[] = [];

  print(tokens: readonly Token[]): Pick<Printed, 'code' | 'ends'> {
    const last = tokens.at(-1);
    const hasComment = tokens.length > 1 && last?.type === 'comment' && last.text.startsWith('//');
    const rest = hasComment ? tokens.slice(0, -1) : tokens;
    if (this.parentheses === 0) this.statement = [];
    const indent = INDENT.repeat(this.indentOf(rest));
    const expectation = this.parentheses > 0 ? rest.length : expectationOf(rest);
    const code = this.printTokens(rest.slice(0, expectation));
    const ends = this.printTokens(rest.slice(expectation));
    return {
      code: code === '' ? '' : indent + code,
      ends: [...(ends === '' ? [] : [ends]), ...(hasComment && last ? [last.text] : [])],
    };
  }

  private printTokens(tokens: readonly Token[]): string {
    let text = '';
    let previous: Token | undefined;
    for (const token of tokens) {
      if (previous && this.isSpaced(previous, token)) text += ' ';
      text += token.text;
      this.take(token);
      previous = token;
    }
    return text;
  }

  /** Braces that a line closes at its start count for it already. */
  private indentOf(tokens: readonly Token[]): number {
    const closing = tokens.findIndex(({ text }) => text !== '}' && text !== ';');
    const closed = tokens.slice(0, closing < 0 ? undefined : closing).filter(({ text }) => text === '}').length;
    const continues = this.parentheses > 0 && tokens[0]?.text !== ')';
    return Math.max(0, this.braces - closed) + (continues ? 1 : 0);
  }

  private take(token: Token): void {
    if (token.type === 'sign') {
      if (token.text === '{') this.braces++;
      else if (token.text === '}') this.braces = Math.max(0, this.braces - 1);
      else if (token.text === '(') this.parentheses++;
      else if (token.text === ')') this.parentheses = Math.max(0, this.parentheses - 1);
      if (token.text === '{' || token.text === '}' || token.text === ';') {
        this.statement = [];
        this.parentheses = 0;
        return;
      }
    }
    if (token.type !== 'comment') this.statement.push(token);
  }

  private isSpaced(previous: Token, token: Token): boolean {
    if (previous.type === 'comment' || token.type === 'comment') return true;
    if (previous.text === '(' || previous.text === '..') return false;
    if (isSign(token, ')', ',', ';', ':', '..')) return false;
    if (previous.text === '{' && token.text === '}') return false;
    if (isSign(previous, '!') && (token.type !== 'sign' || token.text === '(')) return false;
    if (isSign(previous, '-') && this.isUnary()) return false;
    return !(isSign(token, '(') && this.isCall(previous));
  }

  /** Whether the sign that ends the statement so far has nothing on its left. */
  private isUnary(): boolean {
    const before = this.statement.at(-2);
    return !this.isExpression() || !before || unaryAfter.has(before.text) || keywords.has(before.text);
  }

  /** Whether values here are expressions: in parentheses and in some headers. A line is a row of values. */
  private isExpression(): boolean {
    return this.parentheses > 0 || expressionHeads.has(this.statement[0]?.text ?? '');
  }

  /** `BasicBlock(64)`, `block Basic(k)`, `min(a, b)`; but `conv (2 * k)` and `pad (1, 2)`. */
  private isCall(name: Token): boolean {
    if (name.type !== 'word' || keywords.has(name.text)) return false;
    if (this.isExpression()) return true;
    const [first, second, third] = this.statement;
    if (first?.text === 'block') return name === second;
    const head = second?.text === ':' ? third : first;
    return name === head && !isLayerKind(name.text);
  }
}

const isSign = (token: Token, ...signs: readonly string[]): boolean =>
  token.type === 'sign' && signs.includes(token.text);

/** Where the `expect` of the last layer on a line begins; the end of the line where there is none. */
function expectationOf(tokens: readonly Token[]): number {
  const start = tokens.findLastIndex((token) => isSign(token, ';', '{', '}')) + 1;
  const found = tokens.findIndex((token, i) => i > start && token.text === 'expect');
  return found < 0 ? tokens.length : found;
}
