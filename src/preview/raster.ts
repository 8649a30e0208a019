import { type ColourRange, colourOf, colourRange, type Palette, paletteFor, type Scheme } from './colours.js';
import type { ChannelStatistics, Volume } from './statistics.js';
import type { Rect } from './unit/places.js';

/** Pictures of equal size, one after the other, as a canvas takes them (RGBA). */
export interface Pictures {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** `layer`: one range for all maps, so that strong and weak ones can be told apart; `map`: each map's own, so that each shows its pattern. */
export type Contrast = 'layer' | 'map';

export interface MapRequest {
  readonly channels: readonly number[];
  readonly contrast: Contrast;
  readonly scheme: Scheme;
  /** Larger maps are averaged down by a whole factor until neither side is longer. */
  readonly longest: number;
}

const reductionOf = (height: number, width: number, longest: number): number =>
  Math.max(1, Math.ceil(Math.max(height, width) / longest));

/** The activation maps of some channels, coloured. */
export function rasteriseMaps(volume: Volume, extremes: ChannelStatistics, request: MapRequest): Pictures {
  const step = reductionOf(volume.height, volume.width, request.longest);
  const height = Math.ceil(volume.height / step);
  const width = Math.ceil(volume.width / step);
  const count = request.channels.length;
  const words = new Uint32Array(count * height * width);
  const whole = rangeOver(extremes);
  for (const [map, channel] of request.channels.entries()) {
    const own = colourRange(extremes.min[channel] ?? 0, extremes.max[channel] ?? 0);
    // A map that is never negative among signed ones keeps their palette: the strip reads as one.
    const range: ColourRange =
      request.contrast === 'layer' ? whole : whole.low < 0 ? { low: -own.high, high: own.high } : own;
    const palette = paletteFor(whole, request.scheme);
    const target = words.subarray(map * height * width, (map + 1) * height * width);
    if (step === 1) paintMap(volume, channel, range, palette, target);
    else paintReduced(volume, channel, step, range, palette, target, height, width);
  }
  return { width, height, count, pixels: new Uint8ClampedArray(words.buffer) };
}

function rangeOver({ min, max }: ChannelStatistics): ColourRange {
  let least = 0;
  let most = 0;
  for (let channel = 0; channel < min.length; channel++) {
    least = Math.min(least, min[channel] as number);
    most = Math.max(most, max[channel] as number);
  }
  return colourRange(least, most);
}

function paintMap(volume: Volume, channel: number, range: ColourRange, palette: Palette, target: Uint32Array): void {
  const { channels, data } = volume;
  for (let pixel = 0; pixel < target.length; pixel++)
    target[pixel] = colourOf(data[pixel * channels + channel] as number, range, palette);
}

function paintReduced(
  { height, width, channels, data }: Volume,
  channel: number,
  step: number,
  range: ColourRange,
  palette: Palette,
  target: Uint32Array,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const bottom = Math.min((row + 1) * step, height);
      const right = Math.min((column + 1) * step, width);
      let sum = 0;
      for (let y = row * step; y < bottom; y++)
        for (let x = column * step; x < right; x++) sum += data[(y * width + x) * channels + channel] as number;
      const count = (bottom - row * step) * (right - column * step);
      target[row * columns + column] = colourOf(sum / count, range, palette);
    }
}

/** Filters of a first convolution as small pictures: zero is grey, each filter stretched to its own strongest weight. `weights` is OIHW. */
export function rasteriseFilters(
  weights: Float32Array,
  [filters, depth, height, width]: readonly [number, number, number, number],
): Pictures {
  const area = height * width;
  const pixels = new Uint8ClampedArray(filters * area * 4);
  for (let filter = 0; filter < filters; filter++) {
    const own = weights.subarray(filter * depth * area, (filter + 1) * depth * area);
    let strongest = 0;
    for (const weight of own) strongest = Math.max(strongest, Math.abs(weight));
    const grey = (weight: number) => (strongest > 0 ? 127.5 + (127.5 * weight) / strongest : 127.5);
    for (let place = 0; place < area; place++) {
      const target = (filter * area + place) * 4;
      for (let colour = 0; colour < 3; colour++)
        pixels[target + colour] = grey(own[(depth === 3 ? colour : 0) * area + place] as number);
      pixels[target + 3] = 255;
    }
  }
  return { width, height, count: filters, pixels };
}

