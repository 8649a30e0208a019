import type { LangiumDocument } from 'langium';
import type { Analysis } from '../analysis.js';
import type { Analyzer } from '../analyzer.js';

/** What most features need of the language. */
export interface FeatureServices {
  readonly analysis: { readonly Analyzer: Analyzer };
}

/** What is known of a document. A request may come before the files it imports have been read for the first time. */
export async function analysisOf({ analysis }: FeatureServices, document: LangiumDocument): Promise<Analysis> {
  await analysis.Analyzer.load(document);
  return analysis.Analyzer.analyse(document);
}
