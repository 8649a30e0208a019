import type { CheckedNetwork } from '../../network/check.js';
import type { Formula } from '../../network/formula.js';
import { rulesOf } from '../../network/frameworks.js';
import type { SourceRange } from '../../network/network.js';
import type { Shape } from '../../network/shape.js';
import {
  type Branch,
  type CallStatement,
  CannotLoop,
  type ConditionStatement,
  type Definition,
  type LayerStatement,
  labelOf,
  layerPaths,
  type MergeStatement,
  type PerInstance,
  type Program,
  type Ref,
  type RepeatStatement,
  readsOf,
  type Statement,
  usesOf,
} from '../code/program.js';
import { layOut, python, snakeCase } from '../code/python.js';
import { Constants, type Literal, literalOf, Scope, type Slot } from '../code/scope.js';
import { placedLayers, Use } from '../code/use.js';
import { CannotSay, type Refusal } from '../format.js';
import type { Helper } from './helpers.js';
import { fitting, keepsOrder, kerasLayers, kerasVectors, type LayerStep, positives, type Step } from './layers.js';

/**
 * A network as Keras's functional style: a function a block, a loop a repeat. Layers with weights are named by their place, so
 * that the weights find them.
 */

/** A line of code, and what it comes from. */
export interface Line {
  readonly text: string;
  readonly layers: readonly number[];
  readonly call?: SourceRange | undefined;
}

interface Parameter {
  readonly name: string;
  readonly values: PerInstance<Literal>;
  /** Undefined where every call gives it. */
  readonly byDefault: Literal | undefined;
  /** The parameter of the block that it is; null for one that the block did not have. */
  readonly formulaName: string | null;
}

/** A block, or the network, as a function. */
export interface WrittenFunction {
  readonly name: string;
  readonly definition: Definition;
  readonly parameters: readonly Parameter[];
  /** It makes layers with weights, whose names begin with its own. */
  readonly isNamed: boolean;
  readonly lines: readonly Line[];
  readonly output: string;
}

export interface WrittenProgram {
  readonly functions: readonly WrittenFunction[];
  readonly constants: ReadonlyMap<string, Literal>;
  readonly helpers: ReadonlySet<Helper>;
  /** What Keras calls each layer that has weights. */
  readonly names: ReadonlyMap<number, string>;
  readonly refusals: readonly Refusal[];
}

export function writeProgram(checked: CheckedNetwork, program: Program): WrittenProgram {
  const writer = new Writer(checked);
  const functions = program.definitions.map((definition) => writer.define(definition));
  const { constants, helpers, refusals } = writer;
  const names = layerPaths(program, (statement) => writer.names.get(statement));
  return { functions, constants: constants.used, helpers, names, refusals };
}

/** Names at the top of the file, and those that every function has. */
const taken = [
  'keras',
  'layers',
  'ops',
  'np',
  'load_weights',
  'pad_lowest',
  'local_response_norm',
  'x',
  'name',
  'inputs',
];

/** A parameter of a block, as the code has it. */
const parameterName = (name: string): string => (taken.includes(name) ? `${name}_` : python.name(name));

class Writer {
  readonly constants = new Constants((name) => snakeCase(name).toUpperCase());
  readonly helpers = new Set<Helper>();
  readonly refusals: Refusal[] = [];
  readonly written = new Map<Definition, WrittenFunction>();
  /** What each statement that makes layers with weights is called. */
  readonly names = new Map<Statement, string>();
  readonly isVector: readonly boolean[];
  readonly isPositive: readonly boolean[];
  private readonly functionNames = new Set(taken);

  constructor(readonly checked: CheckedNetwork) {
    this.isVector = kerasVectors(checked);
    this.isPositive = positives(checked);
  }

  define(definition: Definition): WrittenFunction {
    const isRoot = definition.name === '';
    const wanted = isRoot ? python.name(this.checked.network.name.toLowerCase()) : snakeCase(definition.name);
    let name = wanted;
    for (let n = 2; this.functionNames.has(name); n++) name = `${wanted}_${n}`;
    this.functionNames.add(name);
    const written = new FunctionWriter(this, definition, isRoot).write(name);
    this.written.set(definition, written);
    return written;
  }

