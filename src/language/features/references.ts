import type { LangiumDocument } from 'langium';
import type { ReferencesProvider } from 'langium/lsp';
import type { ReferenceParams } from 'vscode-languageserver';
import type { Location } from 'vscode-languageserver-types';
import { analysisOf, type FeatureServices } from './feature.js';
import { occurrenceAt, sameNames } from './support/occurrences.js';

/** Every use of a name, in all files. */
export class ConvNetReferences implements ReferencesProvider {
  constructor(private readonly services: FeatureServices) {}

  async findReferences(document: LangiumDocument, { position, context }: ReferenceParams): Promise<Location[]> {
    const { Analyzer } = this.services.analysis;
    const found = occurrenceAt(await analysisOf(this.services, document), Analyzer, position);
    if (!found) return [];
    return sameNames(found, document, this.services.shared.workspace.LangiumDocuments, Analyzer)
      .filter(({ isDeclaration }) => context.includeDeclaration || !isDeclaration)
      .map(({ uri, range }) => ({ uri, range }));
  }
}
