import { AstUtils, type LangiumDocument } from 'langium';
import type { DefinitionProvider } from 'langium/lsp';
import type { DefinitionParams } from 'vscode-languageserver';
import type { LocationLink } from 'vscode-languageserver-types';
import { isImport } from '../generated/ast.js';
import { importedUri } from '../meaning/imports.js';
import { at, rangeOf } from '../text/place.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { nameRange, occurrenceAt } from './support/occurrences.js';

/** From a name to where it is declared, through imports; from the path of an import to its file. */
export class ConvNetDefinition implements DefinitionProvider {
  constructor(private readonly services: FeatureServices) {}

  async getDefinition(document: LangiumDocument, { position }: DefinitionParams): Promise<LocationLink[]> {
    const analysis = await analysisOf(this.services, document);
    const found = occurrenceAt(analysis, this.services.analysis.Analyzer, position);
    if (found)
      return [
        {
          originSelectionRange: found.range,
          targetUri: found.declaredIn.uri,
          targetRange: rangeOf(at(found.declaration)),
          targetSelectionRange: nameRange(found.declaration),
        },
      ];
    const links: LocationLink[] = [];
    for (const statement of AstUtils.streamContents(analysis.model.root).filter(isImport)) {
      const range = rangeOf(at(statement, 'path'));
      const uri = importedUri(analysis.model, statement);
      if (!uri || range.start.line !== position.line || position.character < range.start.character) continue;
      const start = { line: 0, character: 0 };
      const target = { start, end: start };
      links.push({
        originSelectionRange: range,
        targetUri: uri.toString(),
        targetRange: target,
        targetSelectionRange: target,
      });
    }
    return links;
  }
}
