import type { Picture } from '../picture.js';
import { type Random, randomFrom } from '../random.js';
import { type Colour, paint, smoothStep } from './paint.js';

/** A point of a digit's drawing: x right, y down, both about 0 to 1. */
export type Point = readonly [number, number];

/** The points a pen passes through, in order. */
type Stroke = readonly Point[];

/** How each digit is written; the curve through the points is smooth, a point given twice makes a corner. */
const strokes: readonly (readonly Stroke[])[] = [
  [
    [
      [0.52, 0.02],
      [0.24, 0.2],
      [0.16, 0.56],
      [0.3, 0.93],
      [0.56, 0.97],
      [0.8, 0.74],
      [0.83, 0.36],
      [0.68, 0.08],
      [0.46, 0.03],
    ],
  ],
  [
    [
      [0.34, 0.22],
      [0.56, 0.03],
      [0.56, 0.03],
      [0.54, 0.5],
      [0.52, 0.98],
    ],
  ],
  [
    [
      [0.2, 0.26],
      [0.34, 0.06],
      [0.62, 0.03],
      [0.78, 0.24],
      [0.62, 0.52],
      [0.34, 0.8],
      [0.18, 0.96],
      [0.18, 0.96],
      [0.5, 0.93],
      [0.84, 0.95],
    ],
  ],
  [
    [
      [0.22, 0.13],
      [0.46, 0.02],
      [0.74, 0.12],
      [0.7, 0.36],
      [0.42, 0.47],
      [0.42, 0.47],
      [0.72, 0.56],
      [0.8, 0.78],
      [0.58, 0.97],
      [0.2, 0.9],
    ],
  ],
  [
    [
      [0.34, 0.04],
      [0.26, 0.32],
      [0.18, 0.56],
      [0.18, 0.56],
      [0.5, 0.58],
      [0.86, 0.54],
    ],
    [
      [0.7, 0.2],
      [0.66, 0.6],
      [0.62, 0.99],
    ],
  ],
  [
    [
      [0.8, 0.05],
      [0.54, 0.06],
      [0.32, 0.07],
      [0.32, 0.07],
      [0.28, 0.28],
      [0.25, 0.46],
      [0.25, 0.46],
      [0.54, 0.4],
      [0.8, 0.58],
      [0.76, 0.86],
      [0.48, 0.98],
      [0.2, 0.89],
    ],
  ],
  [
    [
      [0.68, 0.03],
      [0.4, 0.24],
      [0.22, 0.58],
      [0.26, 0.88],
      [0.52, 0.98],
      [0.76, 0.82],
      [0.72, 0.58],
      [0.48, 0.52],
      [0.26, 0.68],
    ],
  ],
  [
    [
      [0.18, 0.08],
      [0.5, 0.08],
      [0.84, 0.06],
      [0.84, 0.06],
      [0.64, 0.4],
      [0.5, 0.7],
      [0.42, 0.99],
    ],
  ],
  [
    [
      [0.72, 0.2],
      [0.52, 0.03],
      [0.28, 0.16],
      [0.36, 0.4],
      [0.6, 0.54],
      [0.78, 0.76],
      [0.56, 0.98],
      [0.26, 0.86],
      [0.34, 0.6],
      [0.62, 0.42],
      [0.72, 0.2],
    ],
  ],
  [
    [
      [0.76, 0.26],
      [0.6, 0.05],
      [0.32, 0.1],
      [0.22, 0.34],
      [0.4, 0.52],
      [0.66, 0.44],
      [0.77, 0.2],
      [0.77, 0.2],
      [0.72, 0.6],
      [0.6, 0.98],
    ],
  ],
];

/** Other ways to write a digit: a plain 1, one with a foot, an open 4, a 7 with a bar, a 9 with a round tail, a flat 0. */
const variants: Readonly<Record<number, readonly (readonly Stroke[])[]>> = {
  1: [
    [
      [
        [0.54, 0.02],
        [0.52, 0.5],
        [0.5, 0.98],
      ],
    ],
    [
      [
        [0.32, 0.24],
        [0.54, 0.03],
        [0.54, 0.03],
        [0.53, 0.5],
        [0.52, 0.96],
      ],
      [
        [0.28, 0.97],
        [0.52, 0.96],
        [0.76, 0.97],
      ],
    ],
  ],
  4: [
    [
      [
        [0.66, 0.02],
        [0.4, 0.34],
        [0.14, 0.66],
        [0.14, 0.66],
        [0.5, 0.66],
        [0.88, 0.65],
      ],
      [
        [0.66, 0.02],
        [0.65, 0.5],
        [0.64, 0.99],
      ],
    ],
  ],
  7: [
    [
      [
        [0.18, 0.08],
        [0.5, 0.08],
        [0.84, 0.06],
        [0.84, 0.06],
        [0.64, 0.4],
        [0.5, 0.7],
        [0.42, 0.99],
      ],
      [
        [0.34, 0.52],
        [0.56, 0.5],
        [0.78, 0.48],
      ],
    ],
  ],
  9: [
    [
      [
        [0.76, 0.26],
        [0.6, 0.05],
        [0.32, 0.1],
        [0.22, 0.34],
        [0.4, 0.52],
        [0.66, 0.44],
        [0.77, 0.2],
        [0.77, 0.2],
        [0.8, 0.6],
        [0.66, 0.92],
        [0.4, 0.97],
        [0.22, 0.86],
      ],
    ],
  ],
};

