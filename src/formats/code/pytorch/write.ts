import type { CheckedNetwork } from '../../../network/check.js';
import type { Formula } from '../../../network/formula.js';
import { rulesOf } from '../../../network/frameworks.js';
import type { SourceRange } from '../../../network/network.js';
import type { Shape } from '../../../network/shape.js';
import { CannotSay, type Refusal } from '../../format.js';
import {
  type Body,
  type Branch,
  type CallStatement,
  CannotLoop,
  type ConditionStatement,
  type Definition,
  type Instance,
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
} from '../program.js';
import { className, layOut, python, snakeCase } from '../python.js';
import { Constants, type Literal, literalOf, nameFormula, Scope } from '../scope.js';
import { type Channels, placedLayers, Use } from '../use.js';
import { hasNames, substitute, sum } from './channels.js';
import { type Helper, type Said, type Takes, torchLayers } from './layers.js';
import { writeStarts } from './starts.js';

/** A line of code, and what it comes from. */
export interface Line {
  readonly text: string;
  readonly layers: readonly number[];
  readonly call?: SourceRange | undefined;
}

/** A class of the module. */
export interface WrittenClass {
  readonly name: string;
  readonly definition: Definition;
  readonly init: readonly Line[];
  readonly forward: readonly Line[];
  readonly parameters: readonly WrittenParameter[];
}

interface WrittenParameter {
  readonly name: string;
  readonly values: PerInstance<Literal>;
  /** Undefined where every call gives it. */
  readonly byDefault: Literal | undefined;
  /** The parameter of the block that it is; null for one that the block did not have. */
  readonly formulaName: string | null;
}

export interface WrittenModule {
  readonly classes: readonly WrittenClass[];
  readonly constants: ReadonlyMap<string, Literal>;
  readonly helpers: ReadonlySet<Helper>;
  /** How weights start, and which training leaves as they are: the end of the network's constructor. */
  readonly starts: readonly Line[];
  /** Where each layer's module is: `layer1.0.conv1`. */
  readonly paths: ReadonlyMap<number, string>;
  readonly refusals: readonly Refusal[];
}

/** Names that nn.Module needs for itself. */
const reserved = new Set(
  (
    'forward train eval training parameters buffers modules children apply type float double half to cpu cuda add_module ' +
    'state_dict load_state_dict zero_grad share_memory extra_repr dump_patches bfloat16 compile ipu xpu T_destination ' +
    'requires_grad_ register_buffer register_parameter register_module get_parameter get_buffer get_submodule named_children ' +
    'named_modules named_parameters named_buffers'
  ).split(' '),
);

/** Names at the top of the file. */
const imported = ['torch', 'nn', 'F', 'Tensor', 'Conv2dSame', 'gaussian_blur', 'gabor_filters', 'sobel'];

const IN_CHANNELS = ' in_channels';

/** What each layer's output is in the code: a vector or a volume. */
function vectors({ network }: CheckedNetwork): boolean[] {
  const isVector: boolean[] = [];
  for (const { kind, inputs } of network.layers) {
    const { takes } = torchLayers[kind];
    isVector.push(
      kind === 'reshape'
        ? false
        : takes === 'vector' || (takes === 'any' && inputs.length > 0 && inputs.every((source) => isVector[source])),
    );
  }
  return isVector;
}

/** Writes every definition of a program as a class. */
export function writeModule(checked: CheckedNetwork, program: Program): WrittenModule {
  const writer = new ModuleWriter(checked);
  const classes = program.definitions.map((definition) => writer.define(definition));
  const paths = layerPaths(program, (statement) => writer.attributes.get(statement));
  return {
    classes,
    constants: writer.constants.used,
    helpers: writer.helpers,
    starts: writeStarts(checked, paths),
    paths,
    refusals: writer.refusals,
  };
}

class ModuleWriter {
  readonly constants = new Constants((name) => snakeCase(name).toUpperCase());
  readonly helpers = new Set<Helper>();
  readonly refusals: Refusal[] = [];
  readonly written = new Map<Definition, WrittenClass>();
  readonly attributes = new Map<Statement, string>();
  readonly isVector: readonly boolean[];
  /** The channels that come out of each, in its own words. */
  readonly outputs = new Map<Definition, Channels>();
  private readonly classNames = new Set(imported);

  constructor(readonly checked: CheckedNetwork) {
    this.isVector = vectors(checked);
    this.classNames.add(className(checked.network.name));
  }

