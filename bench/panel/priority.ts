import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { pid } from 'node:process';

/**
 * Gives every thread of the programs that were started from here the priority that this one was given: Chromium sets its pages back to
 * the usual one, so that on a busy machine other programs would be measured. Does nothing where the system does not say what runs.
 */
export function shareOwnPriority(): void {
  const own = getPriority();
  if (own === 0) return;
  try {
    for (const child of descendantsOf(pid))
      for (const thread of readdirSync(`/proc/${child}/task`)) setPriority(Number(thread), own);
  } catch {
    // It has ended meanwhile.
  }
}

function descendantsOf(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // Behind the program's name, which may hold anything: its state, its parent.
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      parents.set(Number(name), Number(parent));
    } catch {
      // It has ended meanwhile.
    }
  }
  const isDescendant = (process: number | undefined): boolean =>
    process !== undefined && process > 1 && (process === ancestor || isDescendant(parents.get(process)));
  return [...parents.keys()].filter((process) => process !== ancestor && isDescendant(process));
}