/**
 * How every filter looks at one channel of its input, in the signed palette: all filters of the layer share one range, so that
 * strong and weak ones can be told apart. `weights` is OIHW.
 */
export function rasteriseFiltersAt(
  weights: Float32Array,
  [filters, depth, height, width]: readonly [number, number, number, number],
  channel: number,
  scheme: Scheme,
): Pictures {
  const area = height * width;
  let strongest = 0;
  for (const weight of weights) strongest = Math.max(strongest, Math.abs(weight));
  const range = { low: -strongest, high: strongest };
  const palette = paletteFor(range, scheme);
  const words = new Uint32Array(filters * area);
  for (let filter = 0; filter < filters; filter++)
    for (let place = 0; place < area; place++)
      words[filter * area + place] = colourOf(
        weights[(filter * depth + channel) * area + place] as number,
        range,
        palette,
      );
  return { width, height, count: filters, pixels: new Uint8ClampedArray(words.buffer) };
}

/** A volume of one or three channels as the picture it was made from: grey, or red, green and blue, from 0 to 1. */
export function rasterisePicture(
  { height, width, channels, data }: Volume,
  toPixel: (value: number, channel: number) => number,
): Pictures {
  const pixels = new Uint8ClampedArray(height * width * 4);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      const channel = channels === 3 ? colour : 0;
      pixels[pixel * 4 + colour] = 255 * toPixel(data[pixel * channels + channel] as number, channel);
    }
    pixels[pixel * 4 + 3] = 255;
  }
  return { width, height, count: 1, pixels };
}

/** Of what speaks for something and of what speaks against it: red, green, blue. */
const FOR = [255, 138, 40] as const;
const AGAINST = [64, 150, 255] as const;

/** Numbers laid over a picture of their size, which turns grey: the stronger a number, the stronger its sign's colour. */
export function overlay(picture: Pictures, { data }: Volume): Pictures {
  let strongest = 0;
  for (const value of data) strongest = Math.max(strongest, Math.abs(value));
  const pixels = new Uint8ClampedArray(picture.pixels);
  for (const [pixel, value] of data.entries()) {
    const share = strongest > 0 ? Math.abs(value) / strongest : 0;
    const colour = value < 0 ? AGAINST : FOR;
    const grey = greyAt(picture, pixel) * 0.7;
    for (let c = 0; c < 3; c++) pixels[4 * pixel + c] = grey + share * ((colour[c] as number) - grey);
  }
  return { ...picture, pixels };
}

/** A picture that is dark outside of a region: 1 for each pixel inside, 0 outside. */
export function spotlight(picture: Pictures, region: Uint8Array): Pictures {
  const pixels = new Uint8ClampedArray(picture.pixels);
  for (const [pixel, inside] of region.entries()) {
    if (inside) continue;
    const grey = greyAt(picture, pixel) * 0.25;
    pixels.fill(grey, 4 * pixel, 4 * pixel + 3);
  }
  return { ...picture, pixels };
}

const greyAt = ({ pixels }: Pictures, pixel: number): number =>
  0.299 * (pixels[4 * pixel] as number) +
  0.587 * (pixels[4 * pixel + 1] as number) +
  0.114 * (pixels[4 * pixel + 2] as number);

/** What lies around a rectangle of a picture, as a square of `side` pixels; beyond the picture it is transparent. */
export function squareOf({ width, height, pixels }: Pictures, rect: Rect, side: number): Uint8ClampedArray {
  const extent = Math.max(rect.height, rect.width, 1);
  const [top, left] = [rect.top + (rect.height - extent) / 2, rect.left + (rect.width - extent) / 2];
  const square = new Uint8ClampedArray(side * side * 4);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const row = Math.floor(top + ((y + 0.5) / side) * extent);
      const column = Math.floor(left + ((x + 0.5) / side) * extent);
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      const from = (row * width + column) * 4;
      square.set(pixels.subarray(from, from + 4), (y * side + x) * 4);
    }
  return square;
}
