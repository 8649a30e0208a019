import { partUpTo, type Run, type RunInput } from '../../engine/index.js';
import { pauseWith } from '../../engine/pause.js';
import type { CheckedNetwork } from '../../network/check.js';
import type { Volume } from '../statistics.js';
import { predictorOf } from './occlusion.js';
import type { Work } from './work.js';

/** Where a channel answers most strongly on a picture. */
export interface Peak {
  /** Which of the pictures, counted from 0. */
  readonly picture: number;
  readonly value: number;
  readonly row: number;
  readonly column: number;
}

/**
 * For every channel of a layer its largest number on each of some pictures, the largest first, with its place. `inputOf` makes the
 * pictures one after the other, so that only one is held at a time.
 */
export async function topSamples(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  run: Run,
  layer: number,
  pictures: number,
  inputOf: (picture: number) => RunInput,
  { signal, onProgress }: Work = {},
): Promise<readonly (readonly Peak[])[]> {
  const predictor = predictorOf(partUpTo(checked, layer), run);
  try {
    const peaks: Peak[][] = [];
    const pause = pauseWith(signal);
    for (let picture = 0; picture < pictures; picture++) {
      if (pause.isDue()) await pause.take();
      onProgress?.(picture / pictures);
      const { tensor } = inputOf(picture);
      const output = await predictor.predict(tensor, signal ? { signal } : {});
      for (const [channel, peak] of peaksOf(output).entries()) {
        peaks[channel] ??= [];
        peaks[channel].push({ picture, ...peak });
      }
    }
    return peaks.map((found) => found.sort((a, b) => b.value - a.value || a.picture - b.picture));
  } finally {
    predictor.dispose();
  }
}

/** The channels whose largest number on all pictures is 0: behind a relu they are 0 everywhere. */
export const deadChannels = (all: readonly (readonly Peak[])[]): readonly number[] =>
  [...all.keys()].filter((channel) => all[channel]?.[0]?.value === 0);

/** The largest number of each channel, and its place. */
export function peaksOf({ width, channels, data }: Volume): readonly Omit<Peak, 'picture'>[] {
  const places = new Int32Array(channels);
  for (let i = channels; i < data.length; i++) {
    const channel = i % channels;
    if ((data[i] as number) > (data[(places[channel] as number) * channels + channel] as number))
      places[channel] = (i - channel) / channels;
  }
  return Array.from(places, (place, channel) => ({
    value: data[place * channels + channel] as number,
    row: Math.floor(place / width),
    column: place % width,
  }));
}
