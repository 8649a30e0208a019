import { totalmem } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { AnalysedNetwork, Finding } from '../language/index.js';
import type { LayerAttributes } from '../network/catalogue.js';
import { reportOf } from './check-files.js';
import { formatText } from './check-text.js';
import { createFileChecker } from './checker.js';
import { chooseNetwork, errorsThatStop } from './choose-network.js';
import type { ExitStatus } from './command.js';
import { readSource, type SourceFile } from './files.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

export const CANCELLED: ExitStatus = 130;

export const MEBIBYTE = 2 ** 20;

/** Three quarters of the machine: the rest is for pictures, and for others. */
const usualMemory = Math.floor((totalmem() * 3) / 4 / MEBIBYTE);

/** In MiB. */
export const memoryOption = (): Option =>
  new Option('--memory <MiB>', 'refuse what needs more')
    .argParser(parseNumber)
    .default(usualMemory, "three quarters of the machine's");

export function parseNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It takes a whole number, 0 or more.');
  return value;
}

export interface OpenedNetwork {
  readonly source: SourceFile;
  readonly network: AnalysedNetwork;
  /** What its pictures must be like. */
  readonly input: LayerAttributes<'input'>;
}

/**
 * The network of a file that is to be computed with, the first by default; null where errors keep it from that, which are
 * printed then. `tolerated` errors do not. Throws a {@link UsageError} for one without an input.
 */
export async function openNetwork(
  file: string,
  name: string | undefined,
  terminal: Terminal,
  tolerated: readonly Finding['code'][] = [],
): Promise<OpenedNetwork | null> {
  const source = await readSource(file, terminal);
  const checked = await createFileChecker().check(source.uri, source.text);
  const network = chooseNetwork(checked.networks, name, source.name);
  const errors = errorsThatStop(checked, network).filter(({ code }) => !tolerated.includes(code));
  if (errors.length === 0) return { source, network, input: inputOf(network) };
  const report = reportOf(source, { ...checked, findings: errors }, terminal.cwd);
  terminal.err(formatText([report], (_, text) => text));
  return null;
}

function inputOf({ network: { name, layers } }: AnalysedNetwork): LayerAttributes<'input'> {
  const [input] = layers;
  if (input?.kind !== 'input' || !input.attributes) throw new UsageError(`${name} has no input to put a picture into`);
  return input.attributes;
}

/** One line that is written over again and again; gone in the end. */
export function showProgress(terminal: Terminal, text: string): void {
  if (terminal.interactive) terminal.err(`\r\x1b[K${text}`);
}
