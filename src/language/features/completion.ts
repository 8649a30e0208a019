import { type LangiumDocument, type LangiumDocuments, URI, UriUtils } from 'langium';
import type { CompletionProvider, CompletionProviderOptions } from 'langium/lsp';
import type { CompletionParams } from 'vscode-languageserver';
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  InsertTextFormat,
  type Range,
} from 'vscode-languageserver-types';
import { catalogue, isLayerKind, type LayerKind, layerKinds } from '../../network/catalogue.js';
import { describe } from '../../network/diagnostics.js';
import { frameworkNames, rulesOf } from '../../network/frameworks.js';
import type { Attribute } from '../../network/layer.js';
import type { Analysis } from '../analysis.js';
import type { Analyzer } from '../analyzer.js';
import { type Candidate, candidatesFor } from '../candidates.js';
import { constantValue } from '../constants.js';
import { type Cursor, cursorAt } from '../cursor.js';
import { commentAbove, signatureOf } from '../describe.js';
import { functionNames } from '../evaluate.js';
import { expectationWords, foundBy } from '../expectations.js';
import type { Block } from '../generated/ast.js';
import { attributeDoc, defaultOf, layerDoc, rulesDoc } from '../markdown.js';
import { hasInput, type Situation, situationsAt } from '../trial.js';
import { analysisOf, type FeatureServices } from './feature.js';

interface CompletionServices extends FeatureServices {
  readonly shared: { readonly workspace: { readonly LangiumDocuments: LangiumDocuments } };
}

/** What can be written at the cursor, with what it would lead to. */
export class ConvNetCompletion implements CompletionProvider {
  readonly completionOptions: CompletionProviderOptions = { triggerCharacters: [' ', '"', '(', '='] };

  constructor(private readonly services: CompletionServices) {}

  async getCompletion(
    document: LangiumDocument,
    { position, context }: CompletionParams,
  ): Promise<CompletionList | undefined> {
    const { textDocument } = document;
    const offset = textDocument.offsetAt(position);
    const cursor = cursorAt(textDocument.getText(), offset);
    const analysis = await analysisOf(this.services, document);
    const request: Request = {
      document,
      analysis,
      analyzer: this.services.analysis.Analyzer,
      documents: this.services.shared.workspace.LangiumDocuments,
      cursor,
      offset,
      range: { start: textDocument.positionAt(offset - cursor.partial.length), end: position },
      // A list that opens by itself at every space would catch the Enter at the end of a line.
      onlyNeeded: context?.triggerCharacter === ' ',
    };
    return { isIncomplete: false, items: itemsAt(request) };
  }
}

interface Request {
  readonly document: LangiumDocument;
  readonly analysis: Analysis;
  readonly analyzer: Analyzer;
  readonly documents: LangiumDocuments;
  readonly cursor: Cursor;
  readonly offset: number;
  /** The word that is being typed. */
  readonly range: Range;
  readonly onlyNeeded: boolean;
}

/** An item before it is tied to the word it replaces; the group decides what comes first. */
interface Offer {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly group: number;
  readonly insert?: string;
  /** What the typed word is compared with, where it is not the label. */
  readonly filter?: string;
  readonly after?: string;
  readonly description?: string;
  readonly doc?: string;
  /** Opens the list again for what follows. */
  readonly goesOn?: boolean;
}

function itemsAt(request: Request): CompletionItem[] {
  const { range } = request;
  return offersAt(request).map(({ label, kind, group, insert, filter, after, description, doc, goesOn }, i) => ({
    label,
    kind,
    sortText: `${group}${String(i).padStart(4, '0')}`,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range, newText: insert ?? label },
    ...(filter !== undefined && { filterText: filter }),
    labelDetails: { ...(after && { detail: ` ${after}` }), ...(description && { description }) },
    ...(doc && { documentation: { kind: 'markdown', value: doc } }),
    ...(goesOn && { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }),
  }));
}

