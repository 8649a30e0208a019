import type { CheckedNetwork } from '../../network/check.js';
import type { Group, Layer } from '../../network/network.js';
import { printShape } from '../../network/shape.js';
import type { Definition } from './program.js';
import { python } from './python.js';
import type { Literal } from './scope.js';

/** What Python code says about itself: docstrings and types. */

/** The type of a parameter that has these values; null where they have several. */
export const typeOf = (values: readonly (Literal | undefined)[]): string | null => {
  const types = new Set(
    values
      .filter((value) => value !== undefined && value !== null)
      .map((value) =>
        typeof value === 'boolean'
          ? 'bool'
          : typeof value === 'string'
            ? 'str'
            : typeof value === 'number'
              ? Number.isInteger(value)
                ? 'int'
                : 'float'
              : 'tuple',
      ),
  );
  if (types.size === 2 && types.has('int') && types.has('float')) return 'float';
  return types.size === 1 ? ([...types][0] ?? null) : null;
};

/** A docstring, wrapped at 88 characters. */
export function docstring(depth: number, paragraphs: readonly string[]): string[] {
  const indent = '    '.repeat(depth);
  const [first = '', ...rest] = paragraphs.filter((paragraph) => paragraph !== '');
  const lines = wrap(`"""${first}`, indent);
  for (const paragraph of rest) lines.push('', ...wrap(paragraph, indent));
  const last = lines.at(-1) as string;
  if (rest.length === 0 && lines.length === 1 && last.length + 3 <= 88) lines[lines.length - 1] = `${last}"""`;
  else lines.push(`${indent}"""`);
  return lines;
}

function wrap(text: string, indent: string): string[] {
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('    ')) return [indent + line];
    const lines: string[] = [];
    let current = indent;
    for (const word of line.split(' ')) {
      if (current !== indent && current.length + 1 + word.length > 88) {
        lines.push(current);
        current = indent;
      }
      current += (current === indent ? '' : ' ') + word;
    }
    return [...lines, current];
  });
}

export const grouped = (value: number | null): string => String(value ?? '?').replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** The sizes that a block is called with, the first of them. */
export function sizesOf({ facts }: CheckedNetwork, definition: Definition): string {
  const sizes = new Set(
    definition.body.instances.flatMap(({ group }) => {
      const input = facts[group.written?.input ?? -1]?.output;
      const last = outputIndex(group);
      const output = last === undefined ? undefined : facts[last]?.output;
      return input && output ? [`${printShape(input)} to ${printShape(output)}`] : [];
    }),
  );
  // Where there are many, some say enough.
  const MOST = 3;
  const more = sizes.size > MOST ? `; ${sizes.size - MOST} more` : '';
  return `Height x width x channels: ${[...sizes].slice(0, MOST).join('; ')}${more}.`;
}

function outputIndex(group: Group): number | undefined {
  for (let i = group.children.length - 1; i >= 0; i--) {
    const child = group.children[i];
    const found =
      typeof child === 'number' ? child : child && child.kind !== 'branches' ? outputIndex(child) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What pictures must be before the network sees them. */
export function normalisation(layer: Layer | undefined): string[] {
  if (layer?.kind !== 'input' || !layer.attributes) return [];
  const { mean, std, scale } = layer.attributes;
  const isPlain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  if (isPlain && scale === 1) return ['Pixels are between 0 and 1.'];
  const scaled = scale === 1 ? '' : ` times ${python.literal(scale)}`;
  if (isPlain) return [`Pixels are between 0 and 1${scaled}.`];
  const values = (numbers: readonly number[]) => python.literal(numbers.length === 1 ? (numbers[0] ?? 0) : numbers);
  return [`Pixels between 0 and 1${scaled}, less ${values(mean)}, over ${values(std)}.`];
}
