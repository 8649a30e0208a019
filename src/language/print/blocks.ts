import type { LayerKind } from '../../network/catalogue.js';
import { blockName, parameterName } from './names.js';
import {
  type Argument,
  type CallStatement,
  type Hole,
  type LayerStatement,
  type MergeStatement,
  outputOf,
  type Statement,
} from './statements.js';

/** Finds what a network has several times, but for some numbers, and makes blocks and repeats of it. */

interface Parameter {
  readonly name: string;
  /** The attribute that it is where it stands first. */
  readonly attribute: string;
  readonly byDefault?: Argument;
}

/** What stands in a block where its uses differ: a parameter, perhaps times a whole number. */
interface Slot {
  readonly parameter: number;
  readonly factor: number;
}

export interface Block {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Its statements, with parameters in place of the numbers that differ. */
  readonly body: readonly Statement[];
}

export interface Folded {
  readonly statements: readonly Statement[];
  readonly blocks: readonly Block[];
}

/** Longer ones are not looked for: people's blocks have fewer parts. */
const LONGEST_WINDOW = 12;
const MOST_PARAMETERS = 8;
/** A block of blocks that needs more parameters only to pass them on says nothing. */
const MOST_PASSED_ON = 2;
const MOST_BLOCKS = 24;
/** How many lines a block must save to be worth its name. */
const LEAST_SAVING = 4;

export function fold(statements: readonly Statement[], taken: ReadonlySet<string>): Folded {
  const blocks: Block[] = [];
  const names = new Set(taken);
  const keys = new Keys();
  let current = statements;
  while (blocks.length < MOST_BLOCKS) {
    const best = bestBlock(current, names, keys);
    if (!best) break;
    blocks.push(best.block);
    names.add(best.block.name);
    current = replace(current, best.uses, blocks.length - 1, best.block);
  }
  const inRepeats = (body: readonly Statement[]) => withRepeats(body, readersOf(body));
  return { statements: inRepeats(current), blocks: blocks.map((block) => ({ ...block, body: inRepeats(block.body) })) };
}

// — Keys: what two stretches of a network must have in common —

/** A branch that adapts the size of what is added; blocks have it where the size changes. */
const isProjection = (branch: readonly Statement[]): boolean =>
  branch.length <= 3 &&
  branch.some((statement) => statement.type === 'layer' && statement.kind === 'conv') &&
  branch.every(
    (statement) =>
      statement.type === 'layer' &&
      statement.from === null &&
      (['conv', 'batchnorm', 'avgpool'] satisfies LayerKind[]).includes(statement.kind as never),
  );

/** The place of the branch that may be missing: the last of two that are added. */
const optionalAt = ({ kind, branches }: MergeStatement): number | undefined => {
  const [first, last] = branches;
  if (kind !== 'add' || branches.length !== 2 || !first || !last) return undefined;
  return first.length > 0 && (last.length === 0 || isProjection(last)) ? 1 : undefined;
};

const refsOf = ({ from, above }: Statement, index: number): string =>
  from === null ? '' : ` from ${from.map((ref) => (ref === above ? 'previous' : index - ref)).join(',')}`;

/** A short word for each statement: equal where statements are the same but for their holes. */
class Keys {
  private readonly words = new Map<string, string>();
  private readonly known = new WeakMap<Statement, string>();

  of(statement: Statement): string {
    let word = this.known.get(statement);
    if (word === undefined) {
      const text = keyText(statement, (inner) => this.of(inner), false);
      word = this.words.get(text) ?? `${this.words.size},`;
      this.words.set(text, word);
      this.known.set(statement, word);
    }
    return word;
  }
}

/** Equal where statements print alike. */
const exactKey = (statement: Statement): string => keyText(statement, exactKey, true);

function keyText(statement: Statement, keyOf: (inner: Statement) => string, exact: boolean): string {
  switch (statement.type) {
    case 'layer': {
      const words = statement.written.map((word) =>
        typeof word === 'string' ? word : `${word.attribute}${exact ? ` ${word.value}` : ''}`,
      );
      return `${statement.kind} ${words.join(' ')}${refsOf(statement, statement.index)};`;
    }
    case 'merge': {
      const optional = exact ? undefined : optionalAt(statement);
      const branches = statement.branches.map((branch, i) => (i === optional ? '?' : branch.map(keyOf).join('')));
      return `${statement.kind} ${statement.condition ?? ''}{${branches.join('|')}}${refsOf(statement, statement.index)};`;
    }
    case 'call':
      return `#${statement.block}(${exact ? statement.arguments.join(',') : ''})${refsOf(statement, outputOf(statement))};`;
    case 'repeat':
      return `${statement.count}x{${statement.body.map(keyOf).join('')}};`;
  }
}

