import type { CheckedNetwork } from '../../network/check.js';
import type { Formula } from '../../network/formula.js';
import type { Shape } from '../../network/shape.js';
import type { Value } from '../../network/values.js';
import { CannotSay, ExportError, type Refusal } from '../format.js';
import {
  type Branch,
  type CallStatement,
  CannotLoop,
  type ConditionStatement,
  type Definition,
  fromProgram,
  type LayerStatement,
  type MergeStatement,
  type PerInstance,
  type Program,
  type Ref,
  type RepeatStatement,
  type Statement,
  usesOf,
} from './program.js';
import { typeOf } from './prose.js';
import { python, snakeCase } from './python.js';
import { Constants, type Literal, literalOf, Scope, type Slot } from './scope.js';
import { type Channels, placedLayers, Use } from './use.js';

/**
 * What writers of Python code with blocks share: a block becomes a class or a function, its parameters theirs, and its
 * statements are written in order. What a statement is in a framework, each of them says.
 */

export interface WrittenParameter {
  readonly name: string;
  readonly values: PerInstance<Literal>;
  /** Undefined where every call gives it. */
  readonly byDefault: Literal | undefined;
  /** What formulas call it; null for one that the block did not have. */
  readonly formulaName: string | null;
}

/** A block, or the network, as code. */
export interface WrittenBlock {
  readonly name: string;
  readonly definition: Definition;
  readonly parameters: readonly WrittenParameter[];
}

/** Writes a network whose sizes are known. `title` is the framework's, for what it cannot say. */
export function writeBlocks<T extends { readonly refusals: readonly Refusal[] }>(
  title: string,
  checked: CheckedNetwork,
  write: (program: Program) => T,
): T {
  const { network, facts } = checked;
  const unknown = network.layers.flatMap(({ name, attributes }, layer) =>
    attributes && facts[layer]?.output ? [] : [{ layer, name, reason: 'its size is not known' }],
  );
  if (unknown.length > 0) throw new ExportError(title, unknown);
  const written = fromProgram(network, write);
  if (written.refusals.length > 0) throw new ExportError(title, written.refusals);
  return written;
}

/** `k: int`, `stride: int = 1` */
export const parameterTexts = ({ parameters }: WrittenBlock): string[] =>
  parameters.map(({ name, values, byDefault }) => {
    const type = typeOf([...values, byDefault]);
    const typed = type ? `${name}: ${type}` : name;
    return byDefault === undefined ? typed : `${typed}${type ? ' = ' : '='}${python.literal(byDefault)}`;
  });

/** What the blocks of a program share; `B` is what one is written as, `H` names the functions that the code may need. */
export class ProgramWriter<B extends WrittenBlock, H extends string> {
  readonly constants = new Constants((name) => snakeCase(name).toUpperCase());
  readonly helpers = new Set<H>();
  readonly refusals: Refusal[] = [];
  readonly written = new Map<Definition, B>();
  /** What statements with weights are called: attributes of modules, names of layers. */
  readonly names = new Map<Statement, string>();

  constructor(
    readonly checked: CheckedNetwork,
    /** Of every layer, whether a vector comes out in the code. */
    readonly isVector: readonly boolean[],
  ) {}

  shapeOf(layer: number | undefined): Shape | undefined {
    return layer === undefined ? undefined : (this.checked.facts[layer]?.output ?? undefined);
  }

  refuse(layers: PerInstance<number>, reason: string): void {
    for (const layer of layers)
      if (layer !== undefined)
        this.refusals.push({ layer, name: this.checked.network.layers[layer]?.name ?? '', reason });
  }
}

/** Where statements are written to. */
export interface Emission {
  readonly scope: Scope;
  readonly depth: number;
  /** The loop around them. */
  readonly repeat: RepeatStatement | null;
}

