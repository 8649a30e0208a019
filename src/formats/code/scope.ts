import type { Formula } from '../../network/formula.js';
import type { Value } from '../../network/values.js';
import { type PerInstance, usesOnly } from './program.js';

/** What a number or word of generated code is. */
export type Literal = number | boolean | string | null | readonly Literal[];

/** A value in the code of a definition: what it is in every instance, and how it is said with names, where it can be. */
export interface Slot<T extends Literal = Literal> {
  readonly values: PerInstance<T>;
  readonly formula?: Formula | undefined;
}

/** How a language writes values and operations. */
export interface Syntax {
  literal(value: Literal): string;
  /** Of values that are written already. */
  tuple(items: string): string;
  /** `!=` as the language writes it; undefined for what it has no sign for, or means otherwise. */
  readonly operators: Readonly<Record<string, string | undefined>>;
  /** Of two whole numbers that divide without a remainder, in parentheses where it needs them. */
  divide(a: string, b: string): string;
  /** A name that the language allows. */
  name(name: string): string;
}

/** Operators that bind tighter come later. */
const precedence = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];
const TIGHTEST = precedence.length;

/** The value of a formula as a literal: sizes and tuples as lists. */
export const literalOf = (value: Value): Literal => {
  switch (value.type) {
    case 'tuple':
      return value.items.map(literalOf);
    default:
      return value.value;
  }
};

export const nameFormula = (name: string): Formula => ({ type: 'name', name });

/** `name`, or with the next number that is not taken: `conv2` after `conv1`. It is taken then. `number` is its end. */
export function numbered(name: string, taken: Set<string>, number = /\d+$/): string {
  const stem = name.replace(number, '');
  let free = name;
  for (let n = stem === name ? 2 : Number(/\d+$/.exec(name)?.[0]) + 1; taken.has(free); n++) free = `${stem}${n}`;
  taken.add(free);
  return free;
}

/** Functions that every language here has by this name, or can be given. */
const functions = new Set(['min', 'max']);

/** Whether a language can write a formula; a fraction on the way is none that it could. */
function isSayable(formula: Formula, syntax: Syntax): boolean {
  if (formula.type !== 'operation') return true;
  const { operator, operands } = formula;
  if (operator === '/') return false;
  if (functions.has(operator) && syntax.operators[operator] === undefined) return false;
  if (operator !== 'tuple' && !functions.has(operator) && syntax.operators[operator] === undefined) return false;
  return operands.every((operand) => isSayable(operand, syntax));
}

/** What is known of an extra parameter: the values that callers hand over. */
export type Extras = Map<string, PerInstance<Literal>>;

/**
 * The names of one definition while its code is written. A value that differs between the instances and that no formula
 * says becomes a parameter that the block did not have.
 */
export class Scope {
  /** Parameters and loop variables that the code uses. */
  readonly used = new Set<string>();
  /** Names of the code that it needs later, when a module runs. */
  readonly kept = new Set<string>();
  readonly extras: Extras = new Map();
  private readonly taken = new Set<string>();

  constructor(
    private readonly syntax: Syntax,
    /** What formulas may use: parameters of the block, by the names they have in the code. */
    private readonly names: Map<string, string>,
    private readonly constants: Constants,
    /** In a loop, where a new parameter cannot change from one iteration to the next. */
    private readonly refuse: (() => never) | null = null,
    private readonly outer: Scope | null = null,
    /** Which outer instance each of these is in. */
    private readonly outerOf: readonly number[] = [],
    /** Variables of loops, which nothing knows later. */
    private readonly variables: ReadonlySet<string> = new Set(),
  ) {
    for (const name of names.values()) this.taken.add(name);
  }

  /** Inside a loop over iterations, each of which is in an instance of this scope. */
  loop(outerOf: readonly number[], variables: ReadonlyMap<string, string>, refuse: () => never): Scope {
    const names = new Map([...this.names, ...variables]);
    const all = new Set([...this.variables, ...variables.keys()]);
    return new Scope(this.syntax, names, this.constants, refuse, this, outerOf, all);
  }

  /** A name that nothing else has here: `wanted`, `wanted2`, … */
  fresh(wanted: string): string {
    if (this.outer) return this.outer.fresh(wanted);
    return numbered(this.syntax.name(wanted), this.taken);
  }

  /** Makes a name usable in formulas. */
  define(formulaName: string, codeName: string): void {
    this.names.set(formulaName, codeName);
    this.taken.add(codeName);
  }