/** Every hole of some statements, in order; those of the optional branch apart. */
function holesOf(statements: readonly Statement[]): {
  readonly own: Hole[];
  readonly optional: readonly Statement[] | undefined;
} {
  const own: Hole[] = [];
  let optional: readonly Statement[] | undefined;
  const visit = (statement: Statement): void => {
    if (statement.type === 'layer') own.push(...statement.written.filter((word) => typeof word !== 'string'));
    else if (statement.type === 'call')
      for (const [i, value] of statement.arguments.entries())
        own.push({ attribute: statement.attributes[i] ?? '', value, isDefault: false });
    else if (statement.type === 'merge') {
      const at = optionalAt(statement);
      for (const [i, branch] of statement.branches.entries())
        if (i === at && optional === undefined) optional = branch;
        else branch.forEach(visit);
    } else statement.body.forEach(visit);
  };
  statements.forEach(visit);
  return { own, optional };
}

/** From the first layer of a statement to its last: they lie one after the other. */
type Span = CallStatement['span'];

const spans = new WeakMap<Statement, Span>();

export function spanOf(statement: Statement): Span {
  let span = spans.get(statement);
  if (!span) {
    span = makeSpan(statement);
    spans.set(statement, span);
  }
  return span;
}

function makeSpan(statement: Statement): Span {
  switch (statement.type) {
    case 'layer':
      return [statement.index, statement.index];
    case 'call':
      return statement.span;
    case 'merge': {
      const [first] = statement.branches.flat();
      return [first ? spanOf(first)[0] : statement.index, statement.index];
    }
    case 'repeat':
      return [spanOf(statement.body[0] as Statement)[0], statement.index];
  }
}

const spanOfAll = (window: readonly Statement[]): Span => [
  spanOf(window[0] as Statement)[0],
  spanOf(window.at(-1) as Statement)[1],
];

const lines = new WeakMap<Statement, number>();

/** About how many lines some statements take. */
function linesOf(statements: readonly Statement[]): number {
  let sum = 0;
  for (const statement of statements) {
    let own = lines.get(statement);
    if (own === undefined) {
      own = countLines(statement);
      lines.set(statement, own);
    }
    sum += own;
  }
  return sum;
}

function countLines(statement: Statement): number {
  if (statement.type === 'merge')
    return 2 + statement.branches.reduce((sum, branch) => sum + Math.max(1, linesOf(branch)), 0);
  return statement.type === 'layer' && isSmall(statement) ? 0.25 : 1;
}

const isSmall = ({ kind }: LayerStatement): boolean =>
  /relu|batchnorm|dropout|sigmoid|softsign|tanh|silu|swish/.test(kind);

/** Which layers name which others by `from`. */
function readersOf(statements: readonly Statement[]): ReadonlyMap<number, readonly number[]> {
  const readers = new Map<number, number[]>();
  const visit = (statement: Statement): void => {
    for (const ref of statement.from ?? [])
      if (ref !== statement.above) readers.set(ref, [...(readers.get(ref) ?? []), outputOf(statement)]);
    if (statement.type === 'merge') statement.branches.flat().forEach(visit);
    if (statement.type === 'repeat') statement.body.forEach(visit);
  };
  statements.forEach(visit);
  return readers;
}

/** Whether a stretch names nothing outside of itself, and nothing outside names what is inside it but, perhaps, its output. */
function standsAlone(
  window: readonly Statement[],
  readers: ReadonlyMap<number, readonly number[]>,
  outputMayBeNamed: boolean,
): boolean {
  if (window[0]?.from) return false;
  const [first, last] = spanOfAll(window);
  const isInside = (index: number) => index >= first && index <= last;
  for (const [index, readBy] of readers)
    if (isInside(index)) {
      if (!(outputMayBeNamed && index === last) && !readBy.every(isInside)) return false;
    } else if (readBy.some(isInside)) return false;
  return true;
}

// — Blocks —

