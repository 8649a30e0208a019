import type { AstNode } from 'langium';
import { isLayerKind } from '../../network/catalogue.js';
import * as diagnostics from '../../network/diagnostics.js';
import type { Problem } from '../../network/problem.js';
import { isTrainingWord } from '../../network/training-lines.js';
import type {
  Block,
  Body,
  Const,
  Expectation,
  Expression,
  File,
  ImportedName,
  Layer,
  Network,
  Statement,
} from '../generated/ast.js';
import { at, type Place } from '../text/place.js';
import { similarWords } from '../text/spelling.js';
import {
  bindNames,
  continuedLayer,
  type Declaration,
  type LineForm,
  type LineListener,
  type LineScope,
  readLine,
  type ValueDeclaration,
} from './forms.js';

/** A name in the text and what it means. */
export interface Binding {
  readonly place: Place;
  readonly declaration: Declaration;
}

export interface PlacedProblem {
  readonly place: Place;
  readonly problem: Problem;
}

/** Which lines the parser could not make sense of, counted from 0. */
export interface Damage {
  readonly lines: ReadonlySet<number>;
  /** Those where braces had to be mended: what the statements around belong to is a guess. */
  readonly structural: ReadonlySet<number>;
}

/** Whether a line from `first` to `last` is in the set. */
export function touches(lines: ReadonlySet<number>, first: number, last: number): boolean {
  if (lines.size === 0) return false;
  if (lines.size < last - first) return [...lines].some((line) => first <= line && line <= last);
  for (let line = first; line <= last; line++) if (lines.has(line)) return true;
  return false;
}

/** The lines of a statement without the body it may have. */
export function headerIsBroken(node: AstNode & { readonly body?: Body | undefined }, damage: Damage): boolean {
  const range = node.$cstNode?.range;
  if (!range || damage.lines.size === 0) return false;
  return touches(damage.lines, range.start.line, node.body?.$cstNode?.range.start.line ?? range.end.line);
}

/** One file, read but not evaluated: its declarations, its lines, and what is wrong with them whatever the values are. */
export interface FileModel {
  readonly uri: string;
  readonly root: File;
  readonly declarations: ReadonlyMap<string, Block | Const | ImportedName>;
  readonly blocks: readonly Block[];
  readonly networks: readonly Network[];
  readonly forms: ReadonlyMap<Layer, LineForm>;
  /** The names given in the body of a block or network, branches and repeats included. */
  readonly labels: ReadonlyMap<Block | Network, ReadonlyMap<string, readonly Layer[]>>;
  readonly bindings: readonly Binding[];
  readonly problems: readonly PlacedProblem[];
  readonly damage: Damage;
  /** Blocks in which a name means nothing: it may be a parameter that was forgotten. */
  readonly lackingNames: ReadonlySet<Owner>;
}

type Owner = Block | Network;

export function modelOf(uri: string, root: File, damage: Damage): FileModel {
  return new ModelBuilder(uri, root, damage).build();
}

/** Names of values, innermost first. */
class Values {
  private readonly names = new Map<string, ValueDeclaration>();
  /** Some of the names were lost in a broken line. */
  readonly incomplete: boolean;
  constructor(
    private readonly outer?: Values,
    incomplete = false,
  ) {
    this.incomplete = incomplete || (outer?.incomplete ?? false);
  }
  /** After a slip the parser may leave the name of a declaration out. */
  declare(name: string | undefined, declaration: ValueDeclaration): void {
    if (name !== undefined) this.names.set(name, declaration);
  }
  get(name: string): ValueDeclaration | undefined {
    return this.names.get(name) ?? this.outer?.get(name);
  }
  *all(): Iterable<string> {
    yield* this.names.keys();
    if (this.outer) yield* this.outer.all();
  }
}

class ModelBuilder {
  private readonly declarations = new Map<string, Block | Const | ImportedName>();
  private readonly blocks: Block[] = [];
  private readonly networks: Network[] = [];
  private readonly forms = new Map<Layer, LineForm>();
  private readonly labels = new Map<Owner, Map<string, Layer[]>>();
  private readonly bindings: Binding[] = [];
  private readonly problems: PlacedProblem[] = [];
  private readonly lackingNames = new Set<Owner>();
  private owner: Owner | undefined;
  /** The lines of each block that call a block of this file. */
  private readonly calls = new Map<Owner, Layer[]>();
  private context: { readonly values: Values; readonly scope: LineScope; readonly listener: LineListener } | undefined;
  /** The lines of the block or network being read that name their inputs. */
  private wired: Layer[] = [];
  /** Its lines of unknown kind: in `e1 relu`, without its colon, the name was meant to be given. */
  private readonly unnamed = new Set<string>();
  /** The bodies that hold lines of training outside of a `training` block. */
  private readonly strayTraining = new Set<AstNode>();
  /** A declaration may be lost in a broken line outside of everything; then an unknown name is nobody's mistake. */
  private readonly lostDeclarations: boolean;

