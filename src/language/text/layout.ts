import * as diagnostics from '../../network/diagnostics.js';
import { type HeaderKeyword, isHeader, readHeader } from './headers.js';
import { assignment, bareExpression, bracedImport, endOf, insertion, type Mend, type Slip } from './slips.js';
import { columnOf, endOfLine, findOnLine, isLineEnd, nameOf, skipNewlines, startOfLine, type Token } from './tokens.js';

/**
 * Lines and brackets, put in order before the parser sees them, so that one slip spoils one line.
 *
 * The parser gets a stream in which NL stands exactly between two statements and brackets are balanced. What is missing is
 * put in as a virtual token and told once; what is too much is left out and told once. A file is repaired in regions,
 * each from one `network`, `block`, `const` or `import` at the start of a line to the next: a lost brace never
 * reaches beyond its region.
 */

type TokenTypes = Readonly<Record<string, Token['tokenType'] | undefined>>;

interface LayoutProblem {
  readonly token: Token;
  readonly message: string;
  /** The brackets of the region were wrong: what its statements belong to is a guess. */
  readonly structural: boolean;
  readonly mend?: Mend;
}

export interface Layout {
  readonly tokens: Token[];
  readonly problems: readonly LayoutProblem[];
}

/**
 * Deeper nesting is refused before the parser, which recurses, sees it: of braces, a chain of `else if` among them, and of
 * parentheses, whose expressions take it through a rule for each level of precedence.
 */
const DEEPEST_BRACES = 64;
const DEEPEST_PARENTHESES = 16;
const PARENTHESIS_WEIGHT = DEEPEST_BRACES / DEEPEST_PARENTHESES;
/** Every operator of a line makes its tree one level deeper. */
const MOST_OPERATORS = 256;

const regionStarters = new Set(['network', 'block', 'const', 'import']);
/** Tokens that stand only in headers and parentheses: the rest of a line is left out from there. */
const neverInLine = new Set(['=', '..', 'in', 'like', '+', '*', '/', '%', '!', '&&', '||']);
const operators = new Set(['+', '-', '*', '/', '%', '!', '&&', '||', '<', '<=', '>', '>=', '==', '!=']);
const arithmetic = new Set(['+', '*', '/', '%']);
const comparisons = new Set(['<', '<=', '>', '>=', '==', '!=']);
/** Tokens that no statement begins with: such a line is left out. */
const neverFirst = new Set(['SIZE', 'NUMBER', 'TEXT', ',', ':', '-', '(', ')', 'true', 'false', 'from']);

export function layOut(tokens: readonly Token[], types: TokenTypes): Layout {
  const layout: Layout & { problems: LayoutProblem[] } = { tokens: [], problems: [] };
  let start = 0;
  let depth = 0;
  for (let i = 0; i <= tokens.length; i++) {
    if (i < tokens.length && !(nameOf(tokens[i - 1]) === 'NL' && startsRegion(tokens, i, start, depth))) {
      depth += { '{': 1, '}': -1 }[nameOf(tokens[i])] ?? 0;
      continue;
    }
    new Region(tokens.slice(start, i), types, layout).layOut();
    start = i;
    depth = 0;
  }
  if (nameOf(layout.tokens.at(-1)) === 'NL') layout.tokens.pop();
  return layout;
}

/**
 * Whether a region begins here: not with a slip inside a body, which stands further to the right than what the body belongs
 * to.
 */
function startsRegion(tokens: readonly Token[], index: number, region: number, depth: number): boolean {
  const token = tokens[index] as Token;
  if (!regionStarters.has(nameOf(token))) return false;
  return depth <= 0 || columnOf(token) <= columnOf(tokens[region] as Token);
}

interface Opener {
  readonly token: Token;
  readonly type: '{' | '(';
  /** The column at which the line of the opener begins. */
  readonly indent: number;
  /** The keyword whose body this is; empty for a merge layer or a parenthesis. */
  readonly header: string;
  /** How much deeper the parser gets by it. */
  readonly weight: number;
}

