import { type FileSystemProvider, type LangiumDocument, UriUtils } from 'langium';
import type { DocumentLinkProvider } from 'langium/lsp';
import type { DocumentLink } from 'vscode-languageserver-types';
import type { TextLiteral } from '../generated/ast.js';
import { readText } from '../meaning/evaluate.js';
import { importedUri, importsOf } from '../meaning/imports.js';
import { at, rangeOf } from '../text/place.js';
import { analysisOf, type FeatureServices } from './feature.js';

interface LinkServices extends FeatureServices {
  readonly shared: FeatureServices['shared'] & {
    readonly workspace: { readonly FileSystemProvider: FileSystemProvider };
  };
}

/** From the path of an import, a picture or a weights file to the file, where there is one. */
export class ConvNetDocumentLinks implements DocumentLinkProvider {
  constructor(private readonly services: LinkServices) {}

  async getDocumentLinks(document: LangiumDocument): Promise<DocumentLink[]> {
    const { model } = await analysisOf(this.services, document);
    const links: DocumentLink[] = [];
    for (const statement of importsOf(model)) {
      const target = importedUri(model, statement)?.toString();
      if (target !== undefined) links.push({ range: rangeOf(at(statement, 'path')), target });
    }
    for (const { positional, attributes } of model.forms.values())
      for (const value of [...positional, ...[...attributes.values()].map((attribute) => attribute.value)]) {
        const target = value?.$type === 'TextLiteral' ? await this.fileOf(document, value) : undefined;
        if (value && target !== undefined) links.push({ range: rangeOf(at(value)), target });
      }
    return links;
  }

  private async fileOf({ uri }: LangiumDocument, { text }: TextLiteral): Promise<string | undefined> {
    const path = readText(text);
    if (path === '' || path.includes('\0')) return undefined;
    const file = UriUtils.resolvePath(UriUtils.dirname(uri), path);
    if (!this.services.analysis.Analyzer.mayRead(file)) return undefined;
    const exists = await this.services.shared.workspace.FileSystemProvider.exists(file);
    return exists ? file.toString() : undefined;
  }
}