/** Writes one block: `P` is what it shares with the others, `E` where its statements go. */
export abstract class BlockWriter<P extends ProgramWriter<WrittenBlock, string>, E extends Emission> {
  protected readonly isRoot: boolean;
  /** Parameters as the code calls them. */
  protected readonly names: Map<string, string>;
  protected readonly scope: Scope;
  /** How often each value is still read. */
  protected readonly uses: Map<Ref, number>;
  /** The two statements below the one that is being written. */
  protected below: readonly Statement[] = [];

  constructor(
    protected readonly program: P,
    protected readonly definition: Definition,
    nameOf: (parameter: string) => string,
  ) {
    this.isRoot = definition.name === '';
    this.names = new Map(definition.parameters.map(({ name }) => [name, nameOf(name)]));
    this.scope = new Scope(python, this.names, program.constants);
    this.uses = new Map(usesOf(definition.body));
  }

  /** Returns whether the statement below has become a part of this one. `target` is the variable that values go on in. */
  protected abstract layer(statement: LayerStatement, target: string, emission: E): boolean;
  protected abstract call(statement: CallStatement, target: string, emission: E): void;
  protected abstract merge(statement: MergeStatement, target: string, emission: E): void;
  protected abstract condition(statement: ConditionStatement, target: string, emission: E): void;
  protected abstract repeat(statement: RepeatStatement, target: string, emission: E): void;
  /** A variable that nothing else has. */
  protected abstract fresh(wanted: string): string;
  /** The dimensions of a volume in the framework's order. */
  protected abstract dimensions(shape: Shape): readonly number[];

  protected get next(): Statement | null {
    return this.below[0] ?? null;
  }

  /** Writes statements one below the other. Afterwards, the statement around them is the one that is being written. */
  protected list(statements: readonly Statement[], target: string, emission: E): void {
    const { below } = this;
    for (let i = 0; i < statements.length; i++) {
      this.below = statements.slice(i + 1, i + 3);
      if (this.statement(statements[i] as Statement, target, emission)) i++;
    }
    this.below = below;
  }

  private statement(statement: Statement, target: string, emission: E): boolean {
    switch (statement.type) {
      case 'layer':
        return this.layer(statement, target, emission);
      case 'call':
        this.call(statement, target, emission);
        break;
      case 'merge':
        this.merge(statement, target, emission);
        break;
      case 'condition':
        this.condition(statement, target, emission);
        break;
      case 'repeat':
        this.repeat(statement, target, emission);
    }
    return false;
  }

  // — Layers —

  protected use(statement: LayerStatement, scope: Scope, inputs: readonly Channels[] = []): Use {
    return new Use(statement, placedLayers(statement, this.program.checked, this.program.isVector), scope, inputs);
  }

  /** What `make` makes of a row of a table; `otherwise` where a layer cannot be said, which is noted. */
  protected say<S, T>({ layers }: LayerStatement, row: string | S, make: (say: S) => T, otherwise: T): T {
    try {
      if (typeof row === 'string') throw new CannotSay(row);
      return make(row);
    } catch (error) {
      if (!(error instanceof CannotSay)) throw error;
      this.program.refuse(layers, error.message);
      return otherwise;
    }
  }

  /** The size of what comes out, where it is the same everywhere. */
  protected sizeComment(layers: PerInstance<number>): string {
    const texts = layers.flatMap((layer) => {
      const shape = this.program.shapeOf(layer);
      if (!shape || layer === undefined) return [];
      return [`(${(this.program.isVector[layer] ? [shape.channels] : this.dimensions(shape)).join(', ')})`];
    });
    return new Set(texts).size === 1 ? (texts[0] ?? '') : '';
  }

  // — Blocks —

  /** What a parameter of the block is in every call of it. */
  protected given(parameter: string): PerInstance<Value> {
    return this.definition.body.instances.map(
      ({ group }) => group.written?.arguments?.find(({ name }) => name === parameter)?.value,
    );
  }

