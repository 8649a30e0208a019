import { createFileChecker } from '../../src/cli/checker.js';

/** The one place where the tests of the language touch its API. */
const checker = createFileChecker();

export interface Told {
  /** Counted from 1, as a person does. */
  readonly line: number;
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

const NOWHERE = 'file:///test/file.convnet';

/** Checks a text and gives its findings and networks; imports are read beside `uri`. */
export const check = (text: string, uri = NOWHERE) => checker.check(uri, text);

export async function findings(text: string, uri = NOWHERE): Promise<readonly Told[]> {
  const checked = await check(text, uri);
  return checked.findings.map(({ range, code, severity, message }) => ({
    line: range.start.line + 1,
    code,
    severity,
    message,
  }));
}

export const errors = async (text: string, uri = NOWHERE): Promise<readonly Told[]> =>
  (await findings(text, uri)).filter(({ severity }) => severity === 'error');

/** The lines of a network's body, in a network of their own. */
export const network = (body: string, header = 'network N'): string => `${header} {\n${body}\n}\n`;
