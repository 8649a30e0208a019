import { describe, expect, it } from 'vitest';
import { sequential } from '../../src/preview/colours.js';
import { type MapRequest, rasteriseFilters, rasteriseMaps } from '../../src/preview/raster.js';
import { statisticsOf, type Volume } from '../../src/preview/statistics.js';
import { Activations } from '../../src/preview/worker/activations.js';

const timed = (milliseconds: number) => ({ milliseconds, algorithm: 'reference' });

/** Two channels of 2×2: the first 0 1 2 3, the second a tenth of it. */
const volume: Volume = {
  height: 2,
  width: 2,
  channels: 2,
  data: Float32Array.of(0, 0, 1, 0.1, 2, 0.2, 3, 0.3),
};
const both: MapRequest = { channels: [0, 1], contrast: 'layer', scheme: 'dark', longest: 64 };
const maps = (request: Partial<MapRequest>, of = volume) => {
  const pictures = rasteriseMaps(of, statisticsOf(of).perChannel, { ...both, ...request });
  return { ...pictures, colours: [...new Uint32Array(pictures.pixels.buffer)] };
};

describe('activation maps as pictures', () => {
  it('come one after the other, row by row', () => {
    const { width, height, count, colours } = maps({});
    expect({ width, height, count }).toEqual({ width: 2, height: 2, count: 2 });
    expect(colours.slice(0, 4)).toEqual([0, 85, 170, 255].map((index) => sequential[index]));
  });

  it('share one range, or have each its own', () => {
    expect(maps({}).colours[7]).toBe(sequential[Math.round(25.5)]);
    expect(maps({ contrast: 'map' }).colours[7]).toBe(sequential[255]);
  });

  it('of some channels are those of all', () => {
    expect(maps({ channels: [1] }).colours).toEqual(maps({}).colours.slice(4));
  });

  it('are averaged down by a whole factor, the edges by what is left', () => {
    const data = Float32Array.from({ length: 15 }, (_, i) => i);
    const wide: Volume = { height: 3, width: 5, channels: 1, data };
    const { width, height, colours } = maps({ channels: [0], longest: 3 }, wide);
    expect({ width, height }).toEqual({ width: 3, height: 2 });
    expect(colours[0]).toBe(sequential[Math.round((3 / 14) * 255)]);
    expect(colours[5]).toBe(sequential[255]);
  });

  it('of a positive map among signed ones keep the signed colours', () => {
    const signed: Volume = { height: 1, width: 2, channels: 2, data: Float32Array.of(-2, 1, 2, 1) };
    for (const contrast of ['layer', 'map'] as const) {
      const { colours } = maps({ contrast }, signed);
      expect([...sequential]).not.toContain(colours[3]);
    }
  });
});

describe('filters as pictures', () => {
  it('show zero as grey and stretch each to its strongest weight', () => {
    const { pixels } = rasteriseFilters(Float32Array.of(0, 2, -2, 0.5, 0, 0), [2, 3, 1, 1]);
    expect([...pixels]).toEqual([128, 255, 0, 255, 255, 128, 128, 255]);
  });

  it('of one channel are grey', () => {
    const { pixels, width, count } = rasteriseFilters(Float32Array.of(1, -1), [1, 1, 1, 2]);
    expect({ width, count }).toEqual({ width: 2, count: 1 });
    expect([...pixels]).toEqual([255, 255, 255, 255, 0, 0, 0, 255]);
  });
});

describe('statistics', () => {
  it('of a layer and of its channels', () => {
    const { layer, perChannel } = statisticsOf(volume);
    expect(layer).toMatchObject({ min: 0, max: 3, zeros: 0.25, invalid: 0 });
    expect(layer.mean).toBeCloseTo(6.6 / 8);
    expect([...perChannel.max].map((max) => max.toFixed(1))).toEqual(['3.0', '0.3']);
  });

  it('leave out what is not finite', () => {
    const odd: Volume = {
      height: 1,
      width: 2,
      channels: 3,
      data: Float32Array.of(0, 1, Number.NaN, 0, Number.POSITIVE_INFINITY, Number.NaN),
    };
    expect(statisticsOf(odd).layer).toEqual({
      min: 0,
      max: 1,
      mean: 1 / 3,
      deviation: expect.closeTo(Math.sqrt(2) / 3, 12),
      zeros: 2 / 3,
      invalid: 3,
    });
  });
});

describe('kept activations', () => {
  const another = (): Volume => ({ ...volume, data: volume.data.slice() });

  it('have the version of their numbers: the same array, the same version', () => {
    const activations = new Activations();
    const first = activations.keep(volume, timed(1));
    expect(activations.keep(volume, timed(2)).version).toBe(first.version);
    expect(activations.keep(another(), timed(2)).version).not.toBe(first.version);
  });

  it('answer until they are let go', () => {
    const activations = new Activations();
    const { version } = activations.keep(volume, timed(1));
    const other = another();
    activations.keep(other, timed(1));
    activations.retain([volume.data]);
    expect(activations.values(version, 1)).toEqual(Float32Array.of(0, 0.1, 0.2, 0.3));
    activations.retain([other.data]);
    expect(activations.values(version, 1)).toBeNull();
    expect(activations.maps(version, both)).toBeNull();
  });
});
