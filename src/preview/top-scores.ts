export interface Score {
  /** Which class, counted from 0. */
  readonly index: number;
  readonly value: number;
}

/** The `count` largest numbers, the largest first; what is no number is left out. */
export const topScores = (values: Float32Array, count: number): readonly Score[] =>
  Array.from(values, (value, index) => ({ index, value }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .slice(0, count);
