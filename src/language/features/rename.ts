import { type AstNode, AstUtils, type LangiumDocument, type Lexer } from 'langium';
import type { RenameProvider } from 'langium/lsp';
import {
  LSPErrorCodes,
  type RenameParams,
  ResponseError,
  type TextDocumentPositionParams,
} from 'vscode-languageserver';
import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver-types';
import { catalogue, isLayerKind } from '../../network/catalogue.js';
import {
  type Argument,
  type Block,
  isArgument,
  isBlock,
  isLayer,
  isLoopVariable,
  isNetwork,
  isParameter,
  type LoopVariable,
  type Network,
  type Parameter,
} from '../generated/ast.js';
import { type Declaration, settings, TRAINING } from '../meaning/forms.js';
import type { FileModel } from '../meaning/model.js';
import { keepsNetworks } from '../refactor/same-network.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { type Occurrence, occurrenceAt, sameNames } from './support/occurrences.js';

interface RenameServices extends FeatureServices {
  readonly parser: { readonly Lexer: Lexer };
}

/** Renames a block, constant, parameter, loop variable or layer everywhere; refuses what would change a network. */
export class ConvNetRename implements RenameProvider {
  constructor(private readonly services: RenameServices) {}

  async prepareRename(document: LangiumDocument, { position }: TextDocumentPositionParams): Promise<Range | undefined> {
    const analysis = await analysisOf(this.services, document);
    return occurrenceAt(analysis, this.services.analysis.Analyzer, position)?.range;
  }

  async rename(document: LangiumDocument, { position, newName }: RenameParams): Promise<WorkspaceEdit | undefined> {
    const { Analyzer } = this.services.analysis;
    const found = occurrenceAt(await analysisOf(this.services, document), Analyzer, position);
    if (!found) return undefined;
    const documents = this.services.shared.workspace.LangiumDocuments;
    const places = sameNames(found, document, documents, Analyzer);
    const files = documents.all.filter(({ uri }) => places.some((place) => place.uri === uri.toString()));
    const objection =
      this.objectionTo(newName, found.declaration) ??
      files.map((file) => clashIn(Analyzer.analyse(file).model, found.declaration, newName)).find(Boolean) ??
      this.misreading(document, places, newName);
    if (objection) throw new ResponseError(LSPErrorCodes.RequestFailed, objection);
    return {
      changes: Object.fromEntries(files.map(({ uri }) => [uri.toString(), editsIn(uri.toString(), places, newName)])),
    };
  }

  /** A line may still be read as before, `conv filters 3x3`: where all is in one file, that is tried. */
  private misreading(document: LangiumDocument, places: readonly Occurrence[], newName: string): string | undefined {
    const uri = document.uri.toString();
    const misread = places.map((place) => misreadingOf(place, newName)).find(Boolean);
    const edits = editsIn(uri, places, newName);
    const isTried = misread !== undefined && edits.length === places.length;
    return isTried && keepsNetworks(document, { edits, keeps: 'layers' }, this.services.analysis.Analyzer)
      ? undefined
      : misread;
  }

  /** Why a word cannot be the name of this. */
  private objectionTo(name: string, { $type }: Declaration): string | undefined {
    if ($type === 'ImportedName') return 'The file that declares this cannot be read';
    const { tokens, errors } = this.services.parser.Lexer.tokenize(name);
    const [token, more] = tokens;
    if (!token || more || errors.length > 0 || token.tokenType.name !== 'ID') return `${name} is not a name`;
    if (isLayerKind(name) && ($type === 'Block' || $type === 'Const')) return `${name} is a layer`;
    return name === 'previous' || name === TRAINING || settings.some((word) => word === name)
      ? `${name} has a meaning of its own`
      : undefined;
  }
}

const editsIn = (uri: string, places: readonly Occurrence[], newText: string): TextEdit[] =>
  places.filter((place) => place.uri === uri).map(({ range }) => ({ range, newText }));

/** Whether the new name is taken where the old one is known. */
function clashIn(model: FileModel, declaration: Declaration, newName: string): string | undefined {
  const taken = `${newName} is already the name of something here`;
  if (isLayer(declaration)) {
    const owner = AstUtils.getContainerOfType(declaration, isOwner);
    return owner && model.labels.get(owner)?.has(newName) ? taken : undefined;
  }
  if (model.declarations.has(newName)) return taken;
  const clashes = AstUtils.streamAst(model.root).some(
    (node) => (isParameter(node) || isLoopVariable(node)) && node.name === newName && meet(node, declaration),
  );
  return clashes ? taken : undefined;
}

/** Whether a name is known somewhere where the other is, too; a constant or block is everywhere. */
function meet(inner: Parameter | LoopVariable, { $type, $container }: Declaration): boolean {
  if ($type !== 'Parameter' && $type !== 'LoopVariable') return true;
  return isWithin(inner.$container, $container) || isWithin($container, inner.$container);
}

const isWithin = (node: AstNode | undefined, outer: AstNode | undefined): boolean =>
  node !== undefined && (node === outer || isWithin(node.$container, outer));

const isOwner = (node: unknown): node is Block | Network => isBlock(node) || isNetwork(node);

/** Whether a line would take the new name for a word of its layer: `conv k 3x3` must not become `conv stride 3x3`. */
function misreadingOf({ node }: Occurrence, newName: string): string | undefined {
  const argument = node.$container;
  if (!isArgument(argument) || !isLayerKind(argument.$container.kind)) return undefined;
  const { kind } = argument.$container;
  const known = catalogue[kind].attributes;
  const before = argument.$container.arguments[(argument.$containerIndex ?? 0) - 1];
  const attribute = before && known[textOf(before)];
  const isMisread = attribute ? attribute.type.suggestions.includes(newName) : Object.hasOwn(known, newName);
  return isMisread ? `${newName} has a meaning of its own in ${kind}` : undefined;
}

const textOf = (argument: Argument): string => argument.$cstNode?.text ?? '';
