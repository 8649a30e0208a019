import { catalogue, type LayerKind } from '../../network/catalogue.js';
import * as diagnostics from '../../network/diagnostics.js';
import { type Framework, frameworkNames, rulesOf } from '../../network/frameworks.js';
import {
  type Group,
  type Network,
  type Layer as NetworkLayer,
  UNKNOWN_INPUT,
  type WrittenGroup,
} from '../../network/network.js';
import type { Problem } from '../../network/problem.js';
import type { Value } from '../../network/values.js';
import type {
  Block,
  Body,
  Expectation,
  File,
  If,
  Layer,
  Network as NetworkNode,
  Reference,
  Repeat,
  Statement,
} from '../generated/ast.js';
import { at, lineOf, type Place, sourceRange } from '../text/place.js';
import { similarWords } from '../text/spelling.js';
import {
  type Elaboration,
  type ElaborationProblem,
  type Frame,
  type ImportResolver,
  Names,
  type Origin,
  type PlacedExpectation,
  type Span,
} from './elaboration.js';
import { type LineForm, TRAINING } from './forms.js';
import { LineValues } from './line-values.js';
import type { FileModel } from './model.js';
import { headerIsBroken, touches } from './model.js';
import { NetworkSettings } from './settings.js';

/** Networks of more layers, and files whose loops make more steps, get one error and are not checked. */
const MOST_LAYERS = 50_000;
const MOST_STEPS = 200_000;
const DEEPEST_CALLS = 64;

/**
 * Unfolds a network of a file into flat layers: blocks, repeats and conditions are worked out. `like` replaces the
 * framework that the network names.
 */
export function elaborateNetwork(
  model: FileModel,
  node: NetworkNode,
  imports: ImportResolver,
  like?: Framework,
): Elaboration {
  return new Elaborator(model, node, imports, like).network(node);
}

/** Unfolds the body of a block with unknown input and parameters, to find what is wrong with it whatever they are. */
export function elaborateBlock(model: FileModel, node: Block, imports: ImportResolver): Elaboration {
  return new Elaborator(model, node, imports).block(node);
}

/** Works out the constants of a file, for what is wrong with them whether they are used or not. */
export function elaborateConstants(model: FileModel, imports: ImportResolver): readonly ElaborationProblem[] {
  return new Elaborator(model, model.root, imports).constantsOf(model.root);
}

interface MutableGroup extends Group {
  readonly children: (number | Group)[];
}

const group = (kind: Group['kind'], name = '', label = '', written?: WrittenGroup): MutableGroup => ({
  kind,
  name,
  label,
  children: [],
  ...(written && { written }),
});

class TooLarge extends Error {}

class Elaborator {
  private readonly layers: NetworkLayer[] = [];
  private readonly origins: Origin[] = [];
  private readonly expectations: PlacedExpectation[] = [];
  private readonly problems: ElaborationProblem[] = [];
  private readonly usedNames = new Set<string>();
  private readonly values: LineValues;
  private framework: Framework | undefined;
  private readonly settings: NetworkSettings;
  private steps = 0;
  /** Index of the layer above: the input of the next. */
  private previous = UNKNOWN_INPUT;
  /** Whether anything, broken or not, stands above: then a missing input is not the next layer's fault. */
  private begun = false;
  private here: MutableGroup = group('network');

  constructor(
    private readonly model: FileModel,
    private readonly node: NetworkNode | Block | File,
    private readonly imports: ImportResolver,
    private readonly like?: Framework,
  ) {
    const report = (place: Place, problem: Problem, frame: Frame) => this.report(place, problem, frame);
    this.values = new LineValues({ imports, report });
    this.settings = new NetworkSettings(this.values, report);
  }

  network(node: NetworkNode): Elaboration {
    this.readFramework(node);
    const frame = this.outerFrame(new Map());
    this.unfold(node.body, frame);
    const input = this.layers[0];
    if (input?.kind !== 'input' && !this.begun && node.name !== undefined)
      this.report(at(node, 'name'), diagnostics.missingInput(node.name), frame);
    return this.result(node);
  }

