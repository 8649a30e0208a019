import type { Value } from '../../network/values.js';
import type { Const, Expression } from '../generated/ast.js';
import type { ImportResolver } from './elaboration.js';
import { evaluate } from './evaluate.js';
import type { FileModel } from './model.js';

/** The value of a constant; undefined when it cannot be known. */
export function constantValue(
  model: FileModel,
  constant: Pick<Const, 'value'>,
  imports: ImportResolver,
  waiting: ReadonlySet<object> = new Set(),
): Value | undefined {
  // A constant that needs itself is unknown.
  if (!constant.value || waiting.has(constant)) return undefined;
  return evaluate(constant.value, {
    lookUp: ({ name }) => {
      const found = imports.declaration(model, name);
      if (!found || found.node.$type === 'Block') return undefined;
      return constantValue(found.model, found.node, imports, new Set([...waiting, constant]));
    },
    report: () => {},
  });
}

/** The value of an expression where parameters and loop variables have these values; undefined when it cannot be known. */
export const valueIn = (
  expression: Expression,
  values: ReadonlyMap<string, Value | undefined>,
  model: FileModel,
  imports: ImportResolver,
): Value | undefined =>
  evaluate(expression, {
    lookUp: ({ name }) => {
      if (values.has(name)) return values.get(name);
      const found = imports.declaration(model, name);
      return found && found.node.$type !== 'Block' ? constantValue(found.model, found.node, imports) : undefined;
    },
    report: () => {},
  });