function offersAt(request: Request): readonly Offer[] {
  const { words: all, inside, bodies, parentheses } = request.cursor;
  if (inside === 'comment') return [];
  if (inside === 'text') return all[0] === 'import' && all.at(-1) === 'from' ? importPaths(request) : [];
  const words = all[1] === ':' ? all.slice(2) : all;
  const [head] = words;
  if (bodies.length === 0) return offersOutside(words, request);
  if (head === undefined) return request.onlyNeeded ? [] : statements(request);
  const expectation = words.lastIndexOf('expect');
  if (expectation >= 0) return words.length === expectation + 1 ? metrics(request, expectation === 0) : [];
  if (parentheses.length > 0) return [...namedArguments(request), ...values(request, 1)];
  if (head === 'repeat' || head === 'if') return values(request, 0);
  if (isLayerKind(head)) return attributesOf(head, words.slice(1), request);
  if (words.at(-1) === 'from' || isWiring(words)) return labels(request);
  return [];
}

/** `<name>` in the text is a place to fill in. */
const keyword = (label: string, text: string, description: string): Offer => {
  let stop = 0;
  const insert = text.replace(/<(.*?)>/g, (_, name: string) => (name ? `\${${++stop}:${name}}` : '$0'));
  return { label, kind: CompletionItemKind.Keyword, group: 3, insert, description };
};

// — Outside of everything —

function offersOutside(words: readonly string[], request: Request): readonly Offer[] {
  const [head, , third] = words;
  if (head === undefined)
    return [
      keyword('network', 'network <Name> {\n\tinput <32x32x3>\n\t<>\n}', 'a network'),
      keyword('block', 'block <Name>(<filters>) {\n\t<>\n}', 'lines to be used several times'),
      keyword('const', 'const <name> = <>', 'a value with a name'),
      keyword('import', 'import <Name> from "<./blocks.convnet>"', 'blocks and constants of another file'),
    ];
  if (head === 'network') {
    if (words.at(-1) === 'like')
      return frameworkNames.map((name) => ({
        label: name,
        kind: CompletionItemKind.EnumMember,
        group: 0,
        description: rulesOf(name).title,
        doc: rulesDoc(rulesOf(name)),
      }));
    return words.length === 2 ? [{ ...keyword('like', 'like ', "a framework's rules"), goesOn: true }] : [];
  }
  if (head === 'const' && third === '=') return values(request, 0);
  if (head === 'block' && words.at(-1) === '=') return values(request, 0);
  return head === 'import' ? importedNames(words, request) : [];
}

/** The quote that was typed stays; the editor has put in the closing one. */
function importPaths({ document, documents }: Request): readonly Offer[] {
  const folder = UriUtils.dirname(document.uri);
  return documents.all
    .filter(({ uri }) => uri.toString() !== document.uri.toString())
    .map(({ uri }) => UriUtils.relative(folder, uri))
    .map((path) => (path.startsWith('.') ? path : `./${path}`))
    .map((path) => ({ label: path, kind: CompletionItemKind.File, group: 0, insert: `"${path}`, filter: `"${path}` }))
    .toArray();
}

/** The names that the file after `from` declares; of every file that has been read, where none is written yet. */
function importedNames(words: readonly string[], request: Request): readonly Offer[] {
  if (words.includes('from')) return [];
  const { document, documents, analyzer, offset } = request;
  const rest = restOfLine(document, offset);
  const path = /\bfrom\s*"([^"]*)"/.exec(rest)?.[1];
  const wanted = path === undefined ? undefined : UriUtils.resolvePath(UriUtils.dirname(document.uri), path).toString();
  const offers: Offer[] = [];
  for (const other of documents.all) {
    if (other.uri.toString() === document.uri.toString() || (wanted ?? other.uri.toString()) !== other.uri.toString())
      continue;
    for (const [name, declaration] of analyzer.analyse(other).model.declarations) {
      if (declaration.$type === 'ImportedName' || words.includes(name)) continue;
      const isBlock = declaration.$type === 'Block';
      offers.push({
        label: name,
        kind: isBlock ? CompletionItemKind.Class : CompletionItemKind.Constant,
        group: 0,
        description: UriUtils.basename(URI.parse(other.uri.toString())),
        ...(isBlock && { doc: blockDoc(declaration) }),
      });
    }
  }
  return [...offers, ...(words.length > 1 ? [keyword('from', 'from "<>"', 'the file')] : [])];
}

