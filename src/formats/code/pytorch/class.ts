import { rulesOf } from '../../../network/frameworks.js';
import type { SourceRange } from '../../../network/network.js';
import type { Shape } from '../../../network/shape.js';
import {
  BlockWriter,
  type Emission,
  outerOf,
  ProgramWriter,
  type WrittenBlock,
  type WrittenParameter,
} from '../blocks.js';
import { type Line, layLines, plain } from '../lines.js';
import {
  type Branch,
  type CallStatement,
  CannotLoop,
  type ConditionStatement,
  type Definition,
  type LayerStatement,
  labelOf,
  type MergeStatement,
  type Ref,
  type RepeatStatement,
  readsOf,
  type Statement,
} from '../program.js';
import { python, snakeCase } from '../python.js';
import { nameFormula, numbered } from '../scope.js';
import type { Channels, Use } from '../use.js';
import { ChannelNames, IN_CHANNELS } from './channels.js';
import { type Helper, type Said, type Takes, torchLayers } from './layers.js';

/** A class of the module. */
export interface WrittenClass extends WrittenBlock {
  readonly init: readonly Line[];
  readonly forward: readonly Line[];
}

/** What the classes of a module share. */
export class ModuleProgram extends ProgramWriter<WrittenClass, Helper> {
  /** The channels that come out of each, in its own words. */
  readonly outputs = new Map<Definition, Channels>();
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
export const imported = ['torch', 'nn', 'F', 'Tensor', 'Conv2dSame', 'gaussian_blur', 'gabor_filters', 'sobel'];

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

interface ClassEmission extends Emission {
  readonly init: Line[];
  readonly forward: Line[];
  /** Of a loop: the variables of the modules in it, by the attribute that lists them. */
  readonly lists: Map<string, string> | null;
}

/** Writes a definition as a class: its modules in the constructor, what becomes of a value in `forward`. */
export class ClassWriter extends BlockWriter<ModuleProgram, ClassEmission> {
  private readonly attributeNames = new Set(reserved);
  private readonly values = new Map<Ref, Value>();
  private readonly channels: ChannelNames;
  private readonly variables = new Set(['self', 'x', ...imported]);
  /** Expressions that stand where they are read. */
  private readonly inline = new Set<Ref>();

  constructor(program: ModuleProgram, definition: Definition) {
    super(program, definition, python.name);
    for (const name of this.names.values()) this.attributeNames.add(name);
    const parameters = definition.parameters.map(
      ({ name }): Channels => ({
        values: this.given(name).map((value) => (value?.type === 'number' ? value.value : Number.NaN)),
        formula: nameFormula(name),
      }),
    );
    this.channels = new ChannelNames(program, parameters);
  }

  write(name: string): WrittenClass {
    const { body } = this.definition;
    const inputs = body.instances.map(({ group }) => this.program.shapeOf(group.written?.input)?.channels);
    // A parameter that says the channels of different calls.
    const same = new Set(inputs).size > 1 ? this.channels.named(inputs) : undefined;
    if (!this.isRoot && !same?.formula) this.scope.define(IN_CHANNELS, this.scope.fresh('in_channels'));
    this.channels.set(
      body.input,
      same?.formula ? same : { values: inputs, formula: this.isRoot ? undefined : nameFormula(IN_CHANNELS) },
    );
    this.values.set(body.input, { ...nowhere, code: 'x' });
    const emission = { scope: this.scope, depth: 2, repeat: null, init: [], forward: [], lists: null };
    this.list(body.statements, 'x', emission);
    this.finish(emission);
    const first: WrittenParameter[] = this.scope.used.has(IN_CHANNELS)
      ? [
          {
            name: this.names.get(IN_CHANNELS) as string,
            values: inputs,
            byDefault: undefined,
            formulaName: IN_CHANNELS,
          },
        ]
      : [];
    const keeps = [...this.scope.kept].map((kept) => plain(`        self.${kept} = ${kept}`));
    const { init, forward } = emission;
    const { definition } = this;
    return { name, definition, parameters: this.parameters(first), init: [...keeps, ...init], forward };
  }

  protected dimensions({ height, width, channels }: Shape): readonly number[] {
    return [channels, height, width];
  }

  protected fresh(wanted: string): string {
    return numbered(snakeCase(wanted), this.variables);
  }

  // — Values —

  /** One use of a value is over. */
  private spend(ref: Ref): number {
    const left = (this.uses.get(ref) ?? 0) - 1;
    this.uses.set(ref, left);
    return left;
  }

  /** Assigns a pending value to a variable, and gives the variable. */
  private settle(ref: Ref, target: string, emission: ClassEmission): string {
    const value = this.values.get(ref) as Value;
    if (!value.isPending) return value.code;
    this.assign(ref, target, value, emission);
    return target;
  }

