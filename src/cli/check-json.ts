import type { Diagnostic, FileReport } from './diagnostic.js';

/** The contract: one array over all files. */
export function formatJson(reports: readonly FileReport[]): string {
  const diagnostics = reports.flatMap((report) =>
    report.diagnostics.map(
      ({ file, line, column, endLine, endColumn, severity, code, message, fixes }): Diagnostic => ({
        file,
        line,
        column,
        endLine,
        endColumn,
        severity,
        code,
        message,
        fixes,
      }),
    ),
  );
  return `${JSON.stringify(diagnostics, null, 2)}\n`;
}