// — Statements —

function statements(request: Request): readonly Offer[] {
  const { bodies, start } = request.cursor;
  const around = bodies.at(-1)?.filter((word, i, all) => word !== ':' && all[i + 1] !== ':') ?? [];
  const [owner = ''] = around;
  const flow = [
    keyword('repeat', 'repeat <2> {\n\t<>\n}', 'lines, several times'),
    keyword('if', 'if <condition> {\n\t<>\n}', 'lines, on a condition'),
  ];
  if (isLayerKind(owner))
    return [{ ...keyword('branch', 'branch {\n\t<>\n}', 'a path of its own'), group: 0 }, ...flow];
  const isFirst = owner === 'network' && !hasInput(request.analysis, start, request.offset);
  const settings = [
    keyword('weights', 'weights "<>"', 'a file of trained weights'),
    keyword('labels', 'labels "<>"', 'a file with the names of the classes'),
  ];
  return [
    ...(isFirst ? [] : blocks(request)),
    ...layerKinds.filter((kind) => (catalogue[kind].arity === 'none') === isFirst).map(layerOffer),
    ...flow,
    ...(owner === 'network'
      ? [{ ...keyword('expect', 'expect ', 'a claim that is checked'), goesOn: true }, ...settings]
      : []),
  ];
}

/** `conv ${1:16} ${2:5x5}`: the example of a layer up to its first attribute in words. */
function layerOffer(kind: LayerKind): Offer {
  const { title, example, arity } = catalogue[kind];
  const required = /^\w+((?:\s+[0-9][\w.]*)*)/.exec(example)?.[1] ?? '';
  let stop = 0;
  const snippet = `${kind}${required.replace(/[0-9][\w.]*/g, (value) => `\${${++stop}:${value}}`)}`;
  const branches = ' {\n\tbranch {\n\t\t$1\n\t}\n\tbranch {\n\t\t$2\n\t}\n}';
  return {
    label: kind,
    kind: CompletionItemKind.Function,
    group: 2,
    insert: arity === 'many' ? `${kind}${branches}` : snippet,
    description: title,
    doc: layerDoc(kind),
  };
}

const blockDoc = (block: Block): string => `\`\`\`convnet\n${signatureOf(block)}\n\`\`\`\n\n${commentAbove(block)}`;

function blocks({ analysis: { model }, analyzer, cursor }: Request): readonly Offer[] {
  const own = cursor.bodies[0]?.[0] === 'block' ? cursor.bodies[0][1] : undefined;
  const offers: Offer[] = [];
  for (const name of model.declarations.keys()) {
    const block = analyzer.declaration(model, name)?.node;
    if (block?.$type !== 'Block' || name === own) continue;
    const needed = block.parameters
      .filter(({ value }) => !value)
      .map((parameter, i) => `\${${i + 1}:${parameter.name}}`);
    offers.push({
      label: name,
      kind: CompletionItemKind.Class,
      group: 1,
      insert: block.parameters.length === 0 ? name : `${name}(${needed.join(', ')})`,
      after: `(${block.parameters.map(({ $cstNode }) => $cstNode?.text ?? '').join(', ')})`,
      description: 'block',
      doc: blockDoc(block),
    });
  }
  return offers;
}

// — Lines —

