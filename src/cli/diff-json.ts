import type { AnalysedNetwork } from '../language/index.js';
import { type ComparedNetwork, differs } from '../language/report/comparison.js';
import { type LayerSummary, summariseLayer } from './network-summary.js';

/** Writes the path of a file as the user would. */
type FileOf = (uri: string) => string;

/**
 * What `diff --format json` prints, a contract: `{ networks: [{ before, after, differs, layers: [{ change, attributes, rewired,
 * before, after }] }] }`. A network before or after is its name and totals, a layer what `summary` prints of it; null is what
 * there is not. Layers that are the same are left out.
 */
export function formatJsonDiff(
  networks: readonly ComparedNetwork[],
  fileOfBefore: FileOf,
  fileOfAfter: FileOf,
): string {
  const report = networks.map((compared) => ({
    before: totalsOf(compared.before),
    after: totalsOf(compared.after),
    differs: differs(compared),
    layers: (compared.diff?.layers ?? [])
      .filter(({ change }) => change !== 'same')
      .map(({ change, attributes, rewired, before, after }) => ({
        change,
        attributes,
        rewired,
        before: layerOf(compared.before, before, fileOfBefore),
        after: layerOf(compared.after, after, fileOfAfter),
      })),
  }));
  return `${JSON.stringify({ networks: report }, null, 2)}\n`;
}

function totalsOf(network: AnalysedNetwork | undefined) {
  if (!network) return null;
  const { params, buffers, macs } = network.checked.totals;
  return { name: network.network.name, framework: network.network.framework ?? null, params, buffers, macs };
}

const layerOf = (network: AnalysedNetwork | undefined, index: number | null, fileOf: FileOf): LayerSummary | null =>
  network && index !== null ? summariseLayer(network, index, fileOf) : null;