class Region {
  private readonly open: Opener[] = [];
  private depth = 0;
  private operators = 0;
  /** How many `}` there are more than `{`; negative when `}` are missing. */
  private surplus: number;
  private newline: Token | undefined;
  private awaitingBody: Token | undefined;
  /** Where the header that waits for its body ends. */
  private headerEnd = 0;
  private lineStart: Token | undefined;
  private skipsLine = false;
  private expects = false;
  /** Whether the `if` to come stands behind an `else`. */
  private continuesIf = false;
  /** The opener of the body that ended last. */
  private closed: Opener | undefined;
  /** The beginning of the line at which a bracket without a partner was closed last. */
  private closedAt: Token | undefined;

  constructor(
    private readonly input: readonly Token[],
    private readonly types: TokenTypes,
    private readonly layout: Layout & { problems: LayoutProblem[] },
  ) {
    const count = (type: string) => input.reduce((n, token) => n + (nameOf(token) === type ? 1 : 0), 0);
    this.surplus = count('}') - count('{');
  }

  layOut(): void {
    for (let i = 0; i < this.input.length; i++) {
      const token = this.input[i] as Token;
      const type = nameOf(token);
      if (type === 'NL') {
        this.endLine(token, i);
        continue;
      }
      if (this.lineStart === undefined) this.startLine(token, i);
      if (operators.has(type) && ++this.operators > MOST_OPERATORS && !this.skipsLine) this.cutExpression(token);
      if ((type === '{' || type === '}') && nameOf(this.lineStart) === 'import') {
        if (type === '{') this.tell(token, bracedImport(this.input, i));
        continue;
      }
      if (type === '}') this.skipsLine = false;
      else if (!this.skipsLine && type !== '{') this.judge(token, type, i);
      if (type === '{') this.openBrace(token, i);
      else if (this.skipsLine) continue;
      else if (type === '}') this.closeBrace(token, i);
      else {
        if (this.awaitingBody && i === this.headerEnd) {
          this.insertBody(this.awaitingBody);
          this.judge(token, type, i);
          if (this.skipsLine) continue;
        }
        if (type === '(') this.openParenthesis(token);
        else if (type === ')') this.closeParenthesis(token);
        else if (isHeader(type)) i = this.readHeader(type, token, i);
        else this.emit(token);
      }
      if (this.depth > DEEPEST_BRACES) {
        this.report(token, diagnostics.tooDeep(DEEPEST_BRACES, DEEPEST_PARENTHESES), true);
        this.awaitingBody = undefined;
        while (this.open.length > 0) this.closeSilently();
        break;
      }
    }
    if (this.awaitingBody) this.insertBody(this.awaitingBody);
    while (this.open.length > 0) this.closeLost();
    if (nameOf(this.layout.tokens.at(-1)) !== 'NL') this.newline ??= this.virtual('NL');
    if (this.newline && this.layout.tokens.length > 0) this.layout.tokens.push(this.newline);
  }

  private get last(): string {
    return nameOf(this.layout.tokens.at(-1));
  }

  private get top(): Opener | undefined {
    return this.open.at(-1);
  }

  /** Writes a header, or what can be saved of it, and returns the index of the last token it has dealt with. */
  private readHeader(type: HeaderKeyword, token: Token, index: number): number {
    const { end, complete } = readHeader(type, this.input, index + 1);
    const stop = nameOf(this.input[end]);
    let brace = findOnLine(this.input, end, '{');
    if (brace === end && !complete && this.surplus < 0) {
      // Of two the body's own is the second.
      const second = findOnLine(this.input, end + 1, '{');
      if (second !== undefined) this.surplus++;
      brace = second ?? brace;
    }
    if (type === 'else' && stop === 'if') {
      this.continuesIf = true;
      this.emit(token);
      return index;
    }
    this.awaitingBody = token;
    this.headerEnd = end;
    if (brace === undefined || (complete && stop === '{')) {
      this.emit(token);
      return index;
    }
    // The body is there, but its header cannot be read: what stays is enough to read the body's lines.
    this.report(this.input[end] as Token, diagnostics.brokenHeader(token.image, this.input[end]?.image ?? ''), false);
    this.emit(token);
    // A condition and a count that are not known.
    if (type === 'repeat' || type === 'if') this.emit(this.virtual('NUMBER'));
    const name = this.input[index + 1];
    if ((type === 'network' || type === 'block') && name && nameOf(name) === 'ID') this.emit(name);
    return brace - 1;
  }

