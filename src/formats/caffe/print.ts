import type { Plain, Schema } from '../protobuf/wire.js';

/** Protobuf's text format, as Caffe's networks are mostly written: a short message on one line, others a field a line. */

/** Longer messages are written over several lines. */
const WIDTH = 100;

/** The text of a message, and the line on which each of its messages begins. */
export function printPrototxt(
  message: Plain,
  schema: Schema,
): { readonly text: string; readonly lines: readonly number[] } {
  const text: string[] = [];
  const lines: number[] = [];
  for (const field of fieldsOf(message, schema)) {
    if (typeof field.value === 'object') lines.push(text.length);
    text.push(...print(field, ''));
  }
  return { text: `${text.join('\n')}\n`, lines };
}

interface Field {
  readonly name: string;
  readonly value: string | Plain;
  readonly schema: Schema;
}

/** The fields of a message in order, those that repeat one by one; values as they are written. */
function fieldsOf(message: Plain, schema: Schema): readonly Field[] {
  return Object.entries(message).flatMap(([name, all]) => {
    const type = schema[name]?.[1];
    if (type === undefined) throw new Error(`There is no field ${name}`);
    if (all === undefined) return [];
    return [...(Array.isArray(all) || all instanceof Float32Array ? all : [all])].map((value): Field => {
      if (typeof type === 'function') return { name, value: value as Plain, schema: type() };
      return { name, value: type === 'string' ? JSON.stringify(value) : String(value), schema };
    });
  });
}

const onOneLine = ({ name, value, schema }: Field): string => {
  if (typeof value === 'string') return `${name}: ${value}`;
  const fields = fieldsOf(value, schema).map(onOneLine);
  return `${name} { ${fields.map((field) => `${field} `).join('')}}`;
};

function print(field: Field, indent: string): string[] {
  const { name, value, schema } = field;
  const short = indent + onOneLine(field);
  if (typeof value === 'string' || (indent !== '' && short.length <= WIDTH)) return [short];
  const fields = fieldsOf(value, schema).flatMap((inner) => print(inner, `${indent}  `));
  return [`${indent}${name} {`, ...fields, `${indent}}`];
}
