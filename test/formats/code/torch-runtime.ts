import { fileURLToPath } from 'node:url';
import { PythonProcess, whyNot } from '../python-process.js';

/** Debian's Python, which has PyTorch where it is installed. */
const PYTHON = '/usr/bin/python3';

/** Why PyTorch cannot be run here; null where it can. */
export const whyNoTorch = (): string | null => whyNot(PYTHON, 'torch');

interface TorchJob {
  readonly module: string;
  readonly class: string;
  /** The tensors of the state dict, and the input. */
  readonly weights: string;
  /** Where the output goes: float32. */
  readonly output: string;
  /** Modules to do without. */
  readonly identity?: readonly string[];
}

interface TorchAnswer {
  readonly shape: readonly number[];
  readonly parameters: number;
}

/** A Python process that runs exported modules, one after the other. */
export class TorchRuntime extends PythonProcess<TorchJob, TorchAnswer> {
  constructor() {
    super(PYTHON, fileURLToPath(new URL('torch_runtime.py', import.meta.url)));
  }
}