interface Use {
  readonly list: readonly Statement[];
  readonly at: number;
  readonly window: readonly Statement[];
  arguments: readonly Argument[];
}

const allLists = (statements: readonly Statement[]): readonly (readonly Statement[])[] => [
  statements,
  ...statements.flatMap((statement) => (statement.type === 'merge' ? statement.branches.flatMap(allLists) : [])),
];

function bestBlock(
  statements: readonly Statement[],
  taken: ReadonlySet<string>,
  keys: Keys,
): { readonly block: Block; readonly uses: readonly Use[] } | undefined {
  const candidates = new Map<string, Use[]>();
  const readers = readersOf(statements);
  for (const list of allLists(statements))
    for (const at of list.keys()) {
      let key = '';
      for (let end = at + 1; end <= Math.min(list.length, at + LONGEST_WINDOW); end++) {
        const last = list[end - 1] as Statement;
        if (last.type === 'repeat' || (last.type === 'layer' && last.kind === 'input')) break;
        key += keys.of(last);
        const uses = candidates.get(key);
        const use = { list, at, window: list.slice(at, end), arguments: [] };
        if (uses) uses.push(use);
        else candidates.set(key, [use]);
      }
    }
  const ranked = [...candidates.values()]
    .filter((uses) => uses.length > 1 && isWorthAName((uses[0] as Use).window, uses.length))
    .map((uses) => notOverlapping(uses))
    .map((uses) => ({ uses, saving: savingOf(uses) }))
    .filter(({ saving }) => saving >= LEAST_SAVING)
    .sort((a, b) => b.saving - a.saving);
  for (const { uses } of ranked) {
    const apart = alike(
      uses.filter(({ window }) => standsAlone(window, readers, true)),
      keys,
    );
    if (apart.length < 2 || savingOf(apart) < LEAST_SAVING || isPeriodic((apart[0] as Use).window, keys)) continue;
    const block = makeBlock(apart, taken);
    if (block) return { block, uses: apart };
  }
  return undefined;
}

const savingOf = (uses: readonly Use[]): number => {
  const lines = linesOf((uses[0] as Use).window);
  return uses.length * lines - (lines + 2) - uses.length;
};

/** A block has a merge in it, or is used often. */
function isWorthAName(window: readonly Statement[], uses: number): boolean {
  const [first] = window;
  // A block does not begin or end in the middle of a line.
  if (first?.type === 'layer' && /relu|sigmoid|tanh|dropout/.test(first.kind)) return false;
  if (window.every((statement) => statement.type === 'call')) return false;
  if (window.some((statement) => statement.type === 'merge')) return true;
  if (first?.type === 'layer' && isSmall(first)) return false;
  const weighted = window.filter((statement) => statement.type === 'layer' && /conv|depthwise|fc/.test(statement.kind));
  return uses >= 4 && weighted.length >= 2 && window.length >= 4;
}

/** Whether a stretch is a shorter one again and again, the last time perhaps not whole: then that is the block. */
function isPeriodic(window: readonly Statement[], keys: Keys): boolean {
  const all = window.map((statement) => keys.of(statement));
  for (let period = 1; period <= (window.length + 1) / 2 && period < window.length; period++)
    if (all.every((key, i) => key === all[i % period])) return true;
  return false;
}

function notOverlapping(uses: readonly Use[]): readonly Use[] {
  const ends = new Map<readonly Statement[], number>();
  return uses.filter(({ list, at, window }) => {
    if (at < (ends.get(list) ?? 0)) return false;
    ends.set(list, at + window.length);
    return true;
  });
}

/** Those whose optional branches are the same where there are any: the commonest. */
function alike(uses: readonly Use[], keys: Keys): readonly Use[] {
  const keyOfBranch = ({ window }: Use) => {
    const { optional } = holesOf(window);
    return optional === undefined || optional.length === 0 ? '' : optional.map((inner) => keys.of(inner)).join('');
  };
  const counts = new Map<string, number>();
  for (const use of uses) counts.set(keyOfBranch(use), (counts.get(keyOfBranch(use)) ?? 0) + 1);
  counts.delete('');
  const [commonest] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [''];
  return uses.filter((use) => ['', commonest].includes(keyOfBranch(use)));
}

type Column = readonly (Argument | undefined)[];

interface Named {
  name: string;
  readonly attribute: string;
  readonly column: Column;
  readonly isFlag: boolean;
}

