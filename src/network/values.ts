import type { Pair, Shape } from './shape.js';

/** What an expression of the language evaluates to, before an attribute gives it a meaning. */
export type Value =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  /** `5x5`, `32x32x3` */
  | { readonly type: 'size'; readonly value: readonly number[] }
  /** `(1, 2)` */
  | { readonly type: 'tuple'; readonly items: readonly Value[] }
  /** `same`, `he`, `floor`: a word that names nothing in scope */
  | { readonly type: 'word'; readonly value: string };

/** Rows and columns on the four sides of a volume. */
export interface Sides {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

/** Padding as written; `same`, `valid` and `fit` are worked out when the input size is known. */
export type Padding = { readonly mode: 'same' | 'valid' | 'fit' } | (Sides & { readonly mode: 'explicit' });

/** One kind of attribute value: reads a {@link Value}, prints it back, says what it expects. */
export interface ValueType<T> {
  /** Completes "… must be": `a positive whole number`. */
  readonly expects: string;
  /** Words and values worth offering while typing. */
  readonly suggestions: readonly string[];
  /** The only type recognised where the value is written without its attribute's name; any that parses if absent. */
  readonly positionalAs?: Value['type'];
  /** The typed value, or undefined when `value` is not of this type. */
  parse(value: Value): T | undefined;
  /** As the language writes it; `parse` of it gives an equal value. */
  print(value: T): string;
}

/** Largest whole number that any attribute takes: beyond it sizes are no longer exact when multiplied. */
export const LARGEST_INTEGER = 2 ** 31 - 1;

const isInteger = (value: number, least: number): boolean =>
  Number.isInteger(value) && value >= least && value <= LARGEST_INTEGER;

/** Shortest text that reads back as the same number (`1e-5`, `0.1`, `1000`). */
const printNumber = (value: number): string => String(value);

const integerType = (least: number, expects: string, suggestions: readonly string[]): ValueType<number> => ({
  expects,
  suggestions,
  parse: (value) => (value.type === 'number' && isInteger(value.value, least) ? value.value : undefined),
  print: printNumber,
});

export const positiveInteger = integerType(1, 'a positive whole number', []);
export const wholeNumber = integerType(0, 'a whole number, 0 or more', []);

export const number = (expects: string, accepts: (value: number) => boolean = Number.isFinite): ValueType<number> => ({
  expects,
  suggestions: [],
  parse: (value) =>
    value.type === 'number' && Number.isFinite(value.value) && accepts(value.value) ? value.value : undefined,
  print: printNumber,
});

export const boolean: ValueType<boolean> = {
  expects: 'true or false',
  suggestions: ['true', 'false'],
  parse: (value) => (value.type === 'boolean' ? value.value : undefined),
  print: String,
};

export const string: ValueType<string> = {
  expects: 'a text in double quotes',
  suggestions: [],
  parse: (value) => (value.type === 'string' ? value.value : undefined),
  print: (value) => `"${value}"`,
};

export const oneOf = <const W extends string>(...words: readonly W[]): ValueType<W> => ({
  expects: `one of ${words.join(', ')}`,
  suggestions: words,
  parse: (value) => (value.type === 'word' ? words.find((word) => word === value.value) : undefined),
  print: (value) => value,
});

const integers = (values: readonly Value[], least: number): number[] | undefined => {
  const numbers: number[] = [];
  for (const value of values) {
    if (value.type !== 'number' || !isInteger(value.value, least)) return undefined;
    numbers.push(value.value);
  }
  return numbers;
};

const pairOf = (numbers: readonly number[] | undefined): Pair | undefined =>
  numbers?.length === 2 ? { y: numbers[0] as number, x: numbers[1] as number } : undefined;

/** `5x5`, `kernel 5` (square) or `kernel (h, w)`. */
export const kernelSize: ValueType<Pair> = {
  expects: 'a size such as 3x3, or in words: kernel 3 or kernel (3, 5)',
  suggestions: ['1x1', '3x3', '5x5', '7x7'],
  positionalAs: 'size',
  parse(value) {
    if (value.type === 'number') return isInteger(value.value, 1) ? { y: value.value, x: value.value } : undefined;
    if (value.type === 'size') return value.value.every((n) => isInteger(n, 1)) ? pairOf(value.value) : undefined;
    return value.type === 'tuple' ? pairOf(integers(value.items, 1)) : undefined;
  },
  print: (pair) => `${pair.y}x${pair.x}`,
};

/** `2`, or `(vertical, horizontal)`. */
export const positivePair: ValueType<Pair> = {
  expects: 'a positive whole number, or two: (vertical, horizontal)',
  suggestions: ['1', '2'],
  parse(value) {
    if (value.type === 'number') return isInteger(value.value, 1) ? { y: value.value, x: value.value } : undefined;
    return value.type === 'tuple' ? pairOf(integers(value.items, 1)) : undefined;
  },
  print: (pair) => (pair.y === pair.x ? printNumber(pair.y) : `(${pair.y}, ${pair.x})`),
};

/** `0`, or `(vertical, horizontal)`. */
export const wholePair: ValueType<Pair> = {
  expects: 'a whole number, 0 or more, or two: (vertical, horizontal)',
  suggestions: ['0', '1'],
  parse(value) {
    if (value.type === 'number') return isInteger(value.value, 0) ? { y: value.value, x: value.value } : undefined;
    return value.type === 'tuple' ? pairOf(integers(value.items, 0)) : undefined;
  },
  print: positivePair.print,
};

/** `1`, `(vertical, horizontal)`, `(top, right, bottom, left)`, `same`, `valid` or `fit`. */
export const padding: ValueType<Padding> = {
  expects: 'a whole number, (vertical, horizontal), (top, right, bottom, left), same, valid or fit',
  suggestions: ['same', 'valid', 'fit', '0', '1', '2'],
  parse(value) {
    if (value.type === 'word') {
      const mode = (['same', 'valid', 'fit'] as const).find((word) => word === value.value);
      return mode && { mode };
    }
    if (value.type === 'number') return isInteger(value.value, 0) ? evenPadding(value.value, value.value) : undefined;
    const sides = value.type === 'tuple' ? integers(value.items, 0) : undefined;
    const [top, right, bottom, left] = sides ?? [];
    if (top === undefined || right === undefined) return undefined;
    if (sides?.length === 2) return evenPadding(top, right);
    return sides?.length === 4 && bottom !== undefined && left !== undefined
      ? { mode: 'explicit', top, right, bottom, left }
      : undefined;
  },
  print(padding) {
    if (padding.mode !== 'explicit') return padding.mode;
    const { top, right, bottom, left } = padding;
    if (top !== bottom || left !== right) return `(${top}, ${right}, ${bottom}, ${left})`;
    return top === left ? printNumber(top) : `(${top}, ${left})`;
  },
};

/** Amounts on the four sides, written as padding is, without its words. */
export const sides: ValueType<Extract<Padding, { mode: 'explicit' }>> = {
  expects: 'a whole number, (vertical, horizontal) or (top, right, bottom, left)',
  suggestions: ['1', '2'],
  parse(value) {
    const parsed = padding.parse(value);
    return parsed?.mode === 'explicit' ? parsed : undefined;
  },
  print: padding.print,
};

export const evenPadding = (vertical: number, horizontal: number): Padding => ({
  mode: 'explicit',
  top: vertical,
  right: horizontal,
  bottom: vertical,
  left: horizontal,
});

/** `32x32x3`, or `(height, width, channels)` where an expression is needed. */
export const shape: ValueType<Shape> = {
  expects: 'a size: height x width x channels, such as 32x32x3',
  suggestions: ['32x32x3', '28x28x1', '224x224x3'],
  parse(value) {
    const numbers = value.type === 'size' ? value.value : value.type === 'tuple' ? integers(value.items, 1) : undefined;
    if (numbers?.length !== 3 || !numbers.every((n) => isInteger(n, 1))) return undefined;
    const [height, width, channels] = numbers as [number, number, number];
    return { height, width, channels };
  },
  print: (value) => `${value.height}x${value.width}x${value.channels}`,
};

/** One number for all channels, or one a channel in parentheses. */
export const numberPerChannel: ValueType<readonly number[]> = {
  expects: 'a number, or one number a channel in parentheses',
  suggestions: [],
  parse(value) {
    const items = value.type === 'tuple' ? value.items : [value];
    const numbers: number[] = [];
    for (const item of items) {
      if (item.type !== 'number' || !Number.isFinite(item.value)) return undefined;
      numbers.push(item.value);
    }
    return numbers.length > 0 ? numbers : undefined;
  },
  print: (values) => (values.length === 1 ? printNumber(values[0] as number) : `(${values.join(', ')})`),
};
