/** Multiply–accumulates between two steps: a few milliseconds, so that whoever drives an op can stop it soon. */
const SLICE_MACS = 4e7;

/** Rows `first` to `first + count`. */
export interface Slice {
  readonly first: number;
  readonly count: number;
}

/** Cuts `rows` rows of equal work into slices. */
export function* sliceRows(rows: number, macsPerRow: number): Generator<Slice, void, void> {
  const most = Math.max(1, Math.floor(SLICE_MACS / macsPerRow));
  for (let first = 0; first < rows; first += most) yield { first, count: Math.min(most, rows - first) };
}
