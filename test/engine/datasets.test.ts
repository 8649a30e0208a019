import { describe, expect, it } from 'vitest';
import { drawnDataset, splitOff } from '../../src/engine/datasets/dataset.js';
import { builtInDatasets } from '../../src/engine/datasets/index.js';
import { randomFrom } from '../../src/engine/random.js';
import { augment } from '../../src/engine/training/augment.js';
import { shuffled } from '../../src/engine/training/batches.js';
import { noAugmentation, rateAt } from '../../src/network/training.js';
import { trainingSettings } from '../../src/network/training-lines.js';

const names = ['digits', 'shapes'] as const;

describe.each(names)('%s', (name) => {
  const shape = { height: 20, width: 16, channels: name === 'digits' ? 1 : 3 };
  const { train, test } = builtInDatasets[name](shape);
  const picture = (part: typeof train, index: number) => {
    const pixels = new Float32Array(20 * 16 * shape.channels);
    return { label: part.read(index, pixels), pixels };
  };

  it('has as many pictures of each class, at any size, and always the same', () => {
    expect(train.classes).toHaveLength(10);
    expect(train.shape).toEqual(shape);
    const labels = Array.from({ length: 30 }, (_, i) => picture(train, i).label);
    expect(new Set(labels).size).toBe(10);
    const again = builtInDatasets[name](shape).train;
    expect(picture(again, 17)).toEqual(picture(train, 17));
    const { pixels } = picture(train, 5);
    expect(Math.min(...pixels)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...pixels)).toBeLessThanOrEqual(1);
    expect(Math.max(...pixels) - Math.min(...pixels)).toBeGreaterThan(0.2);
  });

  it('tests with pictures that are not in training', () => {
    const learned = new Set(Array.from({ length: 200 }, (_, i) => picture(train, i).pixels.join()));
    for (let i = 0; i < 20; i++) expect(learned.has(picture(test, i).pixels.join())).toBe(false);
  });
});

describe('changes by chance', () => {
  const shape = { height: 5, width: 5, channels: 1 };
  const dot = () => {
    const pixels = new Float32Array(25);
    pixels[12] = 1;
    return pixels;
  };

  it('none leaves the picture as it is', () => {
    const pixels = dot();
    augment(pixels, shape, noAugmentation, randomFrom('a'));
    expect(pixels).toEqual(dot());
  });

  it('a turn by any angle leaves the pixel in the middle; a shift moves it', () => {
    const turned = dot();
    augment(turned, shape, { ...noAugmentation, rotate: 180 }, randomFrom('b'));
    expect(turned[12]).toBeCloseTo(1, 5);
    const moved = dot();
    augment(moved, shape, { ...noAugmentation, shift: 1 }, randomFrom('c'));
    expect(moved[12]).toBeLessThan(1);
    // Bilinear: what it loses its neighbours gain, as long as it stays inside.
    expect(moved.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it('flip mirrors left to right, half of the time', () => {
    const results = Array.from({ length: 40 }, (_, i) => {
      const pixels = Float32Array.of(1, 0, 0, 0.5);
      augment(pixels, { height: 2, width: 2, channels: 1 }, { ...noAugmentation, flip: true }, randomFrom(`${i}`));
      return [...pixels].join();
    });
    expect(new Set(results)).toEqual(new Set(['1,0,0,0.5', '0,1,0.5,0']));
  });
});

describe('growing and noise', () => {
  const shape = { height: 9, width: 9, channels: 1 };
  const square = () =>
    Float32Array.from({ length: 81 }, (_, i) =>
      Math.abs((i % 9) - 4) < 2 && Math.abs(Math.floor(i / 9) - 4) < 2 ? 1 : 0,
    );

  it('a square grows or shrinks around its middle by the part that is said at most', () => {
    const area = square().reduce((sum, value) => sum + value, 0);
    const areas = Array.from({ length: 60 }, (_, i) => {
      const pixels = square();
      augment(pixels, shape, { ...noAugmentation, scale: 0.2 }, randomFrom(`${i}`));
      expect(pixels[40]).toBeCloseTo(1, 5);
      return pixels.reduce((sum, value) => sum + value, 0) / area;
    });
    // 0.8² and 1.2², and what bilinear steps add or lack.
    expect(Math.min(...areas)).toBeGreaterThan(0.55);
    expect(Math.min(...areas)).toBeLessThan(0.85);
    expect(Math.max(...areas)).toBeGreaterThan(1.2);
    expect(Math.max(...areas)).toBeLessThan(1.6);
  });

  it('noise has the deviation that is said, and leaves numbers between 0 and 1', () => {
    const grey = new Float32Array(9000).fill(0.5);
    augment(grey, { height: 90, width: 100, channels: 1 }, { ...noAugmentation, noise: 0.1 }, randomFrom('noise'));
    const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
    const deviation = Math.sqrt(grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(deviation).toBeCloseTo(0.1, 2);
    const white = new Float32Array(100).fill(1);
    augment(white, { height: 10, width: 10, channels: 1 }, { ...noAugmentation, noise: 0.5 }, randomFrom('noise'));
    expect(Math.max(...white)).toBe(1);
    expect(Math.min(...white)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...white)).toBeLessThan(0.9);
  });
});

describe('the order and the rate', () => {
  it('every picture once an epoch, in another order each time', () => {
    const first = shuffled(100, 1, 0);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(shuffled(100, 1, 0)).toEqual(first);
    expect(shuffled(100, 1, 1)).not.toEqual(first);
    expect(shuffled(100, 2, 0)).not.toEqual(first);
  });

  // By hand: ten epochs, rate 0.1.
  it.each([
    ['constant', 7.5, 0.1],
    ['step', 3.9, 0.05],
    ['step', 4, 0.025],
    ['linear', 2.5, 0.075],
    ['cosine', 5, 0.05],
    ['cosine', 10, 0],
  ] as const)('%s after %d epochs', (kind, epoch, rate) => {
    const settings = trainingSettings('digits', {
      rate: { value: 0.1 },
      epochs: { count: 10 },
      schedule: { kind, every: 2, factor: 0.5, warmup: 0 },
    });
    expect(rateAt(settings, epoch)).toBeCloseTo(rate, 12);
  });

  it('warms up', () => {
    const schedule = { kind: 'linear', every: 1, factor: 1, warmup: 2 } as const;
    const settings = trainingSettings('digits', { rate: { value: 1 }, epochs: { count: 10 }, schedule });
    expect(rateAt(settings, 0.5)).toBe(0.25);
    expect(rateAt(settings, 6)).toBe(0.5);
  });
});

it('every fifth picture is kept for the test', async () => {
  const shape = { height: 1, width: 1, channels: 1 };
  const all = drawnDataset(['0', '1'], 10, shape, (index, to) => {
    to[0] = index / 10;
    return index % 2;
  });
  const { train, test } = splitOff(all, 5);
  expect([train.count, test.count]).toEqual([8, 2]);
  const pixel = new Float32Array(1);
  expect(await test.read(1, pixel)).toBe(1);
  expect(pixel[0]).toBeCloseTo(0.9, 2);
});
