import * as diagnostics from '../../network/diagnostics.js';
import { readExpression } from './headers.js';
import { asWritten, findOnLine, nameOf, startOfOperand, type Token } from './tokens.js';

/** What is wrong at a token, and how to mend it. */
export interface Slip {
  readonly message: string;
  readonly mend?: Mend;
}

/** What would mend a slip. */
export interface Mend {
  readonly title: string;
  readonly edits: readonly { readonly from: Edge; readonly to: Edge; readonly text: string }[];
}

/** A place in the text: where a token begins, or behind it. */
export interface Edge {
  readonly token: Token;
  readonly side: 'start' | 'end';
}

const startOf = (token: Token): Edge => ({ token, side: 'start' });
export const endOf = (token: Token): Edge => ({ token, side: 'end' });
export const insertion = (at: Edge, text: string) => ({ from: at, to: at, text });

/** `import { Block } from "./blocks.convnet"`; `index` is that of the brace. */
export function bracedImport(tokens: readonly Token[], index: number): Slip {
  const closing = findOnLine(tokens, index, '}');
  const braces = [index, ...(closing === undefined ? [] : [closing])].map((i) => tokens[i] as Token);
  const edits = braces.map((brace) => ({ from: startOf(brace), to: endOf(brace), text: '' }));
  return { message: diagnostics.importInBraces(), mend: { title: 'Remove the braces', edits } };
}

/** `conv 4 * k 3x3`: worked out values stand in parentheses; `index` is that of the operator. */
export function bareExpression(tokens: readonly Token[], index: number): Slip {
  const operator = (tokens[index] as Token).image;
  const start = startOfOperand(tokens, index);
  const end = start === undefined ? index : readExpression(tokens, start);
  if (start === undefined || end <= index + 1) return { message: diagnostics.unexpectedToken(operator) };
  const text = `(${asWritten(tokens.slice(start, end))})`;
  const [first, last] = [tokens[start] as Token, tokens[end - 1] as Token];
  return {
    message: diagnostics.bareExpression(operator, text),
    mend: { title: `Write ${text}`, edits: [insertion(startOf(first), '('), insertion(endOf(last), ')')] },
  };
}

/** `pad=1`: a value follows its name; `index` is that of the sign. */
export function assignment(tokens: readonly Token[], index: number): Slip {
  const [name, value] = [tokens[index - 1], tokens[index + 1]];
  if (!name || nameOf(name) !== 'ID' || !value || nameOf(value) === 'NL')
    return { message: diagnostics.unexpectedToken('=') };
  const text = `${name.image} ${value.image}`;
  const edits = [{ from: endOf(name), to: startOf(value), text: ' ' }];
  return { message: diagnostics.assignment(text), mend: { title: `Write ${text}`, edits } };
}
