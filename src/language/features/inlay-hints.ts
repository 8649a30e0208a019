import { type AstNode, AstUtils, type LangiumDocument } from 'langium';
import type { InlayHintProvider, LangiumSharedServices } from 'langium/lsp';
import type { InlayHintParams } from 'vscode-languageserver';
import { type InlayHint, InlayHintKind, type Position, type Range } from 'vscode-languageserver-types';
import { catalogue, isLayerKind } from '../../network/catalogue.js';
import { describe } from '../../network/diagnostics.js';
import type { Analysis } from '../findings/analysis.js';
import { firstToLast, formatSizes, outputsOf, valuesSeenBy } from '../findings/instances.js';
import { type Expression, isBinaryExpression, isCall, isLayer, type Layer } from '../generated/ast.js';
import { valueIn } from '../meaning/constants.js';
import { analysisOf, type FeatureServices } from './feature.js';

/** The hints of the settings `convnet.inlayHints`, each shown unless it is switched off. */
const kinds = ['sizes', 'argumentNames', 'expressions'] as const;
type HintKind = (typeof kinds)[number];

/** Output sizes at the ends of lines, the names of arguments, and what expressions come to. */
export class ConvNetInlayHints implements InlayHintProvider {
  constructor(private readonly services: FeatureServices & { readonly shared: LangiumSharedServices }) {
    const { workspace, lsp } = services.shared;
    workspace.ConfigurationProvider.onConfigurationSectionUpdate(() => lsp.Connection?.languages.inlayHint.refresh());
  }

  async getInlayHints(document: LangiumDocument, { range }: InlayHintParams): Promise<InlayHint[]> {
    const wanted = await this.wantedKinds();
    if (wanted.length === 0) return [];
    const analysis = await analysisOf(this.services, document);
    const makers: Readonly<Record<HintKind, () => InlayHint[]>> = {
      sizes: () => this.sizes(document, analysis, range),
      argumentNames: () => this.argumentNames(analysis, range),
      expressions: () => this.expressions(analysis, range),
    };
    return wanted
      .flatMap((kind) => makers[kind]())
      .sort((a, b) => a.position.line - b.position.line || a.position.character - b.position.character);
  }

  /** One at the end of each line; where a line holds several layers, that of the last. */
  private sizes(document: LangiumDocument, analysis: Analysis, range: Range): InlayHint[] {
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

  /** `B(filters: 64, stride: 2)`; a single argument, or one that is the parameter's name, explains itself. */
  private argumentNames({ model }: Analysis, range: Range): InlayHint[] {
    const hints: InlayHint[] = [];
    for (const [layer, { entries }] of model.forms) {
      const unnamed = entries.filter(({ name }) => name === undefined);
      if (unnamed.length < 2 || !isShown(layer, range)) continue;
      const block = this.services.analysis.Analyzer.declaration(model, layer.kind)?.node;
      const names = block?.$type === 'Block' ? block.parameters.map(({ name }) => name) : [];
      for (const [i, { value, $cstNode }] of unnamed.entries()) {
        const name = names[i];
        const isSame = value?.$type === 'Reference' && value.name === name;
        if (name === undefined || !$cstNode || isSame) continue;
        const kind = InlayHintKind.Parameter;
        hints.push({ label: `${name}:`, kind, position: $cstNode.range.start, paddingRight: true });
      }
    }
    return hints;
  }

  /** `(4 * k) = 64`, for what is computed: a plain name is a hover away. */
  private expressions(analysis: Analysis, range: Range): InlayHint[] {
    const { model } = analysis;
    const { Analyzer } = this.services.analysis;
    const hints: InlayHint[] = [];
    const show = (expression: Expression | null | undefined, seen: Seen) => {
      const position = expression?.$cstNode?.range.end;
      if (!expression || !position || !isComputed(expression)) return;
      const values = seen.map((names) => valueIn(expression, names, model, Analyzer));
      const text = firstToLast(values.flatMap((value) => (value ? [describe(value)] : [])));
      if (text !== '') hints.push({ label: `= ${text}`, position, paddingLeft: true });
    };
    for (const item of model.root.items)
      if (item.$type === 'Const' && isShown(item, range)) show(item.value, [new Map()]);
    for (const [layer, { positional, attributes, entries }] of model.forms) {
      if (!isShown(layer, range)) continue;
      const values = [...positional, ...[...attributes.values()].map(({ value }) => value)];
      const expressions = [...values, ...entries.map(({ value }) => value)];
      if (!expressions.some((expression) => expression && isComputed(expression))) continue;
      const seen = valuesSeenBy(analysis, layer);
      for (const expression of expressions) show(expression, seen);
    }
    return hints;
  }

  private async wantedKinds(): Promise<readonly HintKind[]> {
    const settings: Partial<Record<HintKind, boolean>> | undefined =
      await this.services.shared.workspace.ConfigurationProvider.getConfiguration('convnet', 'inlayHints');
    return kinds.filter((kind) => settings?.[kind] ?? true);
  }
}

type Seen = ReturnType<typeof valuesSeenBy>;

const isShown = ({ $cstNode }: AstNode, { start, end }: Range): boolean =>
  $cstNode !== undefined && $cstNode.range.start.line <= end.line && $cstNode.range.end.line >= start.line;

const isComputed = (expression: Expression): boolean =>
  AstUtils.streamAst(expression).some((node) => isBinaryExpression(node) || isCall(node));

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
