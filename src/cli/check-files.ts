import type { Analysis, CheckedFile, Finding } from '../language/index.js';
import { codes, sizesDiverge } from '../network/diagnostics.js';
import { type Framework, rulesOf } from '../network/frameworks.js';
import { formatShape, type Shape, sameShape } from '../network/shape.js';
import { createFileChecker } from './checker.js';
import { type Divergence, type FileReport, type PlacedDiagnostic, pathOf, placeOf } from './diagnostic.js';
import { readSource, type SourceFile } from './files.js';
import type { Terminal } from './terminal.js';

/**
 * Fixes are tried out, and each trial reads the whole text again: in a long file with very many findings the later ones
 * are listed without. This many characters are read, about a second's work.
 */
const CHARACTERS_TRIED = 500_000;

/** Checks files one after another with one checker, so that what they import is read once. */
export async function checkFiles(
  paths: readonly string[],
  terminal: Terminal,
  like?: Framework,
): Promise<readonly FileReport[]> {
  const checker = createFileChecker();
  const reports: FileReport[] = [];
  for (const path of paths) {
    const source = await readSource(path, terminal);
    const checked = await checker.check(source.uri, source.text);
    reports.push(reportOf(source, checked, terminal.cwd, like));
  }
  return reports;
}

export function reportOf(source: SourceFile, checked: CheckedFile, cwd: string, like?: Framework): FileReport {
  const { name, text, uri } = source;
  const fileOf = (address: string): string => (address === uri ? name : pathOf(address, cwd));
  let tried = 0;
  const fixesOf = (finding: Finding): readonly string[] => {
    tried += text.length * finding.fixes().length;
    return tried > CHARACTERS_TRIED ? [] : checked.fixesOf(finding).map(({ title }) => title);
  };
  const toDiagnostic = (finding: Finding, fixes: readonly string[]): PlacedDiagnostic => ({
    file: name,
    ...placeOf(finding.range),
    severity: finding.severity,
    code: finding.code,
    message: finding.message,
    fixes,
    related: finding.related.map((place) => {
      const { line, column } = placeOf(place.range);
      return { file: fileOf(place.uri), line, column, message: place.message };
    }),
  });
  const own = checked.findings.map((finding) => toDiagnostic(finding, fixesOf(finding)));
  if (!like) return { name, text, diagnostics: own, divergences: [] };

  const there = checked.like(like);
  const { title } = rulesOf(like);
  const diverging = divergingLayers(checked, there);
  return {
    name,
    text,
    diagnostics: [
      ...own,
      ...errorsOnlyThere(checked, there).map((finding) => ({
        ...toDiagnostic(finding, []),
        message: `Like ${title}: ${finding.message}`,
      })),
      ...diverging.map((found) => divergenceDiagnostic(found, title, fileOf)),
    ],
    divergences: diverging.map((found) => toDivergence(found, fileOf)),
  };
}

/** What is wrong under the other rules alone. What is expected was written for the network as it is, and does not count. */
function errorsOnlyThere(here: Analysis, there: Analysis): readonly Finding[] {
  const keyOf = ({ code, range }: Finding) => `${range.start.line}:${range.start.character}:${code}`;
  const known = new Set(here.findings.map(keyOf));
  return there.findings.filter(
    (finding) => finding.severity === 'error' && finding.code !== 'expectation-failed' && !known.has(keyOf(finding)),
  );
}

interface DivergingLayer {
  readonly network: string;
  readonly layer: Analysis['networks'][number]['network']['layers'][number];
  readonly here: Shape;
  readonly there: Shape;
}

/** The layers whose sizes are known under both rules and differ; one that is unknown has its error. */
function divergingLayers(here: Analysis, there: Analysis): readonly DivergingLayer[] {
  return here.networks.flatMap(({ network, checked }, n) =>
    network.layers.flatMap((layer, index) => {
      const a = checked.facts[index]?.output;
      const b = there.networks[n]?.checked.facts[index]?.output;
      return a && b && !sameShape(a, b) ? [{ network: network.name, layer, here: a, there: b }] : [];
    }),
  );
}

type FileOf = (uri: string) => string;

const toDivergence = ({ network, layer, here, there }: DivergingLayer, fileOf: FileOf): Divergence => ({
  network,
  layer: layer.name,
  file: layer.source ? fileOf(layer.source.file) : '',
  line: (layer.source?.startLine ?? 0) + 1,
  here: formatShape(here),
  there: formatShape(there),
});

function divergenceDiagnostic({ layer, here, there }: DivergingLayer, title: string, fileOf: FileOf): PlacedDiagnostic {
  const { file = '', startLine = 0, startCharacter = 0, endLine = 0, endCharacter = 0 } = layer.source ?? {};
  const { code, message } = sizesDiverge(layer.name, here, there, title);
  return {
    file: fileOf(file),
    ...placeOf({
      start: { line: startLine, character: startCharacter },
      end: { line: endLine, character: endCharacter },
    }),
    severity: codes[code].severity,
    code,
    message,
    fixes: [],
    related: [],
  };
}