  constructor(
    private readonly uri: string,
    private readonly root: File,
    private readonly damage: Damage,
  ) {
    const bodies = root.items.flatMap((item) =>
      item.$type === 'Network' || item.$type === 'Block' ? [item.body] : [],
    );
    this.lostDeclarations =
      [...damage.lines].some((line) => !bodies.some((body) => isInside(body, line))) ||
      root.items.some((item) => !('name' in item || item.$type === 'Network' || item.$type === 'Import'));
  }

  build(): FileModel {
    this.declareAll();
    const file = new Values(undefined, this.lostDeclarations);
    for (const [name, declaration] of this.declarations)
      if (declaration.$type !== 'Block') file.declare(name, declaration);
    const misplaced = new Set<number>();
    for (const item of this.root.items) {
      switch (item.$type) {
        case 'Network':
          this.readOwner(item, new Values(file));
          break;
        case 'Block':
          this.readBlock(item, file);
          break;
        case 'Const':
          if (item.value) this.bindNames(item.value, file);
          break;
        case 'Import':
          break;
        default:
          if (!this.isBroken(item) && misplaced.size === 0) {
            misplaced.add(item.$cstNode?.offset ?? 0);
            this.report(at(item), diagnostics.outsideNetwork());
          }
      }
    }
    this.findRecursion();
    const { uri, root, declarations, blocks, networks, forms, labels, bindings, problems, damage, lackingNames } = this;
    return { uri, root, declarations, blocks, networks, forms, labels, bindings, problems, damage, lackingNames };
  }

  /** Tells of every cycle of blocks once, at the call that closes it. */
  private findRecursion(): void {
    const done = new Set<Block>();
    // The blocks on the way, with how many of their calls have been followed: too many, perhaps, to recurse.
    const way: { readonly block: Block; followed: number }[] = [];
    const onWay = new Set<Block>();
    const enter = (block: Block) => {
      if (done.has(block)) return;
      way.push({ block, followed: 0 });
      onWay.add(block);
    };
    for (const start of this.blocks) {
      enter(start);
      for (let here = way.at(-1); here; here = way.at(-1)) {
        const call = this.calls.get(here.block)?.[here.followed++];
        const called = call && this.declarations.get(call.kind);
        if (!call) {
          way.pop();
          onWay.delete(here.block);
          done.add(here.block);
        } else if (called?.$type === 'Block' && onWay.has(called)) {
          const from = way.findIndex(({ block }) => block === called);
          const cycle = [...way.slice(from).map(({ block }) => block), called];
          this.report(at(call, 'kind'), diagnostics.recursiveBlock(cycle.map(({ name = '' }) => name)));
        } else if (called?.$type === 'Block') enter(called);
      }
    }
  }

  private report(place: Place, problem: Problem): void {
    this.problems.push({ place, problem });
  }

  /** Whether the parser stumbled in this line: it has been told, so nothing else is told here. */
  private isBroken(node: AstNode & { readonly body?: Body | undefined }): boolean {
    return headerIsBroken(node, this.damage);
  }

  private declareAll(): void {
    const networkNames = new Map<string, Network>();
    for (const item of this.root.items) {
      switch (item.$type) {
        case 'Block':
          this.blocks.push(item);
          this.declare(item.name, item, at(item, 'name'));
          if (item.name === undefined && !this.isBroken(item)) this.report(at(item), diagnostics.needsName('block'));
          break;
        case 'Const':
          this.declare(item.name, item, at(item, 'name'));
          if (!this.isBroken(item)) {
            if (item.name === undefined) this.report(at(item), diagnostics.needsName('const'));
            if (item.value === undefined)
              this.report(at(item), diagnostics.missingAttributeValue('const', 'an expression'));
          }
          break;
        case 'Import':
          for (const name of item.names) this.declare(name.name, name, at(name));
          if (!this.isBroken(item)) {
            if (item.path === undefined) this.report(at(item), diagnostics.importNeedsPath());
            if (item.names.length === 0) this.report(at(item), diagnostics.importNeedsNames());
          }
          break;
        case 'Network': {
          this.networks.push(item);
          if (item.name === undefined) {
            if (!this.isBroken(item)) this.report(at(item), diagnostics.needsName('network'));
          } else if (networkNames.has(item.name)) this.report(at(item, 'name'), diagnostics.duplicateName(item.name));
          else networkNames.set(item.name, item);
        }
      }
    }
  }