  constantsOf(root: File): readonly ElaborationProblem[] {
    const frame = this.outerFrame(new Map());
    for (const item of root.items)
      if (item.$type === 'Const' && item.value && !this.model.damage.lines.has(lineOf(item)))
        this.values.evaluate(item.value, frame);
    return this.problems;
  }

  block(node: Block): Elaboration {
    this.begun = true;
    this.unfold(node.body, this.outerFrame(new Map(node.parameters.map(({ name }) => [name, undefined]))));
    return this.result(node);
  }

  private result(node: NetworkNode | Block): Elaboration {
    const { layers, here: structure, origins, expectations, problems, settings } = this;
    const network: Network = {
      name: node.name ?? '',
      layers,
      structure,
      source: sourceRange(this.model.uri, node),
      ...(this.framework && { framework: this.framework }),
      ...settings.said,
    };
    const { damage } = this.model;
    const frameworkIsLost =
      node.$type === 'Network' && ((node.like && !this.framework) || headerIsBroken(node, damage));
    return {
      network,
      node,
      origins,
      expectations,
      problems,
      weightsLine: settings.weightsLine,
      trainingLine: settings.trainingLine,
      frameworkIsLost,
    };
  }

  private readFramework(node: NetworkNode): void {
    if (this.like) {
      this.framework = this.like;
      this.values.rules = rulesOf(this.like);
      return;
    }
    // `network like pytorch`: that it has no name is told.
    if (!node.like || node.name === undefined) return;
    const frame = this.outerFrame(new Map());
    const name = node.framework;
    this.framework = frameworkNames.find((framework) => framework === name);
    if (this.framework) this.values.rules = rulesOf(this.framework);
    else if (name !== undefined)
      this.report(
        at(node, 'framework'),
        diagnostics.unknownFramework(name, frameworkNames, similarWords(name, frameworkNames)),
        frame,
      );
    else if (!touches(this.model.damage.lines, lineOf(node), lineOf(node)))
      this.report(at(node, 'like'), diagnostics.needsFramework(frameworkNames), frame);
  }

  private outerFrame(values: ReadonlyMap<string, Value | undefined>): Frame {
    const { model, node } = this;
    return {
      model,
      instantiation: null,
      values,
      names: new Names('', (node.$type === 'File' ? undefined : model.labels.get(node)) ?? new Map(), new Map()),
      blocks: node.$type === 'Block' ? [node] : [],
    };
  }

  private report(place: Place, problem: Problem, frame: Frame): void {
    this.problems.push({ place, problem, model: frame.model, instantiation: frame.instantiation });
  }

  /** Unfolds the outermost body; stops, with one message at the place, when it grows beyond all bounds. */
  private unfold(body: Body | undefined, frame: Frame): void {
    try {
      this.body(body, frame);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
    }
  }

  private step(node: Statement, frame: Frame): void {
    if (++this.steps <= MOST_STEPS && this.layers.length < MOST_LAYERS) return;
    this.report(node.$type === 'Repeat' ? at(node, 'first') : at(node), diagnostics.tooManyLayers(MOST_LAYERS), frame);
    throw new TooLarge();
  }

  private body(body: Body | undefined, frame: Frame): void {
    const { lines, structural } = frame.model.damage;
    let line = body?.$cstNode?.range.start.line ?? 0;
    if (structural.size > 0 && body && touches(structural, line, body.$cstNode?.range.end.line ?? line))
      this.loseTrack();
    for (const statement of body?.statements ?? []) {
      if (lines.size > 0) {
        const start = lineOf(statement);
        // A broken line may have been a layer: what follows does not know its input.
        if (touches(lines, line, start)) this.loseTrack();
        line = statement.$cstNode?.range.end.line ?? start;
      }
      this.statement(statement, frame);
    }
    if (lines.size > 0 && touches(lines, line, body?.$cstNode?.range.end.line ?? line)) this.loseTrack();
  }

