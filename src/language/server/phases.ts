import {
  DefaultIndexManager,
  DefaultLinker,
  DefaultScopeComputation,
  type LangiumDocument,
  type LangiumSharedCoreServices,
  MultiMap,
} from 'langium';
import type { Analyzer } from '../findings/analyzer.js';

/**
 * Langium's phases between parsing and validation tie cross-references of the grammar. Ours has none (names are tied in
 * model.ts, where the catalogue says what is a name), so these phases have nothing to do and cost nothing.
 */

export class NoScopes extends DefaultScopeComputation {
  override async collectExportedSymbols(): Promise<[]> {
    return [];
  }

  override async collectLocalSymbols(): Promise<MultiMap<never, never>> {
    return new MultiMap();
  }
}

export class NoLinks extends DefaultLinker {
  override async link(document: LangiumDocument): Promise<void> {
    document.references = [];
  }
}

/** Knows which documents must be checked again when others change: those that import them. */
export class ImportIndex extends DefaultIndexManager {
  constructor(
    services: LangiumSharedCoreServices,
    private readonly analyzer: () => Analyzer,
  ) {
    super(services);
  }

  override async updateReferences(): Promise<void> {}

  override isAffected(document: LangiumDocument, changedUris: Set<string>): boolean {
    return this.analyzer().importsAny(document, changedUris);
  }
}