  private declare(name: string | undefined, declaration: Block | Const | ImportedName, place: Place): void {
    if (name === undefined) return;
    if (isLayerKind(name)) this.report(place, diagnostics.nameOfLayer(name));
    else if (this.declarations.has(name)) this.report(place, diagnostics.duplicateName(name));
    else this.declarations.set(name, declaration);
  }

  private readBlock(block: Block, file: Values): void {
    const values = new Values(file, this.isBroken(block));
    const seen = new Set<string>();
    for (const parameter of block.parameters) {
      // A default sees the file's constants, not the other parameters.
      if (parameter.value) this.bindNames(parameter.value, file);
      if (seen.has(parameter.name)) this.report(at(parameter, 'name'), diagnostics.duplicateName(parameter.name));
      seen.add(parameter.name);
      values.declare(parameter.name, parameter);
    }
    this.readOwner(block, values);
  }

  private readOwner(owner: Owner, values: Values): void {
    if (!owner.body) return;
    this.owner = owner;
    const labels = new Map<string, Layer[]>();
    this.labels.set(owner, labels);
    this.wired = [];
    this.unnamed.clear();
    this.readBody(owner.body, values, labels);
    this.bindWiring(owner.body, labels);
  }

  private readBody(body: Body, values: Values, labels: Map<string, Layer[]>): void {
    for (const statement of body.statements) this.readStatement(statement, values, labels);
  }

  private readStatement(statement: Statement, values: Values, labels: Map<string, Layer[]>): void {
    switch (statement.$type) {
      case 'Layer':
        if (statement.label !== undefined) {
          const same = labels.get(statement.label);
          if (same) same.push(statement);
          else labels.set(statement.label, [statement]);
        }
        if (!this.isBroken(statement)) this.readLine(statement, values);
        if (statement.body) this.readBody(statement.body, values, labels);
        break;
      case 'Repeat': {
        if (statement.first) this.bindNames(statement.first, values);
        if (statement.last) this.bindNames(statement.last, values);
        const inner = new Values(values, this.isBroken(statement));
        if (statement.variable) inner.declare(statement.variable.name, statement.variable);
        if (statement.body) this.readBody(statement.body, inner, labels);
        for (const expectation of statement.expectations) this.bindExpectation(expectation, values);
        break;
      }
      case 'If':
        this.readIf(statement, values, labels);
        break;
      case 'Branch':
        if (statement.body) this.readBody(statement.body, new Values(values, this.isBroken(statement)), labels);
        break;
      case 'Expectation':
        this.bindExpectation(statement, values);
    }
  }

  private readLine(layer: Layer, values: Values): void {
    const continued = continuedLayer(layer);
    const form = continued && this.forms.get(continued);
    if (form && !this.declarations.has(layer.kind)) {
      if (!form.broken) this.report(at(layer, 'kind'), diagnostics.attributeOnItsOwn(layer.kind, continued.kind));
      // What the layer seems to lack may stand here.
      this.forms.set(continued, { ...form, broken: true });
      return;
    }
    const { scope, listener } = this.contextOf(values);
    const read = readLine(layer, scope, listener);
    this.forms.set(layer, read);
    if (read.from) this.wired.push(layer);
    if (this.owner && read.target.type === 'block') {
      const calls = this.calls.get(this.owner);
      if (calls) calls.push(layer);
      else this.calls.set(this.owner, [layer]);
    }
    if (read.target.type === 'unknown') this.unnamed.add(layer.kind);
    for (const expectation of layer.expectations) this.bindExpectation(expectation, values);
  }

  private readIf(statement: Extract<Statement, { $type: 'If' }>, values: Values, labels: Map<string, Layer[]>): void {
    if (statement.condition) this.bindNames(statement.condition, values);
    const line = statement.$cstNode?.range.start.line ?? 0;
    const inner = new Values(values, touches(this.damage.lines, line, line));
    if (statement.then) this.readBody(statement.then, inner, labels);
    if (statement.otherwise) this.readBody(statement.otherwise, values, labels);
    if (statement.elseIf) this.readIf(statement.elseIf, values, labels);
  }

  private bindExpectation(expectation: Expectation, values: Values): void {
    if (expectation.value) this.bindNames(expectation.value, values);
  }

