import { AstUtils, type LangiumDocument } from 'langium';
import type { InlayHintProvider, LangiumSharedServices } from 'langium/lsp';
import type { InlayHintParams } from 'vscode-languageserver';
import type { InlayHint, Position } from 'vscode-languageserver-types';
import { catalogue, isLayerKind } from '../../network/catalogue.js';
import { isLayer, type Layer } from '../generated/ast.js';
import { formatSizes, outputsOf } from '../instances.js';
import { analysisOf, type FeatureServices } from './feature.js';

/** The output size at the end of each line; where a line holds several layers, that of the last. */
export class ConvNetInlayHints implements InlayHintProvider {
  constructor(private readonly services: FeatureServices & { readonly shared: LangiumSharedServices }) {
    const { workspace, lsp } = services.shared;
    workspace.ConfigurationProvider.onConfigurationSectionUpdate(() => lsp.Connection?.languages.inlayHint.refresh());
  }

  async getInlayHints(document: LangiumDocument, { range }: InlayHintParams): Promise<InlayHint[]> {
    if (!(await this.areWanted())) return [];
    const analysis = await analysisOf(this.services, document);
    const lastOfLine = new Map<number, Layer>();
    for (const node of AstUtils.streamAst(document.parseResult.value, { range })) {
      const line = isLayer(node) ? endOf(node).line : -1;
      if (!isLayer(node) || line < range.start.line || line > range.end.line) continue;
      const other = lastOfLine.get(line);
      if (!other || endOf(other).character < endOf(node).character) lastOfLine.set(line, node);
    }
    return [...lastOfLine.values()].flatMap((layer) => {
      const label = saysItself(layer) ? '' : formatSizes(outputsOf(analysis, layer));
      return label === '' ? [] : [{ label, position: endOfCode(document, endOf(layer)), paddingLeft: true }];
    });
  }

  private async areWanted(): Promise<boolean> {
    const settings: { readonly sizes?: boolean } | undefined =
      await this.services.shared.workspace.ConfigurationProvider.getConfiguration('convnet', 'inlayHints');
    return settings?.sizes ?? true;
  }
}

const endOf = (layer: Layer): Position => layer.$cstNode?.range.end ?? { line: -1, character: 0 };

/** Whether the size stands on the line already: an input says it, an `expect` may. */
function saysItself({ kind, expectations }: Layer): boolean {
  if (isLayerKind(kind) && catalogue[kind].arity === 'none') return true;
  return expectations.some(({ value, words }) => value && words.every(({ name }) => name === 'output'));
}

/** Behind the braces that a line closes after its last layer: `repeat 2 { B(64) }` */
function endOfCode(document: LangiumDocument, end: Position): Position {
  const rest = document.textDocument.getText({ start: end, end: { line: end.line + 1, character: 0 } });
  const closing = /^[ \t]*[;}](?:[ \t]*[;}])*/.exec(rest)?.[0] ?? '';
  return { line: end.line, character: end.character + closing.length };
}
