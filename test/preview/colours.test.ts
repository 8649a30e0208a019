import { describe, expect, it } from 'vitest';
import {
  colourOf,
  colourRange,
  diverging,
  isLight,
  NOT_A_NUMBER,
  type Palette,
  paletteFor,
  sequential,
} from '../../src/preview/colours.js';

/** Relative luminance after WCAG 2, 0 for black to 1 for white. */
function luminance(colour: number): number {
  const linear = [colour, colour >> 8, colour >> 16].map((byte) => {
    const part = (byte & 255) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

/** What a byte rounded the other way changes. */
const ROUNDING = 3e-3;

const rises = (colours: readonly number[]) =>
  colours.every((colour, i) => i === 0 || luminance(colour) >= luminance(colours[i - 1] ?? 0) - ROUNDING);
const half = (palette: Palette) => ({
  negative: [...palette.slice(0, 128)].reverse(),
  positive: [...palette.slice(128)],
});

describe('colour maps', () => {
  it('viridis grows lighter from zero up', () => expect(rises([...sequential])).toBe(true));

  it('signed numbers grow lighter on dark and darker on light, away from zero in both directions', () => {
    const dark = half(diverging.dark);
    expect(rises(dark.negative) && rises(dark.positive)).toBe(true);
    const light = half(diverging.light);
    expect(rises(light.negative.reverse()) && rises(light.positive.reverse())).toBe(true);
  });

  it('equal sizes of opposite signs differ in colour, not much in lightness', () => {
    const ends = [diverging.dark[0] ?? 0, diverging.dark[255] ?? 0].map(luminance);
    expect(Math.abs((ends[0] ?? 0) - (ends[1] ?? 0))).toBeLessThan(0.15);
  });

  it('is opaque throughout', () => {
    for (const colour of [...sequential, ...diverging.dark, ...diverging.light]) expect(colour >>> 24).toBe(255);
  });
});

describe('normalisation', () => {
  it('starts at zero where nothing is negative, and is symmetric otherwise', () => {
    expect(colourRange(2, 8)).toEqual({ low: 0, high: 8 });
    expect(colourRange(-3, 1)).toEqual({ low: -3, high: 3 });
    expect(colourRange(-1, 4)).toEqual({ low: -4, high: 4 });
  });

  it('puts zero at the first colour or in the middle', () => {
    const positive = colourRange(0, 5);
    expect(colourOf(0, positive, paletteFor(positive, 'dark'))).toBe(sequential[0]);
    const signed = colourRange(-5, 2);
    expect([diverging.dark[127], diverging.dark[128]]).toContain(colourOf(0, signed, paletteFor(signed, 'dark')));
  });

  it('clips what is outside, and shows what is no number as such', () => {
    const range = colourRange(0, 1);
    expect(colourOf(Number.POSITIVE_INFINITY, range, sequential)).toBe(sequential[255]);
    expect(colourOf(Number.NEGATIVE_INFINITY, range, sequential)).toBe(sequential[0]);
    expect(colourOf(Number.NaN, range, sequential)).toBe(NOT_A_NUMBER);
    expect([...sequential]).not.toContain(NOT_A_NUMBER);
  });

  it('shows a layer of zeros in the colour of zero', () =>
    expect(colourOf(0, colourRange(0, 0), sequential)).toBe(sequential[0]));
});

it('writes on every colour so that it can be read', () => {
  for (const colour of [...sequential, ...diverging.light, ...diverging.dark]) {
    const ground = luminance(colour) + 0.05;
    expect(isLight(colour) ? ground / 0.05 : 1.05 / ground).toBeGreaterThanOrEqual(4.5);
  }
});