function attributesOf(kind: LayerKind, words: readonly string[], request: Request): readonly Offer[] {
  const known = catalogue[kind].attributes;
  const last = words.at(-1);
  if (last === 'from' || isWiring(words)) return labels(request);
  const situations = () => situationsAt(request.analysis, request.cursor.start, request.offset);
  if (last !== undefined && Object.hasOwn(known, last)) {
    const attribute = known[last];
    return attribute ? [...offersFor(attribute, request, situations()), ...values(request, 4)] : [];
  }
  const free = freeSlots(known, words);
  const slots = free.flatMap(([, attribute]) => offersFor(attribute, request, situations()));
  if (request.onlyNeeded && !free.some(([, { required }]) => required)) return [];
  const [situation] = situations();
  const rules = rulesOf(situation?.framework);
  const names = Object.entries(known)
    .filter(([name]) => !words.includes(name))
    .map(([name, attribute]) =>
      attributeOffer(name, attribute, attributeDoc(name, attribute, rules, {}), defaultOf(attribute, rules, {})),
    );
  return [
    ...slots,
    ...names,
    ...(free.length > 0 ? values(request, 4) : []),
    ...(catalogue[kind].arity === 'none' || words.includes('from')
      ? []
      : [{ ...keyword('from', 'from ', 'other layers as input'), goesOn: true }]),
    { ...keyword('expect', 'expect ', 'a claim that is checked'), goesOn: true },
  ];
}

const attributeOffer = (name: string, { flag }: Attribute, doc: string, byDefault: string | undefined): Offer => ({
  label: name,
  kind: CompletionItemKind.Property,
  group: 2,
  insert: flag ? name : `${name} `,
  ...(byDefault !== undefined && { description: `default ${byDefault}` }),
  doc,
  goesOn: !flag,
});

/** The attributes that still take a value without a name. */
function freeSlots(known: Readonly<Record<string, Attribute>>, words: readonly string[]): [string, Attribute][] {
  const slots = Object.entries(known).filter(([name, { positional }]) => positional && !words.includes(name));
  const named = words.findIndex((word) => Object.hasOwn(known, word));
  for (const word of words.slice(0, named < 0 ? undefined : named)) {
    const isSize = /^\d+(x\d+)+$/.test(word);
    const taken = slots.findIndex(([, { type }]) => (type.positionalAs === 'size') === isSize);
    if (taken >= 0) slots.splice(taken, 1);
  }
  return slots;
}

function offersFor(attribute: Attribute, request: Request, situations: readonly Situation[]): readonly Offer[] {
  const { document, cursor, offset, analyzer } = request;
  const before = document.textDocument.getText().slice(cursor.start, offset - cursor.partial.length);
  const after = restOfLine(document, offset).replace(/^[\w.]*/, '');
  const line = (text: string) => text.replace(/\bfrom\s+\w+(\s*,\s*\w+)*/, '');
  const unnamed = line(before).replace(/^\s*\w+\s*:/, '');
  const byDefault = (text: string) => (text === '' ? {} : { after: `→ ${text}` });
  return candidatesFor(attribute, unnamed, line(after), situations, analyzer).map(
    ({ text, size, message, rank }: Candidate) => ({
      label: text,
      kind: CompletionItemKind.Value,
      group: rank === 2 ? 5 : 0,
      ...(rank === 2 ? { after: 'does not fit' } : byDefault(size)),
      ...(message !== undefined && { doc: message }),
    }),
  );
}

/** What follows the cursor in its statement. */
const restOfLine = ({ textDocument }: LangiumDocument, offset: number): string =>
  /^(?:(?!\/\/|\/\*|\bexpect\b)[^\r\n;{}])*/.exec(textDocument.getText().slice(offset, offset + 500))?.[0] ?? '';

// — Names —

/** `from a, ` */
const isWiring = (words: readonly string[]): boolean => words.at(-1) === ',' && words.includes('from');

