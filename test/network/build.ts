import { catalogue, type LayerKind } from '../../src/network/catalogue.js';
import { type CheckedNetwork, checkNetwork } from '../../src/network/check.js';
import { type Framework, rulesOf } from '../../src/network/frameworks.js';
import type { Layer, Network } from '../../src/network/network.js';
import type { AttributeEdit } from '../../src/network/problem.js';
import { withDefaults } from '../../src/network/resolve.js';
import type { Pair, Shape } from '../../src/network/shape.js';
import { evenPadding, type Padding, type Value } from '../../src/network/values.js';

/**
 * The one place where the tests of the core touch its API: `build([['conv', { filters: 6, kernel: [5, 5] }], 'relu'])`
 * is a network on 32×32×3 whose layers follow each other.
 */

/** Short forms of the attributes' types: pairs as one number or `[y, x]`, padding as a number, a word or 2 or 4 numbers. */
type Written = Readonly<Record<string, unknown>>;

/** A layer, its attributes, and what it reads if not the layer before: names, which unnamed layers count per kind. */
export type Line = LayerKind | readonly [LayerKind, Written?, { readonly name?: string; readonly from?: string[] }?];

export interface Options {
  readonly input?: readonly [number, number, number];
  readonly like?: Framework;
}

const pair = (value: number | readonly number[]): Pair => {
  const [y = 0, x = y] = typeof value === 'number' ? [value] : value;
  return { y, x };
};

const pad = (value: number | string | readonly number[]): Padding => {
  if (typeof value === 'string') return { mode: value as 'same' | 'valid' | 'fit' };
  const [top = 0, right = top, bottom = top, left = right] = typeof value === 'number' ? [value] : value;
  return typeof value === 'number' || value.length === 2
    ? evenPadding(top, right)
    : { mode: 'explicit', top, right, bottom, left };
};

const readers: Readonly<Record<string, (value: never) => unknown>> = {
  kernel: pair,
  stride: pair,
  dilation: pair,
  outputpad: pair,
  pad,
};

const typed = (attributes: Written): Written =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, readers[name]?.(value as never) ?? value]),
  );

export function build(lines: readonly Line[], { input = [32, 32, 3], like }: Options = {}): Network {
  const [height, width, channels] = input;
  const rules = rulesOf(like);
  const counts = new Map<string, number>();
  const layers: Layer[] = [];
  const add = (line: Line): void => {
    const [kind, attributes = {}, { name, from } = {}] = typeof line === 'string' ? [line] : line;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const inputs = from
      ? from.map((source) => layers.findIndex((layer) => layer.name === source))
      : kind === 'input'
        ? []
        : [layers.length - 1];
    layers.push({
      kind,
      name: name ?? `${kind}${count}`,
      attributes: withDefaults(kind, typed(attributes), rules),
      inputs,
    } as Layer);
  };
  add(['input', { size: { height, width, channels } satisfies Shape }, { name: 'input' }]);
  lines.forEach(add);
  return {
    name: 'Net',
    ...(like && { framework: like }),
    layers,
    structure: { kind: 'network', name: '', label: '', children: layers.map((_, index) => index) },
  };
}

export const check = (lines: readonly Line[], options?: Options): CheckedNetwork => checkNetwork(build(lines, options));

/** The message of every problem, behind its code. */
export const messages = ({ problems }: CheckedNetwork): string[] =>
  problems.map(({ problem }) => `${problem.code}: ${problem.message}`);

/** Reads what {@link ValueType.print} prints, as the language would. */
export function readValue(text: string): Value {
  if (text.startsWith('"')) return { type: 'string', value: text.slice(1, -1) };
  if (text.startsWith('(')) return { type: 'tuple', items: text.slice(1, -1).split(', ').map(readValue) };
  if (text === 'true' || text === 'false') return { type: 'boolean', value: text === 'true' };
  if (/^\d+(x\d+)+$/.test(text)) return { type: 'size', value: text.split('x').map(Number) };
  return Number.isNaN(Number(text)) ? { type: 'word', value: text } : { type: 'number', value: Number(text) };
}

/** The network after the edits of a fix offered at one of its layers. */
export function applyFix(network: Network, index: number, edits: readonly AttributeEdit[]): Network {
  const layers = [...network.layers];
  for (const { target, attribute, value } of edits) {
    const at = target === 'input' ? 0 : index;
    const layer = layers[at] as Layer;
    const parsed = catalogue[layer.kind].attributes[attribute]?.type.parse(readValue(value));
    if (parsed === undefined) throw new Error(`${layer.kind} cannot take ${attribute} ${value}`);
    layers[at] = { ...layer, attributes: { ...layer.attributes, [attribute]: parsed } } as Layer;
  }
  return { ...network, layers };
}