  private bindNames(expression: Expression, values: Values): void {
    const { scope, listener } = this.contextOf(values);
    bindNames(expression, scope, listener);
  }

  /** Ties the names after `from` to the layers they mean: the last one of that name above. */
  private bindWiring(body: Body, labels: ReadonlyMap<string, readonly Layer[]>): void {
    const offsetOf = (layer: Layer) => layer.$cstNode?.offset ?? 0;
    const damaged = [...this.damage.lines].some((line) => isInside(body, line));
    for (const layer of this.wired) {
      const form = this.forms.get(layer);
      for (const reference of form?.from ?? []) {
        if (reference.name === 'previous') continue;
        const named = labels.get(reference.name) ?? [];
        const above = named.filter((candidate) => offsetOf(candidate) < offsetOf(layer)).at(-1) ?? named[0];
        if (above) this.bindings.push({ place: at(reference), declaration: above });
        else if (form && !damaged && !form.broken && !this.unnamed.has(reference.name)) {
          this.forms.set(layer, { ...form, broken: true });
          this.report(at(reference), this.unknownLayerName(reference.name, labels));
          break;
        }
      }
    }
  }

  /** Whether a line of training is the first in its body to stand outside of a `training` block: the rest came with it. */
  private isFirstStray(line: AstNode): boolean {
    const body = line.$container;
    if (!body || this.strayTraining.has(body) || isInDoubtfulBody(line)) return false;
    this.strayTraining.add(body);
    return true;
  }

  /** A name after `from` that no layer has: a parameter's perhaps, or one that the layer got by counting. */
  private unknownLayerName(name: string, labels: ReadonlyMap<string, unknown>): Problem {
    if (this.owner?.$type === 'Block' && this.owner.parameters.some((parameter) => parameter.name === name))
      return diagnostics.parameterAsLayer(name);
    const kind = name.replace(/\d+$/, '');
    if (kind !== name && isLayerKind(kind)) return diagnostics.countedName(name, kind);
    return diagnostics.unknownName(name, 'layer', similarWords(name, [...labels.keys(), 'previous']));
  }

  /** What the lines that see the same names share. */
  private contextOf(values: Values): { readonly scope: LineScope; readonly listener: LineListener } {
    if (this.context?.values !== values)
      this.context = { values, scope: this.scopeOf(values), listener: this.listenerFor(values) };
    return this.context;
  }

  private scopeOf(values: Values): LineScope {
    const { declarations } = this;
    const blocks = () => [...declarations].filter(([, d]) => d.$type !== 'Const').map(([name]) => name);
    return {
      file: this.uri,
      incomplete: values.incomplete,
      value: (name) => values.get(name),
      block: (name) => {
        const declaration = declarations.get(name);
        return declaration && declaration.$type !== 'Const' ? declaration : undefined;
      },
      get valueNames() {
        return values.all();
      },
      get blockNames() {
        return blocks();
      },
    };
  }

  private listenerFor(values: Values): LineListener {
    return {
      report: (place, problem) => this.report(place, problem),
      bind: (place, declaration) => this.bindings.push({ place, declaration }),
      unknownName: (place, name, candidates) => {
        if (place.property === 'kind' && isTrainingWord(name)) {
          // Its block may have lost its beginning: that has been told.
          if (this.damage.lines.size === 0 && this.isFirstStray(place.node))
            this.report(place, diagnostics.outsideTraining(name));
        } else if (place.property === 'kind') {
          // A block may have been declared in a line that is broken.
          if (!this.lostDeclarations) this.report(place, diagnostics.unknownLayer(name, candidates));
        } else if (!values.incomplete) {
          const { owner } = this;
          if (owner) this.lackingNames.add(owner);
          const isLayer = owner && this.labels.get(owner)?.has(name);
          this.report(
            place,
            isLayer
              ? diagnostics.layerAsValue(name)
              : diagnostics.unknownName(name, 'constant or parameter', candidates),
          );
        }
      },
    };
  }
}

/** Whether the braces around a line are in question themselves: a branch outside of a merge, the body of a layer. */
const isInDoubtfulBody = ({ $container: body }: AstNode): boolean =>
  body?.$container?.$type === 'Layer' ||
  (body?.$container?.$type === 'Branch' && body.$container.$container?.$container?.$type !== 'Layer');

/** Whether a line lies between the braces of a body. */
const isInside = (body: Body | undefined, line: number): boolean => {
  const range = body?.$cstNode?.range;
  return range !== undefined && range.start.line < line && line <= range.end.line;
};