/** Points of the polyline between two points of a stroke. */
const PIECES = 10;

/** How somebody writes. */
export interface Hand {
  readonly slant: number;
  readonly tilt: number;
  readonly wide: number;
  /** Part of the picture that the digit fills. */
  readonly size: number;
  /** How far each point strays: a standard deviation. */
  readonly wobble: number;
}

/** The lines of a digit as somebody writes it, in a unit square; `variant` chooses among the ways to write it. */
export function digitLines(
  digit: number,
  { slant, tilt, wide, size, wobble }: Hand,
  random: Random,
  variant = 0,
): readonly Stroke[] {
  const place = ([x, y]: Point): Point => {
    const u = (x - 0.5) * wide + random.normal() * wobble;
    const v = y - 0.5 + random.normal() * wobble;
    return [0.5 + size * (u - slant * v), 0.5 + size * (v + tilt * u)];
  };
  const ways = [strokes[digit] ?? [], ...(variants[digit] ?? [])];
  return (ways[variant % ways.length] ?? []).map((stroke) => smoothLine(placed(stroke, place)));
}

/**
 * A digit (0–9) as if written by hand: white on black, as MNIST has them, filling the middle 20 of 28 parts. The seed
 * chooses slant, size, thickness, the wobble of the pen and a little noise; the same seed draws the same digit.
 */
export function drawDigit(digit: number, seed: number, width: number, height: number): Picture {
  const random = randomFrom(`digit ${digit} ${seed}`);
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  const hand = { slant: between(-0.08, 0.3), tilt: between(-0.1, 0.1), wide: between(0.86, 1.08), size: 0.7 };
  const thickness = between(0.032, 0.05);
  const lines = digitLines(digit, { ...hand, wobble: between(0.01, 0.025) }, random);
  const picture = paint(width, height, (x, y): Colour => {
    const ink = smoothStep(thickness + 0.016, thickness - 0.016, distanceTo(lines, x, y));
    return [ink, ink, ink];
  });
  addNoise(picture, () => random.normal() * 5);
  return picture;
}

/** Moves the points of a stroke; equal neighbours stay equal, so that corners stay corners. */
function placed(stroke: Stroke, place: (point: Point) => Point): Stroke {
  const points: Point[] = [];
  for (const [i, point] of stroke.entries()) {
    const before = stroke[i - 1];
    const repeated = before?.[0] === point[0] && before[1] === point[1] ? points[i - 1] : undefined;
    points.push(repeated ?? place(point));
  }
  return points;
}

/** The curve through the points of a stroke (Catmull–Rom), as a polyline. */
function smoothLine(stroke: Stroke): Stroke {
  const line: Point[] = [];
  for (let i = 0; i + 1 < stroke.length; i++) {
    const p1 = stroke[i] as Point;
    const p2 = stroke[i + 1] as Point;
    const p0 = stroke[i - 1] ?? p1;
    const p3 = stroke[i + 2] ?? p2;
    const along = (axis: 0 | 1, t: number) =>
      0.5 *
      (2 * p1[axis] +
        (p2[axis] - p0[axis]) * t +
        (2 * p0[axis] - 5 * p1[axis] + 4 * p2[axis] - p3[axis]) * t * t +
        (3 * p1[axis] - p0[axis] - 3 * p2[axis] + p3[axis]) * t * t * t);
    for (let piece = 0; piece < PIECES; piece++) line.push([along(0, piece / PIECES), along(1, piece / PIECES)]);
  }
  const last = stroke.at(-1);
  if (last) line.push(last);
  return line;
}

/** How far a point is from the nearest line. */
function distanceTo(lines: readonly Stroke[], x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const line of lines)
    for (let i = 0; i + 1 < line.length; i++) {
      const [ax, ay] = line[i] as Point;
      const [bx, by] = line[i + 1] as Point;
      const dx = bx - ax;
      const dy = by - ay;
      const squared = dx * dx + dy * dy;
      const t = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
      nearest = Math.min(nearest, Math.hypot(x - ax - t * dx, y - ay - t * dy));
    }
  return nearest;
}

/** Grey noise on what is not black: MNIST's paper is clean, its ink is not. */
function addNoise({ data }: Picture, grey: () => number): void {
  for (let pixel = 0; pixel < data.length; pixel += 4) {
    const value = data[pixel] as number;
    if (value > 0) data.fill(value + grey(), pixel, pixel + 3);
  }
}
