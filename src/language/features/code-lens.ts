import type { LangiumDocument } from 'langium';
import type { CodeLensProvider } from 'langium/lsp';
import type { CodeLens, Range } from 'vscode-languageserver-types';
import { formatBytes, formatMacs, grouped } from '../../network/arithmetic.js';
import type { AnalysedNetwork } from '../findings/analysis.js';
import { type CallInstance, callFacts, instancesOf, ownNetworks } from '../findings/instances.js';
import { at, rangeOf } from '../text/place.js';
import { analysisOf, type FeatureServices } from './feature.js';

/** Above each network its totals and its preview; above each block how often it is used, and at what cost. */
export class ConvNetCodeLens implements CodeLensProvider {
  constructor(private readonly services: FeatureServices) {}

  async provideCodeLens(document: LangiumDocument): Promise<CodeLens[]> {
    const analysis = await analysisOf(this.services, document);
    const { Analyzer } = this.services.analysis;
    const lenses = ownNetworks(analysis).flatMap((network) => {
      const range = rangeOf(at(network.node, 'name'));
      return [text(range, totalsOf(network)), { range, command: { title: 'Preview', command: 'convnet.openPreview' } }];
    });
    const calls = [...instancesOf(analysis).calls];
    for (const block of analysis.model.blocks) {
      const uses = calls.flatMap(([call, instances]) =>
        instances.filter(({ instantiation }) => Analyzer.declaration(instantiation.model, call.kind)?.node === block),
      );
      if (uses.length > 0) lenses.push(text(rangeOf(at(block, 'name')), usesOf(uses)));
    }
    return lenses.filter(({ command }) => command?.title !== '');
  }
}

/** A lens that says something and does nothing. */
const text = (range: Range, title: string): CodeLens => ({ range, command: { title, command: '' } });

const parts = (...texts: readonly (string | false)[]): string => texts.filter(Boolean).join(' · ');

const paramsOf = (params: number | null): string | false => params !== null && `${grouped(params)} parameters`;

function totalsOf({ checked: { totals } }: AnalysedNetwork): string {
  const { params, macs, activationBytes } = totals;
  return parts(
    paramsOf(params),
    macs !== null && formatMacs(macs),
    activationBytes !== null && `${formatBytes(activationBytes)} of activations`,
  );
}

function usesOf(uses: readonly CallInstance[]): string {
  const all = uses.map(callFacts);
  const params = all.reduce<number | null>(
    (sum, facts) => (sum === null || facts.params === null ? null : sum + facts.params),
    0,
  );
  const times = uses.length === 1 ? 'used once' : `used ${uses.length} times`;
  return parts(times, paramsOf(params));
}