  private loseTrack(): void {
    this.previous = UNKNOWN_INPUT;
    this.begun = true;
  }

  private statement(statement: Statement, frame: Frame): void {
    this.step(statement, frame);
    switch (statement.$type) {
      case 'Layer':
        this.line(statement, frame);
        break;
      case 'Repeat':
        this.repeat(statement, frame);
        break;
      case 'If':
        this.condition(statement, frame);
        break;
      case 'Branch':
        // Around it may stand a merge that cannot be read.
        if (!frame.model.damage.lines.has(lineOf(statement.$container)))
          this.report(at(statement), diagnostics.branchOutsideMerge(), frame);
        this.loseTrack();
        break;
      case 'Expectation':
        this.expectation(statement, null, frame);
    }
  }

  // — Lines —

  private line(node: Layer, frame: Frame): void {
    const form = frame.model.forms.get(node);
    if (!form || form.target.type === 'unknown') {
      this.loseTrack();
      if (node.label !== undefined) frame.names.layers.set(node.label, UNKNOWN_INPUT);
      return;
    }
    switch (form.target.type) {
      case 'layer':
        this.layer(node, form, form.target.kind, frame);
        break;
      case 'block':
        this.call(node, form, frame);
        break;
      case 'setting': {
        const { name } = form.target;
        this.setting(node, name, frame, () => this.settings.readFile(node, form, name, frame));
        break;
      }
      case 'training':
        this.setting(node, TRAINING, frame, () => this.settings.readTraining(node, form, frame));
        break;
      case 'training line':
      // Read with its block.
    }
  }

  /** A line that says something of the whole network. */
  private setting(node: Layer, name: string, frame: Frame, read: () => void): void {
    if (this.here.kind === 'network' && frame.blocks.length === 0) read();
    else this.report(at(node, 'kind'), diagnostics.settingOutsideNetwork(name), frame);
  }

  private layer(node: Layer, form: LineForm, kind: LayerKind, frame: Frame): void {
    const { arity } = catalogue[kind];
    if (arity === 'none') {
      if (this.layers.length > 0 || this.here.kind !== 'network' || frame.blocks.length > 0) {
        this.report(at(node, 'kind'), diagnostics.inputNotFirst(), frame);
        this.loseTrack();
        return;
      }
      if (form.from && !form.broken) this.report(at(node), diagnostics.takesNoInput(kind), frame);
      this.add(node, form, kind, [], frame);
      return;
    }
    if (node.body && arity !== 'many') {
      this.report(at(node, 'kind'), diagnostics.unexpectedBody(kind), frame);
      this.loseTrack();
      return;
    }
    const inputs = node.body ? this.branches(node, form, kind, frame) : this.wiring(node, form, frame);
    if (arity === 'many' && inputs.length < 2 && !inputs.includes(UNKNOWN_INPUT)) {
      if (!form.broken) this.report(at(node, 'kind'), diagnostics.tooFewInputs(kind, inputs.length), frame);
      this.add(node, form, kind, [UNKNOWN_INPUT], frame);
    } else if (arity === 'one' && inputs.length > 1) {
      if (!form.broken) this.report(at(form.from?.[1] ?? node), diagnostics.tooManyInputs(kind, inputs.length), frame);
      this.add(node, form, kind, [UNKNOWN_INPUT], frame);
    } else this.add(node, form, kind, inputs, frame);
  }

  /** The inputs of a line without branches: the layer above, or those it names. */
  private wiring(node: Layer, form: LineForm, frame: Frame): number[] {
    if (!form.from) return [this.above(frame)];
    return form.from.map((reference) => this.named(reference, node, frame));
  }

  private above(frame: Frame): number {
    if (this.previous === UNKNOWN_INPUT && !this.begun && this.layers.length === 0) {
      // The first layer of a network is not its input: told once, of the network.
      if (this.node.$type === 'Network' && this.node.name !== undefined)
        this.report(at(this.node, 'name'), diagnostics.missingInput(this.node.name), {
          ...frame,
          model: this.model,
          instantiation: null,
        });
      this.begun = true;
    }
    return this.previous;
  }

