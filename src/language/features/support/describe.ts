import type { AstNode } from 'langium';
import { formatBytes, formatMacs, grouped } from '../../../network/arithmetic.js';
import { catalogue, type LayerKind } from '../../../network/catalogue.js';
import { describe } from '../../../network/diagnostics.js';
import { explainLayer } from '../../../network/explain.js';
import { rulesOf } from '../../../network/frameworks.js';
import { formatPair, formatShape, type Shape } from '../../../network/shape.js';
import type { AnalysedNetwork, Analysis } from '../../findings/analysis.js';
import {
  type CallInstance,
  callFacts,
  factsOf,
  type Instance,
  instancesOf,
  originOf,
} from '../../findings/instances.js';
import type { Block, Expectation, Layer, LoopVariable, Parameter } from '../../generated/ast.js';
import { constantValue } from '../../meaning/constants.js';
import type { ImportResolver } from '../../meaning/elaboration.js';
import { foundBy, subjectOf } from '../../meaning/expectations.js';
import type { ValueDeclaration } from '../../meaning/forms.js';
import type { FileModel } from '../../meaning/model.js';
import { isOfFramework, layerDoc, printAttribute } from './markdown.js';

/** What the editor tells about a place in the text, as Markdown. Whatever is not known is left out. */

const MOST_SHOWN = 3;
const MOST_VALUES = 8;

const code = (text: string): string => `\`\`\`convnet\n${text}\n\`\`\``;

