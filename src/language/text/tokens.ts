import type { LexerResult } from 'langium';

/** Tokens of the lexer, and the way through them. */

export type Token = LexerResult['tokens'][number];

export const nameOf = (token: Token | undefined): string => token?.tokenType.name ?? '';

export const columnOf = (token: Token): number => token.startColumn ?? 1;

/** Tokens of one line with single spaces where the text has some. */
export const asWritten = (tokens: readonly Token[]): string =>
  tokens
    .map(({ image, startOffset }, i) =>
      startOffset - 1 > (tokens[i - 1]?.endOffset ?? startOffset) ? ` ${image}` : image,
    )
    .join('');

/** The index at which the operand before an operator begins: a value, or what stands in parentheses. */
export const startOfOperand = (tokens: readonly Token[], operator: number): number | undefined => {
  let start = operator - 1;
  if (nameOf(tokens[start]) === ')') {
    let depth = 0;
    do {
      const type = nameOf(tokens[start]);
      depth += type === ')' ? 1 : type === '(' ? -1 : 0;
      if (depth > 0) start--;
    } while (depth > 0 && start >= 0);
    // The name of a function.
    if (nameOf(tokens[start - 1]) === 'ID' && tokens[start - 1]?.endOffset === (tokens[start]?.startOffset ?? 0) - 1)
      start--;
  }
  return ['ID', 'NUMBER', 'SIZE', '('].includes(nameOf(tokens[start])) ? start : undefined;
};

/** The end of a line of the text; `;` ends a statement only. */
export const isLineEnd = (token: Token | undefined): boolean => nameOf(token) === 'NL' && token?.image !== ';';

/** The index of the first token of a line of the text. */
export const startOfLine = (tokens: readonly Token[], from: number): number => {
  let i = from;
  while (i > 0 && !isLineEnd(tokens[i - 1])) i--;
  return i;
};

export const skipNewlines = (tokens: readonly Token[], from: number): number => {
  let i = from;
  while (nameOf(tokens[i]) === 'NL') i++;
  return i;
};

/** The index of a token of this type on the rest of the line. */
export const findOnLine = (tokens: readonly Token[], from: number, type: string): number | undefined => {
  for (let i = from; i < endOfLine(tokens, from); i++) if (nameOf(tokens[i]) === type) return i;
  return undefined;
};

export const endOfLine = (tokens: readonly Token[], from: number): number => {
  let i = from;
  while (i < tokens.length && nameOf(tokens[i]) !== 'NL') i++;
  return i;
};
