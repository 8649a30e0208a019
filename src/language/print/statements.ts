import { catalogue, type LayerKind } from '../../network/catalogue.js';
import { rulesOf } from '../../network/frameworks.js';
import type { Attribute } from '../../network/layer.js';
import type { Layer, Network } from '../../network/network.js';
import { attributesOf } from '../../network/resolve.js';
import type { Pair } from '../../network/shape.js';
import type { Padding } from '../../network/values.js';

/** A flat network as statements: layers, and merges with their branches wherever the layers lie as branches would be read. */

/** A number, or what stands for it in a block: `width`, `(4 * width)`. */
export type Argument = number | boolean | string;

/** An attribute that may differ between two uses of a block. */
export interface Hole {
  readonly attribute: string;
  readonly value: Argument;
  readonly isDefault: boolean;
}

export interface LayerStatement {
  readonly type: 'layer';
  readonly index: number;
  readonly kind: LayerKind;
  /** What is written of it, in the order of the catalogue. */
  readonly written: readonly (string | Hole)[];
  /** The layers that `from` names; null where it reads the layer above, and that index for `previous`. */
  readonly from: readonly number[] | null;
  /** The layer above. */
  readonly above: number;
}

export interface MergeStatement {
  readonly type: 'merge';
  readonly index: number;
  readonly kind: LayerKind;
  readonly branches: readonly (readonly Statement[])[];
  /** In a block: when the last branch is not empty. */
  readonly condition?: string;
  /** The layer that `from` names; null where the branches read the layer above. */
  readonly from: readonly number[] | null;
  readonly above: number;
}

export interface CallStatement {
  readonly type: 'call';
  readonly block: number;
  readonly arguments: readonly Argument[];
  /** What attributes the arguments become. */
  readonly attributes: readonly string[];
  /** The first and the last of the layers it stands for; the last is its output. */
  readonly span: readonly [first: number, last: number];
  readonly from: readonly number[] | null;
  readonly above: number;
}

interface RepeatStatement {
  readonly type: 'repeat';
  readonly count: number;
  readonly body: readonly Statement[];
  readonly index: number;
  readonly from: null;
  readonly above: number;
}

export type Statement = LayerStatement | MergeStatement | CallStatement | RepeatStatement;

/** The layer whose output a statement has. */
export const outputOf = (statement: Statement): number =>
  statement.type === 'call' ? statement.span[1] : statement.index;

/** Numbers that people pass to blocks; all else belongs to what the block is. */
const variable = new Set([
  ...['filters', 'units', 'stride', 'pad', 'dilation', 'groups', 'multiplier', 'rate', 'start', 'count', 'factor'],
]);

export function statementsOf(network: Network): readonly Statement[] {
  return new Reader(network).sequence(0, network.layers.length, -1);
}

interface Branches {
  readonly start: number;
  readonly source: number;
  /** From and to, exclusive, of each. */
  readonly ranges: readonly (readonly [number, number])[];
}

class Reader {
  private readonly layers: readonly Layer[];
  private readonly readers: readonly (readonly number[])[];
  /** Of the merges that are branches of one source: by the index of the merge, and the largest by where it starts. */
  private readonly merges = new Map<number, Branches>();
  private readonly starting = new Map<number, number[]>();

  constructor(private readonly network: Network) {
    this.layers = network.layers;
    const readers: number[][] = this.layers.map(() => []);
    for (const [index, { inputs }] of this.layers.entries()) for (const input of inputs) readers[input]?.push(index);
    this.readers = readers;
    for (const index of this.layers.keys()) this.findBranches(index);
  }