  define(definition: Definition): WrittenClass {
    const isRoot = definition.name === '';
    const name = isRoot ? className(this.checked.network.name) : this.freshClass(definition.name);
    const written = new ClassWriter(this, definition, isRoot).write(name);
    this.written.set(definition, written);
    return written;
  }

  private freshClass(wanted: string): string {
    const plain = className(wanted);
    let name = plain;
    for (let n = 2; this.classNames.has(name); n++) name = `${plain}${n}`;
    this.classNames.add(name);
    return name;
  }

  shapeOf(layer: number | undefined): Shape | undefined {
    return layer === undefined ? undefined : (this.checked.facts[layer]?.output ?? undefined);
  }
}

/** A value on its way through `forward`. */
interface Value {
  /** Its variable, or an expression that nothing has been assigned to yet. */
  code: string;
  readonly isPending: boolean;
  /** Of a pending expression: the layers in it and the line of the text that they come from. */
  readonly layers: readonly number[];
  readonly line: string;
  readonly call?: SourceRange | undefined;
  readonly comment: string;
}

/** A variable that comes from no line. */
const nowhere = { isPending: false, layers: [], line: '', comment: '' } as const;

/** Longer expressions get a line of their own. */
const SHORT = 40;

interface Emission {
  readonly scope: Scope;
  readonly init: Line[];
  readonly forward: Line[];
  readonly depth: number;
  /** The list that modules are appended to in a loop, by attribute; null outside of loops. */
  readonly loop: { readonly lists: Map<string, string> } | null;
}

class ClassWriter {
  private readonly names = new Map<string, string>();
  private readonly scope: Scope;
  private readonly attributeNames = new Set(reserved);
  private readonly values = new Map<Ref, Value>();
  private readonly channels = new Map<Ref, Channels>();
  private readonly uses = new Map<Ref, number>();
  private readonly variables = new Set(['self', 'x', ...imported]);
  /** Expressions that stand where they are read. */
  private readonly inline = new Set<Ref>();
  /** What stands below the statement that is being written. */
  private next: Statement | null = null;
  /** The values of the block's parameters, which channels may be said with. */
  private readonly candidates: Channels[] = [];

  constructor(
    private readonly module: ModuleWriter,
    private readonly definition: Definition,
    private readonly isRoot: boolean,
  ) {
    for (const { name } of definition.parameters) this.names.set(name, snakeName(name));
    for (const name of this.names.values()) this.attributeNames.add(name);
    this.scope = new Scope(python, this.names, module.constants);
  }

  write(name: string): WrittenClass {
    const { body, parameters } = this.definition;
    const init: Line[] = [];
    const forward: Line[] = [];
    for (const [ref, count] of usesOf(body)) this.uses.set(ref, count);
    const inputs = body.instances.map(({ group }) => this.module.shapeOf(group.written?.input)?.channels);
    const given = parameters.map(
      ({ name: parameter }): Channels => ({
        values: body.instances.map(({ group }) => {
          const value = group.written?.arguments?.find((argument) => argument.name === parameter)?.value;
          return value?.type === 'number' ? value.value : Number.NaN;
        }),
        formula: nameFormula(parameter),
      }),
    );
    this.candidates.push(...given);
    const distinct = new Set(inputs).size > 1;
    const same = given.find(({ values }) => distinct && values.every((value, i) => value === inputs[i]));
    if (!this.isRoot && !same) this.scope.define(IN_CHANNELS, this.scope.fresh('in_channels'));
    this.channels.set(
      body.input,
      same ?? { values: inputs, formula: this.isRoot ? undefined : nameFormula(IN_CHANNELS) },
    );
    this.values.set(body.input, { ...nowhere, code: 'x' });
    const emission: Emission = { scope: this.scope, init, forward, depth: 2, loop: null };
    this.list(body.statements, 'x', emission);
    this.finish(body, emission);

    const written: WrittenParameter[] = [];
    if (this.scope.used.has(IN_CHANNELS))
      written.push({ name: 'in_channels', values: inputs, byDefault: undefined, formulaName: null });
    const own = parameters.filter(({ name: parameter }) => this.scope.used.has(parameter));
    const asWritten = own.map(
      ({ name: parameter, byDefault }): WrittenParameter => ({
        name: this.names.get(parameter) as string,
        values: body.instances.map(({ group }) => {
          const value = group.written?.arguments?.find((argument) => argument.name === parameter)?.value;
          return value && literalOf(value);
        }),
        byDefault: byDefault && literalOf(byDefault),
        formulaName: parameter,
      }),
    );
    written.push(...asWritten.filter(({ byDefault }) => byDefault === undefined));
    for (const [extra, values] of this.scope.extras)
      written.push({ name: extra, values, byDefault: undefined, formulaName: null });
    written.push(...asWritten.filter(({ byDefault }) => byDefault !== undefined));
    const keeps = [...this.scope.kept].map((kept) => ({ text: `        self.${kept} = ${kept}`, layers: [] }));
    return { name, definition: this.definition, init: [...keeps, ...init], forward, parameters: written };
  }

