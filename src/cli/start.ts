import { runProgram } from './program.js';
import { processTerminal } from './terminal.js';

/** Runs the command that this process was started for. */
export async function start(args: readonly string[]): Promise<void> {
  process.exitCode = await runProgram(args, processTerminal());
}
