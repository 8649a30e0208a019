import type { LangiumDocument } from 'langium';
import type { SignatureHelpProvider } from 'langium/lsp';
import type { SignatureHelpParams } from 'vscode-languageserver';
import type { ParameterInformation, SignatureHelp } from 'vscode-languageserver-types';
import { catalogue, isLayerKind } from '../../network/catalogue.js';
import type { Block } from '../generated/ast.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { cursorAt } from './support/cursor.js';
import { commentAbove } from './support/describe.js';

/** What a block that is being called takes, and what a layer does. */
export class ConvNetSignatureHelp implements SignatureHelpProvider {
  readonly signatureHelpOptions = { triggerCharacters: ['('], retriggerCharacters: [',', '=', ' '] };

  constructor(private readonly services: FeatureServices) {}

  async provideSignatureHelp(
    document: LangiumDocument,
    { position }: SignatureHelpParams,
  ): Promise<SignatureHelp | undefined> {
    const { textDocument } = document;
    const { words, parentheses, inside, bodies } = cursorAt(textDocument.getText(), textDocument.offsetAt(position));
    if (inside !== 'code' || bodies.length === 0) return undefined;
    const [header] = parentheses;
    const { model } = await analysisOf(this.services, document);
    const called = header && this.services.analysis.Analyzer.declaration(model, header.at(-1) ?? '')?.node;
    if (header && called?.$type === 'Block') return helpOfBlock(called, words.slice(header.length + 1));
    const [head = '', ...rest] = words[1] === ':' ? words.slice(2) : words;
    return isLayerKind(head) ? helpOfLayer(head, rest) : undefined;
  }
}

function helpOfBlock(block: Block, words: readonly string[]): SignatureHelp {
  const names = block.parameters.map(({ name }) => name);
  const parameters = block.parameters.map(({ name, $cstNode }) => $cstNode?.text ?? name);
  // Commas inside further parentheses belong to those.
  let depth = 0;
  let start = 0;
  let count = 0;
  for (const [i, word] of words.entries()) {
    if (word === '(') depth++;
    else if (word === ')') depth--;
    else if (word === ',' && depth === 0) {
      count++;
      start = i + 1;
    }
  }
  const named = words[start + 1] === '=' ? names.indexOf(words[start] ?? '') : -1;
  return help(`${block.name ?? ''}(`, parameters, ', ', ')', commentAbove(block), named < 0 ? count : named);
}

function helpOfLayer(kind: keyof typeof catalogue, words: readonly string[]): SignatureHelp | undefined {
  const { summary, attributes } = catalogue[kind];
  const all = Object.entries(attributes);
  if (all.length === 0) return undefined;
  const last = words.findLast((word) => Object.hasOwn(attributes, word));
  const unnamed = words.filter((word) => word !== ',').length;
  const active = last === undefined ? unnamed : all.findIndex(([name]) => name === last);
  const parameters = all.map(([name, { required }]) => (required ? name : `[${name}]`));
  const docs = all.map(([, { doc }]) => doc);
  return help(`${kind} `, parameters, ' ', '', summary, active, docs);
}

function help(
  before: string,
  labels: readonly string[],
  separator: string,
  after: string,
  documentation: string,
  activeParameter: number,
  docs: readonly string[] = [],
): SignatureHelp {
  const parameters: ParameterInformation[] = [];
  let label = before;
  for (const [i, text] of labels.entries()) {
    if (i > 0) label += separator;
    const doc = docs[i];
    // By place: a name may be part of another.
    parameters.push({
      label: [label.length, label.length + text.length],
      ...(doc !== undefined && { documentation: { kind: 'markdown', value: doc } }),
    });
    label += text;
  }
  const signature = { label: label + after, parameters, ...(documentation && { documentation }) };
  return { signatures: [signature], activeSignature: 0, activeParameter };
}
