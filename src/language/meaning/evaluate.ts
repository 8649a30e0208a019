import * as diagnostics from '../../network/diagnostics.js';
import type { Problem } from '../../network/problem.js';
import type { Value } from '../../network/values.js';
import type { BinaryExpression, Call, Expression, Reference, Tuple, Unary } from '../generated/ast.js';

/** Where an expression finds the values of its names, and where it tells what is wrong. */
export interface Environment {
  /** The value of a name; undefined when it is unknown for a reason that has been told. */
  lookUp(reference: Reference | Call): Value | undefined;
  report(node: Expression, problem: Problem): void;
}

const scales: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

/** `5`, `0.5`, `1e-4`, `5k`, `5M`, `5G` */
function readNumber(text: string): number {
  const scale = scales[text.at(-1) ?? ''];
  return scale === undefined ? Number(text) : Number(text.slice(0, -1)) * scale;
}

export const readText = (text: string): string => text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined);

const number = (value: number): Value => ({ type: 'number', value });
const boolean = (value: boolean): Value => ({ type: 'boolean', value });

/** The value of an expression that needs no names; undefined for any other. */
export const literalValue = (expression: Expression): Value | undefined =>
  evaluate(expression, { lookUp: () => undefined, report: () => {} });

/** Evaluates an expression; undefined when it cannot be known, after the reason has been told. */
export function evaluate(expression: Expression, environment: Environment): Value | undefined {
  switch (expression.$type) {
    case 'NumberLiteral':
      // One that the layout put in has no text.
      if (expression.text === undefined) return undefined;
      return number(readNumber(expression.text));
    case 'SizeLiteral':
      return { type: 'size', value: expression.text.split('x').map(Number) };
    case 'TextLiteral':
      return { type: 'string', value: readText(expression.text) };
    case 'BooleanLiteral':
      return boolean(expression.text === 'true');
    case 'Reference':
      return environment.lookUp(expression);
    case 'Tuple':
      return evaluateTuple(expression, environment);
    case 'Unary':
      return evaluateUnary(expression, environment);
    case 'Call':
      return evaluateCall(expression, environment);
    case 'BinaryExpression':
      return evaluateBinary(expression, environment);
  }
}

/** `(4 * k)` is the value in it; `(1, 2)` is a tuple. */
function evaluateTuple(tuple: Tuple, environment: Environment): Value | undefined {
  const items: Value[] = [];
  for (const entry of tuple.entries) {
    if (entry.name !== undefined) {
      environment.report(tuple, diagnostics.namedValueInTuple(entry.name));
      return undefined;
    }
    const value = entry.value && evaluate(entry.value, environment);
    if (value === undefined) return undefined;
    items.push(value);
  }
  return items.length === 1 ? items[0] : { type: 'tuple', items };
}

function evaluateUnary({ operator, operand }: Unary, environment: Environment): Value | undefined {
  const value = operand && evaluate(operand, environment);
  if (value === undefined) return undefined;
  if (operator === '-' && value.type === 'number') return number(-value.value);
  if (operator === '!' && value.type === 'boolean') return boolean(!value.value);
  environment.report(
    operand,
    diagnostics.wrongOperand(operator, operator === '-' ? 'a number' : 'true or false', value),
  );
  return undefined;
}

const functions: Readonly<
  Record<string, { readonly arity: readonly [number, number]; of(numbers: number[]): number }>
> = {
  min: { arity: [1, 64], of: (numbers) => Math.min(...numbers) },
  max: { arity: [1, 64], of: (numbers) => Math.max(...numbers) },
  floor: { arity: [1, 1], of: ([x = 0]) => Math.floor(x) },
  ceil: { arity: [1, 1], of: ([x = 0]) => Math.ceil(x) },
};

export const functionNames = Object.keys(functions);

function evaluateCall(call: Call, environment: Environment): Value | undefined {
  const called = Object.hasOwn(functions, call.name) ? functions[call.name] : undefined;
  if (!called) {
    environment.report(call, diagnostics.unknownFunction(call.name, functionNames));
    return undefined;
  }
  const numbers: number[] = [];
  for (const argument of call.arguments) {
    const value = evaluate(argument, environment);
    if (value === undefined) return undefined;
    if (value.type !== 'number') {
      environment.report(argument, diagnostics.wrongOperand(call.name, 'a number', value));
      return undefined;
    }
    numbers.push(value.value);
  }
  const [least, most] = called.arity;
  if (numbers.length < least || numbers.length > most) {
    environment.report(call, diagnostics.wrongArgumentCount(call.name, least, numbers.length));
    return undefined;
  }
  return number(called.of(numbers));
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** Whether two numbers, in the relation an `expect` or a condition states. */
export const compare = (operator: string, a: number, b: number): boolean =>
  operator === '==' ? a === b : operator === '!=' ? a !== b : (comparisons[operator]?.(a, b) ?? false);

function evaluateBinary(expression: BinaryExpression, environment: Environment): Value | undefined {
  const { operator } = expression;
  const left = expression.left && evaluate(expression.left, environment);
  const right = expression.right && evaluate(expression.right, environment);
  if (left === undefined || right === undefined) return undefined;
  const wrong = (expected: string, value: Value): undefined =>
    environment.report(
      value === left ? expression.left : expression.right,
      diagnostics.wrongOperand(operator, expected, value),
    ) as undefined;

  if (operator === '==' || operator === '!=')
    return boolean((JSON.stringify(left) === JSON.stringify(right)) === (operator === '=='));
  if (operator === '&&' || operator === '||') {
    if (left.type !== 'boolean') return wrong('true or false', left);
    if (right.type !== 'boolean') return wrong('true or false', right);
    return boolean(operator === '&&' ? left.value && right.value : left.value || right.value);
  }
  if (left.type !== 'number') return wrong('a number', left);
  if (right.type !== 'number') return wrong('a number', right);
  if ((operator === '/' || operator === '%') && right.value === 0) {
    environment.report(expression, diagnostics.divisionByZero());
    return undefined;
  }
  const combine = arithmetic[operator];
  return combine ? number(combine(left.value, right.value)) : boolean(compare(operator, left.value, right.value));
}
