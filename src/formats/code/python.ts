import type { Literal, Syntax } from './scope.js';

/** Python, laid out as `black` does. */

const WIDTH = 88;

const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
    'import in is lambda nonlocal not or pass raise return try while with yield self print range list zip super'
  ).split(' '),
);

/** Numbers as Python prints them; whole ones without a point. */
const printNumber = (value: number): string => {
  const text = String(value);
  return text.includes('e') ? text.replace(/e([-+])(\d)$/, 'e$10$2').replace('e+', 'e+') : text;
};

export const python: Syntax = {
  literal(value: Literal): string {
    if (value === null) return 'None';
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (typeof value === 'number') return printNumber(value);
    if (typeof value === 'string') return JSON.stringify(value);
    return value.length === 1 ? `(${python.literal(value[0] ?? null)},)` : `(${value.map(python.literal).join(', ')})`;
  },
  tuple: (items) => `(${items})`,
  operators: {
    '+': '+',
    '-': '-',
    '*': '*',
    '<': '<',
    '<=': '<=',
    '>': '>',
    '>=': '>=',
    '==': '==',
    '!=': '!=',
    '&&': 'and',
    '||': 'or',
    '!': 'not',
    min: 'min',
    max: 'max',
  },
  divide: (a, b) => `${a} // ${b}`,
  name: (name) => {
    const legal = name.replaceAll(/[^\p{L}\p{N}_]/gu, '_').replace(/^(?=\d)/, '_') || '_';
    return keywords.has(legal) ? `${legal}_` : legal;
  },
};

/** `BasicBlock2` → `basic_block2` */
export const snakeCase = (name: string): string =>
  python.name(
    name
      .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1_$2')
      .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
      .toLowerCase(),
  );

/** `relu block` → `ReluBlock`: a class begins with a capital. */
export const className = (name: string): string => {
  const legal = python.name(name);
  return legal.slice(0, 1).toUpperCase() + legal.slice(1);
};

/** A statement at an indentation, over as many lines as black would give it; with a comment where there is room for it. */
export function layOut(depth: number, statement: string, comment = ''): string[] {
  const lines = split('    '.repeat(depth), statement);
  const last = lines.at(-1) as string;
  if (comment && lines.length === 1 && last.length + comment.length + 4 <= WIDTH) lines[0] = `${last}  # ${comment}`;
  return lines;
}

/** Black's "right hand split": the content of the last brackets on a line of its own, or its parts, each with a comma. */
function split(indent: string, text: string): string[] {
  if (indent.length + text.length <= WIDTH) return [indent + text];
  const brackets = lastBrackets(text, WIDTH - indent.length);
  if (!brackets) return [indent + text];
  const [open, close] = brackets;
  const content = text.slice(open + 1, close);
  if (content.trim() === '') return [indent + text];
  const inner = `${indent}    `;
  const head = indent + text.slice(0, open + 1);
  const tail = indent + text.slice(close);
  const parts = splitParts(content);
  const isOne = parts.length === 1;
  if (inner.length + content.length <= WIDTH) return [head, inner + content, tail];
  if (isOne && !/^\*/.test(content)) return [head, ...split(inner, content), tail];
  const comma = (last: boolean, part: string) =>
    last && (isOne || part.startsWith('*')) && / for /.test(part) ? '' : ',';
  return [
    head,
    ...parts.flatMap((part, i) => {
      const lines = split(inner, part);
      lines[lines.length - 1] += comma(i === parts.length - 1, part);
      return lines;
    }),
    tail,
  ];
}

/**
 * The places of the last closing bracket outside of others, and of the one that opens it; of calls of calls, `f(a)(b)`, the
 * last before which at most `room` characters stand.
 */
function lastBrackets(text: string, room: number): [number, number] | null {
  const stack: number[] = [];
  const found: [number, number][] = [];
  scan(text, (character, at) => {
    if ('([{'.includes(character)) stack.push(at);
    else if (')]}'.includes(character)) {
      const open = stack.pop();
      if (open !== undefined && stack.length === 0 && at > open + 1) found.push([open, at]);
    }
  });
  let at = found.length - 1;
  while (at > 0 && (found[at]?.[0] ?? 0) >= room && found[at - 1]?.[1] === (found[at]?.[0] ?? 0) - 1) at--;
  return found[at] ?? null;
}

function splitParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  scan(text, (character, at) => {
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  });
  const last = text.slice(from).trim();
  return last ? [...parts, last] : parts;
}

/** Every character outside of strings. */
function scan(text: string, visit: (character: string, at: number) => void): void {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"') quoted = !quoted;
    else if (quoted && character === '\\') at++;
    else if (!quoted) visit(character, at);
  }
}
