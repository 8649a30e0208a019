import type { Shape } from '../network/shape.js';

/** A volume of numbers in layout NHWC, batch 1: the channels of a pixel lie next to each other. */
export interface Volume extends Shape {
  readonly data: Float32Array;
}

/** What the numbers of a layer's output, or of one of its maps, are like. Infinities and what is no number are not counted in. */
export interface Statistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The standard deviation. */
  readonly deviation: number;
  /** Between 0 and 1. */
  readonly zeros: number;
  /** How many numbers are infinite or no number at all. */
  readonly invalid: number;
}

export interface ChannelStatistics {
  readonly min: Float32Array;
  readonly max: Float32Array;
}

/** One pass over a volume: its statistics, and the extremes of every channel. */
export function statisticsOf({ height, width, channels, data }: Volume): {
  readonly layer: Statistics;
  readonly perChannel: ChannelStatistics;
} {
  const min = new Float32Array(channels).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(channels).fill(Number.NEGATIVE_INFINITY);
  let sum = 0;
  let squares = 0;
  let zeros = 0;
  let invalid = 0;
  const pixels = height * width;
  for (let pixel = 0, i = 0; pixel < pixels; pixel++)
    for (let channel = 0; channel < channels; channel++, i++) {
      const value = data[i] as number;
      if (!Number.isFinite(value)) {
        invalid++;
        continue;
      }
      if (value === 0) zeros++;
      sum += value;
      squares += value * value;
      if (value < (min[channel] as number)) min[channel] = value;
      if (value > (max[channel] as number)) max[channel] = value;
    }
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let channel = 0; channel < channels; channel++) {
    // A channel without one finite number has no extremes; zero is as good as any for its colours.
    if ((min[channel] as number) > (max[channel] as number)) min[channel] = max[channel] = 0;
    least = Math.min(least, min[channel] as number);
    most = Math.max(most, max[channel] as number);
  }
  const counted = data.length - invalid;
  const average = counted > 0 ? sum / counted : 0;
  return {
    layer: {
      min: least,
      max: most,
      mean: average,
      deviation: counted > 0 ? Math.sqrt(Math.max(0, squares / counted - average * average)) : 0,
      zeros: counted > 0 ? zeros / counted : 0,
      invalid,
    },
    perChannel: { min, max },
  };
}
