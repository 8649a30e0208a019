import type { Shape } from '../../network/shape.js';
import { type Random, randomFrom } from '../random.js';
import { digitLines, type Point } from '../samples/digits.js';
import { type Dataset, drawnDataset, type SplitDataset } from './dataset.js';

const CLASSES = Array.from({ length: 10 }, (_, digit) => `${digit}`);
const TRAIN_COUNT = 8000;
const TEST_COUNT = 1000;

/**
 * Digits as if written by many hands: in slant, size, place, thickness, wobble and ways of writing, with noise and smudges. As
 * many of each class; the pictures of the test are always the same, and none of them is in training.
 */
export const digits = (shape: Shape): SplitDataset => ({
  train: part('train', TRAIN_COUNT, shape),
  test: part('test', TEST_COUNT, shape),
});

const part = (name: string, count: number, shape: Shape): Dataset =>
  drawnDataset(CLASSES, count, shape, (index, to) => {
    const digit = index % 10;
    writeDigit(digit, randomFrom(`digits ${name} ${index}`), shape, to);
    return digit;
  });

function writeDigit(digit: number, random: Random, { height, width, channels }: Shape, to: Float32Array): void {
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  const hand = {
    slant: between(-0.2, 0.42),
    tilt: between(-0.16, 0.16),
    wide: between(0.72, 1.15),
    size: between(0.56, 0.8),
    wobble: between(0.008, 0.032),
  };
  const lines = digitLines(digit, hand, random, Math.floor(random.uniform() * 3));
  const thickness = between(0.022, 0.06);
  const right = between(-0.07, 0.07);
  const down = between(-0.07, 0.07);
  const ink = between(0.75, 1);
  const paper = between(0, 0.06);
  const grain = between(0, 0.06);
  const distances = distancesTo(lines, width, height, right, down);
  const soft = 0.6 / Math.min(width, height);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const edge = (thickness + soft - Math.sqrt(distances[pixel] as number)) / (2 * soft);
    const covered = Math.min(1, Math.max(0, edge));
    const value = paper + (ink - paper) * covered + grain * random.normal();
    to.fill(value, pixel * channels, (pixel + 1) * channels);
  }
}

/** How far, at most, a pixel is asked about: beyond there is no ink. */
const REACH = 0.1;

/** The square of each pixel's distance to the nearest line, in units of the shorter side; large beyond {@link REACH}. */
function distancesTo(
  lines: readonly (readonly Point[])[],
  width: number,
  height: number,
  right: number,
  down: number,
): Float32Array {
  const unit = Math.min(width, height);
  const distances = new Float32Array(width * height).fill(1);
  const column = (x: number) => (x + right - 0.5) * unit + width / 2;
  const row = (y: number) => (y + down - 0.5) * unit + height / 2;
  const reach = REACH * unit;
  for (const line of lines)
    for (let i = 0; i + 1 < line.length; i++) {
      const [ax, ay] = [column((line[i] as Point)[0]), row((line[i] as Point)[1])];
      const [bx, by] = [column((line[i + 1] as Point)[0]), row((line[i + 1] as Point)[1])];
      const dx = bx - ax;
      const dy = by - ay;
      const squared = dx * dx + dy * dy;
      const lastRow = Math.min(height - 1, Math.ceil(Math.max(ay, by) + reach));
      const lastColumn = Math.min(width - 1, Math.ceil(Math.max(ax, bx) + reach));
      for (let y = Math.max(0, Math.floor(Math.min(ay, by) - reach)); y <= lastRow; y++)
        for (let x = Math.max(0, Math.floor(Math.min(ax, bx) - reach)); x <= lastColumn; x++) {
          const px = x + 0.5 - ax;
          const py = y + 0.5 - ay;
          const t = squared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
          const ex = (px - t * dx) / unit;
          const ey = (py - t * dy) / unit;
          const distance = ex * ex + ey * ey;
          const at = y * width + x;
          if (distance < (distances[at] as number)) distances[at] = distance;
        }
    }
  return distances;
}
