/** An editor paints what fills a line up to the column: more than this looks like a bar, not like a gap. */
const MOST_SPACES = 10;

/** Something that is shown behind a line of the text. */
interface Behind {
  /** Where the line ends. */
  readonly column: number;
}

/**
 * How many spaces each of some labels, in the order of their lines, needs so that those of neighbouring lines begin in one column: of
 * lines that differ by a few characters. `isApart` tells whether something parts two lines, as an empty line does.
 */
export function paddings<T extends Behind>(labels: readonly T[], isApart: (before: T, after: T) => boolean): number[] {
  const spaces: number[] = [];
  let run: T[] = [];
  const end = () => {
    const column = Math.max(...run.map((line) => line.column));
    spaces.push(...run.map((line) => column - line.column));
  };
  for (const label of labels) {
    const before = run.at(-1);
    const columns = [...run, label].map(({ column }) => column);
    if (before && (isApart(before, label) || Math.max(...columns) - Math.min(...columns) > MOST_SPACES)) {
      end();
      run = [];
    }
    run.push(label);
  }
  if (run.length > 0) end();
  return spaces;
}
