import type { Statistics, Volume } from './statistics.js';

/** What a close-up tells of a layer's output. Worked out when it is looked at. */
export interface LayerDetails {
  readonly statistics: Statistics;
  /** How many numbers fall into each of equal steps from `low` to `high`. */
  readonly histogram: { readonly counts: Uint32Array; readonly low: number; readonly high: number };
  /** One entry a channel. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** Share of zeros, between 0 and 1. */
  readonly zeros: Float32Array;
  /** See {@link effectiveChannels}. */
  readonly effective: number | null;
}

const BINS = 64;

/** Details of a volume; infinities and what is no number are left out. */
export function detailsOf(volume: Volume, statistics: Statistics): LayerDetails {
  const { channels, data } = volume;
  const [mean, deviation, zeros] = [0, 1, 2].map(() => new Float64Array(channels)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const counted = new Uint32Array(channels);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0, channel = 0; i < data.length; i++, channel = channel + 1 === channels ? 0 : channel + 1) {
    const value = data[i] as number;
    if (!Number.isFinite(value)) continue;
    counted[channel] = (counted[channel] as number) + 1;
    mean[channel] = (mean[channel] as number) + value;
    deviation[channel] = (deviation[channel] as number) + value * value;
    if (value === 0) zeros[channel] = (zeros[channel] as number) + 1;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  for (let channel = 0; channel < channels; channel++) {
    const count = counted[channel] || 1;
    const average = (mean[channel] as number) / count;
    mean[channel] = average;
    deviation[channel] = Math.sqrt(Math.max(0, (deviation[channel] as number) / count - average * average));
    zeros[channel] = (zeros[channel] as number) / count;
  }
  const [from, to] = low <= high ? [low, high] : [0, 0];
  return {
    statistics,
    histogram: { counts: histogram(data, from, to), low: from, high: to },
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(deviation),
    zeros: Float32Array.from(zeros),
    effective: effectiveChannels(volume, mean),
  };
}

function histogram(data: Float32Array, low: number, high: number): Uint32Array {
  const counts = new Uint32Array(BINS);
  const scale = high > low ? BINS / (high - low) : 0;
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(BINS - 1, Math.floor((value - low) * scale));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

/** Pixels that are compared; of larger maps an even sample. */
const MOST_PIXELS = 256;

/**
 * How many channels vary independently: the participation ratio (Σλ)²/Σλ² over the eigenvalues λ of the channels'
 * covariance. It is 1 where all channels say the same, and their number where each says its own: how local or distributed
 * the code is. The eigenvalues need not be known: their sum and sum of squares are those of the Gram matrix of the pixels.
 * Null where there are too few pixels to tell, or nothing varies.
 */
function effectiveChannels({ height, width, channels, data }: Volume, mean: Float64Array): number | null {
  const pixels = height * width;
  const step = Math.max(1, Math.ceil(pixels / MOST_PIXELS));
  const rows: Float64Array[] = [];
  for (let pixel = 0; pixel < pixels; pixel += step)
    rows.push(
      Float64Array.from({ length: channels }, (_, c) => (data[pixel * channels + c] as number) - (mean[c] as number)),
    );
  if (rows.length < 4) return null;
  let trace = 0;
  let squares = 0;
  for (const [i, a] of rows.entries())
    for (let j = i; j < rows.length; j++) {
      const b = rows[j] as Float64Array;
      let product = 0;
      for (let c = 0; c < channels; c++) product += (a[c] as number) * (b[c] as number);
      if (i === j) trace += product;
      squares += (i === j ? 1 : 2) * product * product;
    }
  return squares > 0 && Number.isFinite(squares) ? (trace * trace) / squares : null;
}
