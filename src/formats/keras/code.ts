import type { CheckedNetwork } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import type { Shape } from '../../network/shape.js';
import { BlockWriter, type Emission, outerOf, ProgramWriter, type WrittenBlock } from '../code/blocks.js';
import { type Line, layLines } from '../code/lines.js';
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
  type Program,
  type Ref,
  type RepeatStatement,
  readsOf,
  type Statement,
} from '../code/program.js';
import { python, snakeCase } from '../code/python.js';
import { type Literal, numbered, type Scope } from '../code/scope.js';
import type { Use } from '../code/use.js';
import type { Refusal } from '../format.js';
import type { Helper } from './helpers.js';
import { fitting, keepsOrder, kerasLayers, kerasVectors, positives } from './layers.js';
import type { LayerStep, Step } from './step.js';

/**
 * A network as Keras's functional style: a function a block, a loop a repeat. Layers with weights are named by their place, so
 * that the weights find them.
 */

/** A block, or the network, as a function. */
export interface WrittenFunction extends WrittenBlock {
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
  const writer = new FunctionProgram(checked);
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

/** What the functions of a file share. */
class FunctionProgram extends ProgramWriter<WrittenFunction, Helper> {
  readonly isPositive: readonly boolean[];
  private readonly functionNames = new Set(taken);

  constructor(checked: CheckedNetwork) {
    super(checked, kerasVectors(checked));
    this.isPositive = positives(checked);
  }

  define(definition: Definition): WrittenFunction {
    const isRoot = definition.name === '';
    const wanted = isRoot ? python.name(this.checked.network.name.toLowerCase()) : snakeCase(definition.name);
    let name = wanted;
    for (let n = 2; this.functionNames.has(name); n++) name = `${wanted}_${n}`;
    this.functionNames.add(name);
    const written = new FunctionWriter(this, definition).write(name);
    this.written.set(definition, written);
    return written;
  }
}

interface FunctionEmission extends Emission {
  readonly lines: Line[];
  /** What iterations add to names: `.{index}` */
  readonly suffix: string;
}

class FunctionWriter extends BlockWriter<FunctionProgram, FunctionEmission> {
  private readonly variables = new Map<Ref, string>();
  private readonly layerNames = new Set<string>();
  private isNamed = false;

  constructor(program: FunctionProgram, definition: Definition) {
    super(program, definition, parameterName);
    for (const name of taken) this.scope.fresh(name);
  }

  write(name: string): WrittenFunction {
    const { definition } = this;
    const { input, statements, output } = definition.body;
    this.variables.set(input, 'x');
    const emission: FunctionEmission = { scope: this.scope, lines: [], depth: 1, suffix: '', repeat: null };
    this.list(statements, 'x', emission);
    return {
      name,
      definition,
      parameters: this.parameters(),
      isNamed: this.isNamed && !this.isRoot,
      lines: emission.lines,
      output: this.variable(output),
    };
  }

  protected dimensions({ height, width, channels }: Shape): readonly number[] {
    return [height, width, channels];
  }

