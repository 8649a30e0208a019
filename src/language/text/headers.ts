import type { Token } from './tokens.js';

/**
 * How far the header of a body reads well: `repeat i in 1..4`, `block Basic(filters, stride = 1)`. The layout asks before
 * it hands a header to the parser, which would lose the body with a header that it cannot read.
 */

export interface Header {
  /** Index of the first token that is not part of the header. */
  readonly end: number;
  /** Whether the header is whole where it ends. */
  readonly complete: boolean;
}

/** Keywords that a body in braces follows. */
const headerKeywords = ['network', 'block', 'repeat', 'if', 'else', 'branch'] as const;
export type HeaderKeyword = (typeof headerKeywords)[number];

export const isHeader = (type: string): type is HeaderKeyword => (headerKeywords as readonly string[]).includes(type);

/** Reads a header; `start` is the index after its keyword. */
export const readHeader = (keyword: HeaderKeyword, tokens: readonly Token[], start: number): Header =>
  new HeaderReader(tokens, start).read(keyword);

/** Reads an expression; `start` is the index of its first token, the result that of the first behind it. */
export const readExpression = (tokens: readonly Token[], start: number): number =>
  new HeaderReader(tokens, start).readExpression();

/** Parentheses deeper than the layout takes need not be followed. */
const DEEPEST = 64;
const operands = new Set(['NUMBER', 'SIZE', 'TEXT', 'true', 'false']);
const binary = new Set(['+', '-', '*', '/', '%', '<', '<=', '>', '>=', '==', '!=', '&&', '||']);

class HeaderReader {
  constructor(
    private readonly tokens: readonly Token[],
    private next: number,
  ) {}

  private depth = 0;

  read(keyword: HeaderKeyword): Header {
    const complete = this.readers[keyword]();
    return { end: this.next, complete };
  }

  readExpression(): number {
    this.expression();
    return this.next;
  }

  private readonly readers: Readonly<Record<HeaderKeyword, () => boolean>> = {
    network: () => {
      this.accept('ID');
      if (this.accept('like')) this.accept('ID');
      return true;
    },
    block: () => {
      this.accept('ID');
      return !this.accept('(') || this.list(() => this.accept('ID') && (!this.accept('=') || this.expression()));
    },
    repeat: () => {
      if (this.type(1) === 'in') {
        if (!this.accept('ID')) return false;
        this.accept('in');
      }
      return this.expression() && (!this.accept('..') || this.expression());
    },
    if: () => this.expression(),
    else: () => true,
    branch: () => true,
  };

  private type(ahead = 0): string {
    return this.tokens[this.next + ahead]?.tokenType.name ?? '';
  }

  private accept(type: string): boolean {
    if (this.type() !== type) return false;
    this.next++;
    return true;
  }

  /** Items between parentheses, separated by commas; the opening one has been read. */
  private list(item: () => boolean): boolean {
    if (this.accept(')')) return true;
    do if (!item()) return false;
    while (this.accept(','));
    return this.accept(')');
  }

  private expression(): boolean {
    if (++this.depth > DEEPEST) return false;
    const complete = this.operation();
    this.depth--;
    return complete;
  }

  private operation(): boolean {
    for (;;) {
      while (this.type() === '-' || this.type() === '!') this.next++;
      if (!this.operand()) return false;
      if (!binary.has(this.type())) return true;
      this.next++;
    }
  }

  private operand(): boolean {
    if (this.accept('(')) return this.list(() => this.expression());
    if (this.accept('ID')) return this.callOrName();
    if (!operands.has(this.type())) return false;
    this.next++;
    return true;
  }

  /** What follows a name: arguments, or nothing. In `repeat n ( conv 8 1x1 }` the parenthesis stands for a brace. */
  private callOrName(): boolean {
    const name = this.tokens[this.next - 1];
    const after = this.next;
    const isApart = (this.tokens[after]?.startOffset ?? 0) - 1 !== name?.endOffset;
    if (!this.accept('(') || this.list(() => this.expression())) return true;
    if (isApart) this.next = after;
    return isApart;
  }
}