  refuse(layers: PerInstance<number>, reason: string): void {
    for (const layer of layers)
      if (layer !== undefined)
        this.refusals.push({ layer, name: this.checked.network.layers[layer]?.name ?? '', reason });
  }
}

interface Emission {
  readonly scope: Scope;
  readonly lines: Line[];
  readonly depth: number;
  /** What iterations add to names: `.{index}` */
  readonly suffix: string;
  readonly repeat: RepeatStatement | null;
}

class FunctionWriter {
  private readonly scope: Scope;
  private readonly variables = new Map<Ref, string>();
  private readonly uses = new Map<Ref, number>();
  private readonly layerNames = new Set<string>();
  private isNamed = false;
  /** What stands below the statement that is being written. */
  private next: Statement | null = null;

  constructor(
    private readonly writer: Writer,
    private readonly definition: Definition,
    private readonly isRoot: boolean,
  ) {
    const names = new Map(definition.parameters.map(({ name }) => [name, parameterName(name)]));
    this.scope = new Scope(python, names, writer.constants);
    for (const name of taken) this.scope.fresh(name);
  }

  write(name: string): WrittenFunction {
    const { body, parameters } = this.definition;
    for (const [ref, count] of usesOf(body)) this.uses.set(ref, count);
    this.variables.set(body.input, 'x');
    const emission: Emission = { scope: this.scope, lines: [], depth: 1, suffix: '', repeat: null };
    this.list(body.statements, 'x', emission);
    const own = parameters
      .filter((parameter) => this.scope.used.has(parameter.name))
      .map(
        ({ name: parameter, byDefault }): Parameter => ({
          name: parameterName(parameter),
          values: body.instances.map(({ group }) => {
            const value = group.written?.arguments?.find((argument) => argument.name === parameter)?.value;
            return value && literalOf(value);
          }),
          byDefault: byDefault && literalOf(byDefault),
          formulaName: parameter,
        }),
      );
    const extras = [...this.scope.extras].map(
      ([extra, values]): Parameter => ({ name: extra, values, byDefault: undefined, formulaName: null }),
    );
    return {
      name,
      definition: this.definition,
      parameters: [
        ...own.filter(({ byDefault }) => byDefault === undefined),
        ...extras,
        ...own.filter(({ byDefault }) => byDefault !== undefined),
      ],
      isNamed: this.isNamed && !this.isRoot,
      lines: emission.lines,
      output: this.variables.get(body.output) ?? 'x',
    };
  }

