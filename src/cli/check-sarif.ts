import { sep } from 'node:path';
import type { Location, Log, Region, ReportingDescriptor, Result } from 'sarif';
import { version } from '../../package.json';
import { diagnosticPage } from '../language/features/support/docs-links.js';
import { explanations } from '../network/diagnostic-docs.js';
import { codes, type DiagnosticCode } from '../network/diagnostics.js';
import type { Severity } from '../network/problem.js';
import type { FileReport, PlacedDiagnostic } from './diagnostic.js';

/** What code scanners read: SARIF 2.1.0, of OASIS. */
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const levels = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const satisfies Record<
  Severity,
  string
>;

const rules: ReportingDescriptor[] = (Object.keys(codes) as DiagnosticCode[]).map((id) => ({
  id,
  shortDescription: { text: codes[id].title },
  help: { text: explanations[id] },
  helpUri: diagnosticPage(id),
  defaultConfiguration: { level: levels[codes[id].severity] },
}));

export function formatSarif(reports: readonly FileReport[]): string {
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'convnet', version, rules } },
        // Columns are counted as editors do.
        columnKind: 'utf16CodeUnits',
        results: reports.flatMap(({ diagnostics }) => diagnostics.map(resultOf)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf({ related, ...diagnostic }: PlacedDiagnostic): Result {
  const { file, code, severity, message, fixes, line, column, endLine, endColumn } = diagnostic;
  const tries = fixes.length > 0 ? `\nTry: ${fixes.join('; ')}` : '';
  return {
    ruleId: code,
    ruleIndex: rules.findIndex(({ id }) => id === code),
    level: levels[severity],
    message: { text: message + tries },
    locations: [location(file, { startLine: line, startColumn: column, endLine, endColumn })],
    ...(related.length > 0 && {
      relatedLocations: related.map((place) => ({
        ...location(place.file, { startLine: place.line, startColumn: place.column }),
        message: { text: place.message },
      })),
    }),
  };
}

const location = (file: string, region: Region): Location => ({
  physicalLocation: {
    artifactLocation: { uri: file.split(sep).map(encodeURIComponent).join('/') },
    region,
  },
});
