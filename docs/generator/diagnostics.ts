import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reportOf } from '../../src/cli/check-files.js';
import { createFileChecker } from '../../src/cli/checker.js';
import type { PlacedDiagnostic } from '../../src/cli/diagnostic.js';
import type { CheckOptions } from '../../src/language/findings/options.js';
import { explanations } from '../../src/network/diagnostic-docs.js';
import { codes, type DiagnosticCode } from '../../src/network/diagnostics.js';
import type { Framework } from '../../src/network/frameworks.js';
import { fenced, GENERATED, page, table } from './markdown.js';

export const diagnosticCodes = Object.keys(codes) as readonly DiagnosticCode[];

/** How an example is checked, where a plain check would find nothing; `note` says so in the page. */
interface Circumstances {
  readonly note: string;
  readonly options?: CheckOptions;
  readonly like?: Framework;
}

const circumstances: Readonly<Partial<Record<DiagnosticCode, Circumstances>>> = {
  'sizes-diverge': { note: 'with `convnet check --like caffe`', like: 'caffe' },
  'memory-budget': { note: 'with `convnet.budget.memory` at 16', options: { budgets: { memoryBytes: 16 * 2 ** 20 } } },
  'macs-budget': { note: 'with `convnet.budget.macs` at 1000', options: { budgets: { macs: 1e9 } } },
};

/** The wrong example of a code, `docs/diagnostics/<code>.convnet`, and all that the checker says of it. */
export interface Example {
  readonly text: string;
  readonly found: readonly PlacedDiagnostic[];
}

export async function checkExample(code: DiagnosticCode, root: URL): Promise<Example> {
  const uri = new URL(`docs/diagnostics/${code}.convnet`, root);
  const text = readFileSync(uri, 'utf8');
  const { options, like } = circumstances[code] ?? {};
  const checked = await createFileChecker(options).check(uri.href, text);
  const source = { name: `${code}.convnet`, uri: uri.href, text };
  return { text, found: reportOf(source, checked, fileURLToPath(root), like).diagnostics };
}

const INTRODUCTION = `Every message has a stable code; hold the pointer over it, or click the code in the Problems view, to come here.

To silence a code for one line, say so in a comment at its end, or on a line of its own above; for a whole file, anywhere in it:

\`\`\`convnet
network Small {
  input 64x64x3
  conv 16 5x5; relu               // convnet-ignore shrinking
  conv 16 5x5; relu
}
\`\`\`

\`// convnet-ignore-file shrinking, linear-layers\` silences codes for the file; without a code, all of them. The setting
\`convnet.severity\` changes how bad a code is, or switches it off, everywhere: \`{ "shrinking": "off" }\`.`;

/** All diagnostics, each with a wrong example and what is really said of it. */
export async function diagnosticsPage(root: URL): Promise<string> {
  const sections: string[] = [];
  for (const code of diagnosticCodes) sections.push(section(code, await checkExample(code, root)));
  const list = diagnosticCodes.map((code) => [`[\`${code}\`](#${code})`, codes[code].severity, codes[code].title]);
  return page('# Diagnostics', GENERATED, INTRODUCTION, table(['Code', 'Severity', ''], list), ...sections);
}

const SEVERITIES = { error: 'Error', warning: 'Warning', information: 'Information', hint: 'Hint' } as const;

function section(code: DiagnosticCode, { text, found }: Example): string {
  const { severity, title } = codes[code];
  const note = circumstances[code]?.note;
  return page(
    `## ${code}`,
    `**${SEVERITIES[severity]}.** ${title}`,
    explanations[code],
    text.trim() && fenced(text),
    ...found.map(({ line, message }) => `> Line ${line}${note ? `, ${note}` : ''}: ${message}`),
    fixesOf(found),
  ).trimEnd();
}

/** The quick fixes that the editor offers for the example. */
function fixesOf(found: readonly PlacedDiagnostic[]): string | undefined {
  const titles = [...new Set(found.flatMap(({ fixes }) => fixes))];
  return titles.length === 0 ? undefined : `Quick fixes:\n\n${titles.map((title) => `- ${title}`).join('\n')}`;
}
