/** Texts that differ in more lines than this, at a time, are not compared line by line. */
const MOST_COMPARED = 1000;

/**
 * Which line of `before` each line of `after` was: equal lines in order, as many as there can be, and between those the
 * lines that were changed: one to one where there are as many as before, else those that begin with the same word.
 */
export function lineBefore(before: readonly string[], after: readonly string[]): (line: number) => number | undefined {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  while (
    tail < before.length - start &&
    tail < after.length - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const between = matches(before.slice(start, before.length - tail), after.slice(start, after.length - tail));
  return (line) => {
    if (line < start) return line;
    if (line >= after.length - tail) return line - after.length + before.length;
    const found = between[line - start];
    return found === undefined ? undefined : found + start;
  };
}

const firstWord = (line = ''): string => /^\s*(\w*)/.exec(line)?.[1] ?? '';

/** By the longest common subsequence, and between two equal lines those that were changed. */
function matches(before: readonly string[], after: readonly string[]): readonly (number | undefined)[] {
  const found: (number | undefined)[] = after.map(() => undefined);
  const pairChanged = (fromBefore: number, toBefore: number, fromAfter: number, toAfter: number) => {
    const isOneToOne = toBefore - fromBefore === toAfter - fromAfter;
    let next = fromBefore;
    for (let j = fromAfter; j < toAfter; j++)
      for (let i = next; i < toBefore; i++)
        if (isOneToOne || firstWord(before[i]) === firstWord(after[j])) {
          found[j] = i;
          next = i + 1;
          break;
        }
  };
  if (before.length > MOST_COMPARED || after.length > MOST_COMPARED) {
    pairChanged(0, before.length, 0, after.length);
    return found;
  }
  // lengths[i][j]: the longest common subsequence of what follows line i and line j.
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      (lengths[i] as Uint16Array)[j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  let [i, j] = [0, 0];
  let [lastBefore, lastAfter] = [0, 0];
  while (i < before.length && j < after.length)
    if (before[i] === after[j]) {
      pairChanged(lastBefore, i, lastAfter, j);
      found[j++] = i++;
      [lastBefore, lastAfter] = [i, j];
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  pairChanged(lastBefore, before.length, lastAfter, after.length);
  return found;
}
