import { type AstNode, AstUtils, type LangiumDocument } from 'langium';
import type { InlayHintProvider, LangiumSharedServices } from 'langium/lsp';
import type { InlayHintParams } from 'vscode-languageserver';
import { type InlayHint, InlayHintKind, type Position } from 'vscode-languageserver-types';
import { catalogue, isLayerKind } from '../../network/catalogue.js';
import { describe } from '../../network/diagnostics.js';
import type { Analysis } from '../findings/analysis.js';
import { firstToLast, formatSizes, outputsOf, valuesSeenBy } from '../findings/instances.js';
import { type Expression, isBinaryExpression, isCall, isLayer, type Layer } from '../generated/ast.js';
import { valueIn } from '../meaning/constants.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { paddings } from './support/columns.js';
import { SavedSizes } from './support/saved-sizes.js';

/** The settings `convnet.inlayHints`, each on unless it is switched off. */
interface Settings {
  readonly sizes?: boolean;
  /** Sizes in a column. */
  readonly aligned?: boolean;
  /** Sizes that have changed since the last save are marked. */
  readonly changes?: boolean;
  readonly argumentNames?: boolean;
  readonly expressions?: boolean;
}

/** Behind a size that is another one than when the file was saved. */
const CHANGED = ' ●';

interface HintsWithin {
  readonly names: readonly InlayHint[];
  readonly results: readonly InlayHint[];
}

/** Output sizes at the ends of lines, the names of arguments, and what expressions come to. */
export class ConvNetInlayHints implements InlayHintProvider {
  private readonly saved: SavedSizes;
  private readonly known = new WeakMap<Analysis, HintsWithin>();

  constructor(private readonly services: FeatureServices & { readonly shared: LangiumSharedServices }) {
    const { workspace, lsp } = services.shared;
    this.saved = new SavedSizes(services.shared, () => services.analysis.Analyzer);
    workspace.ConfigurationProvider.onConfigurationSectionUpdate(() => {
      // A client that cannot do so asks again in its own time.
      lsp.Connection?.languages.inlayHint.refresh().catch(() => {});
    });
  }

  async getInlayHints(document: LangiumDocument, { range }: InlayHintParams): Promise<InlayHint[]> {
    const settings = await this.settings();
    const { sizes = true, argumentNames = true, expressions = true } = settings;
    const analysis = await analysisOf(this.services, document);
    const { names, results } = this.within(analysis);
    const within = [...(argumentNames ? names : []), ...(expressions ? results : [])];
    return [...(sizes ? this.sizes(document, analysis, within, settings) : []), ...within]
      .filter(({ position: { line } }) => range.start.line <= line && line <= range.end.line)
      .sort((a, b) => a.position.line - b.position.line || a.position.character - b.position.character);
  }

  /** The hints within lines, of the whole file: what stands behind a line must know how long they make it. */
  private within(analysis: Analysis): HintsWithin {
    const known = this.known.get(analysis) ?? {
      names: this.argumentNames(analysis),
      results: this.expressions(analysis),
    };
    this.known.set(analysis, known);
    return known;
  }

  private sizes(
    document: LangiumDocument,
    analysis: Analysis,
    within: readonly InlayHint[],
    { aligned = true, changes = true }: Settings,
  ): InlayHint[] {
    const all = sizesOf(document, analysis);
    const before = this.saved.before(document, new Map(all.map(({ position, label }) => [position.line, label])));
    const old = ({ position }: LineSize) => (changes ? before(position.line) : undefined);
    const marked = all.map((size) => (old(size) === undefined ? size : { ...size, label: size.label + CHANGED }));
    const labels = aligned ? alignedLabels(document, marked, widths(within)) : marked.map(({ label }) => label);
    return all.map((size, i) => ({
      label: labels[i] ?? size.label,
      position: size.position,
      paddingLeft: true,
      ...(size.hasComment && { paddingRight: true }),
      ...(old(size) !== undefined && { tooltip: `${old(size)} at the last save` }),
    }));
  }