  private named(reference: Reference, node: Layer, frame: Frame): number {
    if (reference.name === 'previous') return this.above(frame);
    const index = frame.names.layers.get(reference.name);
    if (index !== undefined) return index;
    const { model } = frame;
    const owner = ownerOf(node);
    const named = (owner && model.labels.get(owner)?.get(reference.name)) ?? [];
    if (named.length > 0 && model.damage.lines.size === 0) {
      const isAbove = named.some((layer) => lineOf(layer) < lineOf(node));
      this.report(
        at(reference),
        isAbove ? diagnostics.notElaborated(reference.name) : diagnostics.usedBeforeDefinition(reference.name),
        frame,
      );
    }
    return UNKNOWN_INPUT;
  }

  /** Unfolds the branches of a merge, each from the same input; their outputs are the inputs of the merge. */
  private branches(node: Layer, form: LineForm, kind: LayerKind, frame: Frame): number[] {
    const [first, second] = form.from ?? [];
    if (second)
      this.report(at(second), diagnostics.tooManyInputs(`The branches of ${kind}`, form.from?.length ?? 0), frame);
    const input = first ? this.named(first, node, frame) : this.above(frame);
    const outputs: number[] = [];
    this.within(group('branches'), () => this.branchList(node.body, input, outputs, kind, frame));
    this.previous = input;
    return outputs;
  }

  private branchList(body: Body | undefined, input: number, outputs: number[], kind: LayerKind, frame: Frame): void {
    const damage = frame.model.damage.lines;
    if (body && touches(damage, lineOf(body), body.$cstNode?.range.end.line ?? 0)) outputs.push(UNKNOWN_INPUT);
    for (const statement of body?.statements ?? []) {
      this.step(statement, frame);
      switch (statement.$type) {
        case 'Branch':
          this.previous = input;
          this.within(group('branch', '', '', { source: sourceRange(frame.model.uri, statement) }), () =>
            this.body(statement.body, frame),
          );
          outputs.push(this.previous);
          break;
        case 'Repeat':
          for (const inner of this.iterations(statement, frame))
            this.branchList(statement.body, input, outputs, kind, inner);
          break;
        case 'If':
          for (const taken of this.taken(statement, frame)) this.branchList(taken, input, outputs, kind, frame);
          break;
        default:
          if (!(statement.$type === 'Layer' && !isReadable(frame.model.forms.get(statement))))
            this.report(at(statement), diagnostics.notABranch(kind), frame);
          outputs.push(UNKNOWN_INPUT);
      }
    }
  }

  private add(node: Layer, form: LineForm, kind: LayerKind, inputs: readonly number[], frame: Frame): void {
    const index = this.layers.length;
    const { attributes, positional, written } = this.values.attributes(node, form, kind, frame);
    this.layers.push({
      kind,
      name: this.nameOf(node, kind, frame),
      attributes,
      inputs,
      source: form.source,
      ...(written && { written }),
    } as NetworkLayer);
    this.origins.push({
      node,
      model: frame.model,
      instantiation: frame.instantiation,
      positional,
      values: frame.values,
    });
    this.here.children.push(index);
    this.previous = index;
    if (node.label !== undefined) frame.names.layers.set(node.label, index);
    if (attributes)
      for (const expectation of node.expectations) this.expectation(expectation, this.since(index), frame);
  }

  private nameOf(node: Layer, kind: string, frame: Frame): string {
    if (node.label === undefined) return frame.names.automatic(kind);
    const name = frame.names.prefix + node.label;
    if (!this.usedNames.has(name)) {
      this.usedNames.add(name);
      return name;
    }
    this.report(at(node, 'label'), diagnostics.duplicateName(node.label), frame);
    return frame.names.automatic(kind);
  }

  // — Expectations —

  private expectation(node: Expectation, span: Span | null, frame: Frame): void {
    const expected = node.value && this.values.evaluate(node.value, frame);
    this.expectations.push({ node, model: frame.model, span, expected, instantiation: frame.instantiation });
  }