  /** The parameters that the code uses: what it needs in any case, `first` of all; then what calls may leave out. */
  protected parameters(first: readonly WrittenParameter[] = []): readonly WrittenParameter[] {
    const own = this.definition.parameters
      .filter(({ name }) => this.scope.used.has(name))
      .map(
        ({ name, byDefault }): WrittenParameter => ({
          name: this.names.get(name) as string,
          values: this.given(name).map((value) => value && literalOf(value)),
          byDefault: byDefault && literalOf(byDefault),
          formulaName: name,
        }),
      );
    const extras = [...this.scope.extras].map(
      ([name, values]): WrittenParameter => ({ name, values, byDefault: undefined, formulaName: null }),
    );
    return [
      ...first,
      ...own.filter(({ byDefault }) => byDefault === undefined),
      ...extras,
      ...own.filter(({ byDefault }) => byDefault !== undefined),
    ];
  }

  /** What a call hands to the parameters of a block. `known` are formulas of those that the text does not have. */
  protected callArguments(
    { definition, groups }: CallStatement,
    { parameters }: WrittenBlock,
    scope: Scope,
    known: Readonly<Record<string, Formula | undefined>> = {},
  ): string[] {
    const places = groups.map((group) =>
      group ? definition.body.instances.findIndex((instance) => instance.group === group) : -1,
    );
    const written = groups.find((group) => group)?.written?.arguments;
    return parameters.flatMap((parameter): string[] => {
      const { name, formulaName, byDefault } = parameter;
      const values = places.map((place) => (place < 0 ? undefined : parameter.values[place]));
      const argument = written?.find((candidate) => candidate.name === formulaName);
      if (argument && !argument.given && byDefault !== undefined) return [];
      const formula = argument?.formula ?? (formulaName === null ? undefined : known[formulaName]);
      const text = scope.say({ values, formula }, name);
      return [byDefault === undefined && formulaName !== null ? text : `${name}=${text}`];
    });
  }

  // — Branches, conditions, loops —

  /** A variable for a branch that does something. */
  protected branchVariable(branch: Branch, branches: readonly Branch[]): string {
    if (branches.length > 2) return this.fresh('branch1');
    if (isShortcut(branch)) return this.fresh('shortcut');
    return this.fresh(branches.some(isShortcut) ? 'y' : 'branch1');
  }

  /** The loop is to be written out: what stands in it cannot be said. */
  protected unroll({ repeat }: Emission): never {
    if (!repeat) throw new Error('a condition that code cannot say');
    throw new CannotLoop(repeat);
  }

  /** `range(2, layers + 1)`, or as many as there are where nothing counts. */
  protected range({ groups }: RepeatStatement, isCounted: boolean, scope: Scope): string {
    const { first, last } = groups.find((group) => group)?.written ?? {};
    const counts = groups.map((group) => group?.children.length);
    if (!isCounted) return `range(${scope.say({ values: counts, formula: last ? undefined : first }, 'count')})`;
    const begins = groups.map((group) => {
      const [child] = group?.children ?? [];
      return typeof child === 'object' ? child.written?.value : undefined;
    });
    const from = scope.say({ values: begins, formula: last ? first : undefined }, 'first');
    const ends: Slot = {
      values: begins.map((begin, i) => (begin === undefined ? undefined : begin + (counts[i] ?? 0))),
      formula: last && { type: 'operation', operator: '+', operands: [last, one] },
    };
    const end = scope.say(ends, 'end');
    return from === '0' ? `range(${end})` : `range(${from}, ${end})`;
  }
}

const one: Formula = { type: 'value', value: { type: 'number', value: 1 } };

/** Which call of the code around a loop each of its iterations is in. */
export const outerOf = ({ body, groups }: RepeatStatement): number[] =>
  body.instances.map(({ group }) => groups.findIndex((candidate) => candidate?.children.includes(group) ?? false));

const isShortcut = ({ statements }: Branch): boolean =>
  statements.length === 0 || (statements.length === 1 && statements[0]?.type === 'condition');
