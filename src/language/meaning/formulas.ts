import type { Formula } from '../../network/formula.js';
import type { Value } from '../../network/values.js';
import type { Expression } from '../generated/ast.js';
import { literalValue } from './evaluate.js';

/** What a name in an expression is: a parameter or loop variable, or a constant with its value. */
export type MeaningOfName = 'variable' | Value;

/** An expression as plain data, for those who write code; undefined where it uses no name, or one that means nothing. */
export function formulaOf(
  expression: Expression,
  meaningOf: (name: string) => MeaningOfName | undefined,
): Formula | undefined {
  let hasNames = false;
  let isKnown = true;
  const read = (node: Expression | undefined): Formula => {
    switch (node?.$type) {
      case 'Reference': {
        const meaning = meaningOf(node.name);
        hasNames = true;
        if (meaning === 'variable') return { type: 'name', name: node.name };
        if (meaning) return { type: 'constant', name: node.name, value: meaning };
        break;
      }
      case 'Tuple': {
        const operands = node.entries.map(({ value }) => read(value));
        return operands.length === 1 && operands[0] ? operands[0] : { type: 'operation', operator: 'tuple', operands };
      }
      case 'Unary':
        return { type: 'operation', operator: node.operator, operands: [read(node.operand)] };
      case 'BinaryExpression':
        return { type: 'operation', operator: node.operator, operands: [read(node.left), read(node.right)] };
      case 'Call':
        return { type: 'operation', operator: node.name, operands: node.arguments.map(read) };
      default: {
        const value = node && literalValue(node);
        if (value) return { type: 'value', value };
      }
    }
    isKnown = false;
    return { type: 'value', value: { type: 'number', value: 0 } };
  };
  const formula = read(expression);
  return hasNames && isKnown ? formula : undefined;
}