  private startLine(token: Token, index: number): void {
    this.lineStart = token;
    const type = nameOf(token);
    if (this.surplus < 0 && type !== '}') {
      // A `}` is missing somewhere: indentation says which bodies have ended.
      while (this.surplus < 0 && this.top?.type === '{' && columnOf(token) <= this.top.indent) this.closeLost();
      if (this.surplus < 0 && type === 'else' && this.last !== '}') this.closeLost();
    }
    if (this.surplus > 0 && type === 'branch' && this.top?.header !== '' && this.top?.type === '{') {
      this.report(token, diagnostics.missingOpeningBrace('the branches'), true);
      this.newline = undefined;
      this.push('{', this.layout.tokens.at(-1) ?? token, '');
      this.surplus--;
    }
    if (this.open.length === 0 && type === 'ID') this.nameWithoutKeyword(token, index);
  }

  /** Leaves out what no line can hold from a token on, once told. */
  private judge(token: Token, type: string, index: number): void {
    if (type === 'expect') this.expects = true;
    const isFirst = this.newline !== undefined || ['', '{', '}', 'NL'].includes(this.last);
    const isStray =
      this.top?.type !== '(' &&
      !(this.awaitingBody || (this.open.length === 0 && regionStarters.has(nameOf(this.lineStart)))) &&
      (neverInLine.has(type) || (comparisons.has(type) && !this.expects));
    const isMisplaced =
      this.open.length > 0 && (regionStarters.has(type) || (isHeader(type) && !isFirst && !this.continuesElse(type)));
    const needsIf = type === 'else' && isFirst && !(this.last === '}' && this.closed?.header === 'if');
    if (isFirst && (neverFirst.has(type) || isStray || needsIf || isMisplaced)) {
      // A slip in the place of a `}` whose loss has been told.
      if (token !== this.closedAt) this.report(token, diagnostics.noStatement(token.image), false);
    } else if (isStray && arithmetic.has(type)) this.tell(token, bareExpression(this.input, index));
    else if (isStray && type === '=') this.tell(token, assignment(this.input, index));
    else if (isStray || isMisplaced) this.report(token, diagnostics.unexpectedToken(token.image), false);
    else return;
    this.skipsLine = true;
  }

  /** `} else` and `else if` */
  private continuesElse(type: string): boolean {
    return (type === 'else' && this.last === '}') || (type === 'if' && this.last === 'else');
  }

  /** `LeNet {` and `Basic(k) {` outside of everything: the keyword is missing. */
  private nameWithoutKeyword(token: Token, index: number): void {
    const next = nameOf(this.input[index + 1]);
    if (next !== '{' && next !== '(' && next !== 'like') return;
    const line = this.input.slice(index, endOfLine(this.input, index));
    if (!line.some((other) => nameOf(other) === '{')) return;
    const keyword = next === '(' ? 'block' : 'network';
    this.report(token, diagnostics.missingKeyword(keyword, token.image), false);
    this.emit(this.virtual(keyword));
    this.awaitingBody = token;
    this.headerEnd = readHeader(keyword, this.input, index).end;
  }

  private endLine(token: Token, index: number): void {
    if (this.top?.type === '(') {
      if (token.image !== ';' && this.closesLater(index)) return;
      this.closeLost();
    }
    this.dropLast();
    if (this.awaitingBody) {
      if (token.image !== ';' && nameOf(this.input[skipNewlines(this.input, index)]) === '{') return;
      this.insertBody(this.awaitingBody);
    }
    this.newline ??= token;
    this.lineStart = undefined;
    this.operators = 0;
    this.skipsLine = false;
    this.expects = false;
  }

  /** A `,` or `:` that nothing follows. */
  private dropLast(): void {
    const { tokens } = this.layout;
    const last = tokens.at(-1);
    if (!last || ![',', ':'].includes(nameOf(last))) return;
    this.report(last, diagnostics.unexpectedToken(last.image), false);
    tokens.pop();
  }

  /** Whether a parenthesis left open at the end of a line is closed on a later one, before anything that rules it out. */
  private closesLater(index: number): boolean {
    let depth = this.open.filter((opener) => opener.type === '(').length;
    for (let i = index; i < this.input.length; i++) {
      const type = nameOf(this.input[i]);
      if (type === '(') depth++;
      else if (type === ')' && --depth === 0) return true;
      else if (type === '{' || type === '}' || type === ':' || isHeader(type)) return false;
    }
    return false;
  }

