import { type GivenWeights, weightsFromTensors } from '../../engine/index.js';
import { memorySource } from '../../formats/byte-source.js';
import type { StoredTensor } from '../../formats/format.js';
import { readSafetensors, readTensorTable, SafetensorsError } from '../../formats/safetensors.js';
import { type TensorHeader, weightMismatches } from '../../network/weights-file.js';
import type { Questions, WorkerRequest } from '../worker-protocol.js';

type RunRequest = Extract<WorkerRequest, { type: 'run' }>;

/** A weights file, by its contents. */
interface ReadWeights {
  readonly id: string;
  readonly tensors: readonly TensorHeader[];
  readonly values: ReadonlyMap<string, StoredTensor>;
}

/** How many of each are kept: while new learned ones are read, a run with those before may come. */
const KEPT = { file: 1, learned: 2 } as const;

/** The weights that were read last, of the file and of training: more would take as much memory again. */
export class WeightsStore {
  private readonly kept: Record<keyof typeof KEPT, readonly ReadWeights[]> = { file: [], learned: [] };

  /** Reads a file, unless its contents are known already. */
  async read({ bytes, from }: Questions['readWeights']['ask']): Promise<Questions['readWeights']['answer']> {
    try {
      const id = await contentId(bytes);
      const known = this.find(id) ?? { id, tensors: await tableOf(bytes), values: readSafetensors(bytes) };
      this.kept[from] = [known, ...this.kept[from].filter((other) => other !== known)].slice(0, KEPT[from]);
      return { id, tensors: known.tensors };
    } catch (error) {
      if (error instanceof SafetensorsError) return { problem: error.message };
      // An allocation that the browser refuses.
      if (error instanceof RangeError) return { problem: 'There is not enough memory for it' };
      // Whatever it is: the network runs without.
      return { problem: String(error) };
    }
  }

  /** The weights of each layer that has all of its own in the file; undefined leaves a layer to its random ones. */
  givenFor({
    network,
    facts,
    weights,
  }: Pick<RunRequest, 'network' | 'facts' | 'weights'>): readonly (GivenWeights | undefined)[] {
    const found = weights === null ? undefined : this.find(weights);
    if (!found) return [];
    const { id, tensors, values } = found;
    const differing = new Set(weightMismatches({ network, facts }, tensors).map(({ layer }) => layer));
    return weightsFromTensors({ network, facts }, values).map((given, layer) =>
      given && !differing.has(layer) ? { id: `${id} ${network.layers[layer]?.name}`, values: given } : undefined,
    );
  }

  private find(id: string): ReadWeights | undefined {
    return [...this.kept.file, ...this.kept.learned].find((weights) => weights.id === id);
  }
}

const tableOf = (bytes: Uint8Array): Promise<readonly TensorHeader[]> => readTensorTable(memorySource(bytes));

async function contentId(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
