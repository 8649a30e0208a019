import { type GivenWeights, weightsFromTensors } from '../../engine/index.js';
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

/** The weights file that was read last: a second would take as much memory again. */
export class WeightsStore {
  private last: ReadWeights | undefined;

  /** Reads a file, unless its contents are known already. */
  async read({ bytes }: Questions['readWeights']['ask']): Promise<Questions['readWeights']['answer']> {
    try {
      const id = await contentId(bytes);
      if (this.last?.id !== id) this.last = { id, tensors: await tableOf(bytes), values: readSafetensors(bytes) };
      return { id, tensors: this.last.tensors };
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
    if (!this.last || this.last.id !== weights) return [];
    const { id, tensors, values } = this.last;
    const differing = new Set(weightMismatches({ network, facts }, tensors).map(({ layer }) => layer));
    return weightsFromTensors({ network, facts }, values).map((found, layer) =>
      found && !differing.has(layer) ? { id: `${id} ${network.layers[layer]?.name}`, values: found } : undefined,
    );
  }
}

const tableOf = (bytes: Uint8Array): Promise<readonly TensorHeader[]> =>
  readTensorTable({ size: bytes.byteLength, read: async (from, to) => bytes.subarray(from, to) });

async function contentId(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
