import type { Dataset, Group } from 'jsfive';
import { ImportError, type NamedBytes, type StoredTensor } from '../format.js';

/** Weights of Keras in HDF5: `.h5` of all versions, and the file in a `.keras`. */

/** A layer of a model, as its configuration has it. */
interface NamedLayer {
  readonly name: string;
  readonly className: string;
}

/** The weights of each layer in Keras's order; undefined for one that has none in the file. */
export type LayerTensors = (layer: NamedLayer) => readonly StoredTensor[] | undefined;

export interface HdfModel {
  /** The model's description, where the file has one. */
  readonly config: string | undefined;
  readonly tensorsOf: (layers: readonly NamedLayer[]) => LayerTensors;
}

/** A dataset may be packed, but not without end. */
const MOST_PACKED = 1000;

/** Opens a file. Throws an {@link ImportError} where it is damaged. */
export async function openHdf5({ name, bytes }: NamedBytes): Promise<HdfModel> {
  const { File } = await import('jsfive');
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof ImportError) throw error;
      throw new ImportError(`${name}: this is no HDF5 file, or it is damaged (${String(error).slice(0, 100)})`);
    }
  };
  // A copy: Node hands out parts of larger buffers.
  const plain = new Uint8Array(bytes).buffer;
  const file = guarded(() => new File(plain, name));
  const read = (dataset: Dataset): StoredTensor => {
    const count = dataset.shape.reduce((product, length) => product * length, 1);
    if (!Number.isSafeInteger(count) || count > MOST_PACKED * bytes.length)
      throw new ImportError(`${name}: an array of [${dataset.shape.join(', ')}] does not fit in ${bytes.length} bytes`);
    return { shape: dataset.shape, values: Float32Array.from(dataset.value) };
  };
  return {
    config: guarded(() => textOf(file.attrs.model_config)),
    tensorsOf: (layers) => {
      const find = guarded(() => (isGroup(file, 'layers') ? numbered(file, layers) : named(file)));
      return (layer) =>
        guarded(() => {
          const datasets = find(layer);
          return datasets.length === 0 ? undefined : datasets.map(read);
        });
    },
  };
}

const textOf = (value: unknown): string | undefined => {
  const text = Array.isArray(value) ? value[0] : value;
  return typeof text === 'string' ? text : undefined;
};

const groupAt = (group: Group, path: string): Group | undefined => {
  let at: Group | Dataset | undefined = group;
  for (const part of path.split('/')) {
    if (!at || !('attrs' in at) || !Array.isArray((at as Group).keys) || !(at as Group).keys.includes(part))
      return undefined;
    at = (at as Group).get(part);
  }
  return at && Array.isArray((at as Group).keys) ? (at as Group) : undefined;
};

const isGroup = (group: Group, path: string): boolean => groupAt(group, path) !== undefined;

/** Keras 2, and the `.h5` of Keras 3: a group a layer, which lists its weights in order. */
function named(file: Group): (layer: NamedLayer) => readonly Dataset[] {
  const all = groupAt(file, 'model_weights') ?? file;
  return ({ name }) => {
    const group = groupAt(all, name);
    const names = group?.attrs.weight_names;
    if (!group || names === undefined) return [];
    // Datasets are arrays, which flatMap would take apart.
    return (Array.isArray(names) ? names : [names])
      .map((path) => group.get(String(path)) as Dataset | undefined)
      .filter((dataset) => dataset !== undefined);
  };
}

/** Keras 3: a group a layer, by its name or by its class and a number, with numbered weights. */
function numbered(file: Group, layers: readonly NamedLayer[]): (layer: NamedLayer) => readonly Dataset[] {
  const counts = new Map<string, number>();
  const byClass = new Map<string, string>();
  for (const { name, className } of layers) {
    const plain = snakeOf(className);
    const count = counts.get(plain) ?? 0;
    counts.set(plain, count + 1);
    byClass.set(name, count === 0 ? plain : `${plain}_${count}`);
  }
  const groups = groupAt(file, 'layers') as Group;
  const isByClass = groups.keys.every((key) => [...byClass.values()].includes(key));
  return ({ name }) => {
    const vars = groupAt(groups, `${isByClass ? byClass.get(name) : name}/vars`);
    if (!vars) return [];
    const keys = [...vars.keys].sort((a, b) => Number(a) - Number(b));
    return keys.map((key) => vars.get(key) as Dataset);
  };
}

/** `DepthwiseConv2D` → `depthwise_conv2d`, as Keras does. */
const snakeOf = (name: string): string =>
  name
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
