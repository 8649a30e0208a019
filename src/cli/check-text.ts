import { alignTable } from '../language/report/table.js';
import { type Framework, rulesOf } from '../network/frameworks.js';
import type { Severity } from '../network/problem.js';
import { countSeverity, type FileReport, type PlacedDiagnostic } from './diagnostic.js';
import type { Paint } from './style.js';

/** More findings of one file help nobody. */
const MOST_SHOWN = 100;
/** A longer line of the text is not repeated below its diagnostic. */
const LONGEST_LINE = 400;

const colours = { error: 'red', warning: 'yellow', information: 'blue', hint: 'gray' } as const satisfies Record<
  Severity,
  string
>;

/** The report for people: each finding with its line and what would mend it, a count at the end. */
export function formatText(reports: readonly FileReport[], paint: Paint, like?: Framework): string {
  const parts: string[] = [];
  for (const { diagnostics, divergences, text } of reports) {
    const lines = text.split(/\r\n|\n|\r/);
    // Sizes that diverge stand in a table of their own.
    const found = diagnostics.filter(({ code }) => code !== 'sizes-diverge');
    for (const diagnostic of found.slice(0, MOST_SHOWN)) parts.push(formatDiagnostic(diagnostic, lines, paint));
    if (found.length > MOST_SHOWN) parts.push(`… and ${found.length - MOST_SHOWN} more in ${found[0]?.file}\n`);
    if (like && divergences.length > 0) parts.push(formatDivergences(divergences, rulesOf(like).title, paint));
  }
  parts.push(`${countLine(reports, like)}\n`);
  return parts.join('\n');
}

function formatDiagnostic(diagnostic: PlacedDiagnostic, lines: readonly string[], paint: Paint): string {
  const { file, line, column, severity, code, message, fixes, related } = diagnostic;
  const colour = colours[severity];
  const text = [
    `${paint('bold', `${file}:${line}:${column}:`)} ${paint([colour, 'bold'], severity)} ${paint(colour, code)}: ${message}`,
    ...sourceLines(diagnostic, lines[line - 1], paint),
    ...related.map((place) => `  ${place.file}:${place.line}:${place.column}: ${place.message}`),
    ...fixes.map((title) => `  ${paint('green', 'try:')} ${title}`),
  ];
  return `${text.join('\n')}\n`;
}

/** The line with its number, and carets under the part that is meant. */
function sourceLines(
  { line, column, endLine, endColumn, severity }: PlacedDiagnostic,
  text: string | undefined,
  paint: Paint,
): readonly string[] {
  if (!text || text.length > LONGEST_LINE) return [];
  const number = String(line);
  const end = endLine === line ? endColumn : text.length + 1;
  // Tabs are kept, so that the carets stand below whatever their width is.
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, end - column));
  const margin = (label: string) => paint('gray', `  ${label} |`);
  return [
    `${margin(number)} ${text}`,
    `${margin(' '.repeat(number.length))} ${indent}${paint(colours[severity], carets)}`,
  ];
}

function formatDivergences(divergences: FileReport['divergences'], title: string, paint: Paint): string {
  const [heading = '', ...rows] = alignTable(
    [
      { title: 'layer', align: 'left' },
      { title: 'line', align: 'left' },
      { title: 'here', align: 'left' },
      { title: `like ${title}`, align: 'left' },
    ],
    divergences.map(({ network, layer, file, line, here, there }) => [
      `${network}/${layer}`,
      `${file}:${line}`,
      here,
      there,
    ]),
  );
  return `${paint('bold', heading)}\n${rows.join('\n')}\n`;
}

export const count = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

/** `2 errors and 1 warning in 1 file`, `3 files checked, no errors` */
function countLine(reports: readonly FileReport[], like?: Framework): string {
  const diverging = reports.reduce((sum, { divergences }) => sum + divergences.length, 0);
  const errors = countSeverity(reports, 'error') - diverging;
  const warnings = countSeverity(reports, 'warning');
  const tail = warnings > 0 ? `, ${count(warnings, 'warning')}` : '';
  const sizes = like
    ? `; ${diverging === 0 ? 'all sizes are the same' : `${count(diverging, 'layer')} with another size`} like ${rulesOf(like).title}`
    : '';
  if (errors === 0) return `${count(reports.length, 'file')} checked, no errors${tail}${sizes}`;
  const wrong = reports.filter(({ diagnostics }) =>
    diagnostics.some(({ severity, code }) => severity === 'error' && code !== 'sizes-diverge'),
  );
  return `${count(errors, 'error')} in ${count(wrong.length, 'file')}${tail}${sizes}`;
}