  private assign(ref: Ref, variable: string, value: Value, { forward, depth }: ClassEmission): void {
    const { code, layers, comment, call } = value;
    forward.push(...layLines(depth, `${variable} = ${code}`, layers, comment, call));
    this.values.set(ref, { ...value, code: variable, isPending: false });
  }

  /**
   * A value has been made. It waits for what is applied to it next; one that is read again later gets a variable of its own,
   * which nothing overwrites.
   */
  private produce(ref: Ref, value: Value, statement: Statement, target: string, emission: ClassEmission): void {
    this.values.set(ref, value);
    const uses = this.uses.get(ref) ?? 0;
    const isRead = this.next === null || readsOf(this.next).includes(ref);
    if (uses < 2 && isRead) return;
    const label = labelOf(statement);
    this.assign(ref, this.fresh(label ?? (target === 'x' ? 'skip' : target)), value, emission);
  }

  /** The variable that a condition or a loop changes, with its input in it. */
  private carry(ref: Ref, target: string, emission: ClassEmission): string {
    const input = this.settle(ref, target, emission);
    const left = this.spend(ref);
    if (input === target && left <= 0) return target;
    const variable = input === target ? this.fresh(target === 'x' ? 'y' : target) : target;
    emission.forward.push(...layLines(emission.depth, `${variable} = ${input}`));
    return variable;
  }

  private finish({ forward }: ClassEmission): void {
    const { output, statements } = this.definition.body;
    const value = this.values.get(output) as Value;
    const index = lastIndex(statements.at(-1));
    const shape = this.program.shapeOf(index);
    const flat =
      this.isRoot && shape && index !== undefined && shape.height * shape.width === 1 && !this.program.isVector[index];
    const { code, isPending, layers, comment, call } = value;
    const returned = `return ${flat ? `torch.flatten(${code}, 1)` : code}`;
    forward.push(...layLines(2, returned, isPending ? layers : [], isPending && !flat ? comment : '', call));
    this.program.outputs.set(this.definition, this.channels.get(output));
  }

  // — Layers —

  private line(statement: LayerStatement): string {
    const index = statement.layers.find((layer) => layer !== undefined) as number;
    const { source } = this.program.checked.network.layers[index] ?? {};
    return source ? `${source.file}:${source.startLine}` : '';
  }

  protected layer(statement: LayerStatement, target: string, emission: ClassEmission): boolean {
    const { kind, id, layers } = statement;
    if (kind === 'input') {
      this.values.set(id, { ...nowhere, code: 'x' });
      this.channels.set(id, { values: this.channels.ofLayers(layers) });
      return false;
    }
    const line = this.line(statement);
    const row = torchLayers[kind];
    const said = this.say<unknown, Said>(
      statement,
      row.say,
      (say) => {
        const inputs = statement.inputs.map((ref) => this.channels.get(ref));
        const use = this.use(statement, emission.scope, inputs);
        return (say as (use: Use, wants: (helper: Helper) => void) => Said)(use, (helper) =>
          this.program.helpers.add(helper),
        );
      },
      { call: ([x = 'x']) => x },
    );
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
    const own = layers.filter((layer) => layer !== undefined);
    const self = said.module === undefined ? '' : this.addModule(statement, said.module, emission, own);
    const code = said.call(
      inputs.map(({ code: input }) => input),
      self,
    );
    for (const ref of new Set(statement.inputs)) this.spend(ref);
    const before = inputs.flatMap(({ value }) => value?.layers ?? []);
    const value: Value = {
      code,
      isPending: true,
      layers: [...before, ...own],
      line: statement.inputs.length > 1 ? 'merge' : line,
      comment: this.sizeComment(layers),
    };
    this.produce(id, value, statement, target, emission);
    this.channels.addLayer(statement);
    return false;
  }

  /** A value in the form that a layer takes: PyTorch's vectors are (N, C), its volumes (N, C, H, W). */
  private fit(code: string, statement: LayerStatement, place: number, takes: Takes): string {
    const { network, facts } = this.program.checked;
    const index = statement.layers.find((layer) => layer !== undefined) as number;
    const { inputs } = network.layers[index] as { readonly inputs: readonly number[] };
    const source = inputs[place] as number;
    const isVector = this.program.isVector[source] ?? false;
    const shape = facts[source]?.output;
    if (takes === 'vector') {
      if (isVector) return code;
      const turns = rulesOf(network.framework).flattenOrder === 'HWC' && shape && shape.height * shape.width > 1;
      return turns ? `torch.flatten(${code}.permute(0, 2, 3, 1), 1)` : `torch.flatten(${code}, 1)`;
    }
    const wantsVolume = takes === 'volume' || !inputs.every((input) => this.program.isVector[input]);
    return isVector && wantsVolume ? `${code}[:, :, None, None]` : code;
  }