  protected fresh(wanted: string): string {
    return this.scope.fresh(wanted);
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

  // — Layers —

  protected layer(statement: LayerStatement, target: string, emission: FunctionEmission): boolean {
    if (statement.kind === 'input') {
      this.variables.set(statement.id, 'inputs');
      return false;
    }
    const own = statement.layers.filter((layer) => layer !== undefined);
    const steps = this.stepsOf(statement, emission);
    const [next, ...afterNext] = this.below;
    // An activation function right below may be an argument of this layer.
    const follows =
      next?.type === 'layer' && next.inputs[0] === statement.id && (this.uses.get(statement.id) ?? 0) === 1;
    const last = steps.at(-1);
    const word =
      follows && last && 'layer' in last && takesActivation.has(last.layer) ? this.wordOf(next, emission) : null;
    const made = follows && word !== null ? next : statement;
    if (made === next) {
      this.below = afterNext;
      own.push(...made.layers.filter((layer) => layer !== undefined));
    }
    const variable = this.place(made.id, made, target);
    let inputs = statement.inputs.map((ref, place) =>
      this.fit(this.variable(ref), statement, place, variable, emission),
    );
    if (steps.length === 0 && inputs[0] !== variable)
      emission.lines.push(...layLines(emission.depth, `${variable} = ${inputs[0]}`, own));
    for (const [i, step] of steps.entries()) {
      const isLast = i === steps.length - 1;
      const code = this.codeOf(step, inputs, statement, isLast ? word : null, emission);
      emission.lines.push(
        ...layLines(emission.depth, `${variable} = ${code}`, own, isLast ? this.sizeComment(made.layers) : ''),
      );
      inputs = [variable];
    }
    return word !== null;
  }

  private codeOf(
    step: Step,
    inputs: readonly string[],
    statement: LayerStatement,
    word: string | null,
    emission: FunctionEmission,
  ): string {
    if ('code' in step) {
      if (step.helper) this.program.helpers.add(step.helper);
      return step.code(inputs);
    }
    const args = argumentsOf(step, emission.scope);
    if (word !== null) args.push(`activation="${word}"`);
    if (step.weighs) args.push(`name=${this.nameOf(statement, emission)}`);
    const input = inputs.length === 1 ? inputs[0] : `[${inputs.join(', ')}]`;
    return `layers.${step.layer}(${args.join(', ')})(${input})`;
  }

  private stepsOf(statement: LayerStatement, { scope }: FunctionEmission): readonly Step[] {
    const { checked, isPositive } = this.program;
    return this.say<unknown, readonly Step[]>(
      statement,
      kerasLayers[statement.kind].say,
      (say) => {
        const readsPositive = statement.layers.every((index) => {
          const sources = index === undefined ? [] : (checked.network.layers[index]?.inputs ?? []);
          return sources.every((source) => isPositive[source]);
        });
        return (say as (use: Use, isPositive: boolean) => readonly Step[])(this.use(statement, scope), readsPositive);
      },
      [],
    );
  }

  /** What Keras calls a layer as the activation of the one before. */
  private wordOf(statement: LayerStatement, emission: FunctionEmission): string | null {
    const { activation } = kerasLayers[statement.kind];
    return activation ? (activation as (use: Use) => string | null)(this.use(statement, emission.scope)) : null;
  }

  /** A value in the form that a layer takes. */
  private fit(
    code: string,
    statement: LayerStatement,
    place: number,
    variable: string,
    emission: FunctionEmission,
  ): string {
    const { network, facts } = this.program.checked;
    const { takes } = kerasLayers[statement.kind];
    const ways = new Set(
      statement.layers.flatMap((index) => {
        const layer = index === undefined ? undefined : network.layers[index];
        const source = layer?.inputs[place];
        if (!layer || source === undefined) return [];
        const isVector = this.program.isVector[source] ?? false;
        const wantsVolume =
          takes === 'volume' ||
          takes === 'makes vector' ||
          (takes === 'any' && !layer.inputs.every((input) => this.program.isVector[input]));
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
      this.program.refuse(statement.layers, 'some calls of its block hand on a vector, others a volume');
    const steps = JSON.parse([...ways][0] ?? '[]') as readonly LayerStep[];
    let input = code;
    for (const step of steps) {
      const into = variable === code || statement.inputs.length === 1 ? variable : this.scope.fresh(`${code}_`);
      emission.lines.push(
        ...layLines(emission.depth, `${into} = ${this.codeOf(step, [input], statement, null, emission)}`),
      );
      input = into;
    }
    return input;
  }

  /** The text that names a layer: in a block its name begins with that of the call. */
  private nameOf(statement: LayerStatement | CallStatement, emission: FunctionEmission): string {
    const own = numbered(snakeCase(statement.name), this.layerNames, /_?\d+$/);
    this.program.names.set(statement, own);
    this.isNamed = true;
    const text = `${this.isRoot ? '' : '{name}.'}${own}${emission.suffix}`;
    return text.includes('{') ? `f"${text}"` : `"${text}"`;
  }

  // — Blocks, branches, conditions, loops —

  protected call(statement: CallStatement, target: string, emission: FunctionEmission): void {
    const { definition, groups } = statement;
    const written = this.program.written.get(definition) as WrittenFunction;
    const args = this.callArguments(statement, written, emission.scope);
    if (written.isNamed) args.push(`name=${this.nameOf(statement, emission)}`);
    const code = `${written.name}(${[this.variable(statement.input), ...args].join(', ')})`;
    const variable = this.place(statement.id, statement, target);
    const source = groups.find((group) => group)?.written?.source;
    emission.lines.push(
      ...layLines(emission.depth, `${variable} = ${code}`, [], this.sizeComment(statement.outputs), source),
    );
  }

  protected merge(statement: MergeStatement, target: string, emission: FunctionEmission): void {
    const { branches, layer } = statement;
    const input = this.variable(statement.input);
    for (const branch of branches) {
      this.variables.set(statement.input, input);
      if (branch.statements.length > 0) this.list(branch.statements, this.branchVariable(branch, branches), emission);
    }
    this.variables.set(statement.input, input);
    this.layer(layer, target, emission);
  }

  protected condition(statement: ConditionStatement, target: string, emission: FunctionEmission): void {
    const { holds, otherwise, condition } = statement;
    const text = emission.scope.sayFormula(condition);
    if (text === undefined) this.unroll(emission);
    const variable = this.carry(statement.input, statement, target, emission);
    const side = (branch: Branch, keyword: string) => {
      const inner: FunctionEmission = { ...emission, lines: [], depth: emission.depth + 1 };
      this.variables.set(statement.input, variable);
      this.list(branch.statements, variable, inner);
      const result = this.variable(branch.output);
      if (result !== variable) inner.lines.push(...layLines(inner.depth, `${variable} = ${result}`));
      if (inner.lines.length > 0)
        emission.lines.push({ text: `${indent(emission)}${keyword}:`, layers: [] }, ...inner.lines);
    };
    const onlyElse = holds.statements.length === 0;
    const before = this.variable(statement.input);
    if (!onlyElse) side(holds, `if ${text}`);
    if (otherwise.statements.length > 0) side(otherwise, onlyElse ? `if not (${text})` : 'else');
    this.variables.set(statement.input, before);
    this.variables.set(statement.id, variable);
  }

  /** The variable that a condition or a loop changes, with its input in it. */
  private carry(
    input: Ref,
    statement: ConditionStatement | RepeatStatement,
    target: string,
    emission: FunctionEmission,
  ): string {
    const from = this.variable(input);
    const isKept = (this.uses.get(input) ?? 0) > 1;
    const { next } = this;
    const keepsResult =
      (this.uses.get(statement.id) ?? 0) > 1 || (next !== null && !readsOf(next).includes(statement.id));
    const variable =
      keepsResult || (isKept && from === target) ? this.scope.fresh(target === 'x' ? 'y' : target) : target;
    if (from !== variable) emission.lines.push(...layLines(emission.depth, `${variable} = ${from}`));
    return variable;
  }

  protected repeat(statement: RepeatStatement, target: string, emission: FunctionEmission): void {
    const { body, groups } = statement;
    const refuse = (): never => {
      throw new CannotLoop(statement);
    };
    // Names of layers tell iterations apart by one index.
    if (emission.repeat) refuse();
    const counted = groups.find((group) => group)?.written?.variable;
    const counter = counted === undefined ? undefined : python.name(counted);
    const scope = emission.scope.loop(
      outerOf(statement),
      new Map(counted === undefined ? [] : [[counted, counter as string]]),
      refuse,
    );
    const variable = this.carry(statement.input, statement, target, emission);
    this.variables.set(body.input, variable);
    const index = this.scope.fresh('index');
    const inner: FunctionEmission = {
      scope,
      lines: [],
      depth: emission.depth + 1,
      suffix: `.{${index}}`,
      repeat: statement,
    };
    this.list(body.statements, variable, inner);
    const result = this.variable(body.output);
    if (result !== variable) inner.lines.push(...layLines(inner.depth, `${variable} = ${result}`));
    const isCounted = counted !== undefined && scope.used.has(counted);
    const isIndexed = inner.lines.some(({ text }) => text.includes(`{${index}}`));
    const range = this.range(statement, isCounted, emission.scope);
    const head = !isCounted
      ? `for ${isIndexed ? index : '_'} in ${range}`
      : isIndexed
        ? `for ${index}, ${counter} in enumerate(${range})`
        : `for ${counter} in ${range}`;
    emission.lines.push({ text: `${indent(emission)}${head}:`, layers: [] }, ...inner.lines);
    this.variables.set(statement.id, variable);
  }
}

const indent = ({ depth }: FunctionEmission): string => '    '.repeat(depth);

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
