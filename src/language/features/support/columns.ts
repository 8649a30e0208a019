/** VS Code shows no more than this of the hints of a line, by default. */
const MOST_SHOWN = 43;

/** Something that is shown behind a line of the text. */
interface Behind {
  /** Where the line ends. */
  readonly column: number;
  readonly label: string;
}

/** How many spaces each of some labels needs so that they begin in one column, as far as the editor would show them. */
export function paddings(labels: readonly Behind[]): readonly number[] {
  const room = MOST_SHOWN - Math.max(0, ...labels.map(({ label }) => label.length));
  const shortest = Math.min(...labels.map(({ column }) => column));
  // A line that is much longer than the shortest stands out rather than pushing the others to the right.
  const column = Math.max(...labels.map((other) => other.column).filter((end) => end <= shortest + room));
  return labels.map((other) => Math.max(0, column - other.column));
}
