import { describe, expect, it } from 'vitest';
import { channelNames, formatPercent, formatTime, formatValue } from '../../src/preview/format.js';
import { topScores } from '../../src/preview/top-scores.js';

describe('numbers as the panel prints them', () => {
  it.each([
    [0, '0'],
    [0.43121, '0.4312'],
    [-12.3456, '−12.35'],
    [138357544, '1.38e+8'],
    [0.00001234, '1.23e−5'],
    [Number.NaN, 'not a number'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('the value %d is %s', (value, text) => expect(formatValue(value)).toBe(text));

  it.each([
    [0.041, '< 0.1 ms'],
    [0.44, '0.4 ms'],
    [12.34, '12 ms'],
    [250.4, '250 ms'],
    [1234, '1.2 s'],
  ])('%d ms is %s', (time, text) => expect(formatTime(time)).toBe(text));

  it.each([
    [0, '0.0 %'],
    [0.0004, '< 0.1 %'],
    [0.198, '19.8 %'],
  ])('the share %d is %s', (share, text) => expect(formatPercent(share)).toBe(text));
});

it('names channels, of many the first', () => {
  expect(channelNames([3, 7])).toBe('3, 7');
  expect(channelNames([...Array(20).keys()])).toBe('0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …');
});

describe('the top scores', () => {
  it('come strongest first, equal ones in order, without what is no number', () =>
    expect(topScores(Float32Array.of(1, Number.NaN, 3, -1, 3), 3)).toEqual([
      { index: 2, value: 3 },
      { index: 4, value: 3 },
      { index: 0, value: 1 },
    ]));
});
