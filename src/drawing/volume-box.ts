import type { Shape } from '../network/shape.js';

/**
 * A volume as a box in the proportions of its height, width and depth, as in a lecture's figures: its face is a map, and its
 * channels go to the back. Sides are drawn by their square roots, so that 224 and 7 pixels fit on one page.
 */
export interface VolumeBox {
  /** Of the front face. */
  readonly faceWidth: number;
  readonly faceHeight: number;
  /** How far the back is shifted to the right, and by half as much up. */
  readonly depth: number;
  /** Of the whole drawing. */
  readonly width: number;
  readonly height: number;
}

const LARGEST_FACE = 56;
const DEEPEST = 44;
const RISE = 0.5;

const side = (pixels: number): number => Math.max(4, Math.min(LARGEST_FACE, 3.75 * Math.sqrt(pixels)));

/** The box of a volume, in pixels of the drawing. */
export function boxOf({ height, width, channels }: Shape): VolumeBox {
  const [faceWidth, faceHeight] = [side(width), side(height)];
  const depth = Math.max(2, Math.min(DEEPEST, 1.4 * Math.sqrt(channels)));
  return { faceWidth, faceHeight, depth, width: faceWidth + depth, height: faceHeight + depth * RISE };
}

export type Point = readonly [x: number, y: number];

export interface BoxFaces {
  readonly front: readonly Point[];
  readonly top: readonly Point[];
  readonly right: readonly Point[];
}

/** The corners of the three faces that are seen, of a box whose drawing begins at the top left. */
export function facesOf({ faceWidth, faceHeight, depth }: VolumeBox, left = 0, top = 0): BoxFaces {
  const rise = depth * RISE;
  const [x0, x1, y0, y1] = [left, left + faceWidth, top + rise, top + rise + faceHeight];
  return {
    front: [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ],
    top: [
      [x0, y0],
      [x0 + depth, top],
      [x1 + depth, top],
      [x1, y0],
    ],
    right: [
      [x1, y0],
      [x1 + depth, top],
      [x1 + depth, y1 - rise],
      [x1, y1],
    ],
  };
}
