import type { LangiumDocuments } from 'langium';
import type { FuzzyMatcher, WorkspaceSymbolProvider } from 'langium/lsp';
import { SymbolKind, type WorkspaceSymbol, type WorkspaceSymbolParams } from 'vscode-languageserver';
import type { Analyzer } from '../findings/analyzer.js';
import { at, rangeOf } from '../text/place.js';

interface SymbolServices {
  readonly workspace: { readonly LangiumDocuments: LangiumDocuments };
  readonly lsp: { readonly FuzzyMatcher: FuzzyMatcher };
}

const kinds = { Network: SymbolKind.Module, Block: SymbolKind.Class, Const: SymbolKind.Constant };

/** "Go to symbol in workspace": the networks, blocks and constants of every file. */
export class ConvNetWorkspaceSymbols implements WorkspaceSymbolProvider {
  constructor(
    private readonly services: SymbolServices,
    private readonly analyzer: () => Analyzer,
  ) {}

  async getSymbols({ query }: WorkspaceSymbolParams): Promise<WorkspaceSymbol[]> {
    const { workspace, lsp } = this.services;
    const symbols: WorkspaceSymbol[] = [];
    for (const document of workspace.LangiumDocuments.all)
      for (const item of this.analyzer().model(document).root.items) {
        if (item.$type !== 'Network' && item.$type !== 'Block' && item.$type !== 'Const') continue;
        const { name, $type } = item;
        if (name === undefined || !lsp.FuzzyMatcher.match(query, name)) continue;
        const location = { uri: document.uri.toString(), range: rangeOf(at(item, 'name')) };
        symbols.push({ name, kind: kinds[$type], location });
      }
    return symbols;
  }
}
