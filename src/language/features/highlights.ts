import type { LangiumDocument } from 'langium';
import type { DocumentHighlightProvider } from 'langium/lsp';
import type { DocumentHighlightParams } from 'vscode-languageserver';
import { type DocumentHighlight, DocumentHighlightKind } from 'vscode-languageserver-types';
import { analysisOf, type FeatureServices } from './feature.js';
import { occurrenceAt, occurrencesOf } from './support/occurrences.js';

/** The places in this file that mean the same as the name at the cursor. */
export class ConvNetHighlights implements DocumentHighlightProvider {
  constructor(private readonly services: FeatureServices) {}

  async getDocumentHighlight(
    document: LangiumDocument,
    { position }: DocumentHighlightParams,
  ): Promise<DocumentHighlight[]> {
    const { Analyzer } = this.services.analysis;
    const analysis = await analysisOf(this.services, document);
    const found = occurrenceAt(analysis, Analyzer, position);
    if (!found) return [];
    return occurrencesOf(analysis, Analyzer)
      .filter(({ declaration }) => declaration === found.declaration)
      .map(({ range, isDeclaration }) => ({
        range,
        kind: isDeclaration ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      }));
  }
}