  /** `B(filters: 64, stride: 2)`; a single argument, or one that is the parameter's name, explains itself. */
  private argumentNames({ model }: Analysis): InlayHint[] {
    const hints: InlayHint[] = [];
    for (const [layer, { entries }] of model.forms) {
      const unnamed = entries.filter(({ name }) => name === undefined);
      if (unnamed.length < 2) continue;
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
  private expressions(analysis: Analysis): InlayHint[] {
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
    for (const item of model.root.items) if (item.$type === 'Const') show(item.value, [new Map()]);
    for (const [layer, { positional, attributes, entries }] of model.forms) {
      const values = [...positional, ...[...attributes.values()].map(({ value }) => value)];
      const expressions = [...values, ...entries.map(({ value }) => value)];
      if (!expressions.some((expression) => expression && isComputed(expression))) continue;
      const seen = valuesSeenBy(analysis, layer);
      for (const expression of expressions) show(expression, seen);
    }
    return hints;
  }

  private async settings(): Promise<Settings> {
    const { ConfigurationProvider } = this.services.shared.workspace;
    return (await ConfigurationProvider.getConfiguration('convnet', 'inlayHints')) ?? {};
  }
}

/** The size that a line ends with. */
interface LineSize {
  readonly position: Position;
  /** Whether it stands before a comment. */
  readonly hasComment: boolean;
  readonly label: string;
  /** The block or network that the line is in. */
  readonly item: AstNode;
}

const knownSizes = new WeakMap<Analysis, readonly LineSize[]>();

/** One at the end of each line; where a line holds several layers, that of the last. */
function sizesOf(document: LangiumDocument, analysis: Analysis): readonly LineSize[] {
  const known = knownSizes.get(analysis);
  if (known) return known;
  const lastOfLine = new Map<number, { readonly layer: Layer; readonly item: AstNode }>();
  for (const item of analysis.model.root.items)
    for (const layer of AstUtils.streamAst(item).filter(isLayer)) {
      const { line, character } = endOf(layer);
      const other = lastOfLine.get(line)?.layer;
      if (!other || endOf(other).character < character) lastOfLine.set(line, { layer, item });
    }
  const sizes = [...lastOfLine.values()].flatMap(({ layer, item }) => {
    const label = saysItself(layer) ? '' : formatSizes(outputsOf(analysis, layer));
    return label === '' ? [] : [{ label, ...endOfCode(document, endOf(layer)), item }];
  });
  sizes.sort((a, b) => a.position.line - b.position.line);
  knownSizes.set(analysis, sizes);
  return sizes;
}

/** How many characters the hints within each line take; VS Code puts about half of one beside each. */
function widths(hints: readonly InlayHint[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { position, label } of hints)
    found.set(position.line, (found.get(position.line) ?? 0) + label.length + 0.5);
  return found;
}

/**
 * The labels of sizes, with the spaces that put those of neighbouring lines of a block or network in a column; hints within lines make
 * them longer. What stands before comments that are in a column leaves them there.
 */
function alignedLabels(
  { textDocument }: LangiumDocument,
  sizes: readonly LineSize[],
  within: ReadonlyMap<number, number>,
): readonly string[] {
  const columnOf = ({ position: { line, character } }: LineSize) => character + Math.round(within.get(line) ?? 0);
  const isApart = (before: LineSize, after: LineSize) =>
    before.item !== after.item || hasEmptyLine(textDocument, before.position.line, after.position.line);
  const behindCode = sizes
    .map((size, index) => ({ size, index, column: columnOf(size) }))
    .filter(({ size }) => !size.hasComment);
  // A size before a comment, in another column, parts those above it from those below.
  const spaces = paddings(
    behindCode,
    (before, after) => after.index > before.index + 1 || isApart(before.size, after.size),
  );
  const padded = new Map(behindCode.map(({ size }, i) => [size, ' '.repeat(spaces[i] ?? 0) + size.label]));
  let paragraph = 0;
  const columns = sizes.map((size, i) => {
    const before = sizes[i - 1];
    if (before && isApart(before, size)) paragraph++;
    return `${paragraph}:${columnOf(size)}`;
  });
  const widest = new Map<string | undefined, number>();
  for (const [i, { hasComment, label }] of sizes.entries())
    if (hasComment) widest.set(columns[i], Math.max(widest.get(columns[i]) ?? 0, label.length));
  return sizes.map((size, i) => padded.get(size) ?? size.label.padEnd(widest.get(columns[i]) ?? 0));
}

function hasEmptyLine(textDocument: LangiumDocument['textDocument'], from: number, to: number): boolean {
  const between = { start: { line: from + 1, character: 0 }, end: { line: to, character: 0 } };
  const lines = textDocument.getText(between).split('\n').slice(0, -1);
  return lines.some((line) => line.trim() === '');
}

type Seen = ReturnType<typeof valuesSeenBy>;

const isComputed = (expression: Expression): boolean =>
  AstUtils.streamAst(expression).some((node) => isBinaryExpression(node) || isCall(node));

const endOf = (layer: Layer): Position => layer.$cstNode?.range.end ?? { line: -1, character: 0 };

/** Whether the size stands on the line already: an input says it, an `expect` may. */
function saysItself({ kind, expectations }: Layer): boolean {
  if (isLayerKind(kind) && catalogue[kind].arity === 'none') return true;
  return expectations.some(({ value, words }) => value && words.every(({ name }) => name === 'output'));
}

/**
 * Behind the braces that a line closes after its last layer, `repeat 2 { B(64) }`; where a comment ends the line, right before it:
 * such comments often stand in a column.
 */
function endOfCode(document: LangiumDocument, end: Position): Pick<LineSize, 'position' | 'hasComment'> {
  const rest = document.textDocument.getText({ start: end, end: { line: end.line + 1, character: 0 } });
  const closing = /^[ \t]*[;}](?:[ \t]*[;}])*/.exec(rest)?.[0] ?? '';
  const behind = rest.slice(closing.length);
  const hasComment = /^[ \t]*(?:\/\/|\/\*.*\*\/[ \t]*$)/m.test(behind);
  const gap = hasComment ? (/^[ \t]*/.exec(behind)?.[0] ?? '') : '';
  return { position: { line: end.line, character: end.character + closing.length + gap.length }, hasComment };
}
