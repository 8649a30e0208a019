import type { Formula } from '../../../network/formula.js';
import type { Channels } from '../use.js';

/** Numbers of channels, and the formulas that say them. */

/** The channels of a concatenation. */
export function sum(inputs: readonly (Channels | undefined)[]): Channels | undefined {
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
export const hasNames = (formula: Formula): boolean =>
  formula.type === 'operation' ? formula.operands.some(hasNames) : formula.type !== 'value';

/** A formula in other words; undefined where a name has none. */
export function substitute(formula: Formula, meaning: (name: string) => Formula | undefined): Formula | undefined {
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
