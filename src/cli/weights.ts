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

/** The tensors of the file that a network names; undefined where it names none, or the file is not there yet. */
export async function readWeightsOf(
  { network: { weightsFile } }: CheckedNetwork,
  networkFile: string,
  terminal: Terminal,
): Promise<Weights | undefined> {
  if (weightsFile === undefined) return undefined;
  const path = pathBeside(networkFile, weightsFile);
  return (await isThere(path, terminal)) ? readTensors(path, terminal) : undefined;
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
  const tensors = await readWeightsOf(checked, networkFile, terminal);
  if (!tensors) return null;
  const weights = weightsFromTensors(checked, tensors);
  return weights.map((values, layer) => values && { id: `${checked.network.weightsFile} ${layer}`, values });
}
