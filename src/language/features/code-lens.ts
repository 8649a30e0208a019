import type { LangiumDocument } from 'langium';
import type { CodeLensProvider } from 'langium/lsp';
import type { CodeLens, Command, Range } from 'vscode-languageserver-types';
import { formatBytes, formatMacs, grouped } from '../../network/arithmetic.js';
import type { AnalysedNetwork, Analysis } from '../findings/analysis.js';
import { callFacts, instancesOf, ownNetworks } from '../findings/instances.js';
import type { Block } from '../generated/ast.js';
import {
  COMPARE_COMMAND,
  EXPORT_COMMAND,
  PREVIEW_COMMAND,
  SHOW_REFERENCES_COMMAND,
  type ShowReferences,
} from '../protocol.js';
import type { EditorClient } from '../server/editor-client.js';
import { at, rangeOf } from '../text/place.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { sameNames } from './support/occurrences.js';

interface LensServices extends FeatureServices {
  readonly editor: { readonly Client: EditorClient };
}

/** Above each network and block what it costs, how that differs from the last commit, and what can be done with it. */
export class ConvNetCodeLens implements CodeLensProvider {
  constructor(private readonly services: LensServices) {}

  async provideCodeLens(document: LangiumDocument): Promise<CodeLens[]> {
    const analysis = await analysisOf(this.services, document);
    const committed = await this.services.editor.Client.committedSoon(document.uri.toString());
    return [...this.ofNetworks(analysis, committed), ...this.ofBlocks(document, analysis)];
  }

  private ofNetworks(analysis: Analysis, committed: Analysis | undefined): CodeLens[] {
    return ownNetworks(analysis).flatMap((analysed) => {
      const { node, network } = analysed;
      const range = rangeOf(at(node, 'name'));
      const costs = costsOf(analysed);
      const before = committed && ownNetworks(committed).find((other) => other.network.name === network.name);
      const uri = analysis.model.uri;
      return [
        ...text(range, textOf(costs)),
        ...this.changeLens(
          range,
          before ? changeOf(costsOf(before), costs) : committed ? 'new since the last commit' : '',
          uri,
        ),
        ...this.link(range, { title: 'Preview', command: PREVIEW_COMMAND, arguments: [uri] }),
        ...this.link(range, { title: 'Export…', command: EXPORT_COMMAND, arguments: [uri, network.name] }),
      ];
    });
  }

  private ofBlocks(document: LangiumDocument, analysis: Analysis): CodeLens[] {
    return analysis.model.blocks.flatMap((block) => {
      if (block.name === undefined) return [];
      const range = rangeOf(at(block, 'name'));
      return [...text(range, this.usesOf(block, analysis)), ...this.references(document, block, range)];
    });
  }

  /** How often a block is used in the networks that are known, and what all uses together cost. */
  private usesOf(block: Block, analysis: Analysis): string {
    const { Analyzer } = this.services.analysis;
    const uses = [...instancesOf(analysis).calls].flatMap(([call, instances]) =>
      instances.filter(({ instantiation }) => Analyzer.declaration(instantiation.model, call.kind)?.node === block),
    );
    if (uses.length === 0) return '';
    const params = sumOf(uses.map((use) => callFacts(use).params));
    const macs = sumOf(uses.map((use) => callFacts(use).macs));
    return parts(uses.length === 1 ? 'used once' : `used ${uses.length} times`, textOf({ params, macs, bytes: null }));
  }

  private references(document: LangiumDocument, block: Block, range: Range): CodeLens[] {
    const found = { declaration: block };
    const { LangiumDocuments } = this.services.shared.workspace;
    const places = sameNames(found, document, LangiumDocuments, this.services.analysis.Analyzer);
    const locations = places.filter(({ isDeclaration }) => !isDeclaration).map(({ uri, range }) => ({ uri, range }));
    const title = locations.length === 1 ? '1 reference' : `${locations.length} references`;
    const argument: ShowReferences = { uri: document.uri.toString(), position: range.start, locations };
    return this.link(range, { title, command: SHOW_REFERENCES_COMMAND, arguments: [argument] });
  }

  /** A click tells layer by layer, where the client can. */
  private changeLens(range: Range, title: string, uri: string): CodeLens[] {
    const [link] = title === '' ? [] : this.link(range, { title, command: COMPARE_COMMAND, arguments: [uri, 'HEAD'] });
    return link ? [link] : text(range, title);
  }

  /** A lens that does something, where the client can. */
  private link(range: Range, command: Command): CodeLens[] {
    return this.services.editor.Client.canRun(command.command) ? [{ range, command }] : [];
  }
}

/** A lens that says something and does nothing. */
const text = (range: Range, title: string): CodeLens[] =>
  title === '' ? [] : [{ range, command: { title, command: '' } }];

const parts = (...texts: readonly string[]): string => texts.filter((part) => part !== '').join(' · ');

/** Null is what an error leaves unknown. */
interface Costs {
  readonly params: number | null;
  readonly macs: number | null;
  readonly bytes: number | null;
}

const costsOf = ({ checked: { totals } }: AnalysedNetwork): Costs => ({
  params: totals.params,
  macs: totals.macs,
  bytes: totals.activationBytes,
});

const formats: Readonly<Record<keyof Costs, (value: number) => string>> = {
  params: (value) => `${grouped(value)} parameters`,
  macs: formatMacs,
  bytes: (value) => `${formatBytes(value)} of activations`,
};
const metrics = ['params', 'macs', 'bytes'] as const;

const textOf = (costs: Costs): string =>
  parts(...metrics.map((name) => (costs[name] === null ? '' : formats[name](costs[name]))));

/** `+1,200 parameters · −3.2 MMACs since the last commit`; empty where nothing known has changed. */
function changeOf(before: Costs, now: Costs): string {
  const changes = metrics.map((name) => {
    const change = now[name] === null || before[name] === null ? 0 : now[name] - before[name];
    return change === 0 ? '' : `${change < 0 ? '−' : '+'}${formats[name](Math.abs(change))}`;
  });
  const all = parts(...changes);
  return all === '' ? '' : `${all} since the last commit`;
}

const sumOf = (counts: readonly (number | null)[]): number | null =>
  counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