  private list(statements: readonly Statement[], target: string, emission: Emission): void {
    for (let i = 0; i < statements.length; i++) {
      const statement = statements[i] as Statement;
      const next = statements[i + 1];
      this.next = next ?? null;
      switch (statement.type) {
        case 'layer': {
          const follows =
            next?.type === 'layer' && next.inputs[0] === statement.id && (this.uses.get(statement.id) ?? 0) === 1;
          if (this.layer(statement, follows ? next : undefined, statements[i + 2] ?? null, target, emission)) i++;
          break;
        }
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
    }
  }

  private variable(ref: Ref): string {
    return this.variables.get(ref) ?? 'x';
  }

  /** Where a value goes: one that is read again later has a variable of its own, which nothing overwrites. */
  private place(ref: Ref, statement: Statement, target: string): string {
    const { next } = this;
    const isKept = (this.uses.get(ref) ?? 0) > 1 || (next !== null && !readsOf(next).includes(ref));
    const variable = isKept
      ? this.scope.fresh(snakeCase(labelOf(statement) ?? (target === 'x' ? 'skip' : target)))
      : target;
    this.variables.set(ref, variable);
    return variable;
  }

  private push(
    { lines, depth }: Emission,
    text: string,
    layers: readonly number[] = [],
    comment = '',
    call?: SourceRange,
  ): void {
    for (const line of layOut(depth, text, comment)) lines.push({ text: line, layers, ...(call && { call }) });
  }

  // — Layers —

  /** Returns whether `next` has become the activation of this layer. */
  private layer(
    statement: LayerStatement,
    next: LayerStatement | undefined,
    afterNext: Statement | null,
    target: string,
    emission: Emission,
  ): boolean {
    if (statement.kind === 'input') {
      this.variables.set(statement.id, 'inputs');
      return false;
    }
    const own = statement.layers.filter((layer) => layer !== undefined);
    const steps = this.say(statement, emission);
    const last = steps.at(-1);
    const word =
      next && last && 'layer' in last && takesActivation.has(last.layer) ? this.wordOf(next, emission) : null;
    const made = word !== null && next ? next : statement;
    if (made === next) this.next = afterNext;
    const variable = this.place(made.id, made, target);
    if (word !== null && next) own.push(...next.layers.filter((layer) => layer !== undefined));
    let inputs = statement.inputs.map((ref, place) =>
      this.fit(this.variable(ref), statement, place, variable, emission),
    );
    if (steps.length === 0 && inputs[0] !== variable) this.push(emission, `${variable} = ${inputs[0]}`, own);
    for (const [i, step] of steps.entries()) {
      const isLast = i === steps.length - 1;
      const code = this.codeOf(step, inputs, statement, isLast ? word : null, emission);
      this.push(emission, `${variable} = ${code}`, own, isLast ? this.sizeComment(made.layers) : '');
      inputs = [variable];
    }
    return word !== null;
  }

  private codeOf(
    step: Step,
    inputs: readonly string[],
    statement: LayerStatement,
    word: string | null,
    emission: Emission,
  ): string {
    if ('code' in step) {
      if (step.helper) this.writer.helpers.add(step.helper);
      return step.code(inputs);
    }
    const args = argumentsOf(step, emission.scope);
    if (word !== null) args.push(`activation="${word}"`);
    if (step.weighs) args.push(`name=${this.nameOf(statement, emission)}`);
    const input = inputs.length === 1 ? inputs[0] : `[${inputs.join(', ')}]`;
    return `layers.${step.layer}(${args.join(', ')})(${input})`;
  }

  private say(statement: LayerStatement, emission: Emission): readonly Step[] {
    const { say } = kerasLayers[statement.kind];
    try {
      if (typeof say === 'string') throw new CannotSay(say);
      const isPositive = statement.layers.every((index) => {
        const sources = index === undefined ? [] : (this.writer.checked.network.layers[index]?.inputs ?? []);
        return sources.every((source) => this.writer.isPositive[source]);
      });
      return (say as (use: Use, isPositive: boolean) => readonly Step[])(
        this.use(statement, emission.scope),
        isPositive,
      );
    } catch (error) {
      if (!(error instanceof CannotSay)) throw error;
      this.writer.refuse(statement.layers, error.message);
      return [];
    }
  }

  /** What Keras calls a layer as the activation of the one before. */
  private wordOf(statement: LayerStatement, emission: Emission): string | null {
    const { activation } = kerasLayers[statement.kind];
    return activation ? (activation as (use: Use) => string | null)(this.use(statement, emission.scope)) : null;
  }

  private use(statement: LayerStatement, scope: Scope): Use {
    return new Use(statement, placedLayers(statement, this.writer.checked, this.writer.isVector), scope, []);
  }

  /** A value in the form that a layer takes. */
  private fit(code: string, statement: LayerStatement, place: number, variable: string, emission: Emission): string {
    const { network, facts } = this.writer.checked;
    const { takes } = kerasLayers[statement.kind];
    const ways = new Set(
      statement.layers.flatMap((index) => {
        const layer = index === undefined ? undefined : network.layers[index];
        const source = layer?.inputs[place];
        if (!layer || source === undefined) return [];
        const isVector = this.writer.isVector[source] ?? false;
        const wantsVolume =
          takes === 'volume' ||
          takes === 'makes vector' ||
          (takes === 'any' && !layer.inputs.every((input) => this.writer.isVector[input]));
        const shape = facts[source]?.output as Shape;
        const steps =
          takes === 'any' && !wantsVolume
            ? []
            : fitting(
                isVector,
                wantsVolume ? 'volume' : 'vector',
                keepsOrder(layer.kind, rulesOf(network.framework), shape),
              );
        return [JSON.stringify(steps)];
      }),
    );
    if (ways.size > 1)
      this.writer.refuse(statement.layers, 'some calls of its block hand on a vector, others a volume');
    const steps = JSON.parse([...ways][0] ?? '[]') as readonly LayerStep[];
    let input = code;
    for (const step of steps) {
      const into = variable === code || statement.inputs.length === 1 ? variable : this.scope.fresh(`${code}_`);
      this.push(emission, `${into} = ${this.codeOf(step, [input], statement, null, emission)}`);
      input = into;
    }
    return input;
  }

  private sizeComment(layers: PerInstance<number>): string {
    const { facts } = this.writer.checked;
    const texts = new Set(
      layers.flatMap((layer) => {
        const shape = layer === undefined ? undefined : facts[layer]?.output;
        if (!shape || layer === undefined) return [];
        return [
          this.writer.isVector[layer] ? `(${shape.channels})` : `(${shape.height}, ${shape.width}, ${shape.channels})`,
        ];
      }),
    );
    return texts.size === 1 ? ([...texts][0] ?? '') : '';
  }

  /** The text that names a layer: in a block its name begins with that of the call. */
  private nameOf(statement: LayerStatement | CallStatement, emission: Emission): string {
    const plain = snakeCase(statement.name);
    const stem = plain.replace(/_?\d+$/, '');
    let own = plain;
    for (let n = stem === plain ? 2 : Number(/\d+$/.exec(plain)?.[0]) + 1; this.layerNames.has(own); n++)
      own = `${stem}${n}`;
    this.layerNames.add(own);
    this.writer.names.set(statement, own);
    this.isNamed = true;
    const text = `${this.isRoot ? '' : '{name}.'}${own}${emission.suffix}`;
    return text.includes('{') ? `f"${text}"` : `"${text}"`;
  }

  // — Blocks, branches, conditions, loops —

  private call(statement: CallStatement, target: string, emission: Emission): void {
    const { definition, groups } = statement;
    const written = this.writer.written.get(definition) as WrittenFunction;
    const places = groups.map((group) =>
      group ? definition.body.instances.findIndex((instance) => instance.group === group) : -1,
    );
    const first = groups.find((group) => group);
    const args = written.parameters.flatMap((parameter): string[] => {
      const values = places.map((place) => (place < 0 ? undefined : parameter.values[place]));
      const argument = first?.written?.arguments?.find(({ name }) => name === parameter.formulaName);
      if (argument && !argument.given && parameter.byDefault !== undefined) return [];
      const text = emission.scope.say({ values, formula: argument?.formula }, parameter.name);
      return [parameter.byDefault === undefined && parameter.formulaName !== null ? text : `${parameter.name}=${text}`];
    });
    if (written.isNamed) args.push(`name=${this.nameOf(statement, emission)}`);
    const code = `${written.name}(${[this.variable(statement.input), ...args].join(', ')})`;
    const variable = this.place(statement.id, statement, target);
    this.push(emission, `${variable} = ${code}`, [], this.sizeComment(statement.outputs), first?.written?.source);
  }

  private merge(statement: MergeStatement, target: string, emission: Emission): void {
    const { branches, layer } = statement;
    const input = this.variable(statement.input);
    const { next } = this;
    for (const branch of branches) {
      this.variables.set(statement.input, input);
      if (branch.statements.length > 0) this.list(branch.statements, this.branchVariable(branch, branches), emission);
    }
    this.variables.set(statement.input, input);
    this.next = next;
    this.layer(layer, undefined, null, target, emission);
  }

  private branchVariable(branch: Branch, branches: readonly Branch[]): string {
    if (branches.length > 2) return this.scope.fresh('branch1');
    const isShortcut = ({ statements }: Branch) =>
      statements.length === 0 || (statements.length === 1 && statements[0]?.type === 'condition');
    if (isShortcut(branch)) return this.scope.fresh('shortcut');
    return this.scope.fresh(branches.some(isShortcut) ? 'y' : 'branch1');
  }

  private condition(statement: ConditionStatement, target: string, emission: Emission): void {
    const { holds, otherwise, condition } = statement;
    const text = emission.scope.sayFormula(condition);
    if (text === undefined) {
      if (!emission.repeat) throw new Error('a condition that code cannot say');
      throw new CannotLoop(emission.repeat);
    }
    const variable = this.carry(statement.input, statement, target, emission);
    const side = (branch: Branch, keyword: string) => {
      const inner: Emission = { ...emission, lines: [], depth: emission.depth + 1 };
      this.variables.set(statement.input, variable);
      this.list(branch.statements, variable, inner);
      const result = this.variable(branch.output);
      if (result !== variable) this.push(inner, `${variable} = ${result}`);
      if (inner.lines.length > 0)
        emission.lines.push({ text: `${indent(emission)}${keyword}:`, layers: [] }, ...inner.lines);
    };
    const onlyElse = holds.statements.length === 0;
    const { next } = this;
    const before = this.variable(statement.input);
    if (!onlyElse) side(holds, `if ${text}`);
    if (otherwise.statements.length > 0) side(otherwise, onlyElse ? `if not (${text})` : 'else');
    this.next = next;
    this.variables.set(statement.input, before);
    this.variables.set(statement.id, variable);
  }

  /** The variable that a condition or a loop changes, with its input in it. */
  private carry(
    input: Ref,
    statement: ConditionStatement | RepeatStatement,
    target: string,
    emission: Emission,
  ): string {
    const from = this.variable(input);
    const isKept = (this.uses.get(input) ?? 0) > 1;
    const { next } = this;
    const keepsResult =
      (this.uses.get(statement.id) ?? 0) > 1 || (next !== null && !readsOf(next).includes(statement.id));
    const variable =
      keepsResult || (isKept && from === target) ? this.scope.fresh(target === 'x' ? 'y' : target) : target;
    if (from !== variable) this.push(emission, `${variable} = ${from}`);
    return variable;
  }

  private repeat(statement: RepeatStatement, target: string, emission: Emission): void {
    const { body, groups } = statement;
    const refuse = (): never => {
      throw new CannotLoop(statement);
    };
    // Names of layers tell iterations apart by one index.
    if (emission.repeat) refuse();
    const outer = body.instances.map(({ group }) =>
      groups.findIndex((candidate) => candidate?.children.includes(group) ?? false),
    );
    const counts = groups.map((group) => group?.children.length);
    const { variable: counted, first, last } = groups.find((group) => group)?.written ?? {};
    const counter = counted === undefined ? undefined : python.name(counted);
    const scope = emission.scope.loop(
      outer,
      new Map(counted === undefined ? [] : [[counted, counter as string]]),
      refuse,
    );
    const variable = this.carry(statement.input, statement, target, emission);
    this.variables.set(body.input, variable);
    const index = this.scope.fresh('index');
    const inner: Emission = {
      scope,
      lines: [],
      depth: emission.depth + 1,
      suffix: `.{${index}}`,
      repeat: statement,
    };
    this.list(body.statements, variable, inner);
    const result = this.variable(body.output);
    if (result !== variable) this.push(inner, `${variable} = ${result}`);
    const isCounted = counted !== undefined && scope.used.has(counted);
    const isIndexed = inner.lines.some(({ text }) => text.includes(`{${index}}`));
    const range = this.range(counts, first, last, isCounted, statement, emission.scope);
    const head = !isCounted
      ? `for ${isIndexed ? index : '_'} in ${range}`
      : isIndexed
        ? `for ${index}, ${counter} in enumerate(${range})`
        : `for ${counter} in ${range}`;
    emission.lines.push({ text: `${indent(emission)}${head}:`, layers: [] }, ...inner.lines);
    this.variables.set(statement.id, variable);
  }

  private range(
    counts: PerInstance<number>,
    first: Formula | undefined,
    last: Formula | undefined,
    isCounted: boolean,
    { groups }: RepeatStatement,
    scope: Scope,
  ): string {
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

const indent = ({ depth }: Emission): string => '    '.repeat(depth);

const takesActivation = new Set(['Conv2D', 'DepthwiseConv2D', 'Conv2DTranspose', 'Dense']);

/** What a class takes first, without its name. */
const positional = new Set([
  ...['filters', 'kernel_size', 'pool_size', 'units', 'rate', 'activation', 'cropping'],
  ...['target_shape', 'dims', 'size'],
]);

function argumentsOf({ layer, config }: LayerStep, scope: Scope): string[] {
  return Object.entries(config).flatMap(([name, slot]) => {
    if (!slot) return [];
    const text = scope.say(slot, name);
    const isFirst =
      positional.has(name) || layer === 'ZeroPadding2D' || (layer === 'GroupNormalization' && name === 'groups');
    return [isFirst ? text : `${name}=${text}`];
  });
}
