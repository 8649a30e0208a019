import type { LayerKind } from '../../network/catalogue.js';
import type { Argument, Formula } from '../../network/formula.js';
import type { Group, Layer, Network } from '../../network/network.js';

/**
 * A network as a program: each block one definition, whatever its number of calls; repeats that are loops; conditions that
 * choose. Code for people is written from it. All calls of a block are unfolded side by side, as long as they are built
 * alike: a statement then stands for one layer of each. What cannot be said that way is unrolled, or becomes a definition
 * of its own.
 */

/** A value inside a definition: the statement that makes it, by its id. */
export type Ref = number;

/** One unfolding of a body: the network, a call of a block, or an iteration of a repeat. */
interface Instance {
  readonly group: Group;
  /** Where it stands: which instance of the code around it, and the statement there. */
  readonly outer: Instance | null;
  readonly statement: CallStatement | RepeatStatement | null;
  /** Which time, of an iteration; from 0. */
  readonly iteration: number;
}

export interface Definition {
  /** The block's name; empty for the network. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
}

interface Parameter {
  readonly name: string;
  /** Of a parameter that calls may leave out. */
  readonly byDefault: Argument['value'] | undefined;
}

export interface Body {
  /** Statements stand for one thing in each of them; where a condition does not hold, for nothing. */
  readonly instances: readonly Instance[];
  readonly input: Ref;
  readonly statements: readonly Statement[];
  readonly output: Ref;
}

/** An instance's part of a statement; undefined where a condition keeps it out. */
export type PerInstance<T> = readonly (T | undefined)[];

export interface LayerStatement {
  readonly type: 'layer';
  readonly id: Ref;
  readonly name: string;
  readonly kind: LayerKind;
  /** Indices into `Network.layers`. */
  readonly layers: PerInstance<number>;
  readonly inputs: readonly Ref[];
}

export interface CallStatement {
  readonly type: 'call';
  readonly id: Ref;
  readonly name: string;
  readonly groups: PerInstance<Group>;
  definition: Definition;
  readonly input: Ref;
  /** The layer whose value comes out. */
  readonly outputs: PerInstance<number>;
}

export interface RepeatStatement {
  readonly type: 'repeat';
  readonly id: Ref;
  readonly input: Ref;
  readonly groups: PerInstance<Group>;
  body: Body;
  readonly outputs: PerInstance<number>;
}

export interface ConditionStatement {
  readonly type: 'condition';
  readonly id: Ref;
  readonly input: Ref;
  readonly condition: Formula;
  readonly holds: Branch;
  readonly otherwise: Branch;
  readonly outputs: PerInstance<number>;
}

export interface MergeStatement {
  readonly type: 'merge';
  readonly id: Ref;
  readonly input: Ref;
  readonly branches: readonly Branch[];
  readonly layer: LayerStatement;
}

export interface Branch {
  readonly statements: readonly Statement[];
  readonly output: Ref;
}

export type Statement = LayerStatement | CallStatement | RepeatStatement | ConditionStatement | MergeStatement;

export interface Program {
  readonly network: Network;
  /** Those that are called stand before their callers; the network is the last. */
  readonly definitions: readonly Definition[];
}

/** Repeats that are written out, by the places of their first layers. */
type Unrolled = Set<number>;

/** Thrown where a loop cannot say what its iterations do: the program is made again with that repeat written out. */
export class CannotLoop extends Error {
  constructor(readonly repeat: RepeatStatement | number) {
    super('a loop cannot say this');
  }
}

/** Instances that are not built alike. */
class NotAlike extends Error {}

/** Makes a program and something of it; repeats that `make` cannot say as loops are unrolled, one after the other. */
export function fromProgram<T>(network: Network, make: (program: Program) => T, unrollAll = false): T {
  const unrolled: Unrolled = new Set();
  for (;;) {
    try {
      return make(new Builder(network, unrolled, unrollAll).program());
    } catch (error) {
      if (!(error instanceof CannotLoop)) throw error;
      const place = typeof error.repeat === 'number' ? error.repeat : keyOf(error.repeat.groups);
      if (unrolled.has(place)) throw new Error(`a repeat at layer ${place} is unrolled twice`);
      unrolled.add(place);
    }
  }
}

/** A repeat, by the first layer in it. */
const keyOf = (groups: PerInstance<Group>): number => Math.min(...groups.map((group) => firstLayer(group) ?? Infinity));

