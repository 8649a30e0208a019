export interface Summary {
  readonly 'median ms': number;
  readonly 'best ms': number;
  readonly 'worst ms': number;
  readonly runs: number;
}

export function summary(times: readonly number[]): Summary {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (index: number) => Math.round((sorted[index] ?? Number.NaN) * 10) / 10;
  return {
    'median ms': at(Math.floor(sorted.length / 2)),
    'best ms': at(0),
    'worst ms': at(sorted.length - 1),
    runs: sorted.length,
  };
}
