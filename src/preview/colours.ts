/**
 * Colour maps: how a number becomes a colour. Numbers that are never negative are shown in viridis (van der Walt & Smith
 * 2015), whose lightness rises evenly from zero up; signed ones in two hues that meet at zero, which takes the lightness of
 * the theme's background so that what is strong stands out from it, whichever its sign.
 */

export type Scheme = 'light' | 'dark';

/** 256 colours, each as the four bytes of a canvas pixel (red, green, blue, alpha) in a 32-bit word. */
export type Palette = Uint32Array;

type Rgb = readonly [red: number, green: number, blue: number];

/** Viridis at sixteen even steps. */
const VIRIDIS = [
  '440154', '481a6c', '472f7d', '414487', '39568c', '31688e', '2a788e', '23888e',
  '1f988b', '22a884', '35b779', '54c568', '7ad151', 'a5db36', 'd2e21b', 'fde725',
]; // biome-ignore format: a row is eight steps

/** From most negative over zero to most positive. */
const DIVERGING: Readonly<Record<Scheme, readonly string[]>> = {
  light: ['0b3d8c', '2f74c0', '7fb2de', 'c9dff0', 'f7f7f5', 'f6d3c1', 'e8956f', 'c9482f', '8a0d25'],
  dark: ['b5dcff', '74b6f5', '3f86cf', '245893', '14161a', '7a3520', 'be5c35', 'ee9263', 'ffd6b5'],
};

const parse = (hex: string): Rgb => {
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

const word = ([red, green, blue]: Rgb): number => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

function interpolate(stops: readonly string[]): Palette {
  const colours = stops.map(parse);
  const palette = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (colours.length - 1);
    const below = Math.min(Math.floor(place), colours.length - 2);
    const [a, b] = [colours[below] as Rgb, colours[below + 1] as Rgb];
    const mix = (k: 0 | 1 | 2) => Math.round(a[k] + (b[k] - a[k]) * (place - below));
    palette[i] = word([mix(0), mix(1), mix(2)]);
  }
  return palette;
}

export const sequential: Palette = interpolate(VIRIDIS);

export const diverging: Readonly<Record<Scheme, Palette>> = {
  light: interpolate(DIVERGING.light),
  dark: interpolate(DIVERGING.dark),
};

/** What is no number (0/0, ∞ − ∞) is shown in a colour no palette has. */
export const NOT_A_NUMBER = word([255, 0, 220]);

/** The numbers that the two ends of a palette stand for. */
export interface ColourRange {
  readonly low: number;
  readonly high: number;
}

/** Zero stays the first colour of viridis and the middle of the signed palette, so that pictures can be compared. */
export const colourRange = (min: number, max: number): ColourRange => {
  if (min >= 0) return { low: 0, high: max };
  const reach = Math.max(-min, max);
  return { low: -reach, high: reach };
};

/** The range of some numbers, zero always among them; those that are not finite do not count. */
export function rangeOf(numbers: ArrayLike<number>): ColourRange {
  let [min, max] = [0, 0];
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    if (Number.isFinite(value)) [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  return colourRange(min, max);
}

export const paletteFor = (range: ColourRange, scheme: Scheme): Palette =>
  range.low < 0 ? diverging[scheme] : sequential;

/** The colour of one number. */
export function colourOf(value: number, { low, high }: ColourRange, palette: Palette): number {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  if (high <= low) return palette[0] as number;
  const index = Math.round(((value - low) / (high - low)) * 255);
  return palette[Math.max(0, Math.min(index, 255))] as number;
}

/** The colour as a style sheet writes it, for the legend. */
export const cssColour = (colour: number): string =>
  `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;

/** The share of light that a byte of a colour in sRGB stands for. */
const lightOf = (byte: number): number => {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/**
 * Whether black writing stands out from the colour more than white: by the contrast of WCAG, (L₁ + 0.05)/(L₂ + 0.05), which is the
 * same for both at √(1.05 · 0.05) − 0.05. The better of the two is never below the 4.5 that is asked for.
 */
export const isLight = (colour: number): boolean =>
  0.2126 * lightOf(colour & 255) + 0.7152 * lightOf((colour >> 8) & 255) + 0.0722 * lightOf((colour >> 16) & 255) >
  Math.sqrt(1.05 * 0.05) - 0.05;
