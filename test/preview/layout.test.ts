import { describe, expect, it } from 'vitest';
import { layCells, MAP_GAP, mapSize, mapsThatFit, STRIP_HEIGHT } from '../../src/preview/layout.js';

const square = (side: number) => ({ height: side, width: side });

describe('the size of a map', () => {
  it.each([
    [28, 56],
    [14, 56],
    [10, 60],
    [5, 60],
    [32, 64],
    [55, 55],
    [64, 64],
    [112, 64],
    [224, 64],
  ])('%i pixels are shown as %i', (side, shown) => {
    expect(mapSize(square(side), STRIP_HEIGHT, 1000)).toEqual(square(shown));
  });

  it('keeps the proportions, and stays inside the row', () => {
    expect(mapSize({ height: 8, width: 16 }, STRIP_HEIGHT, 1000)).toEqual({ height: 64, width: 128 });
    expect(mapSize({ height: 8, width: 16 }, STRIP_HEIGHT, 70)).toEqual({ height: 32, width: 64 });
    expect(mapSize({ height: 1, width: 5000 }, STRIP_HEIGHT, 300)).toEqual({ height: 1, width: 300 });
  });
});

describe('a strip', () => {
  it('shows all maps where they fit', () => expect(mapsThatFit(6, 56, 6 * 56 + 5 * MAP_GAP)).toBe(6));

  it('keeps room to say how many are left out', () => {
    expect(mapsThatFit(7, 56, 6 * 56 + 5 * MAP_GAP)).toBe(4);
    expect(mapsThatFit(512, 64, 600)).toBe(7);
  });

  it('shows one map in the narrowest panel', () => expect(mapsThatFit(512, 64, 40)).toBe(1));
});

describe('cells', () => {
  it('are as large as the rows allow', () => {
    expect(layCells(10, 540, 3)).toMatchObject({ columns: 10, rows: 1, shown: 10, pitch: 20 });
    expect(layCells(120, 540, 3)).toMatchObject({ shown: 120, pitch: 12 });
  });

  it('leave out what does not fit at the smallest size', () => {
    const cells = layCells(4096, 300, 3);
    expect(cells).toMatchObject({ columns: 50, rows: 3, shown: 150, pitch: 6 });
  });
});