  /** The layers from one on. */
  private since(first: number): Span {
    return { first, end: this.layers.length, output: this.previous };
  }

  // — Blocks, repeats and conditions —

  private within(inner: MutableGroup, unfold: () => void): void {
    const outer = this.here;
    outer.children.push(inner);
    this.here = inner;
    try {
      unfold();
    } finally {
      this.here = outer;
    }
  }

  private call(node: Layer, form: LineForm, frame: Frame): void {
    const found = this.imports.declaration(frame.model, node.kind);
    const [input, second] = this.wiring(node, form, frame);
    if (second !== undefined)
      this.report(at(form.from?.[1] ?? node), diagnostics.tooManyInputs(node.kind, form.from?.length ?? 0), frame);
    if (found && found.node.$type !== 'Block') this.report(at(node, 'kind'), diagnostics.notABlock(node.kind), frame);
    if (found?.node.$type !== 'Block' || form.broken || node.body) {
      if (node.body && found?.node.$type === 'Block')
        this.report(at(node, 'kind'), diagnostics.unexpectedBody(node.kind), frame);
      this.lose(node, frame);
      return;
    }
    const block = found.node;
    // A header may go over several lines; in a broken one the parser leaves names out.
    const values = headerIsBroken(block, found.model.damage)
      ? undefined
      : this.values.argumentsOf(node, form.entries, block, found.model, frame);
    // A block by itself is looked at without those that it calls: they are looked at by themselves.
    if (!values || this.node.$type === 'Block' || !this.mayUnfold(node, block, found.model, frame)) {
      this.lose(node, frame);
      return;
    }
    this.previous = input ?? UNKNOWN_INPUT;
    const name = this.nameOf(node, node.kind, frame);
    const inner: Frame = {
      model: found.model,
      instantiation: { call: node, model: frame.model, name, outer: frame.instantiation, values: frame.values },
      values,
      names: new Names(`${name}/`, found.model.labels.get(block) ?? new Map(), new Map()),
      blocks: [...frame.blocks, block],
    };
    const label = `${node.kind}(${[...values].map(([, value]) => (value ? diagnostics.describe(value) : '?')).join(', ')})`;
    const written: WrittenGroup = {
      block: block.name ?? '',
      file: found.model.uri,
      source: form.source,
      input: this.previous,
      arguments: this.values.writtenArguments(form.entries, block, values, frame),
    };
    const start = this.layers.length;
    this.within(group('block', name, label, written), () => this.body(block.body, inner));
    if (node.label !== undefined) frame.names.layers.set(node.label, this.previous);
    for (const expectation of node.expectations) this.expectation(expectation, this.since(start), frame);
  }

  private mayUnfold(call: Layer, block: Block, model: FileModel, frame: Frame): boolean {
    if (frame.blocks.includes(block)) {
      const chain = [...frame.blocks.slice(frame.blocks.indexOf(block)), block].map(({ name = '' }) => name);
      // In this file it is told of the block, whether it is used or not.
      if (model !== this.model) this.report(at(call, 'kind'), diagnostics.recursiveBlock(chain), frame);
      return false;
    }
    if (frame.blocks.length < DEEPEST_CALLS) return true;
    this.report(at(call, 'kind'), diagnostics.callsTooDeep(DEEPEST_CALLS), frame);
    return false;
  }

  private lose(node: Layer, frame: Frame): void {
    this.loseTrack();
    if (node.label !== undefined) frame.names.layers.set(node.label, UNKNOWN_INPUT);
  }

  private repeat(statement: Repeat, frame: Frame): void {
    const { variable } = statement;
    const first = this.values.formula(statement.first, frame);
    const last = this.values.formula(statement.last, frame);
    const source = sourceRange(frame.model.uri, statement);
    const written = {
      source,
      ...(variable && { variable: variable.name }),
      ...(first && { first }),
      ...(last && { last }),
    };
    const start = this.layers.length;
    this.within(group('repeat', '', '', written), () => {
      for (const inner of this.iterations(statement, frame)) {
        const counter = variable && inner.values.get(variable.name);
        const iteration = group('iteration', frame.names.iterationName, '', {
          ...(counter?.type === 'number' && { value: counter.value }),
        });
        this.within(iteration, () => this.body(statement.body, inner));
      }
    });
    for (const expectation of statement.expectations) this.expectation(expectation, this.since(start), frame);
  }

