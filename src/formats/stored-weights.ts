import { checkNetwork } from '../network/check.js';
import { ImportError, type Imported, type NamedBytes, type StoredTensor, type Weights, weightName } from './format.js';
import { NpyError, readNpz } from './npz.js';
import { readSafetensors, SafetensorsError } from './safetensors.js';
import { ZipError } from './zip.js';

/** Files of weights alone, which know no layers: whose they are, their names say. */

/** Whether a file holds weights alone, by its name. */
export const isWeightsFile = (name: string): boolean => /\.(safetensors|npz)$/i.test(name);

/** The tensors of a file. Throws an {@link ImportError}. */
export async function readStoredWeights({ name, bytes }: NamedBytes): Promise<ReadonlyMap<string, StoredTensor>> {
  try {
    return name.toLowerCase().endsWith('.npz') ? await readNpz(bytes) : readSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError || error instanceof NpyError || error instanceof ZipError)
      throw new ImportError(`${name}: ${error.message}`);
    throw error;
  }
}

/** How many mismatches an error tells. */
const MOST_TOLD = 3;

/**
 * Gives a network the tensors that are called after its layers: `conv1.weight` or `conv1/weight`, in PyTorch's layouts. Throws an
 * {@link ImportError} where one is missing or of another size.
 */
export function withStoredWeights(
  imported: Imported,
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
): Imported {
  const { network } = imported;
  const { facts } = checkNetwork(network);
  const weights = new Map<string, StoredTensor>(imported.weights);
  const wrong: string[] = [];
  for (const [index, { name }] of network.layers.entries())
    for (const spec of facts[index]?.weights ?? []) {
      const key = weightName(name, spec.name);
      const found = tensors.get(key) ?? tensors.get(`${name}/${spec.name}`);
      const size = spec.shape.reduce((product, length) => product * length, 1);
      if (found && found.values.length === size) weights.set(key, { shape: spec.shape, values: found.values });
      else if (found) wrong.push(`${key} is [${found.shape.join(', ')}] and must be [${spec.shape.join(', ')}]`);
      else if (!imported.weights.has(key)) wrong.push(`${key} is not in it`);
    }
  if (wrong.length > 0) {
    const more = wrong.length > MOST_TOLD ? `, and ${wrong.length - MOST_TOLD} more` : '';
    throw new ImportError(`${file}: ${wrong.slice(0, MOST_TOLD).join('; ')}${more}`);
  }
  return { ...imported, weights: weights satisfies Weights };
}
