import { memorySource } from '../byte-source.js';
import { ImportError, type NamedBytes, type StoredTensor } from '../format.js';
import { ZipError, zipEntries } from '../zip.js';
import { type LayerTensors, openHdf5 } from './hdf5.js';
import { type Json, type KerasLayer, list, object } from './net.js';

interface Opened {
  readonly json: Json;
  readonly tensorsOf: (layers: readonly KerasLayer[]) => LayerTensors;
}

/** The largest description of a model: numbers are not in it. */
const MOST_CONFIG = 50_000_000;

/** The JSON of a model, and what opens its weights, which may lie in other files. */
export async function openKeras(file: NamedBytes, others: readonly NamedBytes[]): Promise<Opened> {
  const isHdf = ({ name }: NamedBytes) => /\.(h5|hdf5)$/i.test(name);
  if (/\.keras$/i.test(file.name)) return openZip(file);
  if (isHdf(file)) {
    const { config, tensorsOf } = await openHdf5(file);
    if (config === undefined)
      throw new ImportError(`${file.name}: it holds weights, but no model; give it with --weights to the model's JSON`);
    return { json: parseText(config, file.name), tensorsOf };
  }
  const json = parse(file);
  const hdf = others.find(isHdf);
  if (hdf) return { json, tensorsOf: (await openHdf5(hdf)).tensorsOf };
  return { json, tensorsOf: () => manifestTensors(json, others) };
}

async function openZip(file: NamedBytes): Promise<Opened> {
  try {
    const entries = await zipEntries(memorySource(file.bytes));
    const config = entries.get('config.json');
    if (!config) throw new ImportError(`${file.name}: it has no config.json`);
    const json = parseText(new TextDecoder().decode(await config.open(MOST_CONFIG)), file.name);
    const weights = entries.get('model.weights.h5');
    if (!weights) return { json, tensorsOf: () => () => undefined };
    const { tensorsOf } = await openHdf5({ name: weights.name, bytes: await weights.open() });
    return { json, tensorsOf };
  } catch (error) {
    if (error instanceof ZipError) throw new ImportError(`${file.name}: ${error.message}`);
    throw error;
  }
}

const parse = ({ name, bytes }: NamedBytes): Json => {
  if (bytes.length > MOST_CONFIG) throw new ImportError(`${name}: it is longer than ${MOST_CONFIG} bytes`);
  return parseText(new TextDecoder().decode(bytes), name);
};

function parseText(text: string, file: string): Json {
  try {
    return object(JSON.parse(text));
  } catch (error) {
    throw new ImportError(`${file}: it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The files of weights that a TensorFlow.js model names. */
export function companionsOfKeras(file: NamedBytes): readonly string[] {
  if (!/\.json$/i.test(file.name)) return [];
  return groupsOf(parse(file)).flatMap(({ paths }) => paths);
}

// — TensorFlow.js's weights —

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly Json[];
}

/** Names of files beside the model only. */
const groupsOf = (json: Json): readonly WeightGroup[] =>
  list(json.weightsManifest).map((group) => ({
    paths: list(object(group).paths).map((path) => {
      const name = String(path);
      if (name === '' || name === '..' || /[/\\]/.test(name))
        throw new ImportError(`its weights lie at ${JSON.stringify(name)}: only files beside the model are read`);
      return name;
    }),
    weights: list(object(group).weights).map(object),
  }));

function manifestTensors(json: Json, files: readonly NamedBytes[]): LayerTensors {
  const byLayer = new Map<string, StoredTensor[]>();
  for (const { paths, weights } of groupsOf(json)) {
    const parts = paths.map((path) => files.find(({ name }) => name === path)?.bytes);
    if (parts.some((part) => part === undefined)) continue;
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
    let end = 0;
    for (const part of parts) {
      bytes.set(part as Uint8Array, end);
      end += (part as Uint8Array).length;
    }
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const { name, shape, dtype, quantization } of weights) {
      const full = String(name);
      if (dtype !== 'float32' || quantization !== undefined)
        throw new ImportError(`${full}: only float32 that is not quantised is read`);
      const lengths = list(shape).map(Number);
      const count = lengths.reduce((product, length) => product * length, 1);
      if (!Number.isSafeInteger(count) || count < 0 || at + 4 * count > bytes.length)
        throw new ImportError(`${full}: ${paths.join(', ')} is cut short: it has ${bytes.length} bytes`);
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = view.getFloat32(at + 4 * i, true);
      at += 4 * count;
      const layer = full.slice(0, full.lastIndexOf('/'));
      byLayer.set(layer, [...(byLayer.get(layer) ?? []), { shape: lengths, values }]);
    }
  }
  return ({ name }) => byLayer.get(name);
}