  /** A header without its body: `repeat 2` at the end of a line. */
  private insertBody(header: Token): void {
    this.awaitingBody = undefined;
    this.report(header, diagnostics.missingOpeningBrace(`\`${header.image}\``), true);
    this.push('{', header, nameOf(header));
    if (this.surplus > 0) this.surplus--;
    else this.closeSilently();
  }

  private openBrace(token: Token, index: number): void {
    while (this.top?.type === '(') this.closeLost();
    if (this.surplus < 0 && !this.awaitingBody && this.opensNothing(index)) {
      this.report(token, diagnostics.neverClosed('{'), false);
      this.surplus++;
      this.skipsLine = true;
      return;
    }
    const isOrphan = this.skipsLine || token === this.lineStart || this.last === '}';
    // An `expect` has no body.
    if (!this.awaitingBody && (isOrphan || nameOf(this.lineStart) === 'expect')) this.headBody(token);
    // `network X` with the brace on a line of its own.
    this.newline = undefined;
    this.skipsLine = false;
    const header = nameOf(this.awaitingBody);
    this.awaitingBody = undefined;
    this.emit(token);
    const weight = this.continuesIf && header === 'if' ? 1 + (this.closed?.weight ?? 0) : 1;
    this.continuesIf = false;
    this.operators = 0;
    this.opened({ token, type: '{', indent: columnOf(this.lineStart ?? token), header, weight });
  }

  private opened(opener: Opener): void {
    this.open.push(opener);
    this.depth += opener.weight;
  }

  private ended(): Opener | undefined {
    const opener = this.open.pop();
    this.depth -= opener?.weight ?? 0;
    return opener;
  }

  /** Gives a body that has lost its header one, so that its lines are still read. */
  private headBody(brace: Token): void {
    const isElse = this.last === '}' && this.closed?.header === 'if' && !this.newline;
    if (!this.skipsLine) this.report(brace, diagnostics.bodyWithoutHeader(isElse), !isElse);
    if (!['', '{', '}', 'NL'].includes(this.last)) this.newline ??= this.virtual('NL');
    const header = isElse ? 'else' : this.top?.header === '' ? 'branch' : 'if';
    this.emit(this.virtual(header));
    if (header === 'if') this.emit(this.virtual('NUMBER'));
    this.awaitingBody = this.layout.tokens.findLast((token) => nameOf(token) === header);
  }

  private closeBrace(token: Token, index: number): void {
    this.dropLast();
    const isInHeader = this.awaitingBody !== undefined;
    if (this.awaitingBody) this.insertBody(this.awaitingBody);
    while (this.top?.type === '(') this.closeLost();
    if (this.surplus > 0 && this.top && (isInHeader || this.closesNothing(token, index))) {
      this.report(token, diagnostics.nothingToClose('}'), false);
      this.surplus--;
      this.skipsLine = true;
      return;
    }
    if (token === this.lineStart)
      while (this.surplus < 0 && this.open.length > 1 && columnOf(token) < (this.top?.indent ?? 0)) this.closeLost();
    if (!this.top) {
      this.report(token, diagnostics.nothingToClose('}'), true);
      this.surplus--;
      return;
    }
    this.closed = this.ended();
    this.newline = undefined;
    this.emit(token);
  }

  /** Of too many `{`, one in the midst of a line that does not end there, or with nothing indented below. */
  private opensNothing(index: number): boolean {
    if (this.last === '{') return true;
    let depth = 1;
    let end = index + 1;
    for (; end < this.input.length && !isLineEnd(this.input[end]); end++) {
      const type = nameOf(this.input[end]);
      depth += type === '{' ? 1 : type === '}' ? -1 : 0;
      if (depth === 0) return false;
    }
    const below = this.input[skipNewlines(this.input, end)];
    if (end > index + 1 || !below) return true;
    const start = this.input[startOfLine(this.input, index)] as Token;
    return columnOf(below) <= columnOf(start) && nameOf(below) !== '}';
  }