  /** Makes a module in the constructor and gives the expression that stands for it in `forward`. */
  private addModule(
    statement: LayerStatement | CallStatement,
    module: string,
    { init, depth, lists }: ClassEmission,
    layers: readonly number[],
    source?: SourceRange,
  ): string {
    const attribute = numbered(snakeCase(statement.name), this.attributeNames, /_?\d+$/);
    this.program.names.set(statement, attribute);
    const self = `self.${attribute}`;
    const variable = lists ? this.fresh(attribute) : self;
    lists?.set(attribute, variable);
    const made = lists ? `${self}.append(${module})` : `${self} = ${module}`;
    init.push(...layLines(depth, made, layers, '', source));
    return variable;
  }

  // — Blocks and branches —

  protected call(statement: CallStatement, target: string, emission: ClassEmission): void {
    const { id, definition, groups, input, outputs } = statement;
    const written = this.program.written.get(definition) as WrittenClass;
    const code = this.settle(input, target, emission);
    const args = this.callArguments(statement, written, emission.scope, {
      [IN_CHANNELS]: this.channels.get(input).formula,
    });
    const call = groups.find((group) => group)?.written?.source;
    const self = this.addModule(statement, `${written.name}(${args.join(', ')})`, emission, [], call);
    this.spend(input);
    const value = { ...nowhere, code: `${self}(${code})`, isPending: true, call, comment: this.sizeComment(outputs) };
    this.produce(id, value, statement, target, emission);
    this.channels.addCall(statement, this.program.outputs.get(definition));
  }

  protected merge(statement: MergeStatement, target: string, emission: ClassEmission): void {
    const { branches, layer } = statement;
    const input = this.settle(statement.input, target, emission);
    const left = this.spend(statement.input);
    // Each branch reads the input as long as the next ones do.
    const filled = branches.filter(({ statements }) => statements.length > 0);
    const hasEmpty = filled.length < branches.length;
    const last = filled.at(-1);
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
    this.layer(layer, target, emission);
  }

  // — Conditions and loops —

  protected condition(statement: ConditionStatement, target: string, emission: ClassEmission): void {
    const { id, input, holds, otherwise, condition } = statement;
    const text = emission.scope.sayFormula(condition);
    const later = emission.scope.sayFormula(condition, 'self.');
    // A loop is over lists of modules, of which each iteration has one.
    if (text === undefined || later === undefined || emission.repeat) this.unroll(emission);
    const variable = this.carry(input, target, emission);
    const side = (branch: Branch, keyword: string, kept: string) => {
      const inner: ClassEmission = { ...emission, init: [], forward: [], depth: emission.depth + 1 };
      this.values.set(input, { ...nowhere, code: variable });
      this.list(branch.statements, variable, inner);
      const value = this.values.get(branch.output);
      if (value?.isPending) this.assign(branch.output, variable, value, inner);
      if (inner.init.length > 0) emission.init.push(plain(`${indent(emission.depth)}${keyword}:`), ...inner.init);
      if (inner.forward.length > 0) emission.forward.push(plain(`${indent(emission.depth)}${kept}:`), ...inner.forward);
    };
    const onlyElse = holds.statements.length === 0;
    if (!onlyElse) side(holds, `if ${text}`, `if ${later}`);
    if (otherwise.statements.length > 0)
      side(otherwise, onlyElse ? `if not (${text})` : 'else', onlyElse ? `if not (${later})` : 'else');
    this.values.set(id, { ...nowhere, code: variable });
    this.channels.addCondition(statement);
  }

