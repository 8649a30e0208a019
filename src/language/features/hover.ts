import { AstUtils, CstUtils, type LangiumDocument, type LeafCstNode } from 'langium';
import type { HoverProvider } from 'langium/lsp';
import type { Hover, HoverParams } from 'vscode-languageserver';
import { catalogue } from '../../network/catalogue.js';
import { frameworkNames, rulesOf } from '../../network/frameworks.js';
import type { Analysis } from '../findings/analysis.js';
import { instancesOf, originOf } from '../findings/instances.js';
import {
  type Argument,
  type Block,
  type Import,
  isArgument,
  isExpectation,
  isImport,
  isLayer,
  isNetwork,
  type Layer,
  type Network,
} from '../generated/ast.js';
import { readText } from '../meaning/evaluate.js';
import { importedUri } from '../meaning/imports.js';
import { analysisOf, type FeatureServices } from './feature.js';
import {
  describeBlock,
  describeExpectation,
  describeFile,
  describeLayer,
  describeNetwork,
  describeValue,
} from './support/describe.js';
import { attributePage, languagePage, layerPage } from './support/docs-links.js';
import { attributeDoc, rulesDoc } from './support/markdown.js';
import { occurrencesOf } from './support/occurrences.js';
import { trainingBlockDoc, trainingDoc } from './support/training.js';

/** What is told about the word under the pointer. */
export class ConvNetHover implements HoverProvider {
  constructor(private readonly services: FeatureServices) {}

  async getHoverContent(document: LangiumDocument, { position }: HoverParams): Promise<Hover | undefined> {
    const analysis = await analysisOf(this.services, document);
    const offset = document.textDocument.offsetAt(position);
    const leaf = CstUtils.findDeclarationNodeAtOffset(document.parseResult.value.$cstNode, offset);
    if (!leaf || leaf.hidden) return undefined;
    const value = this.describeName(leaf, analysis) ?? this.describePart(leaf, analysis);
    return value === undefined ? undefined : { contents: { kind: 'markdown', value }, range: leaf.range };
  }

  /** A name that is declared somewhere. */
  private describeName({ range }: LeafCstNode, analysis: Analysis): string | undefined {
    const { Analyzer } = this.services.analysis;
    const occurrence = occurrencesOf(analysis, Analyzer).find(
      (other) => other.range.start.line === range.start.line && other.range.start.character === range.start.character,
    );
    if (!occurrence) return undefined;
    const { declaration, declaredIn, isDeclaration } = occurrence;
    switch (declaration.$type) {
      case 'Block':
        return this.describeBlock(declaration, range.start, analysis);
      case 'Layer':
        // Lines in the arms of a condition may share a label: at its own, a line speaks for itself.
        return isDeclaration ? undefined : this.describeLine(declaration, analysis);
      default:
        return describeValue(declaration, declaredIn, analysis, Analyzer);
    }
  }

  /** A block: one use of it where it is called, all of them where it is declared. */
  private describeBlock(block: Block, { line, character }: LeafCstNode['range']['start'], analysis: Analysis): string {
    const { calls } = instancesOf(analysis);
    const { Analyzer } = this.services.analysis;
    const all = [...calls].filter(
      ([call, [use]]) => use && Analyzer.declaration(use.instantiation.model, call.kind)?.node === block,
    );
    const here = all.filter(([call]) => {
      const range = call.$cstNode?.range;
      return range?.start.line === line && range.start.character <= character && character <= range.end.character;
    });
    return describeBlock(
      block,
      (here.length > 0 ? here : all).flatMap(([, uses]) => uses),
    );
  }

  private describeLine(layer: Layer, analysis: Analysis): string | undefined {
    const target = analysis.model.forms.get(layer)?.target;
    if (target?.type === 'training') return withPage(trainingBlockDoc(), 'Training', languagePage('training'));
    if (target?.type === 'training line')
      return withPage(trainingDoc(target.word), 'Training', languagePage('training'));
    if (target?.type === 'layer')
      return withPage(describeLayer(layer, target.kind, analysis), target.kind, layerPage(target.kind));
    const block =
      target?.type === 'block' ? this.services.analysis.Analyzer.declaration(analysis.model, layer.kind) : undefined;
    return block?.node.$type === 'Block'
      ? describeBlock(block.node, instancesOf(analysis).calls.get(layer) ?? [])
      : undefined;
  }

  /** Where the file cannot be read, its diagnostic says so. */
  private describeImport(statement: Import, { model }: Analysis): string | undefined {
    const uri = importedUri(model, statement);
    const document = uri && this.services.shared.workspace.LangiumDocuments.getDocument(uri);
    if (!document || statement.path === undefined) return undefined;
    return describeFile(readText(statement.path), this.services.analysis.Analyzer.model(document));
  }

  private describePart(leaf: LeafCstNode, analysis: Analysis): string | undefined {
    const { astNode } = leaf;
    if (isLayer(astNode))
      return leaf.text === astNode.kind || leaf.text === astNode.label
        ? this.describeLine(astNode, analysis)
        : undefined;
    if (isNetwork(astNode)) return describeHeader(leaf.text, astNode, analysis);
    if (isImport(astNode) && leaf.text === astNode.path) return this.describeImport(astNode, analysis);
    const expectation = AstUtils.getContainerOfType(astNode, isExpectation);
    if (expectation)
      return withPage(describeExpectation(expectation, analysis), 'Expectations', languagePage('expectations'));
    const argument = AstUtils.getContainerOfType(astNode, isArgument);
    return argument && describeArgument(argument, analysis);
  }
}

function describeHeader(word: string, node: Network, analysis: Analysis): string | undefined {
  const framework = frameworkNames.find((name) => name === node.framework);
  if (framework && (word === framework || word === 'like')) return rulesDoc(rulesOf(framework));
  const network = analysis.networks.find((other) => other.node === node);
  return network && (word === node.name || word === 'network') ? describeNetwork(network) : undefined;
}

/** A text with the page that tells more. */
const withPage = (text: string, title: string, page: string): string => `${text}\n\n[${title} in the docs](${page})`;

/** The attribute that a word or a value of a line belongs to. */
function describeArgument(argument: Argument, analysis: Analysis): string | undefined {
  const layer = argument.$container;
  const form = analysis.model.forms.get(layer);
  if (form?.target.type === 'training line')
    return withPage(trainingDoc(form.target.word), 'Training', languagePage('training'));
  if (form?.target.type !== 'layer') return undefined;
  const [value] = argument.values;
  if (value?.$type === 'Reference' && value.name === 'from') return withPage(FROM, 'Wiring', languagePage('wiring'));
  const [instance] = instancesOf(analysis).layers.get(layer) ?? [];
  const unnamed = value ? form.positional.indexOf(value) : -1;
  const written = [...form.attributes.values()].find(({ word, value: own }) => word === value || own === value);
  const name = written?.name ?? (instance && originOf(instance)?.positional[unnamed]);
  const attribute = name === undefined ? undefined : catalogue[form.target.kind].attributes[name];
  if (name === undefined || !attribute) return undefined;
  const network = instance?.network.network;
  const given = (instance && network?.layers[instance.index]?.attributes) ?? {};
  return withPage(attributeDoc(name, attribute, rulesOf(network?.framework), given), name, attributePage(name));
}

const FROM =
  '**from** — the layers whose outputs this one takes, instead of the layer above. `previous` names that one: ' +
  '`add from shortcut, previous`.';