  /** One use of a value is over. */
  private spend(ref: Ref): number {
    const left = (this.uses.get(ref) ?? 0) - 1;
    this.uses.set(ref, left);
    return left;
  }

  private freshVariable(wanted: string): string {
    const plain = snakeCase(wanted);
    const stem = plain.replace(/\d+$/, '');
    let name = plain;
    for (let n = stem === plain ? 2 : Number(plain.slice(stem.length)) + 1; this.variables.has(name); n++)
      name = `${stem}${n}`;
    this.variables.add(name);
    return name;
  }

  // — Statements —

  private list(statements: readonly Statement[], target: string, emission: Emission): void {
    for (const [i, statement] of statements.entries()) {
      this.next = statements[i + 1] ?? null;
      this.statement(statement, target, emission);
    }
  }

  private statement(statement: Statement, target: string, emission: Emission): void {
    switch (statement.type) {
      case 'layer':
        this.layer(statement, target, emission);
        break;
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

  private line(statement: LayerStatement): string {
    const index = statement.layers.find((layer) => layer !== undefined) as number;
    const { source } = this.module.checked.network.layers[index] ?? {};
    return source ? `${source.file}:${source.startLine}` : '';
  }

  private layer(statement: LayerStatement, target: string, emission: Emission): void {
    const { kind } = statement;
    if (kind === 'input') {
      this.values.set(statement.id, { ...nowhere, code: 'x' });
      this.channels.set(statement.id, { values: this.outputChannels(statement.layers) });
      return;
    }
    const line = this.line(statement);
    const row = torchLayers[kind];
    const said = this.say(statement, emission);
    const inputs = statement.inputs.map((ref, place) => {
      const value = this.values.get(ref) as Value;
      const mayStay =
        value.isPending &&
        statement.inputs.length === 1 &&
        (this.uses.get(ref) ?? 0) === 1 &&
        (row.isActivation || (value.line !== '' && value.line === line && value.line !== 'merge'));
      const isInline = this.inline.has(ref) && value.isPending;
      const code = mayStay || isInline ? value.code : this.settle(ref, target, emission);
      return { code: this.fit(code, statement, place, row.takes), value: mayStay || isInline ? value : null };
    });
    const own = statement.layers.filter((layer) => layer !== undefined);
    let self = '';
    if (said.module !== undefined) self = this.addModule(statement, said.module, emission, own);
    const code = said.call(
      inputs.map(({ code: input }) => input),
      self,
    );
    for (const ref of new Set(statement.inputs)) this.spend(ref);
    const before = inputs.flatMap(({ value }) => value?.layers ?? []);
    const isMerge = statement.inputs.length > 1;
    this.produce(
      statement.id,
      {
        code,
        isPending: true,
        layers: [...before, ...own],
        line: isMerge ? 'merge' : line,
        comment: this.sizeComment(statement.layers),
      },
      statement,
      target,
      emission,
    );
    this.channels.set(statement.id, this.channelsOf(statement));
  }

  /** What a layer's line makes of its inputs; one that cannot be said is noted, and passes them on. */
  private say(statement: LayerStatement, emission: Emission): Said {
    const row = torchLayers[statement.kind];
    try {
      if (typeof row.say === 'string') throw new CannotSay(row.say);
      const use = this.use(statement, emission.scope) as Use<never>;
      return (row.say as (use: Use<never>, wants: (helper: Helper) => void) => Said)(use, (helper) =>
        this.module.helpers.add(helper),
      );
    } catch (error) {
      if (!(error instanceof CannotSay)) throw error;
      for (const layer of statement.layers)
        if (layer !== undefined)
          this.module.refusals.push({
            layer,
            name: this.module.checked.network.layers[layer]?.name ?? '',
            reason: error.message,
          });
      return { call: ([x = 'x']) => x };
    }
  }

  private use(statement: LayerStatement, scope: Scope): Use {
    const layers = placedLayers(statement, this.module.checked, this.module.isVector);
    const inputs = statement.inputs.map((ref) => this.channels.get(ref) ?? { values: [] });
    return new Use(statement, layers, scope, inputs);
  }

  private outputChannels(layers: PerInstance<number>): PerInstance<number> {
    return layers.map((index) => this.module.shapeOf(index)?.channels);
  }

  /** The channels of a layer's output, with names where they say it. */
  private channelsOf(statement: LayerStatement): Channels {
    const values = this.outputChannels(statement.layers);
    const first = this.module.checked.network.layers[statement.layers.find((index) => index !== undefined) ?? -1];
    const written = first?.written ?? {};
    const inputs = statement.inputs.map((ref) => this.channels.get(ref));
    const attributes: readonly (Channels | undefined)[] = ['filters', 'units', 'count', 'orientations'].map((name) =>
      written[name] && first?.attributes && name in first.attributes
        ? {
            formula: written[name],
            values: statement.layers.map((index) => {
              const layer = index === undefined ? undefined : this.module.checked.network.layers[index];
              return layer ? (layer.attributes as unknown as Readonly<Record<string, number>>)[name] : undefined;
            }),
          }
        : undefined,
    );
    const isWritten = attributes.some((attribute) => attribute);
    return this.named(values, isWritten ? attributes : [...inputs, sum(inputs)]);
  }

  /** The first of the candidates that has these values. */
  private named(values: PerInstance<number>, candidates: readonly (Channels | undefined)[]): Channels {
    for (const candidate of candidates)
      if (candidate?.formula && values.every((value, i) => value === undefined || candidate.values[i] === value))
        return { values, formula: candidate.formula };
    return { values };
  }

  /** A value in the form that a layer takes: PyTorch's vectors are (N, C), its volumes (N, C, H, W). */
  private fit(code: string, statement: LayerStatement, place: number, takes: Takes): string {
    const { network, facts } = this.module.checked;
    const index = statement.layers.find((layer) => layer !== undefined) as number;
    const { inputs } = network.layers[index] as { readonly inputs: readonly number[] };
    const source = inputs[place] as number;
    const isVector = this.module.isVector[source] ?? false;
    const shape = facts[source]?.output;
    if (takes === 'vector') {
      if (isVector) return code;
      const turns = rulesOf(network.framework).flattenOrder === 'HWC' && shape && shape.height * shape.width > 1;
      return turns ? `torch.flatten(${code}.permute(0, 2, 3, 1), 1)` : `torch.flatten(${code}, 1)`;
    }
    const wantsVolume = takes === 'volume' || !inputs.every((input) => this.module.isVector[input]);
    return isVector && wantsVolume ? `${code}[:, :, None, None]` : code;
  }

  /** Assigns a pending value to a variable, and gives the variable. */
  private settle(ref: Ref, target: string, emission: Emission): string {
    const value = this.values.get(ref) as Value;
    if (!value.isPending) return value.code;
    this.assign(ref, target, value, emission);
    return target;
  }

  private assign(ref: Ref, variable: string, value: Value, emission: Emission): void {
    this.push(emission.forward, emission.depth, `${variable} = ${value.code}`, value.layers, value.comment, value.call);
    this.values.set(ref, { ...value, code: variable, isPending: false });
  }

  private push(
    lines: Line[],
    depth: number,
    text: string,
    layers: readonly number[],
    comment = '',
    source?: SourceRange,
  ): void {
    for (const line of layOut(depth, text, comment)) lines.push({ text: line, layers, call: source });
  }

  /**
   * A value has been made. It waits for what is applied to it next; one that is read again later gets a variable of its own,
   * which nothing overwrites.
   */
  private produce(ref: Ref, value: Value, statement: Statement, target: string, emission: Emission): void {
    this.values.set(ref, value);
    const uses = this.uses.get(ref) ?? 0;
    const isRead = this.next === null || readsOf(this.next).includes(ref);
    if (uses < 2 && isRead) return;
    const label = labelOf(statement);
    this.assign(ref, this.freshVariable(label ?? (target === 'x' ? 'skip' : target)), value, emission);
  }

  private sizeComment(layers: PerInstance<number>): string {
    const shapes = layers.flatMap((layer) => this.module.shapeOf(layer) ?? []);
    const [first] = shapes;
    if (!first || shapes.some((shape) => JSON.stringify(shape) !== JSON.stringify(first))) return '';
    const index = layers.find((layer) => layer !== undefined) as number;
    return this.module.isVector[index] ? `(${first.channels})` : `(${first.channels}, ${first.height}, ${first.width})`;
  }

  // — Modules —

  private attribute(statement: Statement, name: string): string {
    const plain = snakeCase(name);
    const stem = plain.replace(/_?\d+$/, '');
    let attribute = plain;
    for (let n = stem === plain ? 2 : Number(/\d+$/.exec(plain)?.[0]) + 1; this.attributeNames.has(attribute); n++)
      attribute = `${stem}${n}`;
    this.attributeNames.add(attribute);
    this.module.attributes.set(statement, attribute);
    return attribute;
  }

  /** Makes a module in the constructor and gives the expression that stands for it in `forward`. */
  private addModule(
    statement: LayerStatement | CallStatement,
    module: string,
    emission: Emission,
    layers: readonly number[],
    source?: SourceRange,
  ): string {
    const attribute = this.attribute(statement, statement.name);
    const comment = '';
    if (!emission.loop) {
      this.push(emission.init, emission.depth, `self.${attribute} = ${module}`, layers, comment, source);
      return `self.${attribute}`;
    }
    const variable = this.freshVariable(attribute);
    emission.loop.lists.set(attribute, variable);
    this.push(emission.init, emission.depth, `self.${attribute}.append(${module})`, layers, comment, source);
    return variable;
  }

  private call(statement: CallStatement, target: string, emission: Emission): void {
    const { definition, groups } = statement;
    const written = this.module.written.get(definition) as WrittenClass;
    const places = groups.map((group) =>
      group ? definition.body.instances.findIndex((instance) => instance.group === group) : -1,
    );
    const code = this.settle(statement.input, target, emission);
    const args = written.parameters.flatMap((parameter): string[] => {
      const values = places.map((place) => (place < 0 ? undefined : parameter.values[place]));
      if (parameter.name === 'in_channels' && parameter.formulaName === null)
        return [emission.scope.say({ ...this.channels.get(statement.input), values }, 'in_channels')];
      const argument = groups
        .find((group) => group)
        ?.written?.arguments?.find(({ name }) => name === parameter.formulaName);
      if (argument && !argument.given && parameter.byDefault !== undefined) return [];
      const text = emission.scope.say({ values, formula: argument?.formula }, parameter.name);
      return [parameter.byDefault === undefined && parameter.formulaName !== null ? text : `${parameter.name}=${text}`];
    });
    const own = groups.flatMap((group) => (group ? [group] : []));
    const source = own[0]?.written?.source;
    const module = `${written.name}(${args.join(', ')})`;
    const self = this.addModule(statement, module, emission, [], source);
    this.spend(statement.input);
    this.produce(
      statement.id,
      {
        code: `${self}(${code})`,
        isPending: true,
        layers: [],
        line: '',
        call: source,
        comment: this.sizeComment(statement.outputs),
      },
      statement,
      target,
      emission,
    );
    this.channels.set(statement.id, this.callChannels(statement, written));
  }

  /** The channels that come out of a block: what its own code says of them, in the words of the call. */
  private callChannels(statement: CallStatement, written: WrittenClass): Channels {
    const values = this.outputChannels(statement.outputs);
    const arguments_ = statement.groups.find((group) => group)?.written?.arguments ?? [];
    const inside = this.module.outputs.get(written.definition);
    const input = this.channels.get(statement.input);
    const candidates: (Channels | undefined)[] = [];
    if (inside?.formula) {
      const formula = substitute(inside.formula, (name) => {
        if (name === IN_CHANNELS) return input?.formula;
        const argument = arguments_.find((candidate) => candidate.name === name);
        return argument && (argument.formula ?? { type: 'value', value: argument.value });
      });
      // Plain numbers are better multiplied than written out.
      if (formula && hasNames(formula)) candidates.push({ values, formula });
    }
    return this.named(values, [...candidates, input]);
  }

  // — Branches, conditions, loops —

  private merge(statement: MergeStatement, target: string, emission: Emission): void {
    const { branches, layer } = statement;
    const input = this.settle(statement.input, target, emission);
    const left = this.spend(statement.input);
    // Each branch reads the input as long as the next ones do.
    const filled = branches.filter(({ statements }) => statements.length > 0);
    const hasEmpty = filled.length < branches.length;
    const last = filled.at(-1);
    const { next } = this;
    for (const branch of branches) {
      const isLast = branch === last && !hasEmpty && left === 0 && input === target;
      const variable = isLast ? target : branch.statements.length === 0 ? input : this.branchVariable(branch, branches);
      this.values.set(statement.input, { ...nowhere, code: input });
      const before = emission.forward.length;
      this.list(branch.statements, variable, emission);
      const value = this.values.get(branch.output) as Value;
      // The only branch that does something, in one expression, is read best where it meets the input.
      const isShort = filled.length === 1 && emission.forward.length === before && value.code.length < SHORT;
      if (value.isPending && isShort) this.inline.add(branch.output);
      else if (value.isPending) this.assign(branch.output, variable, value, emission);
    }
    this.next = next;
    this.layer(layer, target, emission);
  }

  private branchVariable(branch: Branch, branches: readonly Branch[]): string {
    if (branches.length > 2) return this.freshVariable('branch1');
    const isShortcut = branch.statements.length === 1 && branch.statements[0]?.type === 'condition';
    const isOnly = branches.some(
      (other) =>
        other !== branch &&
        (other.statements.length === 0 || (other.statements.length === 1 && other.statements[0]?.type === 'condition')),
    );
    return this.freshVariable(isShortcut ? 'shortcut' : isOnly ? 'y' : 'branch1');
  }

  private condition(statement: ConditionStatement, target: string, emission: Emission): void {
    const { holds, otherwise, condition } = statement;
    const input = this.settle(statement.input, target, emission);
    const left = this.spend(statement.input);
    const text = emission.scope.sayFormula(condition);
    const later = emission.scope.sayFormula(condition, 'self.');
    if (text === undefined || later === undefined || emission.loop) throw new CannotLoop(this.loopOf(emission));
    let variable = target;
    if (input !== target || left > 0) {
      if (input === target) variable = this.freshVariable(target === 'x' ? 'y' : target);
      this.push(emission.forward, emission.depth, `${variable} = ${input}`, []);
    }
    const { next } = this;
    const side = (branch: ConditionStatement['holds'], keyword: string, kept: string) => {
      const init: Line[] = [];
      const forward: Line[] = [];
      const inner: Emission = { ...emission, init, forward, depth: emission.depth + 1 };
      this.values.set(statement.input, { ...nowhere, code: variable });
      this.list(branch.statements, variable, inner);
      const value = this.values.get(branch.output);
      if (value?.isPending) this.assign(branch.output, variable, value, inner);
      const indent = '    '.repeat(emission.depth);
      if (init.length > 0) emission.init.push({ text: `${indent}${keyword}:`, layers: [] }, ...init);
      if (forward.length > 0) emission.forward.push({ text: `${indent}${kept}:`, layers: [] }, ...forward);
    };
    const onlyElse = holds.statements.length === 0;
    if (!onlyElse) side(holds, `if ${text}`, `if ${later}`);
    if (otherwise.statements.length > 0)
      side(otherwise, onlyElse ? `if not (${text})` : 'else', onlyElse ? `if not (${later})` : 'else');
    this.next = next;
    this.values.set(statement.id, { ...nowhere, code: variable });
    const values = this.outputChannels(statement.outputs);
    const known = [
      this.channels.get(holds.output),
      this.channels.get(otherwise.output),
      this.channels.get(statement.input),
    ];
    this.channels.set(statement.id, this.named(values, [...known, ...this.candidates]));
  }

  /** The loop to write out, where a condition in it chooses between modules. */
  private loopOf(emission: Emission): RepeatStatement {
    const { repeat } = emission as Emission & { readonly repeat?: RepeatStatement };
    if (!repeat) throw new Error('a condition that code cannot say');
    return repeat;
  }

  private repeat(statement: RepeatStatement, target: string, emission: Emission): void {
    const { body, groups } = statement;
    const refuse = (): never => {
      throw new CannotLoop(statement);
    };
    if (emission.loop) refuse();
    const outer = body.instances.map(({ group }) =>
      groups.findIndex((candidate) => candidate?.children.includes(group) ?? false),
    );
    const counts = groups.map((group) => group?.children.length);
    const { variable, first, last } = groups.find((group) => group)?.written ?? {};
    const entry = this.channels.get(statement.input) as Channels;
    const before = body.instances.map((instance, i) =>
      this.channelsInto(instance, groups, outer[i] as number, statement),
    );
    const constant = before.every((value, i) => value === entry.values[outer[i] as number]);

    const loopNames = new Map<string, string>();
    const counter = variable === undefined ? undefined : snakeName(variable);
    if (variable !== undefined && counter !== undefined) loopNames.set(variable, counter);
    const CHANNELS = ' channels';
    const channelsName = constant ? undefined : this.scope.fresh('channels');
    if (channelsName !== undefined) {
      loopNames.set(CHANNELS, channelsName);
      this.attributeNames.add(channelsName);
    }
    const scope = emission.scope.loop(outer, loopNames, refuse);
    this.channels.set(body.input, {
      values: before,
      formula: constant ? entry.formula : nameFormula(CHANNELS),
    });

    const input = this.settle(statement.input, target, emission);
    const left = this.spend(statement.input);
    let carried = target;
    if (input !== target || left > 0) {
      if (input === target) carried = this.freshVariable(target === 'x' ? 'y' : target);
      this.push(emission.forward, emission.depth, `${carried} = ${input}`, []);
    }
    this.values.set(body.input, { ...nowhere, code: carried });
    const init: Line[] = [];
    const forward: Line[] = [];
    const lists = new Map<string, string>();
    const inner = { scope, init, forward, depth: emission.depth + 1, loop: { lists }, repeat: statement };
    const { next } = this;
    this.list(body.statements, carried, inner);
    this.next = next;
    const result = this.values.get(body.output) as Value;
    const only = body.statements.length === 1 && body.statements[0]?.type === 'call' ? body.statements[0] : null;
    if (result.isPending && !only) this.assign(body.output, carried, result, inner);
    else if (!result.isPending && result.code !== carried)
      this.push(forward, inner.depth, `${carried} = ${result.code}`, []);

    const indent = '    '.repeat(emission.depth);
    const exit = this.channels.get(body.output) as Channels;
    const range = this.range(
      counts,
      first,
      last,
      counter !== undefined && scope.used.has(variable ?? ''),
      statement,
      emission,
    );
    const head = `for ${counter !== undefined && scope.used.has(variable ?? '') ? counter : '_'} in ${range}`;
    const lines = init.length;
    if (channelsName !== undefined) {
      const after = scope.say(exit, 'channels');
      const step = after.startsWith(`${channelsName} + `)
        ? ` += ${after.slice(channelsName.length + 3)}`
        : ` = ${after}`;
      if (after !== channelsName) init.push({ text: `${indent}    ${channelsName}${step}`, layers: [] });
    }
    if (lines > 0) {
      if (channelsName !== undefined)
        this.push(emission.init, emission.depth, `${channelsName} = ${emission.scope.say(entry, 'in_channels')}`, []);
      const [only_] = lists.size === 1 && only ? lists.keys() : [];
      const single = init.length === 1 && only_ !== undefined ? init[0]?.text.trim() : undefined;
      if (single && only_ !== undefined) {
        const made = single.slice(`self.${only_}.append(`.length, -1);
        const { layers = [], call } = init[0] as Line;
        this.push(emission.init, emission.depth, `self.${only_} = nn.Sequential(*[${made} ${head}])`, layers, '', call);
      } else {
        for (const list of lists.keys())
          emission.init.push({
            text: `${indent}self.${list} = ${only ? 'nn.Sequential' : 'nn.ModuleList'}()`,
            layers: [],
          });
        emission.init.push({ text: `${indent}${head}:`, layers: [] }, ...init);
      }
    }
    if (only) {
      const [attribute] = lists.keys();
      const source = result.call;
      this.values.set(statement.id, {
        code: `self.${attribute}(${carried})`,
        isPending: true,
        layers: [],
        line: '',
        call: source,
        comment: this.sizeComment(statement.outputs),
      });
    } else {
      const names = [...lists.keys()].map((list) => `self.${list}`);
      const variables = [...lists.values()];
      const over =
        names.length === 0
          ? `${head}:`
          : names.length === 1
            ? `for ${variables[0]} in ${names[0]}:`
            : `for ${variables.join(', ')} in zip(${names.join(', ')}):`;
      this.push(emission.forward, emission.depth, over, []);
      emission.forward.push(...forward);
      this.values.set(statement.id, { ...nowhere, code: carried });
    }
    const values = this.outputChannels(statement.outputs);
    if (channelsName !== undefined) {
      emission.scope.define(CHANNELS + statement.id, channelsName);
      const direct = this.named(values, this.candidates);
      const after = direct.formula && emission.scope.isOne({ values }) === false ? direct : null;
      this.channels.set(
        statement.id,
        after ??
          (emission.scope.isOne({ values }) ? { values } : { values, formula: nameFormula(CHANNELS + statement.id) }),
      );
    } else this.channels.set(statement.id, this.named(values, [entry]));
    this.produceLoop(statement, target, emission);
  }

  /** A loop's value that is read again later needs a variable that nothing overwrites. */
  private produceLoop(statement: RepeatStatement, target: string, emission: Emission): void {
    const value = this.values.get(statement.id) as Value;
    if ((this.uses.get(statement.id) ?? 0) < 2) return;
    const variable = this.freshVariable(target === 'x' ? 'skip' : target);
    this.assign(statement.id, variable, value, emission);
  }

  /** The channels that an iteration reads. */
  private channelsInto(
    instance: Instance,
    groups: RepeatStatement['groups'],
    outer: number,
    statement: RepeatStatement,
  ): number {
    const group = groups[outer];
    const place = group?.children.indexOf(instance.group) ?? 0;
    const entry = (this.channels.get(statement.input) as Channels).values[outer] as number;
    for (let at = place - 1; at >= 0; at--) {
      const last = lastLayer(group?.children[at]);
      if (last !== undefined) return this.module.shapeOf(last)?.channels ?? entry;
    }
    return entry;
  }

  private range(
    counts: PerInstance<number>,
    first: Formula | undefined,
    last: Formula | undefined,
    counts_: boolean,
    statement: RepeatStatement,
    emission: Emission,
  ): string {
    const { scope } = emission;
    const begins = statement.groups.map((group) => {
      const [child] = group?.children ?? [];
      return typeof child === 'object' ? child.written?.value : undefined;
    });
    const isCounted = counts_ || last !== undefined;
    if (!isCounted) return `range(${scope.say({ values: counts, formula: first }, 'count')})`;
    if (!counts_) return `range(${scope.say({ values: counts }, 'count')})`;
    const from = scope.say({ values: begins, formula: last ? first : undefined }, 'first');
    const ends = begins.map((begin, i) => (begin === undefined ? undefined : begin + (counts[i] ?? 0)));
    const formula = last ?? first;
    const end = formula
      ? scope.say({ values: ends, formula: { type: 'operation', operator: '+', operands: [formula, one] } }, 'end')
      : scope.say({ values: ends }, 'end');
    return from === '0' ? `range(${end})` : `range(${from}, ${end})`;
  }

  private finish(body: Body, emission: Emission): void {
    const value = this.values.get(body.output) as Value;
    const index = this.lastIndex(body);
    const shape = this.module.shapeOf(index);
    const flat =
      this.isRoot && shape && index !== undefined && shape.height * shape.width === 1 && !this.module.isVector[index];
    const code = flat ? `torch.flatten(${value.code}, 1)` : value.code;
    const pending = value.isPending;
    this.push(
      emission.forward,
      2,
      `return ${code}`,
      pending ? value.layers : [],
      pending && !flat ? value.comment : '',
      value.call,
    );
    this.module.outputs.set(this.definition, this.channels.get(body.output) ?? { values: [] });
  }

  private lastIndex(body: Body): number | undefined {
    const last = body.statements.at(-1);
    if (!last) return undefined;
    const outputs = last.type === 'merge' ? last.layer.layers : last.type === 'layer' ? last.layers : last.outputs;
    return outputs.find((output) => output !== undefined);
  }
}

const one: Formula = { type: 'value', value: { type: 'number', value: 1 } };

/** A parameter's name, as the text has it. */
const snakeName = (name: string): string => python.name(name);

function lastLayer(child: Body['instances'][number]['group'] | number | undefined): number | undefined {
  if (child === undefined || typeof child === 'number') return child;
  for (let i = child.children.length - 1; i >= 0; i--) {
    const found = lastLayer(child.children[i]);
    if (found !== undefined) return found;
  }
  return undefined;
}
