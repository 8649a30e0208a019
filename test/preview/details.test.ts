import { describe, expect, it } from 'vitest';
import { detailsOf, type LayerDetails } from '../../src/preview/details.js';
import { sortChannels } from '../../src/preview/order.js';
import { statisticsOf, type Volume } from '../../src/preview/statistics.js';

/** A volume of one row, its channels written out one after the other. */
function volume(...channels: readonly (readonly number[])[]): Volume {
  const width = channels[0]?.length ?? 0;
  const data = new Float32Array(width * channels.length);
  for (const [c, values] of channels.entries())
    for (const [x, value] of values.entries()) data[x * channels.length + c] = value;
  return { height: 1, width, channels: channels.length, data };
}

function detailsAbout(...channels: readonly (readonly number[])[]): LayerDetails {
  const of = volume(...channels);
  return detailsOf(of, statisticsOf(of).layer);
}

describe('the details of a layer', () => {
  const details = detailsAbout([0, 0, 0, 4], [1, 3, 1, 3]);

  it('are a mean, a deviation and a share of zeros a channel', () => {
    expect([...details.mean]).toEqual([1, 2]);
    expect(details.deviation[0]).toBeCloseTo(Math.sqrt(3), 6);
    expect(details.deviation[1]).toBe(1);
    expect([...details.zeros]).toEqual([0.75, 0]);
    // A dead channel.
    expect([...detailsAbout([0, 0], [0, 1]).zeros]).toEqual([1, 0.5]);
  });

  it('count every number in the histogram once, the largest in the last step', () => {
    const { counts, low, high } = details.histogram;
    expect([low, high]).toEqual([0, 4]);
    expect(counts.reduce((a, b) => a + b)).toBe(8);
    expect([counts[0], counts[16], counts[48], counts[63]]).toEqual([3, 2, 2, 1]);
  });

  it('leave out what is no number', () => {
    const { mean, histogram } = detailsAbout([1, Number.NaN, Number.POSITIVE_INFINITY, 3]);
    expect(mean[0]).toBe(2);
    expect([histogram.low, histogram.high, histogram.counts.reduce((a, b) => a + b)]).toEqual([1, 3, 2]);
  });

  it('put all equal numbers into one step', () => {
    expect(detailsAbout([2, 2, 2, 2]).histogram).toMatchObject({ low: 2, high: 2 });
  });
});

describe('the effective rank', () => {
  const of = (...channels: readonly (readonly number[])[]) => detailsAbout(...channels).effective;

  it('is 1 where all channels say the same, however loud', () => {
    expect(of([1, 2, 3, 4], [2, 4, 6, 8], [-1, -2, -3, -4])).toBeCloseTo(1, 6);
  });

  it('is the number of channels where each says its own, equally loud', () => {
    // The rows of a Hadamard matrix are orthogonal, and their means are 0.
    expect(of([1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1])).toBeCloseTo(3, 6);
  });

  it('counts a quiet channel less', () => {
    // Variances 1 and ¼: (1 + ¼)²/(1 + 1/16).
    expect(of([1, -1, 1, -1], [0.5, 0.5, -0.5, -0.5])).toBeCloseTo(1.25 ** 2 / (1 + 1 / 16), 6);
  });

  it('is not known where nothing varies, and of single pixels', () => {
    expect(of([1, 1, 1, 1])).toBeNull();
    expect(of([1], [2])).toBeNull();
  });
});

describe('the order of the maps', () => {
  const details = detailsAbout([0, 0], [5, 5], [1, 9]);
  it('is by number, or by what is largest', () => {
    expect(sortChannels(3, 'number', details)).toEqual([0, 1, 2]);
    expect(sortChannels(3, 'mean', details)).toEqual([1, 2, 0]);
    expect(sortChannels(3, 'deviation', details)).toEqual([2, 0, 1]);
    expect(sortChannels(3, 'zeros', details)).toEqual([0, 1, 2]);
  });

  it('waits for the details of this output', () => {
    expect(sortChannels(2, 'mean', details)).toEqual([0, 1]);
    expect(sortChannels(2, 'mean', null)).toEqual([0, 1]);
  });
});
