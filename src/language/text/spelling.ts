import { wordsFor } from './foreign-words.js';

/** The number of single-character edits (insert, delete, replace, swap of neighbours) between two words. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, (previous[j] as number) + 1, (current[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] as number;
}

/** The candidates that `word` may stand for: what it is called here, if it is another tool's word, then slips of the pen, nearest
 * first, at most a third of its letters away. */
export function similarWords(word: string, candidates: Iterable<string>): readonly string[] {
  const lower = word.toLowerCase();
  const reach = Math.max(1, Math.floor(word.length / 3));
  const foreign = wordsFor(word);
  const meant: string[] = [];
  const scored: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    if (foreign.includes(candidate)) {
      meant.push(candidate);
      continue;
    }
    if (Math.abs(candidate.length - word.length) > reach) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance <= reach && candidate !== word) scored.push({ candidate, distance });
  }
  return [...meant, ...scored.sort((a, b) => a.distance - b.distance).map(({ candidate }) => candidate)];
}
