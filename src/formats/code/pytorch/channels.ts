import type { Formula } from '../../../network/formula.js';
import type { Group } from '../../../network/network.js';
import type { ProgramWriter, WrittenBlock } from '../blocks.js';
import type {
  CallStatement,
  ConditionStatement,
  LayerStatement,
  PerInstance,
  Ref,
  RepeatStatement,
} from '../program.js';
import type { Channels } from '../use.js';

/** Numbers of channels, and the formulas that say them. */

/** What formulas call the channels that come into a block. */
export const IN_CHANNELS = ' in_channels';

/** The channels of a concatenation. */
function sum(inputs: readonly (Channels | undefined)[]): Channels | undefined {
  if (inputs.length < 2 || inputs.some((input) => !input)) return undefined;
  const all = inputs as readonly Channels[];
  if (all.every(({ formula }) => !formula)) return undefined;
  const operands: Formula[] = [];
  for (const { formula, values } of all) {
    const [value] = values.filter((candidate) => candidate !== undefined);
    const isOne = values.every((candidate) => candidate === undefined || candidate === value);
    if (!formula && (!isOne || value === undefined)) return undefined;
    operands.push(formula ?? { type: 'value', value: { type: 'number', value: value as number } });
  }
  const formula = operands.reduce((a, b) => ({ type: 'operation', operator: '+', operands: [a, b] }));
  const values = (all[0] as Channels).values.map((_, i) =>
    all.reduce((total, input) => total + (input.values[i] ?? 0), 0),
  );
  return { values, formula };
}

/** Whether a formula is more than numbers. */
const hasNames = (formula: Formula): boolean =>
  formula.type === 'operation' ? formula.operands.some(hasNames) : formula.type !== 'value';

/** A formula in other words; undefined where a name has none. */
function substitute(formula: Formula, meaning: (name: string) => Formula | undefined): Formula | undefined {
  switch (formula.type) {
    case 'name':
      return meaning(formula.name);
    case 'operation': {
      const operands = formula.operands.map((operand) => substitute(operand, meaning));
      return operands.some((operand) => !operand) ? undefined : { ...formula, operands: operands as Formula[] };
    }
    default:
      return formula;
  }
}

/** The channels of every value in a block, in the words of its code where they say them. */
export class ChannelNames {
  private readonly known = new Map<Ref, Channels>();

  constructor(
    private readonly program: ProgramWriter<WrittenBlock, string>,
    /** The parameters of the block. */
    private readonly parameters: readonly Channels[],
  ) {}

  get(ref: Ref): Channels {
    return this.known.get(ref) ?? { values: [] };
  }

  set(ref: Ref, channels: Channels): void {
    this.known.set(ref, channels);
  }

  /** The first of the candidates that has these values. */
  named(values: PerInstance<number>, candidates: readonly (Channels | undefined)[] = this.parameters): Channels {
    for (const candidate of candidates)
      if (candidate?.formula && values.every((value, i) => value === undefined || candidate.values[i] === value))
        return { values, formula: candidate.formula };
    return { values };
  }

  ofLayers(layers: PerInstance<number>): PerInstance<number> {
    return layers.map((index) => this.program.shapeOf(index)?.channels);
  }

  addLayer({ id, layers, inputs }: LayerStatement): void {
    const all = this.program.checked.network.layers;
    const first = all[layers.find((index) => index !== undefined) ?? -1];
    const written = first?.written ?? {};
    const attributes = ['filters', 'units', 'count', 'orientations'].flatMap((name): Channels[] => {
      const formula = written[name];
      if (!formula || !first?.attributes || !(name in first.attributes)) return [];
      const of = (index: number | undefined) =>
        index === undefined
          ? undefined
          : (all[index]?.attributes as unknown as Readonly<Record<string, number>> | null)?.[name];
      return [{ formula, values: layers.map(of) }];
    });
    const given = inputs.map((ref) => this.get(ref));
    this.set(id, this.named(this.ofLayers(layers), attributes.length > 0 ? attributes : [...given, sum(given)]));
  }

  /** What comes out of a block: what its own code says of it, in the words of the call. */
  addCall({ id, input, outputs, groups }: CallStatement, inside: Channels | undefined): void {
    const values = this.ofLayers(outputs);
    const arguments_ = groups.find((group) => group)?.written?.arguments ?? [];
    const before = this.get(input);
    const formula =
      inside?.formula &&
      substitute(inside.formula, (name) => {
        if (name === IN_CHANNELS) return before.formula;
        const argument = arguments_.find((candidate) => candidate.name === name);
        return argument && (argument.formula ?? { type: 'value', value: argument.value });
      });
    // Plain numbers are better multiplied than written out.
    const candidates = formula && hasNames(formula) ? [{ values, formula }, before] : [before];
    this.set(id, this.named(values, candidates));
  }

  addCondition({ id, input, outputs, holds, otherwise }: ConditionStatement): void {
    const known = [holds.output, otherwise.output, input].map((ref) => this.get(ref));
    this.set(id, this.named(this.ofLayers(outputs), [...known, ...this.parameters]));
  }

  /** What each iteration of a loop reads. */
  into({ input, body, groups }: RepeatStatement, outer: readonly number[]): number[] {
    return body.instances.map(({ group }, i) => {
      const at = outer[i] as number;
      const siblings = groups[at]?.children ?? [];
      const last = lastLayer(siblings, siblings.indexOf(group));
      return this.program.shapeOf(last)?.channels ?? (this.get(input).values[at] as number);
    });
  }
}

function lastLayer(children: Group['children'], end = children.length): number | undefined {
  for (let i = end - 1; i >= 0; i--) {
    const child = children[i];
    const found = typeof child === 'object' ? lastLayer(child.children) : child;
    if (found !== undefined) return found;
  }
  return undefined;
}
