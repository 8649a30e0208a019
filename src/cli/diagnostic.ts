import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DiagnosticCode } from '../network/diagnostics.js';
import type { Severity } from '../network/problem.js';

/** What `check --format json` prints of a finding, a contract. Lines and columns count from 1, the end is exclusive. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly message: string;
  /** The titles of the quick fixes, the smallest change first. */
  readonly fixes: readonly string[];
}

/** A place elsewhere that has to do with a diagnostic. */
interface RelatedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface PlacedDiagnostic extends Diagnostic {
  readonly related: readonly RelatedPlace[];
}

/** A layer whose output size is another one under the rules of another framework. */
export interface Divergence {
  readonly network: string;
  readonly layer: string;
  readonly file: string;
  readonly line: number;
  readonly here: string;
  readonly there: string;
}

/** What was found in one file. */
export interface FileReport {
  /** As the user named it. */
  readonly name: string;
  readonly text: string;
  readonly diagnostics: readonly PlacedDiagnostic[];
  /** What `--like` asks for; each is among the diagnostics, too. */
  readonly divergences: readonly Divergence[];
}

interface Position {
  readonly line: number;
  readonly character: number;
}

/** A range as the language server protocol counts, from 0, as people do. */
export const placeOf = ({ start, end }: { readonly start: Position; readonly end: Position }) => ({
  line: start.line + 1,
  column: start.character + 1,
  endLine: end.line + 1,
  endColumn: end.character + 1,
});

/** The address of a file, as somebody in the folder `cwd` would type it. */
export const pathOf = (uri: string, cwd: string): string => relative(cwd, fileURLToPath(uri));

export const countSeverity = (reports: readonly FileReport[], severity: Severity): number =>
  reports.reduce((sum, { diagnostics }) => sum + diagnostics.filter((found) => found.severity === severity).length, 0);