const table = (head: readonly [string, string], rows: readonly (readonly [string, string | null])[]): string =>
  [head, [':--', ':--'] as const, ...rows.filter(([, text]) => text !== null)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const paragraphs = (...texts: readonly (string | false | null | undefined)[]): string =>
  texts.filter(Boolean).join('\n\n');

const countOf = (count: number | null): string => (count === null ? '?' : grouped(count));

/** `56×56×64 → 28×28×128` */
const sizes = (inputs: readonly (Shape | null)[], output: Shape | null): string => {
  const size = (shape: Shape | null) => (shape ? formatShape(shape) : '?');
  return inputs.length === 0 ? size(output) : `${inputs.map(size).join(', ')} → ${size(output)}`;
};

/** A layer: its size, with all that follows from it worked out; in a block, each of its uses. */
export function describeLayer(line: Layer, kind: LayerKind, analysis: Analysis): string {
  const instances = instancesOf(analysis).layers.get(line) ?? [];
  const [first, second] = instances;
  if (!first) return layerDoc(kind);
  const { title, summary } = catalogue[kind];
  const attributes = new Set(instances.map(attributesOf));
  const inForce = attributes.size === 1 ? attributesOf(first) : null;
  if (second)
    return paragraphs(
      `**${line.label ?? kind}** · ${title}, used ${instances.length} times`,
      usesOf(instances),
      inForce && `Attributes: ${inForce}`,
    );
  const { network, index } = first;
  const name = network.network.layers[index]?.name ?? kind;
  const facts = factsOf(first);
  const explained = explainLayer(network.network, network.checked.facts, index);
  if (!facts || !explained) return paragraphs(layerDoc(kind), inForce && `Attributes: ${inForce}`);
  return paragraphs(
    `**${name}** · ${title}`,
    summary,
    table(
      ['Size', `**${sizes(facts.inputs, facts.output)}**`],
      [
        ['Output', explained.output.join(', ')],
        ['Parameters', facts.params ? explained.params : null],
        ['Buffers', explained.buffers],
        ['MACs', facts.macs ? explained.macs : null],
        ['Memory', explained.memory],
        ['Receptive field', explained.receptiveField.join('; ')],
        ['Attributes', inForce],
      ],
    ),
  );
}

/** A row for each of the first uses of a line in a block. */
function usesOf(instances: readonly Instance[]): string {
  const rows = instances.slice(0, MOST_SHOWN).map((instance) => {
    const { network, index } = instance;
    const { inputs = [], output = null, params = null, macs = null, field = null } = factsOf(instance) ?? {};
    const name = network.network.layers[index]?.name ?? '';
    const seen = field ? formatPair({ y: field.y.size, x: field.x.size }) : '?';
    return [name, sizes(inputs, output), countOf(params), macs === null ? '?' : formatMacs(macs), seen];
  });
  const head = ['', 'Size', 'Parameters', 'MACs', 'Receptive field'];
  const lines = [head, head.map(() => ':--'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n') + more(instances.length);
}

const more = (count: number): string => (count > MOST_SHOWN ? `\n\n… and ${count - MOST_SHOWN} more` : '');

/** The attributes in force: those written, then the defaults, and where it is so that they are a framework's. */
function attributesOf(instance: Instance): string | null {
  const { network } = instance.network;
  const layer = network.layers[instance.index];
  const origin = originOf(instance);
  if (!layer?.attributes || !origin) return null;
  const written = new Set([...(origin.model.forms.get(origin.node)?.attributes.keys() ?? []), ...origin.positional]);
  const values: Readonly<Record<string, unknown>> = layer.attributes;
  const given = Object.fromEntries(Object.entries(values).filter(([name]) => written.has(name)));
  const rules = rulesOf(network.framework);
  const own: string[] = [];
  const defaults: string[] = [];
  for (const [name, attribute] of Object.entries(catalogue[layer.kind].attributes)) {
    const text = `\`${name} ${printAttribute(attribute, values[name])}\``;
    if (written.has(name)) own.push(text);
    else if (values[name] !== null)
      defaults.push(isOfFramework(attribute, rules, given) ? `${text} (${rules.title})` : text);
  }
  return (
    [own.join(' '), defaults.length > 0 ? `by default ${defaults.join(' ')}` : ''].filter(Boolean).join('; ') || null
  );
}

/** `block BasicBlock(filters, stride = 1)` */
export const signatureOf = ({ name = '', parameters }: Block): string =>
  parameters.length === 0
    ? `block ${name}`
    : `block ${name}(${parameters.map((parameter) => parameter.$cstNode?.text ?? '').join(', ')})`;

/** A file that is imported: what it declares, each with the first line of what is said of it. */
export function describeFile(path: string, { declarations }: FileModel): string {
  const rows = [...declarations.values()].flatMap((declaration) => {
    if (declaration.$type === 'ImportedName') return [];
    const text = declaration.$type === 'Block' ? signatureOf(declaration) : (declaration.$cstNode?.text ?? '');
    const [about = ''] = commentAbove(declaration).split('\n');
    return [`- \`${text}\`${about && ` — ${about}`}`];
  });
  return paragraphs(`**${path}**`, rows.length === 0 ? 'Nothing in it can be imported.' : rows.join('\n'));
}

/** The comment lines just above a declaration: its documentation. */
export function commentAbove(node: AstNode): string {
  const cst = node.$cstNode;
  const above = cst?.root.fullText.slice(0, cst.offset).split(/\r\n|\r|\n/) ?? [];
  const comments: string[] = [];
  for (let i = above.length - 2; i >= 0; i--) {
    const comment = /^\s*\/\/\s?(.*)$/.exec(above[i] ?? '');
    if (!comment) break;
    comments.unshift(comment[1] ?? '');
  }
  return comments.join('\n');
}

/** A block, or a call of it: its signature, and what its uses take, give and cost. */
export function describeBlock(block: Block, calls: readonly CallInstance[]): string {
  const [first, second] = calls;
  const facts = first && callFacts(first);
  const about = paragraphs(code(signatureOf(block)), commentAbove(block));
  if (!facts) return about;
  if (!second)
    return paragraphs(
      about,
      table(
        ['Size', `**${sizes([facts.input], facts.output)}**`],
        [
          ['Layers', grouped(facts.layers)],
          ['Parameters', countOf(facts.params)],
          ['MACs', facts.macs === null ? '?' : formatMacs(facts.macs)],
        ],
      ),
    );
  const rows = calls.slice(0, MOST_SHOWN).map((call) => {
    const { input, output, params, macs } = callFacts(call);
    return [call.instantiation.name, sizes([input], output), countOf(params), macs === null ? '?' : formatMacs(macs)];
  });
  const head = [`used ${calls.length} times`, 'Size', 'Parameters', 'MACs'];
  const lines = [head, head.map(() => ':--'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return paragraphs(about, lines.join('\n') + more(calls.length));
}

/** A network: what goes in and comes out, and the totals. */
export function describeNetwork({ network, checked }: AnalysedNetwork): string {
  const { facts, totals } = checked;
  const { title } = rulesOf(network.framework);
  const field = facts.at(-1)?.field;
  return paragraphs(
    code(`network ${network.name}${network.framework ? ` like ${network.framework}` : ''}`),
    table(
      ['Size', `**${sizes([facts[0]?.output ?? null], facts.at(-1)?.output ?? null)}**`],
      [
        ['Layers', grouped(network.layers.length)],
        ['Parameters', countOf(totals.params)],
        ['Buffers', totals.buffers ? grouped(totals.buffers) : null],
        ['MACs', totals.macs === null ? '?' : `${formatMacs(totals.macs)} (${grouped(totals.macs)})`],
        ['Memory', totals.activationBytes === null ? null : `${formatBytes(totals.activationBytes)} of activations`],
        ['Receptive field', field ? formatPair({ y: field.y.size, x: field.x.size }) : null],
        ['Rules', title],
      ],
    ),
  );
}

/** What an `expect` finds, in each network and use it is in. */
export function describeExpectation(node: Expectation, { networks }: Analysis): string {
  const name = subjectOf(node);
  const found = new Set(
    networks.flatMap((network) =>
      network.expectations
        .filter((expectation) => expectation.node === node)
        .map(({ span }) => foundBy(name, span, network.checked)),
    ),
  );
  const known = [...found].filter((text) => text !== undefined);
  const about = 'Checked while you type, by `convnet check`, and in the test view.';
  return known.length === 0 ? `**expect** ${about}` : `**expect ${name}** finds \`${known.join('`, `')}\`.\n\n${about}`;
}

/** A constant, parameter or loop variable, with the values it takes in the networks of the file. */
export function describeValue(
  declaration: ValueDeclaration,
  model: FileModel,
  analysis: Analysis,
  imports: ImportResolver,
): string {
  const text = declaration.$cstNode?.text ?? '';
  switch (declaration.$type) {
    case 'Const': {
      const value = constantValue(model, declaration, imports);
      const isPlain = declaration.value?.$cstNode?.text === (value && describe(value));
      return paragraphs(code(text), value && !isPlain && `= \`${describe(value)}\``, commentAbove(declaration));
    }
    case 'ImportedName':
      return code(declaration.$container.$cstNode?.text ?? text);
    case 'Parameter':
      return paragraphs(
        code(signatureOf(declaration.$container)),
        valuesOf(`parameter \`${text}\``, declaration, analysis),
      );
    case 'LoopVariable':
      return valuesOf(`\`${text}\` counts the turns of its \`repeat\``, declaration, analysis);
  }
}

function valuesOf(about: string, { name, $container }: Parameter | LoopVariable, { networks }: Analysis): string {
  const found = new Set<string>();
  for (const { origins } of networks)
    for (const { node, values } of origins) {
      const value = values.get(name);
      if (value && contains($container, node)) found.add(describe(value));
    }
  if (found.size === 0) return about;
  const [shown, left] = [[...found].slice(0, MOST_VALUES), found.size - MOST_VALUES];
  return `${about}: \`${shown.join('`, `')}\`${left > 0 ? ` and ${left} more` : ''}`;
}

function contains(container: AstNode, node: AstNode): boolean {
  for (let at: AstNode | undefined = node; at; at = at.$container) if (at === container) return true;
  return false;
}