function makeBlock(uses: readonly Use[], taken: ReadonlySet<string>): Block | undefined {
  const read = uses.map(({ window }) => holesOf(window));
  const withBranch = read.findIndex(({ optional }) => optional !== undefined && optional.length > 0);
  const hasOptional = withBranch >= 0 && read.some(({ optional }) => optional?.length === 0);
  const model = uses[Math.max(0, withBranch)] as Use;
  const branch = read[Math.max(0, withBranch)]?.optional ?? [];
  const branchHoles = holesOf(branch).own;
  const columns: Column[] = (read[0]?.own ?? []).map((_, i) => read.map(({ own }) => own[i]?.value));
  const branchColumns: Column[] = branchHoles.map((_, i) =>
    read.map(({ optional }) => (optional && optional.length > 0 ? holesOf(optional).own[i]?.value : undefined)),
  );
  // Holes in the order in which the model's statements are printed: the optional branch where it stands.
  const before = holesBefore(model.window);
  const ordered = [...columns.slice(0, before), ...branchColumns, ...columns.slice(before)];
  const own = holesOf(model.window).own;
  const holes = [...own.slice(0, before), ...branchHoles, ...own.slice(before)];

  const parameters: { hole: number; column: Column }[] = [];
  const slots: (Slot | undefined)[] = new Array(ordered.length).fill(undefined);
  const varies = (column: Column) => new Set(column.filter((value) => value !== undefined)).size > 1;
  // The columns without gaps first: they can be parameters, the others follow them.
  const order = [...ordered.keys()].sort(
    (a, b) => Number(ordered[a]?.includes(undefined)) - Number(ordered[b]?.includes(undefined)) || a - b,
  );
  for (const i of order) {
    const column = ordered[i] as Column;
    if (!varies(column)) continue;
    const slot = findSlot(column, holes[i]?.attribute ?? '', parameters, holes);
    if (slot) slots[i] = slot;
    else {
      slots[i] = { parameter: parameters.length, factor: 1 };
      parameters.push({ hole: i, column: filled(column, holes[i]?.isDefault ? holes[i]?.value : undefined) });
    }
  }
  reduceToSmallest(parameters, slots);
  let condition = '';
  const isThere: Column = read.map(({ optional }) => (optional?.length ?? 0) > 0);
  const made: Named[] = parameters.map(({ hole, column }) => ({
    name: parameterName(hole, holes, model.window),
    attribute: holes[hole]?.attribute ?? '',
    column,
    isFlag: false,
  }));
  uniqueNames(made);
  if (hasOptional) {
    const stride = made.find(
      ({ name, column }) => name === 'stride' && column.every((value, i) => (value !== 1) === isThere[i]),
    );
    condition = stride ? 'stride != 1' : 'project';
    if (!stride) made.push({ name: 'project', attribute: 'project', column: isThere, isFlag: true });
  }
  const passedOn = parameters.filter(({ hole }) => isInCall(hole, model.window)).length;
  if (made.length > MOST_PARAMETERS || passedOn > MOST_PASSED_ON) return undefined;

  const withDefaults = made.map((parameter) => ({ ...parameter, byDefault: defaultOf(parameter) }));
  // Those without a default come first, and keep their order.
  const sorted = [...withDefaults.keys()].sort(
    (a, b) =>
      Number(withDefaults[a]?.byDefault !== undefined) - Number(withDefaults[b]?.byDefault !== undefined) || a - b,
  );
  for (const [u, use] of uses.entries()) use.arguments = sorted.map((i) => withDefaults[i]?.column[u] as Argument);
  return {
    name: blockName(model.window, taken),
    parameters: sorted.map((i) => {
      const { name, attribute, byDefault } = withDefaults[i] as (typeof withDefaults)[number];
      return { name, attribute, ...(byDefault !== undefined && { byDefault }) };
    }),
    body: substitute(
      model.window,
      slots.map((slot) => slot && textOf(slot, made)),
      condition,
    ),
  };
}

const textOf = ({ parameter, factor }: Slot, made: readonly { readonly name: string }[]): string => {
  const { name } = made[parameter] as { readonly name: string };
  return factor === 1 ? name : `(${factor} * ${name})`;
};

