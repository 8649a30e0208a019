import type { Shape } from '../../network/shape.js';
import { type Random, randomFrom } from '../random.js';
import { type Dataset, drawnDataset, type SplitDataset } from './dataset.js';

const TRAIN_COUNT = 4000;
const TEST_COUNT = 500;

/** How light a point is, 0 to 1: x runs right and y down, (0, 0) the centre ± ½. */
type Tone = (x: number, y: number) => number;

const DIAGONAL = Math.PI / 4;

/** 1 where `distance` is positive, 0 where it is negative, a soft step of about a pixel between. */
const step = (distance: number, soft: number): number => Math.min(1, Math.max(0, 0.5 + distance / soft));

/** Across a direction: the angle is that of the edge, give or take a little. */
const across = (angle: number, random: Random): Tone => {
  const turned = angle + (random.uniform() - 0.5) * 0.5;
  const [cos, sin] = [Math.cos(turned), Math.sin(turned)];
  return (x, y) => y * cos - x * sin;
};

type Maker = (random: Random, soft: number) => Tone;

const edge =
  (angle: number): Maker =>
  (random, soft) => {
    const distance = across(angle, random);
    const offset = (random.uniform() - 0.5) * 0.5;
    return (x, y) => step(distance(x, y) - offset, soft);
  };

const stripes =
  (angle: number): Maker =>
  (random, soft) => {
    const distance = across(angle, random);
    const period = 0.16 + 0.18 * random.uniform();
    const phase = random.uniform();
    return (x, y) => {
      const place = distance(x, y) / period + phase;
      return step((0.25 - Math.abs(place - Math.floor(place) - 0.5)) * period, soft);
    };
  };

const disc: Maker = (random, soft) => {
  const radius = 0.14 + 0.2 * random.uniform();
  const [right, down] = [(random.uniform() - 0.5) * 0.3, (random.uniform() - 0.5) * 0.3];
  return (x, y) => step(radius - Math.hypot(x - right, y - down), soft);
};

/** Two edges that meet at a right angle, turned by any amount. */
const corner: Maker = (random, soft) => {
  const angle = random.uniform() * 2 * Math.PI;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [right, down] = [(random.uniform() - 0.5) * 0.3, (random.uniform() - 0.5) * 0.3];
  return (x, y) => {
    const along = (x - right) * cos + (y - down) * sin;
    const aside = (y - down) * cos - (x - right) * sin;
    return step(Math.min(along, aside), soft);
  };
};

/** What is drawn, by the name of its class. */
const makers: Readonly<Record<string, Maker>> = {
  'horizontal edge': edge(0),
  'rising edge': edge(-DIAGONAL),
  'vertical edge': edge(2 * DIAGONAL),
  'falling edge': edge(DIAGONAL),
  'horizontal stripes': stripes(0),
  'rising stripes': stripes(-DIAGONAL),
  'vertical stripes': stripes(2 * DIAGONAL),
  'falling stripes': stripes(DIAGONAL),
  disc,
  corner,
};

const CLASSES = Object.keys(makers);

/**
 * Shapes and textures, light on dark or dark on light, in any colours where there are three channels, with noise: what the first
 * layers of every network learn to see. As many of each class, and a fixed test.
 */
export const shapes = (shape: Shape): SplitDataset => ({
  train: part('train', TRAIN_COUNT, shape),
  test: part('test', TEST_COUNT, shape),
});

const part = (name: string, count: number, shape: Shape): Dataset =>
  drawnDataset(CLASSES, count, shape, (index, to) => {
    const which = index % CLASSES.length;
    const random = randomFrom(`shapes ${name} ${index}`);
    const unit = Math.min(shape.width, shape.height);
    const tone = makers[CLASSES[which] ?? '']?.(random, 1 / unit) ?? (() => 0);
    paintTone(tone, random, shape, to);
    return which;
  });

function paintTone(tone: Tone, random: Random, { height, width, channels }: Shape, to: Float32Array): void {
  const unit = Math.min(width, height);
  const isDark = random.uniform() < 0.5;
  const colours = Array.from({ length: channels }, () => {
    const [low, high] = [0.35 * random.uniform(), 0.65 + 0.35 * random.uniform()];
    return isDark ? { from: high, to: low } : { from: low, to: high };
  });
  const grain = 0.08 * random.uniform();
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = tone((x + 0.5 - width / 2) / unit, (y + 0.5 - height / 2) / unit);
      for (const colour of colours)
        to[at++] = colour.from + (colour.to - colour.from) * value + grain * random.normal();
    }
}
