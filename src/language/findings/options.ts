import { codes, type DiagnosticCode } from '../../network/diagnostics.js';
import type { Framework } from '../../network/frameworks.js';
import type { Budgets } from '../../network/hints.js';
import type { Severity } from '../../network/problem.js';

/** What the user has set about checking. */
export interface CheckOptions {
  /** How bad a code is, where not as the product thinks; `off` silences it. */
  readonly severities?: Readonly<Partial<Record<DiagnosticCode, Severity | 'off'>>>;
  readonly budgets?: Budgets;
  /** Checks every network as if it said `like` this framework. */
  readonly like?: Framework;
}

const directive = /\/\/\s*convnet-ignore(-file)?\b[ \t]*([\w-]*(?:[ \t,]+[\w-]+)*)/g;

/** Which findings comments switch off: `// convnet-ignore code` for its line, or the next when it stands alone. */
export interface Silenced {
  has(code: DiagnosticCode, line: number): boolean;
}

const nothing: Silenced = { has: () => false };

/** Reads the comments that switch codes off, for a line or with `convnet-ignore-file` for the file; no code means all. */
export function silencedBy(text: string): Silenced {
  if (!text.includes('convnet-ignore')) return nothing;
  const inFile = new Set<string>();
  const byLine = new Map<number, Set<string>>();
  for (const [line, content] of text.split(/\r\n|\n|\r/).entries())
    for (const [whole, file, list = ''] of content.matchAll(directive)) {
      const named = list.split(/[ \t,]+/).filter((word) => Object.hasOwn(codes, word));
      const standsAlone = content.trimStart().startsWith(whole);
      const silenced = file ? inFile : (byLine.get(line + (standsAlone ? 1 : 0)) ?? new Set());
      for (const code of named.length > 0 ? named : ['*']) silenced.add(code);
      if (!file) byLine.set(line + (standsAlone ? 1 : 0), silenced);
    }
  const holds = (set: ReadonlySet<string> | undefined, code: string) =>
    set !== undefined && (set.has('*') || set.has(code));
  return { has: (code, line) => holds(inFile, code) || holds(byLine.get(line), code) };
}
