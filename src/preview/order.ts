import type { LayerDetails } from './details.js';

/** How the maps of a close-up are sorted. */
export const orders = {
  number: { title: 'number', by: null },
  mean: { title: 'mean', by: ({ mean }: LayerDetails) => mean },
  deviation: { title: 'deviation', by: ({ deviation }: LayerDetails) => deviation },
  zeros: { title: 'share of zeros', by: ({ zeros }: LayerDetails) => zeros },
} as const;

export type Order = keyof typeof orders;

/** The channels in this order: the largest first, equal ones by their number. */
export function sortChannels(channels: number, order: Order, details: LayerDetails | null): readonly number[] {
  const numbered = Array.from({ length: channels }, (_, channel) => channel);
  const values = details && orders[order].by?.(details);
  // The details may be those of the output before, which had other channels.
  if (!values || values.length !== channels) return numbered;
  return numbered.sort((a, b) => (values[b] as number) - (values[a] as number) || a - b);
}
