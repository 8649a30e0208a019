import { DefaultLexer, type LangiumCoreServices, type LexerResult } from 'langium';
import * as diagnostics from '../../network/diagnostics.js';
import { layOut } from './layout.js';
import type { Mend } from './slips.js';
import type { Token } from './tokens.js';

type LexerError = LexerResult['errors'][number];

/** An error of the lexer that also says whether brackets had to be mended there. */
export interface LayoutError extends LexerError {
  readonly structural?: boolean;
  readonly mend?: Mend;
  /** The text is not read at all: it is larger than what is checked. */
  readonly tooLarge?: boolean;
}

/** Larger files get one error and are not read. */
const LARGEST_FILE = 2_000_000;

/** Tokens in the order the grammar wants them; every slip in brackets and lines is an error of the lexer. */
export class ConvNetLexer extends DefaultLexer {
  constructor(services: LangiumCoreServices) {
    super(services);
    // Langium attaches no meaning to the lexer's messages: all of ours are made in diagnostics.ts.
    this.errorMessageProvider.buildUnexpectedCharactersMessage = (text, offset, length) =>
      diagnostics.unexpectedCharacters(text.slice(offset, offset + Math.min(length, 20)));
  }

  override tokenize(text: string): LexerResult {
    if (text.length > LARGEST_FILE) return tooLarge(text.length);
    const result = super.tokenize(text);
    const { tokens, problems } = layOut(result.tokens, this.tokenTypes);
    const errors: LayoutError[] = [...result.errors];
    for (const token of tokens)
      if (token.tokenType.name === 'TEXT' && !isTerminated(token.image))
        errors.push(errorAt(token, diagnostics.unterminatedText(), false));
    for (const { token, message, structural, mend } of problems)
      errors.push({ ...errorAt(token, message, structural), ...(mend && { mend }) });
    return { ...result, tokens, errors };
  }
}

const tooLarge = (length: number): LexerResult => ({
  tokens: [],
  hidden: [],
  errors: [
    {
      offset: 0,
      line: 1,
      column: 1,
      length: 1,
      message: diagnostics.fileTooLarge(length, LARGEST_FILE).message,
      tooLarge: true,
    } as LayoutError,
  ],
});

const isTerminated = (image: string): boolean => image.length > 1 && image.endsWith('"');

const errorAt = (token: Token, message: string, structural: boolean): LayoutError => ({
  offset: token.startOffset,
  line: token.startLine,
  column: token.startColumn,
  length: token.image.length,
  message,
  structural,
});
