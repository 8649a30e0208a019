import { LangiumParserErrorMessageProvider } from 'langium';
import * as diagnostics from '../../network/diagnostics.js';

type Provider = LangiumParserErrorMessageProvider;
type Mismatch = Parameters<Provider['buildMismatchTokenMessage']>[0];
type NoAlternative = Parameters<Provider['buildNoViableAltMessage']>[0];
type EarlyExit = Parameters<Provider['buildEarlyExitMessage']>[0];
type NotAllInput = Parameters<Provider['buildNotAllInputParsedMessage']>[0];
type Token = Mismatch['actual'];

const inWords: Readonly<Record<string, string>> = {
  NL: 'the end of the line',
  ID: 'a name',
  NUMBER: 'a number',
  SIZE: 'a size such as 3x3',
  TEXT: 'a text in double quotes',
  EOF: 'the end of the file',
};

const found = (token: Token | undefined): string => {
  if (!token || token.image === '') return 'the end of the line';
  return token.tokenType.name === 'NL' && token.image !== ';' ? 'the end of the line' : token.image;
};

/** What the parser says, in the words of the other diagnostics. */
export class ConvNetParserMessages extends LangiumParserErrorMessageProvider {
  override buildMismatchTokenMessage({ expected, actual }: Mismatch): string {
    // After a complete statement the parser expects the line to end: the surplus is what is wrong.
    if (expected.name === 'NL' || expected.name === 'EOF' || expected.name === '}')
      return diagnostics.unexpectedToken(found(actual));
    return diagnostics.expectedInstead(inWords[expected.name] ?? expected.name, found(actual));
  }

  override buildNoViableAltMessage({ actual }: NoAlternative): string {
    return diagnostics.unexpectedToken(found(actual[0]));
  }

  override buildEarlyExitMessage({ actual }: EarlyExit): string {
    return diagnostics.unexpectedToken(found(actual[0]));
  }

  override buildNotAllInputParsedMessage({ firstRedundant }: NotAllInput): string {
    return diagnostics.unexpectedToken(found(firstRedundant));
  }
}
