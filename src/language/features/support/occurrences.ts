import { type AstNode, AstUtils, type LangiumDocument, type LangiumDocuments } from 'langium';
import type { Position, Range } from 'vscode-languageserver-types';
import type { Analysis } from '../../findings/analysis.js';
import type { Analyzer } from '../../findings/analyzer.js';
import { isLoopVariable, type Layer } from '../../generated/ast.js';
import type { Declaration } from '../../meaning/forms.js';
import type { FileModel } from '../../meaning/model.js';
import { at, type Place, rangeOf } from '../../text/place.js';

/** A name in the text and what it means, followed through imports to where that is declared. */
export interface Occurrence {
  readonly uri: string;
  readonly node: AstNode;
  readonly range: Range;
  readonly declaration: Declaration;
  /** The file of the declaration. */
  readonly declaredIn: FileModel;
  readonly isDeclaration: boolean;
}

const known = new WeakMap<Analysis, readonly Occurrence[]>();

/** Every name of a file that means something: declarations, uses, labels, named arguments and imported names. */
export function occurrencesOf(analysis: Analysis, analyzer: Analyzer): readonly Occurrence[] {
  const cached = known.get(analysis);
  if (cached) return cached;
  const occurrences = new Collector(analysis.model, analyzer).collect();
  known.set(analysis, occurrences);
  return occurrences;
}

class Collector {
  private readonly found: Occurrence[] = [];
  /** Lines that share a label, in the arms of a condition: the first stands for all. */
  private readonly labels = new Map<Layer, Layer>();

  constructor(
    private readonly model: FileModel,
    private readonly analyzer: Analyzer,
  ) {
    for (const names of model.labels.values())
      for (const layers of names.values()) for (const layer of layers) this.labels.set(layer, layers[0] ?? layer);
  }

  collect(): readonly Occurrence[] {
    const { model } = this;
    for (const declaration of model.declarations.values())
      if (declaration.$type === 'ImportedName') this.add(at(declaration), declaration, false);
      else this.add(at(declaration, 'name'), declaration, true);
    for (const block of model.blocks)
      for (const parameter of block.parameters) this.add(at(parameter, 'name'), parameter, true);
    for (const node of AstUtils.streamAst(model.root)) if (isLoopVariable(node)) this.add(at(node), node, true);
    for (const layer of this.labels.keys()) this.add(at(layer, 'label'), layer, true);
    for (const { place, declaration } of model.bindings) this.add(place, declaration, false);
    for (const [layer, { target, entries }] of model.forms) {
      if (target.type !== 'block' || !entries.some(({ name }) => name !== undefined)) continue;
      const block = this.analyzer.declaration(model, layer.kind);
      if (block?.node.$type !== 'Block') continue;
      for (const entry of entries) {
        const parameter = block.node.parameters.find(({ name }) => name === entry.name);
        if (parameter) this.push(at(entry, 'name'), parameter, block.model, false);
      }
    }
    return this.found;
  }

  private add(place: Place, declaration: Declaration, isDeclaration: boolean): void {
    if (declaration.$type === 'Layer')
      this.push(place, this.labels.get(declaration) ?? declaration, this.model, isDeclaration);
    else if (declaration.$type === 'ImportedName') {
      const imported = this.analyzer.declaration(this.model, declaration.name);
      this.push(place, imported?.node ?? declaration, imported?.model ?? this.model, isDeclaration);
    } else this.push(place, declaration, this.model, isDeclaration);
  }

  private push(place: Place, declaration: Declaration, declaredIn: FileModel, isDeclaration: boolean): void {
    const { uri } = this.model;
    this.found.push({ uri, node: place.node, range: rangeOf(place), declaration, declaredIn, isDeclaration });
  }
}

/** The place of the name that a declaration gives. */
export const nameRange = (declaration: Declaration): Range =>
  rangeOf(
    at(
      declaration,
      declaration.$type === 'Layer' ? 'label' : declaration.$type === 'ImportedName' ? undefined : 'name',
    ),
  );

/** The name at a position, or just before it. */
export function occurrenceAt(analysis: Analysis, analyzer: Analyzer, position: Position): Occurrence | undefined {
  const isHere = ({ range: { start, end } }: Occurrence) =>
    start.line === position.line && start.character <= position.character && position.character <= end.character;
  return occurrencesOf(analysis, analyzer).find(isHere);
}

/** Every place that means the same as the name at a position, in all files that have been read. */
export function sameNames(
  { declaration }: Pick<Occurrence, 'declaration'>,
  document: LangiumDocument,
  documents: LangiumDocuments,
  analyzer: Analyzer,
): readonly Occurrence[] {
  // Parameters, labels and loop variables are known in their file, and parameters to those that call the block.
  const isLocal = declaration.$type === 'Layer' || declaration.$type === 'LoopVariable';
  const files = isLocal ? [document] : documents.all.toArray();
  return files.flatMap((file) =>
    occurrencesOf(analyzer.analyse(file), analyzer).filter((other) => other.declaration === declaration),
  );
}
