import type { Picture } from '../picture.js';

/** Red, green, blue between 0 and 1. */
export type Colour = readonly [number, number, number];

/** The colour at a point; x runs right and y down, both 0 to 1 over the shorter side of the picture, (0, 0) its centre ± ½. */
export type Shader = (x: number, y: number) => Colour;

/** Points a pixel is averaged over, per axis. */
const SAMPLES = 3;

/**
 * Evaluates a shader over a picture, each pixel the mean of {@link SAMPLES}² points. The unit square lies in the middle of
 * the picture and spans its shorter side; a longer side shows more of the scene.
 */
export function paint(width: number, height: number, shader: Shader): Picture {
  const data = new Uint8ClampedArray(width * height * 4);
  const unit = Math.min(width, height);
  const left = (unit - width) / 2;
  const top = (unit - height) / 2;
  for (let py = 0; py < height; py++)
    for (let px = 0; px < width; px++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let s = 0; s < SAMPLES * SAMPLES; s++) {
        const x = (left + px + ((s % SAMPLES) + 0.5) / SAMPLES) / unit;
        const y = (top + py + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES) / unit;
        const colour = shader(x, y);
        red += colour[0];
        green += colour[1];
        blue += colour[2];
      }
      const share = 255 / (SAMPLES * SAMPLES);
      data.set([red * share, green * share, blue * share, 255], (py * width + px) * 4);
    }
  return { width, height, data };
}

/** `#rrggbb` */
export const hex = (code: string): Colour => [
  Number.parseInt(code.slice(1, 3), 16) / 255,
  Number.parseInt(code.slice(3, 5), 16) / 255,
  Number.parseInt(code.slice(5, 7), 16) / 255,
];

/** From `a` (0) to `b` (1). */
export const mix = (a: Colour, b: Colour, amount: number): Colour => {
  const t = Math.min(1, Math.max(0, amount));
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
};

/** 0 below `from`, 1 above `to`, smooth between. */
export const smoothStep = (from: number, to: number, value: number): number => {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
};

/** A number from 0 to 1 for each point of a grid, always the same. */
const latticeNoise = (x: number, y: number): number => {
  let hash = Math.imul(x, 374761393) + Math.imul(y, 668265263);
  hash = Math.imul(hash ^ (hash >>> 13), 1274126177);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
};

/** Value noise: smooth, 0 to 1, features about 1 wide (Perlin's older, simpler sibling). */
export function noise(x: number, y: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const tx = smoothStep(0, 1, x - ix);
  const ty = smoothStep(0, 1, y - iy);
  const top = latticeNoise(ix, iy) * (1 - tx) + latticeNoise(ix + 1, iy) * tx;
  const bottom = latticeNoise(ix, iy + 1) * (1 - tx) + latticeNoise(ix + 1, iy + 1) * tx;
  return top * (1 - ty) + bottom * ty;
}

/** Three octaves of {@link noise}, 0 to 1. */
export const cloudNoise = (x: number, y: number): number =>
  (noise(x, y) * 4 + noise(2 * x + 17, 2 * y + 5) * 2 + noise(4 * x + 3, 4 * y + 29)) / 7;
