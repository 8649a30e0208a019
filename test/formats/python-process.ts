import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Why a Python has not all of these modules; null where it has. */
export function whyNot(command: string, module: string, env: NodeJS.ProcessEnv = {}): string | null {
  try {
    execFileSync(command, ['-c', `import ${module}`], { stdio: 'pipe', env: { ...process.env, ...env } });
    return null;
  } catch {
    return `${command} has no ${module}, which would run what is exported`;
  }
}

/** A Python process that does one job after the other: a line of JSON each way. */
export class PythonProcess<Job, Answer> {
  private readonly process: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(command: string, script: string) {
    this.process = spawn(command, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Throws what the script answers with as its error. */
  async run(job: Job): Promise<Answer> {
    this.process.stdin?.write(`${JSON.stringify(job)}\n`);
    const { value } = await this.answers.next();
    const answer = JSON.parse(value as string) as Answer & { readonly error?: string };
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  end(): void {
    this.process.stdin?.end();
  }
}
