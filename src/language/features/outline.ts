import type { AstNode, LangiumDocument } from 'langium';
import type { DocumentSymbolProvider } from 'langium/lsp';
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver-types';
import type { Analysis } from '../findings/analysis.js';
import { formatSizes, outputsOf } from '../findings/instances.js';
import type { Block, Body, If, Item, Layer, Repeat } from '../generated/ast.js';
import { at, rangeOf } from '../text/place.js';
import { analysisOf, type FeatureServices } from './feature.js';

/** The outline, the breadcrumbs and "go to symbol": networks, blocks and constants, with their layers inside. */
export class ConvNetOutline implements DocumentSymbolProvider {
  constructor(private readonly services: FeatureServices) {}

  async getSymbols(document: LangiumDocument): Promise<DocumentSymbol[]> {
    const analysis = await analysisOf(this.services, document);
    return analysis.model.root.items.flatMap((item) => symbolsOf(item, analysis));
  }
}

function symbolsOf(item: Item, analysis: Analysis): DocumentSymbol[] {
  const inside = (body: Body | undefined) => (body?.statements ?? []).flatMap((child) => symbolsOf(child, analysis));
  switch (item.$type) {
    case 'Network': {
      const rules = item.framework === undefined ? '' : `like ${item.framework}`;
      return symbol(item, 'name', item.name ?? 'network', rules, SymbolKind.Module, inside(item.body));
    }
    case 'Block':
      return symbol(item, 'name', item.name ?? 'block', signatureOf(item), SymbolKind.Class, inside(item.body));
    case 'Const':
      return symbol(item, 'name', item.name ?? '', item.value?.$cstNode?.text ?? '', SymbolKind.Constant);
    case 'Layer':
      return layerSymbol(item, analysis, inside(item.body));
    case 'Repeat':
      return symbol(item, '', headerOf(item), '', SymbolKind.Array, inside(item.body));
    case 'If':
      return conditionSymbols(item, 'if', inside);
    case 'Branch':
      return symbol(item, '', 'branch', '', SymbolKind.Namespace, inside(item.body));
    case 'Import':
    case 'Expectation':
      return [];
  }
}

function symbol(
  node: AstNode,
  nameProperty: string,
  name: string,
  detail: string,
  kind: SymbolKind,
  children: DocumentSymbol[] = [],
): DocumentSymbol[] {
  // The editor takes no symbol without a name: one that is still being written is not shown.
  if (name === '' || !node.$cstNode) return children;
  const range = rangeOf(at(node));
  return [{ name, detail, kind, range, selectionRange: rangeOf(at(node, nameProperty)), children }];
}

function layerSymbol(layer: Layer, analysis: Analysis, children: DocumentSymbol[]): DocumentSymbol[] {
  const isCall = analysis.model.forms.get(layer)?.target.type === 'block';
  const name = layer.label ?? layer.kind ?? '';
  const detail = formatSizes(outputsOf(analysis, layer));
  const property = layer.label === undefined ? 'kind' : 'label';
  return symbol(layer, property, name, detail, isCall ? SymbolKind.Object : SymbolKind.Field, children);
}

/** `if stride != 1`, and beside it what happens else. */
function conditionSymbols(
  node: If,
  word: string,
  inside: (body: Body | undefined) => DocumentSymbol[],
): DocumentSymbol[] {
  const condition = node.condition?.$cstNode?.text ?? '';
  const taken = symbol(node.then ?? node, '', `${word} ${condition}`, '', SymbolKind.Boolean, inside(node.then));
  if (node.elseIf) return [...taken, ...conditionSymbols(node.elseIf, 'else if', inside)];
  if (!node.otherwise) return taken;
  return [...taken, ...symbol(node.otherwise, '', 'else', '', SymbolKind.Boolean, inside(node.otherwise))];
}

/** `(filters, stride = 1)` */
const signatureOf = ({ parameters }: Block): string =>
  parameters.length === 0 ? '' : `(${parameters.map((parameter) => parameter.$cstNode?.text ?? '').join(', ')})`;

/** `repeat i in 1..4` */
function headerOf(repeat: Repeat): string {
  const text = repeat.$cstNode?.text ?? '';
  const brace = text.indexOf('{');
  return text.slice(0, brace < 0 ? undefined : brace).trim();
}
