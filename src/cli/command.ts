import type { Command } from 'commander';
import type { Terminal } from './terminal.js';

/** 0: fine; 1: errors were found in the networks; 2: wrong usage; 130: cancelled, as shells say it. */
export type ExitStatus = 0 | 1 | 2 | 130;

/** Gives a command its arguments, options, help and action. */
export type Configure = (command: Command, terminal: Terminal, exit: (status: ExitStatus) => void) => void;

/** Examples at the end of a help text: what they do, and how they are typed. */
export const examples = (...lines: readonly (readonly [what: string, command: string])[]): string =>
  `\nExamples:\n${lines.map(([what, command]) => `  # ${what}\n  $ ${command}\n`).join('\n')}`;