  /** One frame an iteration; a single one with an unknown variable when the count is not known. */
  private *iterations(statement: Repeat, frame: Frame): Iterable<Frame> {
    const first = this.values.wholeNumber(statement.first, 'repeat', statement, frame);
    const last = statement.last ? this.values.wholeNumber(statement.last, 'repeat', statement, frame) : undefined;
    const isKnown = first !== undefined && (last !== undefined || !statement.last);
    const [from, to] = statement.last ? [first ?? 0, last ?? 0] : [1, first ?? 0];
    if (isKnown && to - from >= MOST_LAYERS) {
      this.report(at(statement, 'first'), diagnostics.tooManyLayers(MOST_LAYERS), frame);
      this.loseTrack();
      return;
    }
    // A block by itself is looked at once, whatever the variable is.
    if (!isKnown || this.node.$type === 'Block') {
      const values = new Map(frame.values);
      if (statement.variable) values.set(statement.variable.name, undefined);
      yield { ...frame, values, names: frame.names.iteration() };
      this.loseTrack();
      return;
    }
    for (let i = from; i <= to; i++) {
      this.step(statement, frame);
      const values = new Map(frame.values);
      if (statement.variable) values.set(statement.variable.name, { type: 'number', value: i });
      yield { ...frame, values, names: frame.names.iteration() };
    }
  }

  private condition(statement: If, frame: Frame): void {
    const value = statement.condition && this.values.evaluate(statement.condition, frame);
    if (value?.type === 'boolean') {
      const first = this.values.formula(statement.condition, frame);
      this.within(group('condition', '', '', { holds: value.value, ...(first && { first }) }), () => {
        if (value.value) this.body(statement.then, frame);
        else if (statement.elseIf) this.condition(statement.elseIf, frame);
        else if (statement.otherwise) this.body(statement.otherwise, frame);
      });
      return;
    }
    const start = this.previous;
    for (const body of this.chosen(statement, value, frame)) {
      this.previous = start;
      this.body(body, frame);
    }
    // Which of the two is taken is not known, nor what comes out of it.
    this.loseTrack();
  }

  /** The body that a condition chooses; all of them when its value is not known. */
  private taken(statement: If, frame: Frame): readonly Body[] {
    return this.chosen(statement, statement.condition && this.values.evaluate(statement.condition, frame), frame);
  }

  private chosen(statement: If, value: Value | undefined, frame: Frame): readonly Body[] {
    const { then, otherwise, elseIf } = statement;
    const alternative = () => (elseIf ? this.taken(elseIf, frame) : otherwise ? [otherwise] : []);
    if (value?.type === 'boolean') return value.value ? [then] : alternative();
    if (value)
      this.report(
        at(statement.condition ?? statement),
        diagnostics.invalidValue('the condition of if', 'true or false', diagnostics.describe(value)),
        frame,
      );
    else if (!statement.condition && !touches(frame.model.damage.lines, lineOf(statement), lineOf(statement)))
      this.report(at(statement), diagnostics.missingAttributeValue('if', 'a condition, such as stride != 1'), frame);
    this.loseTrack();
    return [then, ...alternative()].filter((body) => body !== undefined);
  }
}

const isReadable = (form: LineForm | undefined): boolean => form !== undefined && !form.broken;

/** The block or network a statement stands in. */
function ownerOf(node: Layer): Block | NetworkNode | undefined {
  let container: { readonly $type: string; readonly $container?: unknown } | undefined = node;
  while (container && container.$type !== 'Block' && container.$type !== 'Network')
    container = container.$container as typeof container;
  return container as Block | NetworkNode | undefined;
}
