import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runProgram } from '../../src/cli/program.js';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly cwd?: string;
  /** What stands in standard input. */
  readonly input?: string;
  readonly colour?: boolean;
  readonly interactive?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs the command line in this process, as a user in the repository's folder would. */
export async function convnet(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { cwd = root, input = '', colour = false, interactive = false } = surroundings;
  const { signal = new AbortController().signal } = surroundings;
  let out = '';
  let err = '';
  const status = await runProgram(args, {
    cwd,
    columns: 80,
    colour,
    interactive,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readInput: async () => new TextEncoder().encode(input),
    interruption: () => signal,
  });
  return { status, out, err };
}

/** A folder with these files that is gone after the test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'convnet-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
