import { printAttribute } from '../../src/language/features/support/markdown.js';
import { createChecker } from '../../src/language/index.js';
import { catalogue, type LayerKind, layerKinds } from '../../src/network/catalogue.js';
import { explainLayer } from '../../src/network/explain.js';
import { type FrameworkRules, frameworkNames, frameworks, strictRules } from '../../src/network/frameworks.js';
import type { Attribute, LayerRecord } from '../../src/network/layer.js';
import { formatShape } from '../../src/network/shape.js';
import { fenced, GENERATED, page, table } from './markdown.js';

type Category = LayerRecord['category'];

/** The parts of the page, in their order. No title is a keyword, which would take the layer's anchor. */
const categories: Readonly<Record<Category, string>> = {
  input: 'Where a network begins',
  convolution: 'Convolutions',
  dense: 'Fully connected layers',
  pooling: 'Pooling',
  activation: 'Activation functions',
  normalisation: 'Normalisation and regularisation',
  merge: 'Merging paths',
  shape: 'Changing the shape',
  filter: 'Fixed filters',
};

const INTRODUCTION = `Sizes are height × width × channels. The worked sizes below come from the checker; hover a layer in the editor for
those of your own network. Attributes that need no name are recognised by what they look like: \`conv 16 5x5\` is
\`conv filters 16 kernel 5x5\`. Every layer but \`input\` also takes [\`from\`](language.md#wiring), a name before a colon and
[\`expect\`](language.md#expectations).`;

export async function layersPage(): Promise<string> {
  const parts: string[] = [];
  for (const [category, title] of Object.entries(categories)) {
    parts.push(`## ${title}`);
    for (const kind of layerKinds)
      if (catalogue[kind].category === category) parts.push((await section(kind)).trimEnd());
  }
  const overview = Object.entries(categories).map(([category, title]) => {
    const kinds = layerKinds.filter((kind) => catalogue[kind].category === category);
    return [title, kinds.map((kind) => `[\`${kind}\`](#${kind})`).join(', ')];
  });
  return page('# Layers', GENERATED, INTRODUCTION, table(['', ''], overview), ...parts);
}

async function section(kind: LayerKind): Promise<string> {
  const { title, summary, doc, example, attributes } = catalogue[kind];
  const worked = await workedExample(kind);
  const rows = Object.entries(attributes).map(([name, attribute]) => [
    `\`${name}\``,
    attribute.type.expects,
    defaultOf(attribute, worked.attributes),
    attribute.doc,
  ]);
  return page(
    `### ${kind}`,
    `**${title}.** ${summary}`,
    doc,
    fenced(example),
    worked.text,
    rows.length === 0 ? 'It takes no attributes.' : table(['Attribute', 'Takes', 'By default', ''], rows),
    withoutName(attributes),
  );
}

function withoutName(attributes: LayerRecord['attributes']): string | undefined {
  const names = Object.entries(attributes).flatMap(([name, { positional }]) => (positional ? [`\`${name}\``] : []));
  return names.length === 0 ? undefined : `Written with or without the name: ${names.join(', ')}.`;
}

type Values = Readonly<Record<string, unknown>>;

/** The default under the strict rules, then the frameworks where it is another. */
function defaultOf(attribute: Attribute, values: Values): string {
  if (attribute.required) return 'must be written';
  const strict = defaultUnder(attribute, strictRules, values);
  const others = new Map<string, string[]>();
  for (const name of frameworkNames) {
    const own = defaultUnder(attribute, frameworks[name], values);
    if (own !== strict) others.set(own, [...(others.get(own) ?? []), frameworks[name].title]);
  }
  const exceptions = [...others].map(([text, titles]) => `${titles.join(', ')}: ${text}`);
  return exceptions.length === 0 ? strict : `${strict} (${exceptions.join('; ')})`;
}

/** A default may follow another attribute: a pool's stride is its kernel. Found out with the values of the example. */
function defaultUnder(attribute: Attribute, rules: FrameworkRules, values: Values): string {
  const alone = printDefault(attribute, rules, {});
  for (const [name, value] of Object.entries(values)) {
    const following = attribute.byDefault?.(rules, { [name]: value });
    if (value !== null && printDefault(attribute, rules, { [name]: value }) !== alone)
      return following === value ? `the \`${name}\`` : `follows from \`${name}\``;
  }
  return alone;
}

const printDefault = (attribute: Attribute, rules: FrameworkRules, given: Values): string => {
  const value = attribute.byDefault?.(rules, given);
  return value === null || value === undefined ? 'none' : `\`${printAttribute(attribute, value)}\``;
};

/** Inputs on which the examples are tried, the plainest first. */
const INPUTS = ['32x32x3', '32x32x64', '64x64x3', '7x7x64', '1x1x3136'];

interface Worked {
  readonly text: string;
  /** The attributes in force in the example. */
  readonly attributes: Values;
}

/** A network around the example: layers of the names it merges, then the example itself. */
function networkOf(kind: LayerKind, input: string): string {
  const { example, arity } = catalogue[kind];
  if (arity === 'none') return `network Example {\n${example}\n}`;
  const [, list = ''] = /\bfrom ([\w, ]+)/.exec(example) ?? [];
  const named = list.split(/[, ]+/).filter((name) => name !== '' && name !== 'previous');
  const sources = named.map((name) => `${name}: relu\n`).join('');
  return `network Example {\ninput ${input}\n${sources}${sources && 'relu\n'}${example}\n}`;
}

/** Works an example out on the first input that it accepts. */
export async function workedExample(kind: LayerKind): Promise<Worked> {
  const checker = createChecker();
  for (const input of INPUTS) {
    const checked = await checker.check('file:///example.convnet', networkOf(kind, input));
    if (checked.findings.some(({ severity }) => severity === 'error')) continue;
    const [analysed] = checked.networks;
    const index = (analysed?.network.layers.length ?? 0) - 1;
    const layer = analysed?.network.layers[index];
    const explained = analysed && explainLayer(analysed.network, analysed.checked.facts, index);
    const facts = analysed?.checked.facts[index];
    if (!layer?.attributes || !explained || !facts?.output) continue;
    const size = formatShape(facts.output);
    const arithmetic = explained.output.join(', ');
    const lines = [
      `Output: ${arithmetic.startsWith(size) ? arithmetic : `${size}: ${arithmetic}`}.`,
      facts.params ? `Parameters: ${explained.params}.` : '',
      facts.macs ? `MACs: ${explained.macs}.` : '',
      explained.buffers ? `Buffers: ${explained.buffers}.` : '',
    ].filter((line) => line !== '');
    const inputs = facts.inputs.map((shape) => (shape ? formatShape(shape) : '')).join(' and ');
    const text = inputs === '' ? '' : `On ${inputs}:\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
    return { text, attributes: layer.attributes };
  }
  throw new Error(`The example of ${kind} fits none of the inputs ${INPUTS.join(', ')}`);
}
