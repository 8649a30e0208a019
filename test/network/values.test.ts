import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boolean,
  evenPadding,
  kernelSize,
  LARGEST_INTEGER,
  number,
  numberPerChannel,
  oneOf,
  padding,
  positiveInteger,
  positivePair,
  shape,
  string,
  type Value,
  type ValueType,
  wholeNumber,
} from '../../src/network/values.js';
import { readValue } from './build.js';

const whole = fc.integer({ min: 0, max: LARGEST_INTEGER });
const positive = fc.integer({ min: 1, max: LARGEST_INTEGER });
/** The language writes no sign of zero. */
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
const sides = fc.record({
  mode: fc.constant('explicit' as const),
  top: whole,
  right: whole,
  bottom: whole,
  left: whole,
});

const types: Readonly<Record<string, readonly [ValueType<unknown>, fc.Arbitrary<unknown>]>> = {
  positiveInteger: [positiveInteger, positive],
  wholeNumber: [wholeNumber, whole],
  number: [number('a number'), real],
  boolean: [boolean, fc.boolean()],
  string: [string, fc.string().filter((text) => !/["\r\n]/.test(text))],
  oneOf: [oneOf('strict', 'floor'), fc.constantFrom('strict', 'floor')],
  kernelSize: [kernelSize, fc.record({ y: positive, x: positive })],
  positivePair: [positivePair, fc.record({ y: positive, x: positive })],
  padding: [
    padding,
    fc.oneof(
      sides,
      fc.tuple(whole, whole).map(([y, x]) => evenPadding(y, x)),
      fc.constantFrom({ mode: 'same' }, { mode: 'fit' }),
    ),
  ],
  shape: [shape, fc.record({ height: positive, width: positive, channels: positive })],
  numberPerChannel: [numberPerChannel, fc.array(real, { minLength: 1, maxLength: 5 })],
};

test.each(Object.entries(types))('%s: parse ∘ print is the identity', (_, [type, values]) => {
  fc.assert(
    fc.property(values, (value) => {
      expect(type.parse(readValue(type.print(value)))).toEqual(value);
    }),
  );
});

test.each(Object.entries(types))('%s takes what it suggests', (_, [type]) => {
  for (const suggestion of type.suggestions) expect(type.parse(readValue(suggestion))).toBeDefined();
});

describe('refused', () => {
  const num = (value: number): Value => ({ type: 'number', value });
  test.each<[string, ValueType<unknown>, Value]>([
    ['no filters', positiveInteger, num(0)],
    ['half a filter', positiveInteger, num(2.5)],
    ['beyond 2^31 − 1', positiveInteger, num(2 ** 31)],
    ['not a number', positiveInteger, num(Number.NaN)],
    ['negative padding', padding, num(-1)],
    ['three paddings', padding, readValue('(1, 2, 3)')],
    ['an unknown word', padding, readValue('full')],
    ['a three-dimensional kernel', kernelSize, readValue('3x3x3')],
    ['an empty kernel', kernelSize, readValue('0x3')],
    ['a stride written as a size', positivePair, readValue('2x2')],
    ['an input without channels', shape, readValue('32x32')],
    ['an infinite number', number('a number'), num(Number.POSITIVE_INFINITY)],
  ])('%s', (_, type, value) => {
    expect(type.parse(value)).toBeUndefined();
  });
});
