import type { LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork } from '../../network/check.js';
import { type FrameworkRules, rulesOf } from '../../network/frameworks.js';
import type { Group } from '../../network/network.js';
import type { Shape } from '../../network/shape.js';
import type { Sides } from '../../network/values.js';
import { borderOf, isEven, type WindowAxis } from '../../network/window.js';
import { type LayerIn, type SourceLine, writeLayers } from '../format.js';
import { type Takes, vectorsOf } from './use.js';

/** Code that says a network layer by layer, each an expression of the variables before it. */

/** How a language says each kind of layer, or why it cannot. */
export type FlatTable = {
  readonly [K in LayerKind]: {
    readonly takes: Takes;
    readonly say: ((layer: FlatLayer<K>) => (inputs: readonly string[]) => string) | string;
  };
};

export interface FlatLayer<K extends LayerKind = LayerKind> extends LayerIn<K> {
  readonly rules: FrameworkRules;
  /** Whether its inputs are vectors in the code. */
  readonly isVector: boolean;
}

export interface FlatSyntax {
  readonly title: string;
  /** The variable that the layers hand on. */
  readonly main: string;
  readonly comment: string;
  readonly name: (name: string) => string;
  readonly toVector: (code: string, shape: Shape, order: FrameworkRules['flattenOrder']) => string;
  readonly toVolume: (code: string, shape: Shape) => string;
  readonly assign: (variable: string, code: string) => readonly string[];
}

/** Expressions of all layers, in order, each a function of the code of its inputs. Throws an ExportError for what is refused. */
export function sayLayers(
  title: string,
  checked: CheckedNetwork,
  table: FlatTable,
): { readonly says: readonly ((inputs: readonly string[]) => string)[]; readonly isVector: readonly boolean[] } {
  const rules = rulesOf(checked.network.framework);
  const isVector = vectorsOf(checked, table);
  const rows = Object.fromEntries(
    Object.entries(table).map(([kind, { say }]) => [
      kind,
      typeof say === 'string'
        ? say
        : (layer: LayerIn<never>) =>
            say({
              ...(layer as LayerIn<LayerKind>),
              rules,
              isVector: (layer as LayerIn<LayerKind>).layer.inputs.every((source) => isVector[source]),
            } as never),
    ]),
  );
  return { says: writeLayers(title, checked, rows as never), isVector };
}

/** The lines of a network, and the layer of each. */
export function flatLines(
  checked: CheckedNetwork,
  table: FlatTable,
  syntax: FlatSyntax,
): { readonly lines: readonly string[]; readonly map: readonly SourceLine[]; readonly output: string } {
  const { network, facts } = checked;
  const { says, isVector } = sayLayers(syntax.title, checked, table);
  const readers = network.layers.map((): number[] => []);
  for (const [index, { inputs }] of network.layers.entries()) for (const source of inputs) readers[source]?.push(index);
  const headings = headingsOf(network.structure);
  const order = rulesOf(network.framework).flattenOrder;
  const used = new Set([syntax.main]);
  const variables: string[] = [];
  const lines: string[] = [];
  const map: SourceLine[] = [];
  for (const [index, layer] of network.layers.entries()) {
    const inputs = layer.inputs.map((source) => {
      const code = variables[source] as string;
      const shape = facts[source]?.output as Shape;
      const { takes } = table[layer.kind];
      if (takes === 'vector') return isVector[source] ? code : syntax.toVector(code, shape, order);
      const isMixed = takes === 'volume' || layer.inputs.some((input) => !isVector[input]);
      return isVector[source] && isMixed ? syntax.toVolume(code, shape) : code;
    });
    const heading = headings.get(index);
    if (heading !== undefined) lines.push('', `${syntax.comment} ${heading}`);
    // What only the next layer reads goes through the main variable.
    const isNext = readers[index]?.every((reader) => reader === index + 1);
    let variable = isNext ? syntax.main : syntax.name(layer.name);
    for (let n = 2; !isNext && used.has(variable); n++) variable = `${syntax.name(layer.name)}_${n}`;
    used.add(variable);
    variables.push(variable);
    const code = (says[index] as (inputs: readonly string[]) => string)(inputs);
    if (code === variable) continue;
    for (const line of syntax.assign(variable, code)) {
      map.push({ line: lines.length, layer: index });
      lines.push(line);
    }
  }
  return { lines, map, output: variables.at(-1) ?? syntax.main };
}

/** The calls of blocks, by the first layer of each. */
function headingsOf(structure: Group): ReadonlyMap<number, string> {
  const headings = new Map<number, string>();
  const visit = (group: Group, pending: string) => {
    let heading = [pending, group.kind === 'block' ? group.label : ''].filter((text) => text !== '').join(': ');
    for (const child of group.children) {
      if (typeof child !== 'number') visit(child, heading);
      else if (heading !== '' && !headings.has(child)) headings.set(child, heading);
      heading = '';
    }
  };
  visit(structure, '');
  return headings;
}

/** A window that pads both sides alike and rounds down, and what must be put around its input so that it can. */
export function evenWindow(
  y: WindowAxis,
  x: WindowAxis,
): { readonly pad: readonly [number, number]; readonly border: Sides | null } {
  if (isEven(y) && isEven(x)) return { pad: [y.before, x.before], border: null };
  return { pad: [0, 0], border: borderOf({ y, x }) };
}

/** A number, or two in the order height, width. */
export const pairText = (y: number, x: number): string => (y === x ? String(y) : `(${y}, ${x})`);
