import type { LangiumDocument } from 'langium';
import type { AnalysedNetwork } from '../findings/analysis.js';
import type { PlacedExpectation } from '../meaning/elaboration.js';
import { checkExpectation, foundBy, subjectOf } from '../meaning/expectations.js';
import type { ExpectationReport, NetworkReport, NetworksMessage } from '../protocol.js';
import { sourceRange } from '../text/place.js';

/** The checked networks of a document, as the client is told of them. */
export const networksMessage = (document: LangiumDocument, networks: readonly AnalysedNetwork[]): NetworksMessage => ({
  uri: document.uri.toString(),
  version: document.textDocument.version,
  networks: networks.map((network) => reportOf(document.uri.toString(), network)),
});

/** What the panel is told of a checked network. */
export function reportOf(file: string, analysed: AnalysedNetwork): NetworkReport {
  const { network, checked, findings } = analysed;
  const messages = findings.map(({ severity, code, message, range: { start, end } }) => ({
    severity,
    code,
    message,
    range: {
      file,
      startLine: start.line,
      startCharacter: start.character,
      endLine: end.line,
      endCharacter: end.character,
    },
  }));
  const { facts, totals } = checked;
  return { network, facts, totals, messages, expectations: expectationsOf(file, analysed) };
}

function expectationsOf(file: string, { network, checked, expectations }: AnalysedNetwork): ExpectationReport[] {
  const uses = new Map<PlacedExpectation['node'], PlacedExpectation[]>();
  for (const use of expectations) if (use.model.uri === file) uses.set(use.node, [...(uses.get(use.node) ?? []), use]);
  return [...uses].map(([node, [first, ...others]]) => {
    const all = first ? [first, ...others] : [];
    const found = (use: PlacedExpectation) => foundBy(subjectOf(node), use.span, checked) ?? null;
    const failing = all.find((use) => checkExpectation(use, checked) !== undefined);
    const shown = failing ?? first;
    const isKnown = all.every((use) => use.expected && found(use) !== null);
    const layer = others.length === 0 && first?.span ? network.layers[first.span.output]?.name : null;
    return {
      text: node.$cstNode?.text ?? '',
      range: sourceRange(file, node),
      layer: layer ?? null,
      holds: failing ? false : isKnown ? true : null,
      found: shown ? found(shown) : null,
      message: (failing && checkExpectation(failing, checked)?.message) ?? null,
    };
  });
}