/** The statements of a block, with texts in place of the holes that have one; `condition` is that of the optional branch. */
function substitute(
  window: readonly Statement[],
  texts: readonly (string | undefined)[],
  condition: string,
): readonly Statement[] {
  let next = 0;
  let isFound = false;
  const filledIn = (value: Argument): Argument => texts[next++] ?? value;
  const visit = (statement: Statement): Statement => {
    switch (statement.type) {
      case 'layer':
        return {
          ...statement,
          written: statement.written.map((word) => {
            if (typeof word === 'string') return word;
            const value = filledIn(word.value);
            return { ...word, value, isDefault: word.isDefault && value === word.value };
          }),
        };
      case 'call':
        return { ...statement, arguments: statement.arguments.map(filledIn) };
      case 'merge': {
        const isOptional = !isFound && condition !== '' && optionalAt(statement) !== undefined;
        isFound ||= isOptional;
        return {
          ...statement,
          branches: statement.branches.map((branch) => branch.map(visit)),
          ...(isOptional && { condition }),
        };
      }
      case 'repeat':
        return statement;
    }
  };
  return window.map(visit);
}

/** Whether a hole is an argument of a block inside. */
function isInCall(hole: number, window: readonly Statement[]): boolean {
  let count = 0;
  let found = false;
  const visit = (statement: Statement): void => {
    if (statement.type === 'layer') count += statement.written.filter((word) => typeof word !== 'string').length;
    else if (statement.type === 'merge') statement.branches.flat().forEach(visit);
    else if (statement.type === 'call') {
      found ||= hole >= count && hole < count + statement.arguments.length;
      count += statement.arguments.length;
    }
  };
  window.forEach(visit);
  return found;
}

/** How many holes come before the optional branch. */
function holesBefore(window: readonly Statement[]): number {
  let count = 0;
  let found = false;
  const visit = (statement: Statement): void => {
    if (found) return;
    if (statement.type === 'layer') count += statement.written.filter((word) => typeof word !== 'string').length;
    else if (statement.type === 'call') count += statement.arguments.length;
    else if (statement.type === 'merge') {
      const at = optionalAt(statement);
      for (const [i, branch] of statement.branches.entries()) {
        if (i === at) found = true;
        if (!found) branch.forEach(visit);
      }
    }
  };
  window.forEach(visit);
  return count;
}

const filled = (column: Column, byDefault: Argument | undefined): Column => {
  const known = column.find((value) => value !== undefined);
  return column.map((value) => value ?? byDefault ?? known);
};

/** Attributes that are never worked out from one another. */
const sizes = new Set(['filters', 'units', 'count', 'groups', 'start']);

function findSlot(
  column: Column,
  attribute: string,
  parameters: readonly { readonly hole: number; readonly column: Column }[],
  holes: readonly Hole[],
): Slot | undefined {
  for (const [parameter, { hole, column: other }] of parameters.entries()) {
    const kin = holes[hole]?.attribute ?? '';
    const areSizes = sizes.has(attribute) && sizes.has(kin);
    if (!areSizes && attribute !== kin) continue;
    const ratios = new Set(
      column.flatMap((value, i) => (value === undefined ? [] : [(value as number) / (other[i] as number)])),
    );
    const [factor] = ratios;
    if (ratios.size !== 1 || factor === undefined) continue;
    if (factor === 1 || (areSizes && Number.isInteger(factor) && factor <= 8)) return { parameter, factor };
    if (areSizes && Number.isInteger(1 / factor) && 1 / factor <= 8) return { parameter, factor };
  }
  return undefined;
}

/** A parameter that others are fractions of is replaced by the smallest of them, so that all factors are whole. */
function reduceToSmallest(parameters: { hole: number; column: Column }[], slots: (Slot | undefined)[]): void {
  for (const [parameter, entry] of parameters.entries()) {
    const own = slots.flatMap((slot, i) => (slot?.parameter === parameter ? [{ i, factor: slot.factor }] : []));
    const least = Math.min(...own.map(({ factor }) => factor));
    if (least >= 1) continue;
    entry.column = entry.column.map((value) => (value as number) * least);
    for (const { i, factor } of own) slots[i] = { parameter, factor: Math.round(factor / least) };
  }
}

function uniqueNames(made: { name: string }[]): void {
  const counts = new Map<string, number>();
  for (const { name } of made) counts.set(name, (counts.get(name) ?? 0) + 1);
  const numbers = new Map<string, number>();
  for (const entry of made)
    if ((counts.get(entry.name) ?? 0) > 1) {
      const number = (numbers.get(entry.name) ?? 0) + 1;
      numbers.set(entry.name, number);
      entry.name = `${entry.name}${number}`;
    }
}

