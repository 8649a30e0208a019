import { NetworkBuilder, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import type { LayerTensors } from './hdf5.js';

export type Json = Readonly<Record<string, unknown>>;

export const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export interface KerasLayer {
  readonly name: string;
  readonly className: string;
  readonly config: Json;
  readonly inputs: readonly string[];
  /** How often the layer is applied. */
  readonly calls: number;
}

export function modelOf(json: Json, file: string): Json {
  const topology = object(json.modelTopology);
  const model = [object(topology.model_config), topology, object(json.model_config), json].find(
    ({ class_name: name }) => typeof name === 'string',
  );
  if (!model) throw new ImportError(`${file}: it is no Keras model: it has no class_name`);
  if (!['Sequential', 'Functional', 'Model'].includes(String(model.class_name)))
    throw new ImportError(`${file}: a ${String(model.class_name)} is code; read are Sequential and Functional models`);
  return model;
}

export function layersOf(model: Json, file: string): readonly KerasLayer[] {
  const isSequential = model.class_name === 'Sequential';
  // The oldest Sequential models are their list of layers.
  const entries = list(Array.isArray(model.config) ? model.config : object(model.config).layers).map(object);
  const layers: KerasLayer[] = [];
  for (const [i, entry] of entries.entries()) {
    const config = object(entry.config);
    const name = String(entry.name ?? config.name ?? `layer${i}`);
    const className = String(entry.class_name);
    if (isSequential && i === 0 && className !== 'InputLayer')
      layers.push({ name: `${name}_input`, className: 'InputLayer', config, inputs: [], calls: 0 });
    const nodes = list(entry.inbound_nodes);
    const before = layers.at(-1)?.name;
    const inputs = isSequential ? (before === undefined ? [] : [before]) : tensorNames(nodes[0], 0);
    layers.push({ name, className, config, inputs, calls: isSequential ? 1 : nodes.length });
  }
  if (layers.length === 0) throw new ImportError(`${file}: it has no layers`);
  return layers;
}

/** The layers that a call reads, in each version's way of writing it. */
function tensorNames(value: unknown, depth: number): readonly string[] {
  if (depth > 8) return [];
  if (Array.isArray(value)) {
    if (typeof value[0] === 'string' && typeof value[1] === 'number') return [value[0]];
    return value.flatMap((item) => tensorNames(item, depth + 1));
  }
  const { class_name: name, config, args } = object(value);
  if (name === '__keras_tensor__') return [String(list(object(config).keras_history)[0])];
  return args === undefined ? [] : tensorNames(args, depth + 1);
}

/** Layers after those that they read. */
export function inOrder(layers: readonly KerasLayer[], file: string): readonly KerasLayer[] {
  const known = new Set(layers.map(({ name }) => name));
  for (const { name, inputs } of layers)
    for (const input of inputs)
      if (!known.has(input)) throw new ImportError(`${file}: layer ${name} reads ${input}, which is not there`);
  const done = new Set<string>();
  const ordered: KerasLayer[] = [];
  let waiting = layers;
  while (waiting.length > 0) {
    const later: KerasLayer[] = [];
    for (const layer of waiting)
      if (layer.inputs.every((input) => done.has(input))) {
        done.add(layer.name);
        ordered.push(layer);
      } else later.push(layer);
    if (later.length === waiting.length) {
      const names = later.slice(0, 3).map(({ name }) => name);
      throw new ImportError(`${file}: the layers ${names.join(', ')} read one another`);
    }
    waiting = later;
  }
  return ordered;
}

export interface Value {
  readonly index: number;
  /** (N, C), not (N, 1, 1, C). */
  readonly isVector: boolean;
  /** Something before it could not be translated. */
  readonly isLost: boolean;
}

/** A Keras network on its way to ours: which value each layer makes, and where its weights are. */
export class KerasNet {
  readonly builder = new NetworkBuilder('keras');
  readonly values = new Map<string, Value>();

  constructor(readonly tensorsOf: LayerTensors) {}

  inputsOf({ name, inputs }: KerasLayer): readonly Value[] {
    const values = inputs.flatMap((input) => this.values.get(input) ?? []);
    if (values.length === 0) throw new ImportError(`layer ${name}: it reads nothing`);
    return values;
  }
}

/** Adds what a Keras layer is here. */
export type Translator = (layer: KerasLayer, net: KerasNet, inputs: readonly Value[]) => Made;

export interface Made {
  readonly index: number;
  readonly isVector: boolean;
  /** What differs, where something does. */
  readonly why?: string;
}

/** The one input of a layer. */
export const only = (inputs: readonly Value[]): readonly [number] => [(inputs[0] as Value).index];

/** Channels are the last axis. */
export function requireLastAxis(axis: unknown, { isVector }: Value): void {
  const one = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (![undefined, -1, isVector ? 1 : 3].includes(one as number))
    throw new Untranslatable(`its axis is ${JSON.stringify(axis)}`);
}
