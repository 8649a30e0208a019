import { CompletionItemKind, type TextEdit } from 'vscode-languageserver-types';
import { catalogue, isLayerKind, type LayerKind, layerKinds } from '../../../network/catalogue.js';
import type { Block } from '../../generated/ast.js';
import { readText } from '../../meaning/evaluate.js';
import { importsOf } from '../../meaning/imports.js';
import type { FileModel } from '../../meaning/model.js';
import { at, rangeOf } from '../../text/place.js';
import { layerDoc } from '../support/markdown.js';
import { hasInput } from '../support/trial.js';
import { blockDoc, keyword, type Offer, pathTo, type Request } from './offer.js';
import { patternsAt } from './patterns.js';

/** What can begin a statement: layers, blocks, keywords. */
export function statements(request: Request): readonly Offer[] {
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
    keyword('training', 'training {\n\tdataset <digits>\n\t<>\n}', 'how the network learns'),
  ];
  return [
    ...(isFirst ? [] : blocks(request)),
    ...layerKinds
      .filter((kind) => (catalogue[kind].arity === 'none') === isFirst)
      .map((kind) => layerOffer(kind, request)),
    ...(isFirst ? [] : patternsAt(request)),
    ...flow,
    ...(owner === 'network'
      ? [{ ...keyword('expect', 'expect ', 'a claim that is checked'), goesOn: true }, ...settings]
      : []),
  ];
}

/** `conv ${1:16} ${2:5x5}`: the example of a layer up to its first attribute in words, with the values it had last. */
function layerOffer(kind: LayerKind, { document, cursor }: Request): Offer {
  const { title, example, arity } = catalogue[kind];
  const above = document.textDocument.getText().slice(Math.max(0, cursor.start - REACH), cursor.start);
  const [byExample, last] = [valuesAfter(kind, example), valuesAfter(kind, above.slice(above.lastIndexOf(`${kind} `)))];
  const values = last.length === byExample.length ? last : byExample;
  const snippet = [kind, ...values.map((value, i) => `\${${i + 1}:${value}}`)].join(' ');
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

/** The numbers and sizes that follow a keyword. */
const valuesAfter = (keyword: string, text: string): readonly string[] =>
  new RegExp(`^${keyword}((?:[ \\t]+[0-9][\\w.]*)*)`).exec(text)?.[1]?.match(/\S+/g) ?? [];

/** How far above the values of a layer are looked for, in characters. */
const REACH = 2000;

/** The blocks of this file and those it imports; then those of other files, which bring their import along. */
function blocks({ document, documents, analysis: { model }, analyzer, cursor }: Request): readonly Offer[] {
  const [outer] = cursor.bodies;
  const own = outer?.[0] === 'block' ? outer[1] : undefined;
  const offers: Offer[] = [];
  for (const name of model.declarations.keys()) {
    const block = analyzer.declaration(model, name)?.node;
    if (block?.$type === 'Block' && name !== own) offers.push(blockOffer(name, block));
  }
  for (const other of documents.all) {
    if (other.uri.toString() === model.uri) continue;
    for (const block of analyzer.model(other).blocks)
      if (block.name !== undefined && !model.declarations.has(block.name))
        offers.push({
          ...blockOffer(block.name, block),
          group: 4,
          description: `import from ${pathTo(document, other)}`,
          edits: [importEdit(model, block.name, pathTo(document, other))],
        });
  }
  return offers;
}

function blockOffer(name: string, block: Block): Offer {
  const needed = block.parameters.filter(({ value }) => !value).map((parameter, i) => `\${${i + 1}:${parameter.name}}`);
  return {
    label: name,
    kind: CompletionItemKind.Class,
    group: 1,
    insert: block.parameters.length === 0 ? name : `${name}(${needed.join(', ')})`,
    after: `(${block.parameters.map(({ $cstNode }) => $cstNode?.text ?? '').join(', ')})`,
    description: 'block',
    doc: blockDoc(block),
  };
}

/** One more name in the import of that file, or an import of its own after the others. */
function importEdit(model: FileModel, name: string, path: string): TextEdit {
  const imports = importsOf(model);
  const same = imports.find((statement) => statement.path !== undefined && readText(statement.path) === path);
  const lastName = same?.names.at(-1);
  if (lastName) {
    const { end } = rangeOf(at(lastName));
    return { range: { start: end, end }, newText: `, ${name}` };
  }
  const last = imports.at(-1);
  const start = { line: last ? rangeOf(at(last)).end.line + 1 : 0, character: 0 };
  return { range: { start, end: start }, newText: `import ${name} from "${path}"\n${last ? '' : '\n'}` };
}
