/** The weights at the end of an epoch; 0 is what training began with. */
export interface Snapshot {
  readonly epoch: number;
  readonly weights: Uint8Array;
}

/**
 * Keeps so many bytes of them. The first, the best and the last stay; of the others those go first whose neighbours are
 * nearest, so that what is left is spread over the whole training.
 */
export function withSnapshot(
  kept: readonly Snapshot[],
  next: Snapshot,
  bestEpoch: number | undefined,
  limit: number,
): readonly Snapshot[] {
  const all = [...kept, next];
  let bytes = all.reduce((sum, { weights }) => sum + weights.byteLength, 0);
  while (bytes > limit && all.length > 1) {
    const index = leastMissed(all, bestEpoch);
    bytes -= all[index]?.weights.byteLength ?? 0;
    all.splice(index, 1);
  }
  return all;
}

/** Where all others are to stay, the first goes. */
function leastMissed(all: readonly Snapshot[], bestEpoch: number | undefined): number {
  let [least, found] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 1; i + 1 < all.length; i++) {
    if (all[i]?.epoch === bestEpoch) continue;
    const gap = (all[i + 1]?.epoch ?? 0) - (all[i - 1]?.epoch ?? 0);
    if (gap < least) [least, found] = [gap, i];
  }
  return found;
}
