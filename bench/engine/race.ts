import { contenders, OURS, type Peers } from './contenders.js';
import { contestOf, type PlainNetwork, type Ready } from './contest.js';

export interface Race {
  readonly plain: PlainNetwork;
  readonly macs: number;
  /** Seconds for the timed rounds, all contenders together. */
  readonly seconds: number;
}

/** How one contender did. */
export interface Result {
  readonly name: string;
  /** Of one forward pass: the median of the rounds; null for one that could not run. */
  readonly milliseconds: number | null;
  /** From the network to the first result. */
  readonly preparation: number | null;
  /** The largest difference of its logits from the first peer's, over that peer's largest. */
  readonly error: number | null;
  readonly rounds: number;
  readonly problem?: string;
}

/** A round of each is timed for at least so long, so that the clock's resolution does not show. */
const SHORTEST = 4;
const MOST_ROUNDS = 60;
const FEWEST_ROUNDS = 5;

/**
 * Lets all contenders compute the same network in turns, so that whatever slows the machine slows all of them, and compares
 * what they compute.
 */
export async function race({ plain, macs, seconds }: Race, peers: Peers): Promise<Result[]> {
  const contest = contestOf(plain);
  const ready: { name: string; runner: Ready; repeats: number; times: number[]; preparation: number }[] = [];
  const results: Result[] = [];
  const logits = new Map<string, Float32Array>();
  for (const [name, prepare] of contenders(peers, macs)) {
    const started = performance.now();
    try {
      const runner = await prepare(contest);
      logits.set(name, Float32Array.from(await runner.run()));
      const preparation = performance.now() - started;
      ready.push({ name, runner, repeats: await warmUp(runner), times: [], preparation });
    } catch (error) {
      results.push({
        name,
        milliseconds: null,
        preparation: null,
        error: null,
        rounds: 0,
        problem: error instanceof Error ? error.message : String(error),
      });
    }
  }
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < MOST_ROUNDS && (round < FEWEST_ROUNDS || performance.now() < end); round++)
    for (const { runner, repeats, times } of ready) {
      const started = performance.now();
      for (let i = 0; i < repeats; i++) await runner.run();
      times.push((performance.now() - started) / repeats);
    }
  for (const { runner } of ready) runner.dispose();
  const [, judge] = [...logits].find(([name]) => name !== OURS) ?? [];
  return [
    ...ready.map(({ name, times, preparation }) => ({
      name,
      milliseconds: median(times),
      preparation,
      error: judge && relativeError(logits.get(name) ?? [], judge),
      rounds: times.length,
    })),
    ...results,
  ].map((result) => ({ ...result, error: result.error ?? null }));
}

/** Runs until the code is compiled for speed; returns how many runs take as long as a round should. */
async function warmUp(runner: Ready): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < 3 || (i < 500 && performance.now() - started < 300); i++) await runner.run();
  for (let repeats = 1; ; repeats *= 2) {
    const before = performance.now();
    for (let i = 0; i < repeats; i++) await runner.run();
    if (performance.now() - before >= SHORTEST) return repeats;
  }
}

export const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

/** The largest difference over the largest reference value. */
export function relativeError(found: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (found.length !== reference.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < reference.length; i++) {
    const d = Math.abs((found[i] as number) - (reference[i] as number));
    if (!(d <= difference)) difference = d;
    largest = Math.max(largest, Math.abs(reference[i] as number));
  }
  return difference / largest;
}