  protected repeat(statement: RepeatStatement, target: string, emission: ClassEmission): void {
    const { id, input, body, groups, outputs } = statement;
    const refuse = (): never => {
      throw new CannotLoop(statement);
    };
    if (emission.repeat) refuse();
    const outer = outerOf(statement);
    const { variable } = groups.find((group) => group)?.written ?? {};
    const counter = variable === undefined ? undefined : python.name(variable);
    const entry = this.channels.get(input);
    const before = this.channels.into(statement, outer);
    // Channels that change from one iteration to the next have a variable.
    const isConstant = before.every((value, i) => value === entry.values[outer[i] as number]);
    const changing = isConstant ? undefined : this.scope.fresh('channels');
    if (changing !== undefined) this.attributeNames.add(changing);
    const loopNames = new Map<string, string>();
    if (variable !== undefined && counter !== undefined) loopNames.set(variable, counter);
    if (changing !== undefined) loopNames.set(CHANNELS, changing);
    const scope = emission.scope.loop(outer, loopNames, refuse);
    this.channels.set(body.input, {
      values: before,
      formula: isConstant ? entry.formula : nameFormula(CHANNELS),
    });

    const carried = this.carry(input, target, emission);
    this.values.set(body.input, { ...nowhere, code: carried });
    const lists = new Map<string, string>();
    const inner: ClassEmission = { scope, depth: emission.depth + 1, repeat: statement, init: [], forward: [], lists };
    this.list(body.statements, carried, inner);
    const result = this.values.get(body.output) as Value;
    const isOneCall = body.statements.length === 1 && body.statements[0]?.type === 'call';
    if (result.isPending && !isOneCall) this.assign(body.output, carried, result, inner);
    else if (!result.isPending && result.code !== carried)
      inner.forward.push(...layLines(inner.depth, `${carried} = ${result.code}`));

    const isCounted = variable !== undefined && scope.used.has(variable);
    const head = `for ${isCounted ? counter : '_'} in ${this.range(statement, isCounted, emission.scope)}`;
    const hasModules = inner.init.length > 0;
    const values = this.channels.ofLayers(outputs);
    if (changing === undefined) this.channels.set(id, this.channels.named(values, [entry]));
    else {
      const after = scope.say(this.channels.get(body.output), 'channels');
      if (hasModules) {
        const before = emission.scope.say(entry, 'in_channels');
        emission.init.push(...layLines(emission.depth, `${changing} = ${before}`));
        if (after !== changing) inner.init.push(plain(indent(inner.depth) + step(changing, after)));
      }
      const last = nameFormula(CHANNELS + id);
      emission.scope.define(CHANNELS + id, changing);
      const isOne = emission.scope.isOne({ values });
      const said = this.channels.named(values);
      this.channels.set(id, isOne ? { values } : said.formula ? said : { values, formula: last });
    }
    if (hasModules) makeLists(head, isOneCall, inner, emission);
    if (isOneCall) {
      const [attribute] = lists.keys();
      const code = `self.${attribute}(${carried})`;
      this.values.set(id, { ...nowhere, code, isPending: true, call: result.call, comment: this.sizeComment(outputs) });
    } else {
      emission.forward.push(...layLines(emission.depth, `${overLists(head, lists)}:`), ...inner.forward);
      this.values.set(id, { ...nowhere, code: carried });
    }
    // A value that is read again later needs a variable that nothing overwrites.
    if ((this.uses.get(id) ?? 0) > 1)
      this.assign(id, this.fresh(target === 'x' ? 'skip' : target), this.values.get(id) as Value, emission);
  }
}

const indent = (depth: number): string => '    '.repeat(depth);

/** What formulas call channels that a loop changes; after it, with its number. */
const CHANNELS = ' channels';

/** `channels += 32`, `channels = 2 * channels` */
const step = (variable: string, after: string): string =>
  after.startsWith(`${variable} + `) ? `${variable} += ${after.slice(variable.length + 3)}` : `${variable} = ${after}`;

/** The modules of a loop: in one expression where an iteration makes one and nothing else, else one after the other. */
function makeLists(head: string, isOneCall: boolean, { init: made, lists }: ClassEmission, outer: ClassEmission): void {
  const { init, depth } = outer;
  const attributes = [...(lists?.keys() ?? [])];
  const [first] = made;
  if (isOneCall && made.length === 1 && first) {
    const [self] = attributes.map((attribute) => `self.${attribute}`) as [string];
    const module = first.text.trim().slice(`${self}.append(`.length, -1);
    init.push(...layLines(depth, `${self} = nn.Sequential(*[${module} ${head}])`, first.layers, '', first.call));
    return;
  }
  for (const attribute of attributes)
    init.push(plain(`${indent(depth)}self.${attribute} = ${isOneCall ? 'nn.Sequential' : 'nn.ModuleList'}()`));
  init.push(plain(`${indent(depth)}${head}:`), ...made);
}

/** The head of a loop over the modules of each iteration; `head` where there are none. */
function overLists(head: string, lists: ReadonlyMap<string, string>): string {
  const names = [...lists.keys()].map((list) => `self.${list}`);
  if (names.length === 0) return head;
  const variables = [...lists.values()].join(', ');
  return names.length === 1 ? `for ${variables} in ${names[0]}` : `for ${variables} in zip(${names.join(', ')})`;
}

function lastIndex(last: Statement | undefined): number | undefined {
  if (!last) return undefined;
  const outputs = last.type === 'merge' ? last.layer.layers : last.type === 'layer' ? last.layers : last.outputs;
  return outputs.find((output) => output !== undefined);
}