function firstLayer(group: Group | undefined): number | undefined {
  for (const child of group?.children ?? []) {
    const found = typeof child === 'number' ? child : firstLayer(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Child = number | Group;

/** What one instance has made so far. */
interface Track {
  readonly instance: Instance;
  readonly outer: Track | null;
  readonly made: Map<number, Ref>;
  /** Layers inside loops, which nothing outside may read. */
  readonly hidden: Map<number, number>;
}

/** Where a list of statements has come to. */
interface Cursor {
  ref: Ref;
  /** The layer whose value the ref is, in each instance. */
  readonly layers: (number | undefined)[];
}

class Builder {
  private readonly definitions: Definition[] = [];
  /** The definition of each call. */
  private readonly known = new Map<Group, Definition>();
  private readonly calls = new Map<string, Group[]>();
  private ids = 0;

  constructor(
    private readonly network: Network,
    private readonly unrolled: Unrolled,
    private readonly unrollAll: boolean,
  ) {
    this.collect(network.structure);
  }

  program(): Program {
    const root: Instance = { group: this.network.structure, outer: null, statement: null, iteration: 0 };
    const body = this.body(
      [{ instance: root, outer: null, made: new Map(), hidden: new Map() }],
      [undefined],
      new Set(),
    );
    this.definitions.push({ name: '', parameters: [], body });
    return { network: this.network, definitions: this.definitions };
  }

  private collect(group: Group): void {
    if (group.kind === 'block') {
      const key = blockOf(group);
      this.calls.set(key, [...(this.calls.get(key) ?? []), group]);
    }
    for (const child of group.children) if (typeof child !== 'number') this.collect(child);
  }

  private body(tracks: readonly Track[], inputs: readonly (number | undefined)[], names: ReadonlySet<string>): Body {
    const input = this.ids++;
    const cursor: Cursor = { ref: input, layers: [...inputs] };
    for (const [i, index] of inputs.entries()) if (index !== undefined) tracks[i]?.made.set(index, input);
    const statements = this.list(
      tracks,
      tracks.map(({ instance }) => instance.group.children),
      cursor,
      names,
    );
    return { instances: tracks.map(({ instance }) => instance), input, statements, output: cursor.ref };
  }

  /** The statements that all instances have in common, in order; moves the cursor to the last of them. */
  private list(
    tracks: readonly Track[],
    lists: PerInstance<readonly Child[]>,
    cursor: Cursor,
    names: ReadonlySet<string>,
  ): Statement[] {
    const queues = lists.map((list) => list && [...list]);
    const statements: Statement[] = [];
    let branches: Branch[] | null = null;
    let branchInput: Ref = cursor.ref;
    while (queues.some((queue) => queue && queue.length > 0)) {
      const heads = queues.map((queue) => queue?.shift());
      for (const [i, queue] of queues.entries()) if (queue && heads[i] === undefined) throw new NotAlike();
      const first = heads.find((head) => head !== undefined) as Child;
      if (typeof first === 'number') {
        const layer = this.layer(tracks, heads, cursor, branches);
        statements.push(branches ? { type: 'merge', id: layer.id, input: branchInput, branches, layer } : layer);
        branches = null;
        continue;
      }
      const groups = heads.map((head) => head as Group | undefined);
      for (const group of groups) if (group && group.kind !== first.kind) throw new NotAlike();
      const unfold = (childrenOf: (group: Group) => readonly Child[]) => {
        for (const [i, group] of groups.entries()) if (group) queues[i]?.unshift(...childrenOf(group));
      };
      switch (first.kind) {
        case 'branches':
          branchInput = cursor.ref;
          branches = this.branches(tracks, groups, cursor, names);
          break;
        case 'block': {
          const call = this.call(tracks, groups, cursor);
          if (call) statements.push(call);
          break;
        }
        case 'condition': {
          const choice = this.condition(tracks, groups, cursor, names);
          if (choice) statements.push(choice);
          else unfold(({ children }) => children);
          break;
        }
        case 'repeat': {
          const loop = this.repeat(tracks, groups, cursor, names);
          if (loop) statements.push(loop);
          else {
            const counts = new Set(groups.flatMap((group) => (group ? [group.children.length] : [])));
            if (counts.size > 1) throw new NotAlike();
            unfold(({ children }) =>
              children.flatMap((child) => (typeof child === 'number' ? [child] : child.children)),
            );
          }
          break;
        }
        default:
          unfold(({ children }) => children);
      }
    }
    return statements;
  }

  private layer(
    tracks: readonly Track[],
    heads: PerInstance<Child>,
    cursor: Cursor,
    branches: readonly Branch[] | null,
  ): LayerStatement {
    const layers = heads.map((head) => {
      if (head !== undefined && typeof head !== 'number') throw new NotAlike();
      return head;
    });
    const [first] = this.present(layers);
    if (!first) throw new NotAlike();
    const name = localName(first.name);
    const inputs = new Set<string>();
    let refs: readonly Ref[] = [];
    for (const [i, index] of layers.entries()) {
      const layer = index === undefined ? undefined : this.network.layers[index];
      if (!layer) continue;
      if (layer.kind !== first.kind || localName(layer.name) !== name) throw new NotAlike();
      refs = branches
        ? branches.map(({ output }) => output)
        : layer.inputs.map((source) => this.find(tracks[i] as Track, source, cursor, i));
      inputs.add(refs.join(' '));
    }
    if (inputs.size > 1) throw new NotAlike();
    const id = this.ids++;
    this.advance(tracks, cursor, id, layers);
    return { type: 'layer', id, name, kind: first.kind, layers, inputs: refs };
  }

  private present(layers: PerInstance<number>): Layer[] {
    return layers.flatMap((index) => (index === undefined ? [] : (this.network.layers[index] ?? [])));
  }

  private find(track: Track, source: number, cursor: Cursor, instance: number): Ref {
    if (cursor.layers[instance] === source) return cursor.ref;
    for (let at: Track | null = track; at; at = at.outer) {
      const ref = at.made.get(source);
      if (ref !== undefined) return ref;
      const repeat = at.hidden.get(source);
      if (repeat !== undefined) throw new CannotLoop(repeat);
    }
    throw new NotAlike();
  }

  private advance(tracks: readonly Track[], cursor: Cursor, id: Ref, layers: PerInstance<number>): void {
    cursor.ref = id;
    for (const [i, index] of layers.entries()) {
      if (index === undefined) continue;
      cursor.layers[i] = index;
      tracks[i]?.made.set(index, id);
    }
  }

  private branches(
    tracks: readonly Track[],
    groups: PerInstance<Group>,
    cursor: Cursor,
    names: ReadonlySet<string>,
  ): Branch[] {
    const count = new Set(groups.flatMap((group) => (group ? [group.children.length] : [])));
    if (count.size > 1) throw new NotAlike();
    return Array.from({ length: [...count][0] ?? 0 }, (_, at) => {
      const inside: Cursor = { ref: cursor.ref, layers: [...cursor.layers] };
      const lists = groups.map((group) => (group?.children[at] as Group | undefined)?.children);
      const statements = this.list(tracks, lists, inside, names);
      return { statements, output: inside.ref };
    });
  }

  /** Null where the condition is the same everywhere, or cannot be said here: its body then stands by itself. */
  private condition(
    tracks: readonly Track[],
    groups: PerInstance<Group>,
    cursor: Cursor,
    names: ReadonlySet<string>,
  ): ConditionStatement | null {
    const holds = new Set(groups.flatMap((group) => (group ? [group.written?.holds] : [])));
    if (holds.size < 2) return null;
    const condition = groups.find((group) => group)?.written?.first;
    if (!condition || !usesOnly(condition, names)) throw new NotAlike();
    const before = cursor.layers.slice();
    const side = (which: boolean): Branch => {
      const inside: Cursor = { ref: cursor.ref, layers: [...before] };
      const lists = groups.map((group) => (group?.written?.holds === which ? group.children : undefined));
      const statements = this.list(tracks, lists, inside, names);
      for (const [i, group] of groups.entries())
        if (group?.written?.holds === which) cursor.layers[i] = inside.layers[i];
      return { statements, output: inside.ref };
    };
    const [then, otherwise] = [side(true), side(false)];
    const input = cursor.ref;
    const id = this.ids++;
    cursor.ref = id;
    return {
      type: 'condition',
      id,
      input,
      condition,
      holds: then,
      otherwise,
      outputs: groups.map((group, i) => group && cursor.layers[i]),
    };
  }

  /** Null where there is nothing in it. */
  private call(tracks: readonly Track[], groups: PerInstance<Group>, cursor: Cursor): CallStatement | null {
    const present = groups.filter((group) => group !== undefined);
    const [first] = present as [Group];
    const name = localName(first.name);
    if (present.some((group) => blockOf(group) !== blockOf(first) || localName(group.name) !== name))
      throw new NotAlike();
    if (present.every((group) => firstLayer(group) === undefined)) return null;
    if (present.some((group) => firstLayer(group) === undefined)) throw new NotAlike();
    const refs = new Set(
      groups.flatMap((group, i) =>
        group ? [this.find(tracks[i] as Track, inputOf(group, this.network), cursor, i)] : [],
      ),
    );
    const [input] = refs;
    if (input === undefined || refs.size > 1) throw new NotAlike();
    const outputs = groups.map((group) => group && outputOf(group, group.written?.input ?? -1));
    const id = this.ids++;
    const statement: CallStatement = {
      type: 'call',
      id,
      name,
      groups,
      definition: this.definition(first),
      input,
      outputs,
    };
    if (present.some((group) => this.definition(group) !== statement.definition)) throw new NotAlike();
    for (const [i, group] of groups.entries())
      if (group) this.places.set(group, { outer: (tracks[i] as Track).instance, statement });
    this.advance(tracks, cursor, id, outputs);
    return statement;
  }

  /** Where each call stands, once its statement is known. */
  private readonly places = new Map<Group, { readonly outer: Instance; readonly statement: CallStatement }>();

  /** Made for all calls of a block at once where they are alike, else for those that are. */
  private definition(group: Group): Definition {
    const known = this.known.get(group);
    if (known) return known;
    const all = (this.calls.get(blockOf(group)) ?? []).filter((other) => !this.known.has(other));
    const shape = shapeOf(group);
    for (const groups of [all, all.filter((other) => shapeOf(other) === shape)])
      try {
        return this.define(groups);
      } catch (error) {
        if (!(error instanceof NotAlike)) throw error;
      }
    return this.define([group]);
  }

  private define(groups: readonly Group[]): Definition {
    const names = new Set(groups[0]?.written?.arguments?.map(({ name }) => name));
    const { places } = this;
    const tracks = groups.map((group): Track => {
      const instance: Instance = {
        group,
        get outer() {
          return places.get(group)?.outer ?? null;
        },
        get statement() {
          return places.get(group)?.statement ?? null;
        },
        iteration: 0,
      };
      return { instance, outer: null, made: new Map(), hidden: new Map() };
    });
    const inputs = groups.map((group) => inputOf(group, this.network));
    const body = this.body(tracks, inputs, names);
    const parameters = [...names].map((name): Parameter => {
      const all = groups.map((group) => group.written?.arguments?.find((argument) => argument.name === name));
      const left = all.find((argument) => argument && !argument.given);
      return { name, byDefault: left?.value ?? all[0]?.byDefault };
    });
    const definition: Definition = { name: groups[0]?.written?.block ?? '', parameters, body };
    this.definitions.push(definition);
    for (const group of groups) this.known.set(group, definition);
    return definition;
  }

  /** Null where the repeat is to be written out. */
  private repeat(
    tracks: readonly Track[],
    groups: PerInstance<Group>,
    cursor: Cursor,
    names: ReadonlySet<string>,
  ): RepeatStatement | null {
    const key = keyOf(groups);
    const most = Math.max(...groups.map((group) => group?.children.length ?? 0));
    if (most < 2 || this.unrollAll || this.unrolled.has(key)) return null;
    const { variable } = groups.find((group) => group)?.written ?? {};
    const id = this.ids++;
    const statement = { type: 'repeat', id, input: cursor.ref, groups } as unknown as RepeatStatement;
    const inside: Track[] = [];
    const inputs: (number | undefined)[] = [];
    for (const [i, group] of groups.entries()) {
      let input = cursor.layers[i];
      for (const [iteration, child] of (group?.children ?? []).entries()) {
        const outer = tracks[i] as Track;
        const instance = { group: child as Group, outer: outer.instance, statement, iteration };
        inside.push({ instance, outer, made: new Map(), hidden: new Map() });
        inputs.push(input);
        if (input === undefined) return null;
        input = outputOf(child as Group, input);
      }
    }
    const outputs = groups.map((group, i) => {
      const input = cursor.layers[i];
      return group && input !== undefined ? outputOf(group, input) : undefined;
    });
    let body: Body;
    try {
      body = this.body(inside, inputs, variable === undefined ? names : new Set([...names, variable]));
    } catch (error) {
      if (error instanceof NotAlike) return null;
      throw error;
    }
    for (const { instance, outer } of inside)
      for (const index of layersIn(instance.group)) outer?.hidden.set(index, key);
    this.advance(tracks, cursor, id, outputs);
    return Object.assign(statement, { body, outputs });
  }
}

/** `conv1` of `BasicBlock2/conv1` */
const localName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

const blockOf = ({ written, label }: Group): string => `${written?.file}#${written?.block ?? label}`;

/** The layer that a block reads. */
const inputOf = (group: Group, { layers }: Network): number =>
  group.written?.input ?? layers[firstLayer(group) ?? -1]?.inputs[0] ?? -1;

/** The layer whose value comes out of a group that reads `input`. */
function outputOf(group: Group, input: number): number {
  let previous = input;
  for (const child of group.children)
    if (typeof child === 'number') previous = child;
    else if (child.kind !== 'branches') previous = outputOf(child, previous);
  return previous;
}

function layersIn(group: Group): number[] {
  return group.children.flatMap((child) => (typeof child === 'number' ? [child] : layersIn(child)));
}

/** What two unfoldings of a block have in common when one definition can say both without a condition. */
const shapeOf = (group: Group): string =>
  `${group.kind}${group.written?.holds ?? ''}(${group.children
    .map((child) => (typeof child === 'number' ? '.' : shapeOf(child)))
    .join()})`;

/** Whether code in which these names mean something can say a formula. */
export const usesOnly = (formula: Formula, names: ReadonlySet<string>): boolean => {
  switch (formula.type) {
    case 'name':
      return names.has(formula.name);
    case 'operation':
      return formula.operands.every((operand) => usesOnly(operand, names));
    default:
      return true;
  }
};

/** Where each layer is that has a name: `stage1.0.conv1` is `conv1` in the first iteration of `stage1`. */
export function layerPaths(
  { definitions }: Program,
  nameOf: (statement: Statement) => string | undefined,
): ReadonlyMap<number, string> {
  const paths = new Map<number, string>();
  const pathOf = ({ outer, statement, iteration }: Instance, name: string): string => {
    if (!outer || !statement) return name;
    if (statement.type === 'repeat') return `${pathOf(outer, name)}.${iteration}`;
    return `${pathOf(outer, nameOf(statement) ?? '')}.${name}`;
  };
  const visit = (body: Body, statements: readonly Statement[]) => {
    for (const statement of statements)
      switch (statement.type) {
        case 'merge':
          for (const branch of statement.branches) visit(body, branch.statements);
          visit(body, [statement.layer]);
          break;
        case 'condition':
          visit(body, statement.holds.statements);
          visit(body, statement.otherwise.statements);
          break;
        case 'repeat':
          visit(statement.body, statement.body.statements);
          break;
        case 'layer': {
          const name = nameOf(statement);
          if (name === undefined) break;
          for (const [i, index] of statement.layers.entries())
            if (index !== undefined) paths.set(index, pathOf(body.instances[i] as Instance, name));
        }
      }
  };
  for (const { body } of definitions) visit(body, body.statements);
  return paths;
}

/** The values that a statement reads. */
export const readsOf = (statement: Statement): readonly Ref[] => {
  if (statement.type === 'layer') return statement.inputs;
  return statement.type === 'merge' ? [statement.input, ...statement.layer.inputs] : [statement.input];
};

/** How often each value in a body is read; the branches of a merge read its input once, together. */
export function usesOf(body: Body): ReadonlyMap<Ref, number> {
  const uses = new Map<Ref, number>();
  const use = (ref: Ref) => uses.set(ref, (uses.get(ref) ?? 0) + 1);
  const visit = (statements: readonly Statement[], output: Ref) => {
    for (const statement of statements)
      switch (statement.type) {
        case 'layer':
          for (const ref of new Set(statement.inputs)) use(ref);
          break;
        case 'merge':
          use(statement.input);
          for (const branch of statement.branches) visit(branch.statements, branch.output);
          break;
        case 'condition':
          use(statement.input);
          visit(statement.holds.statements, statement.holds.output);
          visit(statement.otherwise.statements, statement.otherwise.output);
          break;
        case 'repeat':
          use(statement.input);
          visit(statement.body.statements, statement.body.output);
          break;
        case 'call':
          use(statement.input);
      }
    use(output);
  };
  visit(body.statements, body.output);
  return uses;
}

/** The name that the text gives a statement; null for one that is counted. */
export function labelOf(statement: Statement): string | null {
  switch (statement.type) {
    case 'layer':
      return new RegExp(`^${statement.kind}\\d+$`).test(statement.name) ? null : statement.name;
    case 'merge':
      return labelOf(statement.layer);
    case 'call':
      return statement.name.replace(/\d+$/, '') === statement.definition.name ? null : statement.name;
    default:
      return null;
  }
}
