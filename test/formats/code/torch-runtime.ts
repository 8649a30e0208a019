import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's Python, which has PyTorch where it is installed. */
const PYTHON = '/usr/bin/python3';

/** Why PyTorch cannot be run here; null where it can. */
export function whyNoTorch(): string | null {
  try {
    execFileSync(PYTHON, ['-c', 'import torch'], { stdio: 'pipe' });
    return null;
  } catch {
    return `${PYTHON} has no torch: install python3-torch to run what is exported`;
  }
}

export interface TorchJob {
  readonly module: string;
  readonly class: string;
  /** The tensors of the state dict, and the input. */
  readonly weights: string;
  /** Where the output goes: float32. */
  readonly output: string;
  /** Modules to do without. */
  readonly identity?: readonly string[];
}

export interface TorchAnswer {
  readonly shape: readonly number[];
  readonly parameters: number;
}

/** A Python process that runs exported modules, one after the other. */
export class TorchRuntime {
  private readonly process: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor() {
    const script = fileURLToPath(new URL('torch_runtime.py', import.meta.url));
    this.process = spawn(PYTHON, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async run(job: TorchJob): Promise<TorchAnswer> {
    this.process.stdin?.write(`${JSON.stringify(job)}\n`);
    const { value } = await this.answers.next();
    const answer = JSON.parse(value as string) as TorchAnswer & { readonly error?: string };
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  end(): void {
    this.process.stdin?.end();
  }
}
