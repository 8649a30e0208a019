import { describe, expect, test } from 'vitest';
import { type Picture, pictureTensor, resizePicture, samples } from '../../src/engine/index.js';

/** Grey levels, row by row. */
const grey = (width: number, ...levels: readonly number[]): Picture => ({
  width,
  height: levels.length / width,
  data: Uint8ClampedArray.from(levels.flatMap((level) => [level, level, level, 255])),
});

const colour = (red: number, green: number, blue: number, alpha = 255): Picture => ({
  width: 1,
  height: 1,
  data: Uint8ClampedArray.of(red, green, blue, alpha),
});

const attributes = { sample: null, mean: [0], std: [1], scale: 1 };

/** The levels after resizing to height × width, 0 to 255. */
const resized = (picture: Picture, height: number, width: number): number[] =>
  [...resizePicture(picture, { height, width, channels: 1 }).data].map((value) => Math.round(value * 2550) / 10);

describe('sizes', () => {
  test('the same size leaves the pixels alone', () => {
    expect(resized(grey(2, 0, 50, 100, 255), 2, 2)).toEqual([0, 50, 100, 255]);
  });

  test('shrinking averages over areas', () => {
    expect(resized(grey(4, 0, 100, 200, 100, 100, 200, 0, 100), 1, 2)).toEqual([100, 100]);
  });

  test('shrinking by a fraction weighs pixels by how much of them is covered', () => {
    // 3 → 2: each new pixel covers 1½ old ones. (0 + 90/2)/1.5 and (90/2 + 240)/1.5, in both directions.
    expect(resized(grey(3, 0, 90, 240, 0, 90, 240, 0, 90, 240), 2, 2)).toEqual([30, 190, 30, 190]);
  });

  test('enlarging goes in straight lines between the centres of pixels', () => {
    // Centres of the new pixels at −0.25, 0.25, 0.75, 1.25 of the old.
    expect(resized(grey(2, 0, 100, 0, 100), 4, 4).slice(0, 4)).toEqual([0, 25, 75, 100]);
  });

  test('what is too wide or too high is cut off on both sides alike', () => {
    // Of 6 × 1 the middle 2 × 1.
    expect(resized(grey(6, 10, 20, 30, 40, 50, 60), 1, 2)).toEqual([30, 40]);
    expect(resized(grey(1, 10, 20, 30), 1, 1)).toEqual([20]);
  });
});

describe('channels', () => {
  const of = (picture: Picture, channels: number) =>
    [...pictureTensor(picture, { ...attributes, size: { height: 1, width: 1, channels } }).data].map(
      (value) => Math.round(value * 2550) / 10,
    );

  test('one is the luma of Rec. 601', () => {
    // 0.299·100 + 0.587·200 + 0.114·50
    expect(of(colour(100, 200, 50), 1)).toEqual([153]);
  });

  test('three are red, green, blue; others take them in turn', () => {
    expect(of(colour(10, 20, 30), 3)).toEqual([10, 20, 30]);
    expect(of(colour(10, 20, 30), 2)).toEqual([10, 20]);
    expect(of(colour(10, 20, 30), 4)).toEqual([10, 20, 30, 10]);
  });

  test('what is transparent lies on white', () => {
    expect(of(colour(0, 0, 0, 0), 1)).toEqual([255]);
    expect(of(colour(255, 0, 0, 51), 3)).toEqual([255, 204, 204]);
  });
});

test('(pixel · scale − mean)/std, per channel', () => {
  const tensor = pictureTensor(colour(255, 0, 51), {
    ...attributes,
    size: { height: 1, width: 1, channels: 3 },
    scale: 255,
    mean: [55, 10, 1],
    std: [2, 5, 10],
  });
  expect([...tensor.data]).toEqual([100, -2, 5]);
});

describe.each(samples.map((sample) => [sample.id, sample] as const))('the sample %s', (_, sample) => {
  test.each([
    [32, 32],
    [28, 28],
    [40, 17],
    [1, 1],
  ])('is drawn at %i×%i, always alike, opaque', (width, height) => {
    const picture = sample.draw(width, height);
    expect({ width: picture.width, height: picture.height, length: picture.data.length }).toEqual({
      width,
      height,
      length: width * height * 4,
    });
    expect(sample.draw(width, height)).toEqual(picture);
    for (let pixel = 3; pixel < picture.data.length; pixel += 4) expect(picture.data[pixel]).toBe(255);
  });

  test('shows something', () => {
    const { data } = sample.draw(28, 28);
    expect(
      Math.max(...data.filter((_, i) => i % 4 < 3)) - Math.min(...data.filter((_, i) => i % 4 < 3)),
    ).toBeGreaterThan(100);
  });
});

test('digits keep clear of the border, as in MNIST', () => {
  for (const { id, draw } of samples.filter((sample) => sample.id.startsWith('digit'))) {
    const { data } = draw(28, 28);
    for (let i = 0; i < 28 * 28; i++) {
      const [x, y] = [i % 28, Math.floor(i / 28)];
      if (Math.min(x, y, 27 - x, 27 - y) < 2) expect([id, x, y, data[i * 4]]).toEqual([id, x, y, 0]);
    }
  }
});

test('ids are unique', () => {
  expect(new Set(samples.map(({ id }) => id)).size).toBe(samples.length);
});