  /** Of too many `}`, one in the midst of a line that the body did not begin on, or indented as the body is. */
  private closesNothing(token: Token, index: number): boolean {
    const opener = this.top as Opener;
    if (startOfLine(this.input, index) === index) return columnOf(token) > opener.indent;
    if (opener.token.startLine !== token.startLine) return true;
    let surplus = 0;
    for (let i = index + 1; i < this.input.length && !isLineEnd(this.input[i]); i++) {
      const type = nameOf(this.input[i]);
      surplus += type === '}' ? 1 : type === '{' ? -1 : 0;
    }
    return surplus > 0;
  }

  private openParenthesis(token: Token): void {
    this.emit(token);
    this.opened({ token, type: '(', indent: 0, header: '', weight: PARENTHESIS_WEIGHT });
  }

  private closeParenthesis(token: Token): void {
    if (this.top?.type !== '(') {
      this.report(token, diagnostics.nothingToClose(')'), false);
      return;
    }
    this.ended();
    this.emit(token);
  }

  /** Leaves out the rest of a line from an operator too many on. */
  private cutExpression(token: Token): void {
    this.report(token, diagnostics.expressionTooLong(MOST_OPERATORS), false);
    while (this.top?.type === '(') this.closeSilently();
    this.skipsLine = true;
  }

  /** Closes an opener whose partner is missing, and says so. */
  private closeLost(): void {
    const opener = this.top;
    if (!opener) return;
    this.closedAt = this.lineStart;
    this.report(opener.token, diagnostics.neverClosed(opener.type), opener.type === '{', this.partnerOf(opener));
    if (opener.type === '{') this.surplus++;
    this.closeSilently();
  }

  private closeSilently(): void {
    const opener = this.ended();
    if (!opener) return;
    this.closed = opener;
    if (opener.type === '{') {
      const { newline } = this;
      this.newline = undefined;
      this.emit(this.virtual('}'));
      this.newline = newline;
    } else this.layout.tokens.push(this.virtual(')'));
  }

  private push(type: '{', after: Token, header: string): void {
    this.layout.tokens.push(this.virtual(type));
    this.opened({ token: after, type, indent: columnOf(this.lineStart ?? after), header, weight: 1 });
  }

  /** Writes a token, with the NL that belongs before it. */
  private emit(token: Token): void {
    const type = nameOf(token);
    const { last } = this;
    const separates =
      last !== '' && last !== '{' && last !== 'NL' && type !== '}' && !(type === 'else' && last === '}');
    if (this.newline && separates) this.layout.tokens.push(this.newline);
    // A statement may follow a body on its line: `branch { … } branch { … }`.
    else if (separates && last === '}' && type !== 'expect') this.layout.tokens.push(this.virtual('NL'));
    this.newline = undefined;
    this.layout.tokens.push(token);
  }

  /** A token that stands nowhere in the text; Langium leaves such tokens out of its concrete syntax tree. */
  private virtual(type: string): Token {
    const tokenType = this.types[type];
    if (!tokenType) throw new Error(`The grammar has no token ${type}`);
    return {
      image: '',
      startOffset: Number.NaN,
      endOffset: Number.NaN,
      startLine: Number.NaN,
      endLine: Number.NaN,
      startColumn: Number.NaN,
      endColumn: Number.NaN,
      tokenTypeIdx: tokenType.tokenTypeIdx ?? 0,
      tokenType,
      isInsertedInRecovery: true,
    };
  }

  private partnerOf({ token, type, indent }: Opener): Mend | undefined {
    const after = this.layout.tokens.findLast((written) => !written.isInsertedInRecovery && nameOf(written) !== 'NL');
    if (!after) return undefined;
    if (type === '(') return { title: 'Insert )', edits: [insertion(endOf(after), ')')] };
    const text = after.startLine === token.startLine ? ' }' : `\n${' '.repeat(indent - 1)}}`;
    return { title: 'Insert }', edits: [insertion(endOf(after), text)] };
  }

  private tell(token: Token, { message, mend }: Slip): void {
    this.report(token, message, false, mend);
  }

  private report(token: Token, message: string, structural: boolean, mend?: Mend): void {
    this.layout.problems.push({ token, message, structural, ...(mend && { mend }) });
  }
}
