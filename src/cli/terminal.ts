/** What a command has of the outside world besides files; tests hand in their own. */
export interface Terminal {
  readonly cwd: string;
  /** How many characters of a line are seen. */
  readonly columns: number;
  /** Whether what goes to `out` may be coloured. */
  readonly colour: boolean;
  /** Whether somebody watches: only then is progress shown. */
  readonly interactive: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Everything that comes through standard input. */
  readInput(): Promise<Uint8Array>;
  /** Aborted when the user presses Ctrl-C; from the first call on, that no longer ends the process at once. */
  interruption(): AbortSignal;
}

export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  // Who reads with `head` closes the pipe early: that is no error of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return {
    cwd: process.cwd(),
    columns: stdout.columns ?? 80,
    colour: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    interactive: stderr.isTTY === true,
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    interruption() {
      const controller = new AbortController();
      process.once('SIGINT', () => controller.abort());
      return controller.signal;
    },
  };
}
