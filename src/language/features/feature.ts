import type { LangiumDocument, LangiumDocuments } from 'langium';
import type { Analysis } from '../findings/analysis.js';
import type { Analyzer } from '../findings/analyzer.js';

/** What most features need of the language. */
export interface FeatureServices {
  readonly analysis: { readonly Analyzer: Analyzer };
  readonly shared: { readonly workspace: { readonly LangiumDocuments: LangiumDocuments } };
}

/**
 * What is known of a document, and of its blocks in the networks of other files: those networks come after its own. A
 * request may come before the files it imports have been read for the first time.
 */
export async function analysisOf(services: FeatureServices, document: LangiumDocument): Promise<Analysis> {
  const { Analyzer } = services.analysis;
  await Analyzer.load(document);
  const analysis = await Analyzer.analysed(document);
  return withImporters(analysis, await Promise.all(importersOf(services, document)));
}

function importersOf({ analysis, shared }: FeatureServices, { uri }: LangiumDocument): readonly Promise<Analysis>[] {
  const uris = new Set([uri.toString()]);
  return shared.workspace.LangiumDocuments.all
    .filter((other) => analysis.Analyzer.importsAny(other, uris) && other.uri.toString() !== uri.toString())
    .map((other) => analysis.Analyzer.analysed(other))
    .toArray();
}

interface Joined {
  readonly importers: readonly Analysis[];
  readonly analysis: Analysis;
}

const joined = new WeakMap<Analysis, Joined>();

/** One object as long as nothing changes, so that what is worked out from it can be kept. */
function withImporters(analysis: Analysis, importers: readonly Analysis[]): Analysis {
  if (importers.length === 0 || analysis.model.blocks.length === 0) return analysis;
  const known = joined.get(analysis);
  if (known?.importers.length === importers.length && importers.every((other, i) => other === known.importers[i]))
    return known.analysis;
  const networks = [...analysis.networks, ...importers.flatMap((other) => other.networks)];
  const all = { importers, analysis: { ...analysis, networks } };
  joined.set(analysis, all);
  return all.analysis;
}