  /**
   * The code of a value. `hint` names a parameter, should it need one. `keep` stands before names that must be kept until
   * the code runs (`self.`).
   */
  say(slot: Slot, hint: string, keep = ''): string {
    const formula = this.formula(slot, keep);
    if (formula !== undefined) return formula;
    if (this.isOne(slot)) return this.syntax.literal(slot.values.find((value) => value !== undefined) ?? null);
    return this.later(this.extra(slot, hint), keep);
  }

  /** The code of a condition. */
  sayFormula(formula: Formula, keep = ''): string | undefined {
    return this.formula({ values: [], formula }, keep);
  }

  private later(name: string, keep: string): string {
    if (keep) for (let scope: Scope | null = this; scope; scope = scope.outer) scope.kept.add(name);
    return keep + name;
  }

  /** Whether the value is the same in all instances. */
  isOne({ values }: Slot): boolean {
    return new Set(values.flatMap((value) => (value === undefined ? [] : [JSON.stringify(value)]))).size < 2;
  }

  /** The value that all instances have; undefined where they differ, or names say it. */
  constant<T extends Literal>({ values, formula }: Slot<T>): T | undefined {
    if (formula || !this.isOne({ values })) return undefined;
    return values.find((value) => value !== undefined);
  }

  private formula({ values, formula }: Slot, keep: string): string | undefined {
    if (!formula) return undefined;
    const names = new Set(this.names.keys());
    if (keep) for (const name of this.variables) names.delete(name);
    if (!usesOnly(formula, names)) return undefined;
    if (
      formula.type === 'operation' &&
      formula.operator === '/' &&
      values.every((v) => v === undefined || Number.isInteger(v))
    ) {
      const [a, b] = formula.operands as [Formula, Formula];
      if (isSayable(a, this.syntax) && isSayable(b, this.syntax))
        return this.syntax.divide(this.print(a, TIGHTEST - 1, keep), this.print(b, TIGHTEST, keep));
    }
    return isSayable(formula, this.syntax) ? this.print(formula, 0, keep) : undefined;
  }

  private print(formula: Formula, least: number, keep: string): string {
    switch (formula.type) {
      case 'value':
        return this.syntax.literal(literalOf(formula.value));
      case 'constant':
        return this.constants.use(formula.name, literalOf(formula.value), this.syntax);
      case 'name':
        return this.later(this.use(formula.name), keep);
      case 'operation':
        return this.printOperation(formula.operator, formula.operands, least, keep);
    }
  }

  private printOperation(operator: string, operands: readonly Formula[], least: number, keep: string): string {
    const sign = this.syntax.operators[operator];
    const list = () => operands.map((operand) => this.print(operand, 0, keep)).join(', ');
    if (functions.has(operator)) return `${sign}(${list()})`;
    if (operator === 'tuple') return this.syntax.tuple(list());
    const [a, b] = operands as [Formula, Formula?];
    if (!b) return `${operator === '!' ? `${sign} ` : operator}${this.print(a, TIGHTEST, keep)}`;
    const own = precedence.findIndex((operators) => operators.includes(operator));
    const text = `${this.print(a, own, keep)} ${sign} ${this.print(b, own + 1, keep)}`;
    return own < least ? `(${text})` : text;
  }

  /** The code's name for a parameter, which then is one. */
  use(name: string): string {
    const code = this.names.get(name) ?? name;
    for (let scope: Scope | null = this; scope; scope = scope.outer) scope.used.add(name);
    return code;
  }

  private extra(slot: Slot, hint: string): string {
    if (this.outer) {
      // One value for all iterations of an instance is a parameter of the code around the loop.
      const values: (Literal | undefined)[] = [];
      for (const [i, value] of slot.values.entries()) {
        const at = this.outerOf[i] as number;
        if (values[at] !== undefined && JSON.stringify(values[at]) !== JSON.stringify(value)) this.refuse?.();
        values[at] = value;
      }
      return this.outer.extra({ values }, hint);
    }
    for (const [name, values] of this.extras) if (JSON.stringify(values) === JSON.stringify(slot.values)) return name;
    const name = this.fresh(hint);
    this.extras.set(name, slot.values);
    return name;
  }
}

/** Constants of the files that the code uses, to stand at its top. */
export class Constants {
  readonly used = new Map<string, Literal>();

  constructor(private readonly nameOf: (name: string) => string) {}

  /** Its name; its value where another file has another constant of this name. */
  use(name: string, value: Literal, syntax: Syntax): string {
    const code = this.nameOf(name);
    const known = this.used.get(code);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value)) return syntax.literal(value);
    this.used.set(code, value);
    return code;
  }
}