/** The usual value of what is seldom passed: strides, padding, flags. */
function defaultOf({ attribute, column, isFlag }: Named): Argument | undefined {
  if (isFlag) return false;
  if (!['stride', 'pad', 'dilation', 'groups'].includes(attribute)) return undefined;
  const usual = attribute === 'pad' ? 0 : 1;
  const counts = new Map<Argument, number>();
  for (const value of column) counts.set(value as Argument, (counts.get(value as Argument) ?? 0) + 1);
  const [commonest] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return counts.has(usual) ? usual : commonest;
}

/** The statements with calls in place of the uses of a block. */
function replace(
  statements: readonly Statement[],
  uses: readonly Use[],
  block: number,
  { parameters }: Block,
): readonly Statement[] {
  const attributes = parameters.map(({ attribute }) => attribute);
  const byList = new Map<readonly Statement[], Use[]>();
  for (const use of uses) byList.set(use.list, [...(byList.get(use.list) ?? []), use]);
  const rewritten = (list: readonly Statement[]): readonly Statement[] => {
    const here = byList.get(list) ?? [];
    const result: Statement[] = [];
    for (let at = 0; at < list.length; ) {
      const use = here.find((candidate) => candidate.at === at);
      if (use) {
        const { above } = use.window[0] as Statement;
        const call: CallStatement = {
          type: 'call',
          block,
          arguments: use.arguments,
          attributes,
          span: spanOfAll(use.window),
          from: null,
          above,
        };
        result.push(call);
        at += use.window.length;
        continue;
      }
      const statement = list[at] as Statement;
      result.push(
        statement.type === 'merge' && touchesAny(statement, byList)
          ? { ...statement, branches: statement.branches.map(rewritten) }
          : statement,
      );
      at++;
    }
    return result;
  };
  return rewritten(statements);
}

const touchesAny = ({ branches }: MergeStatement, lists: ReadonlyMap<readonly Statement[], unknown>): boolean =>
  branches.some(
    (branch) => lists.has(branch) || branch.some((inner) => inner.type === 'merge' && touchesAny(inner, lists)),
  );

// — Repeats —

function withRepeats(
  statements: readonly Statement[],
  readers: ReadonlyMap<number, readonly number[]>,
): readonly Statement[] {
  const inner = statements.map((statement) =>
    statement.type === 'merge'
      ? { ...statement, branches: statement.branches.map((branch) => withRepeats(branch, readers)) }
      : statement,
  );
  const all = inner.map(exactKey);
  const result: Statement[] = [];
  for (let at = 0; at < inner.length; ) {
    const found = longestRepeat(inner, all, at, readers);
    if (found) {
      const body = inner.slice(at, at + found.period);
      const last = inner[at + found.period * found.count - 1] as Statement;
      const { above } = body[0] as Statement;
      result.push({ type: 'repeat', count: found.count, body, index: outputOf(last), from: null, above });
      at += found.period * found.count;
    } else result.push(inner[at++] as Statement);
  }
  return result;
}

function longestRepeat(
  list: readonly Statement[],
  all: readonly string[],
  at: number,
  readers: ReadonlyMap<number, readonly number[]>,
): { readonly period: number; readonly count: number } | undefined {
  let best: { period: number; count: number } | undefined;
  for (let period = 1; period <= Math.min(LONGEST_WINDOW, (list.length - at) / 2); period++) {
    const fits = (turn: number) =>
      all.slice(at, at + period).every((key, i) => all[at + turn * period + i] === key) &&
      standsAlone(list.slice(at + turn * period, at + (turn + 1) * period), readers, false);
    if (!fits(0)) continue;
    let count = 1;
    while (at + (count + 1) * period <= list.length && fits(count)) count++;
    const window = list.slice(at, at + period);
    const [first] = window;
    if (first?.type === 'layer' && (first.kind === 'input' || isSmall(first))) continue;
    const isCall = window.some((statement) => statement.type !== 'layer');
    if (count < (isCall ? 2 : 3)) continue;
    if (!isCall && window.length < 2) continue;
    if (!best || period * count > best.period * best.count) best = { period, count };
  }
  return best;
}
