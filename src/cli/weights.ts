import { type GivenWeights, weightsFromTensors } from '../engine/index.js';
import type { Weights } from '../formats/format.js';
import { readSafetensors, SafetensorsError } from '../formats/safetensors.js';
import type { CheckedNetwork } from '../network/check.js';
import { isThere, pathBeside, readBytes } from './files.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** What Node reads in one piece. */
const MOST_BYTES = 2 ** 31 - 1;

/** The tensors of a weights file. */
export async function readTensors(path: string, terminal: Terminal): Promise<Weights> {
  try {
    return readSafetensors(await readBytes(path, terminal, MOST_BYTES));
  } catch (error) {
    if (error instanceof SafetensorsError) throw new UsageError(`${path} cannot be read: ${error.message}`);
    throw error;
  }
}

/**
 * The weights of the file that a network names, by layer; null where it names none, or the file is not there yet. That its
 * tensors are those of the network, the check has seen to.
 */
export async function readWeights(
  checked: CheckedNetwork,
  networkFile: string,
  terminal: Terminal,
): Promise<readonly (GivenWeights | undefined)[] | null> {
  const { weightsFile } = checked.network;
  if (weightsFile === undefined) return null;
  const path = pathBeside(networkFile, weightsFile);
  if (!(await isThere(path, terminal))) return null;
  const weights = weightsFromTensors(checked, await readTensors(path, terminal));
  return weights.map((values, layer) => values && { id: `${path} ${layer}`, values });
}
