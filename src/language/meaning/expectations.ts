import type { CheckedNetwork, LayerFacts } from '../../network/check.js';
import * as diagnostics from '../../network/diagnostics.js';
import type { ReceptiveField } from '../../network/field.js';
import type { Problem } from '../../network/problem.js';
import { printShape, type Shape } from '../../network/shape.js';
import type { Value } from '../../network/values.js';
import type { Expectation } from '../generated/ast.js';
import type { PlacedExpectation, Span } from './elaboration.js';
import { compare } from './evaluate.js';

/** What an `expect` can speak of. A null is not known: some error has been told already. */
interface Measured {
  readonly output: Shape | null;
  readonly params: number | null;
  readonly macs: number | null;
  readonly field: ReceptiveField | null;
}

type Check = (
  measured: Measured,
  operator: string,
  expected: Value,
  name: string,
) => Problem | undefined | 'wrong-type';

const countOf =
  (of: (measured: Measured) => number | null): Check =>
  (measured, operator, expected, name) => {
    if (expected.type !== 'number') return 'wrong-type';
    const found = of(measured);
    if (found === null || compare(operator, found, expected.value)) return undefined;
    return diagnostics.expectationFailed(name, relation(operator, String(expected.value)), String(found));
  };

const output: Check = ({ output }, operator, expected) => {
  if (expected.type !== 'size' || expected.value.length !== 3) return 'wrong-type';
  const text = expected.value.join('x');
  if (output === null || (printShape(output) === text) === (operator !== '!=')) return undefined;
  return diagnostics.expectationFailed('output', relation(operator, text), printShape(output));
};

/** A number speaks of both axes; a size of height and width. */
const field: Check = ({ field }, operator, expected, name) => {
  const [height, width] =
    expected.type === 'number' ? [expected.value, expected.value] : expected.type === 'size' ? expected.value : [];
  if (height === undefined || width === undefined) return 'wrong-type';
  if (field === null || (compare(operator, field.y.size, height) && compare(operator, field.x.size, width)))
    return undefined;
  const text = expected.type === 'number' ? `${height}` : `${height}x${width}`;
  return diagnostics.expectationFailed(name, relation(operator, text), `${field.y.size}x${field.x.size}`);
};

const checks: Readonly<Record<string, Check>> = {
  output,
  params: countOf(({ params }) => params),
  macs: countOf(({ macs }) => macs),
  'receptive field': field,
};

export const expectationWords = Object.keys(checks);

const relation = (operator: string, expected: string): string =>
  operator === '==' ? expected : `${operator === '!=' ? 'other than' : operator} ${expected}`;

/** What an `expect` speaks of: its words; a size alone is the output's. */
export const subjectOf = ({ words }: Expectation): string => words.map(({ name }) => name).join(' ') || 'output';

/** Holds an `expect` against the checked network; undefined when it is true, or not known. */
export function checkExpectation(
  { node, span, expected }: PlacedExpectation,
  checked: CheckedNetwork,
): Problem | undefined {
  const name = subjectOf(node);
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (!check) return diagnostics.unknownExpectation(name, expectationWords);
  if (!node.value) return diagnostics.missingExpectation();
  if (!expected) return undefined;
  const problem = check(measure(span, checked), node.operator ?? '==', expected, name);
  if (problem !== 'wrong-type') return problem;
  const kind = name === 'output' ? 'a size such as 28x28x6' : 'a number';
  return diagnostics.invalidValue(`expect ${name}`, kind, diagnostics.describe(expected));
}

function measure(span: Span | null, { facts, totals }: CheckedNetwork): Measured {
  const { output = null, field = null } = (span ? facts[span.output] : facts.at(-1)) ?? {};
  if (!span) return { ...totals, output, field };
  const sum = (of: (layer: LayerFacts) => number | null) =>
    facts
      .slice(span.first, span.end)
      .map(of)
      .reduce((total, count) => (total === null || count === null ? null : total + count), 0);
  return { params: sum(({ params }) => params), macs: sum(({ macs }) => macs), output, field };
}

/** What an `expect` would find, as the language writes it; undefined when it is not known, or no `expect` has the name. */
export function foundBy(name: string, span: Span | null, checked: CheckedNetwork): string | undefined {
  const { output, params, macs, field } = measure(span, checked);
  switch (name) {
    case 'output':
      return output ? printShape(output) : undefined;
    case 'params':
      return params?.toString();
    case 'macs':
      return macs?.toString();
    case 'receptive field':
      return field ? `${field.y.size}x${field.x.size}` : undefined;
  }
}