function labels({ analysis, cursor, offset }: Request): readonly Offer[] {
  const { labels: owners } = analysis.model;
  const owner = [...owners].find(([{ $cstNode }]) => $cstNode && $cstNode.offset < offset && offset <= $cstNode.end);
  const names = [...(owner?.[1] ?? [])]
    .filter(([name, [layer]]) => !cursor.words.includes(name) && (layer?.$cstNode?.offset ?? 0) < cursor.start)
    .map(([name, [layer]]) => ({
      label: name,
      kind: CompletionItemKind.Field,
      group: 0,
      description: layer?.kind ?? '',
    }));
  return [...names, { label: 'previous', kind: CompletionItemKind.Keyword, group: 0, description: 'the layer above' }];
}

/** Constants, parameters, loop variables and functions. */
function values({ analysis: { model }, analyzer, cursor }: Request, group: number): readonly Offer[] {
  const offers: Offer[] = [];
  const [outer] = cursor.bodies;
  const block = outer?.[0] === 'block' ? model.declarations.get(outer[1] ?? '') : undefined;
  const offer = (label: string, kind: CompletionItemKind, description: string) =>
    offers.push({ label, kind, group, description });
  for (const [head, name, word] of cursor.bodies)
    if (head === 'repeat' && word === 'in' && name) offer(name, CompletionItemKind.Variable, 'counts the repeat');
  if (block?.$type === 'Block')
    for (const { name } of block.parameters) offer(name, CompletionItemKind.Variable, 'parameter');
  for (const name of model.declarations.keys()) {
    const found = analyzer.declaration(model, name);
    if (found?.node.$type !== 'Const') continue;
    const value = constantValue(found.model, found.node, analyzer);
    offer(name, CompletionItemKind.Constant, value ? `= ${describe(value)}` : 'constant');
  }
  if (cursor.parentheses.length > 0)
    for (const name of functionNames)
      offers.push({ label: name, kind: CompletionItemKind.Function, group: 3, insert: `${name}($0)` });
  return offers;
}

/** `stride = ` in the call of a block. */
function namedArguments({ analysis: { model }, analyzer, cursor }: Request): readonly Offer[] {
  const [header] = cursor.parentheses;
  const block =
    cursor.parentheses.length === 1 && header ? analyzer.declaration(model, header.at(-1) ?? '')?.node : undefined;
  const last = cursor.words.at(-1);
  if (block?.$type !== 'Block' || (last !== '(' && last !== ',')) return [];
  return block.parameters
    .filter(({ name }) => !cursor.words.slice(header?.length).includes(name))
    .map(({ name, value, $cstNode }) => ({
      label: `${name} =`,
      kind: CompletionItemKind.Variable,
      group: 0,
      insert: `${name} = `,
      description: value ? ($cstNode?.text ?? '') : 'must be given',
      goesOn: true,
    }));
}

/** What an `expect` can speak of, with what it would find now. */
function metrics({ analysis, cursor, offset }: Request, ofNetwork: boolean): readonly Offer[] {
  const found = (name: string): string | undefined => {
    for (const network of analysis.networks) {
      const { $cstNode } = network.node;
      if (ofNetwork) {
        if ($cstNode && $cstNode.offset < offset && offset <= $cstNode.end) return foundBy(name, null, network.checked);
        continue;
      }
      const index = network.origins.findIndex(({ node, model }) => {
        const start = node.$cstNode?.offset ?? -1;
        return model.uri === analysis.model.uri && start >= cursor.start && start < offset;
      });
      if (index >= 0) return foundBy(name, index, network.checked);
    }
    return undefined;
  };
  return expectationWords.map((name) => {
    const value = found(name);
    return {
      label: value === undefined ? name : `${name} ${value}`,
      kind: CompletionItemKind.Value,
      group: 0,
      insert: value === undefined ? `${name} ` : `${name} ${value}`,
      description: value === undefined ? '' : 'what is there now',
    };
  });
}
