import type { Products } from './unit.js';

/** What each channel adds to a sum of products, bias apart. */
export function channelSums({ values, weights, height, width }: Products): number[] {
  const area = height * width;
  const sums: number[] = [];
  for (let from = 0; from < values.length; from += area) {
    let sum = 0;
    for (let i = from; i < from + area; i++) sum += (values[i] as number) * (weights[i] as number);
    sums.push(sum);
  }
  return sums;
}

/** `2`, or of a colour picture `red`. */
export const channelName = (channel: number, isPicture: boolean, channels: number): string =>
  isPicture && channels === 3 ? (['red', 'green', 'blue'][channel] as string) : `${channel}`;
