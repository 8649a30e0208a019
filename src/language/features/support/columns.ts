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
  let [least, most] = [0, 0];
  const end = () => {
    for (const { column } of run) spaces.push(most - column);
  };
  for (const label of labels) {
    const { column } = label;
    const before = run.at(-1);
    const isFar = Math.max(most, column) - Math.min(least, column) > MOST_SPACES;
    if (before && !isFar && !isApart(before, label)) {
      run.push(label);
      [least, most] = [Math.min(least, column), Math.max(most, column)];
    } else {
      end();
      run = [label];
      [least, most] = [column, column];
    }
  }
  end();
  return spaces;
}