  /** Whether the inputs of a merge end chains of layers that lie one after the other and begin at one layer. */
  private findBranches(index: number): void {
    const { kind, inputs } = this.layers[index] as Layer;
    if (catalogue[kind].arity !== 'many') return;
    const ranges: [number, number][] = [];
    const sources = new Set<number>();
    let end = index;
    for (const input of [...inputs].reverse()) {
      const isOwn = input === end - 1 && this.readers[input]?.length === 1;
      const chain = isOwn ? this.chain(input) : undefined;
      ranges.unshift([chain?.start ?? end, end]);
      sources.add(chain?.source ?? input);
      end = chain?.start ?? end;
    }
    const [source] = sources;
    if (sources.size !== 1 || source === undefined || source < 0 || end === index) return;
    this.merges.set(index, { start: end, source, ranges });
    const starting = this.starting.get(end) ?? [];
    starting.push(index);
    this.starting.set(end, starting);
  }

  /** The longest chain that ends at a layer: its first layer, and what that one reads. */
  private chain(last: number): { readonly start: number; readonly source: number } | undefined {
    let at = last;
    for (;;) {
      const merge = this.merges.get(at);
      const layer = this.layers[at] as Layer;
      const [input] = layer.inputs;
      if (!merge && (layer.inputs.length !== 1 || input === undefined)) return undefined;
      const start = merge?.start ?? at;
      const source = merge?.source ?? (input as number);
      const readers = this.readers[source] ?? [];
      const isOwn = source === start - 1 && readers.every((reader) => reader >= start && reader <= at);
      const isPlain = isOwn && (merge !== undefined || readers.length === 1);
      if (!isPlain || this.layers[source]?.kind === 'input') return { start, source };
      at = source;
    }
  }

  sequence(from: number, to: number, entry: number): readonly Statement[] {
    const statements: Statement[] = [];
    let above = entry;
    for (let at = from; at < to; ) {
      const merge = this.starting.get(at)?.findLast((index) => index < to);
      const statement = merge === undefined ? this.layer(at, above) : this.merge(merge, above);
      statements.push(statement);
      above = outputOf(statement);
      at = above + 1;
    }
    return statements;
  }

  private merge(index: number, above: number): MergeStatement {
    const { ranges, source } = this.merges.get(index) as Branches;
    const branches = ranges.map(([from, to]) => this.sequence(from, to, source));
    const { kind } = this.layers[index] as Layer;
    return { type: 'merge', index, kind, branches, from: source === above ? null : [source], above };
  }

  private layer(index: number, above: number): LayerStatement {
    const layer = this.layers[index] as Layer;
    const { kind, inputs } = layer;
    const isNext = inputs.length === 0 || (inputs.length === 1 && inputs[0] === above);
    return { type: 'layer', index, kind, written: this.written(layer), from: isNext ? null : inputs, above };
  }

  private written({ kind, attributes }: Layer): readonly (string | Hole)[] {
    const written: (string | Hole)[] = [];
    const rules = rulesOf(this.network.framework);
    const values = (attributes ?? {}) as Readonly<Record<string, unknown>>;
    const { all } = attributesOf(kind);
    for (const [name, attribute] of all) {
      const value = values[name];
      if (value === null || value === undefined) continue;
      const printed = attribute.type.print(value);
      const byDefault = attribute.byDefault?.(rules, values);
      const isDefault = byDefault !== null && byDefault !== undefined && attribute.type.print(byDefault) === printed;
      const hole = variable.has(name) ? scalar(value) : undefined;
      if (hole !== undefined) written.push({ attribute: name, value: hole, isDefault });
      else if (!isDefault) written.push(isBare(attribute, written) ? printed : worded(name, printed));
    }
    return written;
  }
}

/** `frozen true` is written `frozen`. */
const worded = (name: string, printed: string): string =>
  name === 'frozen' && printed === 'true' ? name : `${name} ${printed}`;

/** Whether a value is written without its name: the first one that may be, and those that must be there. */
export const isBare = (attribute: Attribute | undefined, before: readonly unknown[]): boolean =>
  attribute?.positional === true && (attribute.required || before.length === 0);

/** A number that stands for both axes, or all sides. */
function scalar(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if ('mode' in value) {
    const padding = value as Padding;
    if (padding.mode !== 'explicit') return undefined;
    const { top, right, bottom, left } = padding;
    return top === right && top === bottom && top === left ? top : undefined;
  }
  const { y, x } = value as Pair;
  return y === x ? y : undefined;
}
