import { AstUtils } from 'langium';
import type { TextEdit } from 'vscode-languageserver-types';
import type { Steps } from '../../network/check.js';
import type { DiagnosticCode } from '../../network/diagnostics.js';
import { formatShape } from '../../network/shape.js';
import { isLayer } from '../generated/ast.js';
import type { AnalysedNetwork, Analysis, Finding } from './analysis.js';
import { type Analyzer, errorsOf, type ParsedText } from './analyzer.js';
import type { TextFix } from './edits.js';
import { ownNetworks } from './instances.js';

/** One change of the text that removes several findings. */
interface Fixed {
  readonly count: number;
  readonly edits: readonly TextEdit[];
}

/** How many are fixed one after the other, each tried, where they cannot be fixed together. */
const MOST_STEPS = 30;
/** In a large file every step takes a while; a menu that comes late is worse than one that fixes fewer. */
const MOST_MILLISECONDS = 500;

/** The first fix of every finding with a code. */
export const fixAllOfKind = (
  document: ParsedText,
  analyzer: Analyzer,
  code: DiagnosticCode,
): Steps<Fixed | undefined> =>
  fixAll(document, analyzer, {
    isMeant: (finding) => finding.code === code,
    choose: ([first]) => first,
    isKept: () => true,
  });

/**
 * Every finding with a single fix that puts in no layer and changes no size that is known: nothing that somebody would
 * have to choose.
 */
export const fixAllPlain = (document: ParsedText, analyzer: Analyzer): Steps<Fixed | undefined> =>
  fixAll(document, analyzer, {
    isMeant: () => true,
    choose: ([first, second]) => (second ? undefined : first),
    isKept: keepsKnownSizes,
  });

interface Rule {
  isMeant(finding: Finding): boolean;
  choose(fixes: readonly TextFix[]): TextFix | undefined;
  isKept(before: Analysis, after: Analysis): boolean;
}

/** All together, which takes one check; where that does not work out, one by one. */
function* fixAll(document: ParsedText, analyzer: Analyzer, rule: Rule): Steps<Fixed | undefined> {
  const before = analyzer.analyse(document);
  const meant = before.findings.filter(rule.isMeant);
  const fixes = withoutOverlap(meant.flatMap((finding) => rule.choose(finding.fixes()) ?? []));
  if (fixes.length === 0) return undefined;
  const edits = fixes.flatMap((fix) => fix.edits);
  const after = analyzer.analyse(analyzer.edited(document, edits));
  const left = after.findings.filter(rule.isMeant).length;
  if (left <= meant.length - fixes.length && errorsOf(after) <= errorsOf(before) && rule.isKept(before, after))
    return { count: fixes.length, edits };
  return yield* oneByOne(document, analyzer, rule);
}

function* oneByOne(document: ParsedText, analyzer: Analyzer, rule: Rule): Steps<Fixed | undefined> {
  const start = analyzer.analyse(document);
  const deadline = Date.now() + MOST_MILLISECONDS;
  let now = document;
  let count = 0;
  for (; count < MOST_STEPS; count++) {
    const next = yield* nextFixed(now, start, analyzer, rule, deadline);
    if (!next) break;
    now = next;
  }
  if (count === 0) return undefined;
  const { textDocument } = document;
  const end = textDocument.positionAt(textDocument.getText().length);
  return { count, edits: [{ range: { start: { line: 0, character: 0 }, end }, newText: now.textDocument.getText() }] };
}

function* nextFixed(
  document: ParsedText,
  start: Analysis,
  analyzer: Analyzer,
  rule: Rule,
  deadline: number,
): Steps<ParsedText | undefined> {
  for (const finding of analyzer.analyse(document).findings.filter(rule.isMeant)) {
    if (Date.now() > deadline) return undefined;
    yield;
    const fix = rule.choose(analyzer.verifiedFixes(document, finding));
    const fixed = fix && analyzer.edited(document, fix.edits);
    if (fixed && rule.isKept(start, analyzer.analyse(fixed))) return fixed;
  }
  return undefined;
}

/** The fixes that do not touch what another one changes; the same change is made once. */
function withoutOverlap(fixes: readonly TextFix[]): readonly TextFix[] {
  const taken: TextEdit[] = [];
  return fixes.filter(({ edits }) => {
    if (edits.some((edit) => taken.some((other) => overlap(edit, other)))) return false;
    taken.push(...edits);
    return true;
  });
}

const overlap = ({ range: a }: TextEdit, { range: b }: TextEdit): boolean =>
  !(isBefore(a.end, b.start) || isBefore(b.end, a.start));

const isBefore = (a: TextEdit['range']['start'], b: TextEdit['range']['start']): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);

/** The same lines. What is known of them stays, in its order; one that was misspelt may come to be known. */
function keepsKnownSizes(before: Analysis, after: Analysis): boolean {
  if (linesIn(before) !== linesIn(after)) return false;
  const now = ownNetworks(after);
  return ownNetworks(before).every((network, i) => {
    const other = now[i];
    const sizes = other ? knownSizes(other) : [];
    let next = 0;
    return knownSizes(network).every((size) => {
      next = sizes.indexOf(size, next) + 1;
      return next > 0;
    });
  });
}

const linesIn = ({ model }: Analysis): number => AstUtils.streamAst(model.root).filter(isLayer).count();

const knownSizes = ({ network, checked }: AnalysedNetwork): readonly string[] =>
  network.layers.flatMap(({ kind }, i) => {
    const output = checked.facts[i]?.output;
    return output ? [`${kind} ${formatShape(output)}`] : [];
  });
