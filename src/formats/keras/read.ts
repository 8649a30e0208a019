import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { Shape } from '../../network/shape.js';
import { volumeOf } from '../../network/shape.js';
import type { Padding } from '../../network/values.js';
import { NetworkBuilder, paddingOf, pairOf, Untranslatable } from '../builder.js';
import { memorySource } from '../byte-source.js';
import { ImportError, type Imported, type NamedBytes, type NodeReport, type StoredTensor } from '../format.js';
import { permute } from '../permute.js';
import { tidy } from '../tidy.js';
import { ZipError, zipEntries } from '../zip.js';
import { type LayerTensors, openHdf5 } from './hdf5.js';

/**
 * Keras's models: the JSON of all versions, TensorFlow.js's with its `.bin`, `.h5`, and `.keras`. Sequential and functional
 * models of one input are read.
 */
export async function readKeras(files: readonly NamedBytes[]): Promise<Imported> {
  const [file] = files;
  if (!file) throw new ImportError('There is no Keras file');
  const { json, tensorsOf } = await open(file, files.slice(1));
  const model = modelOf(json, file.name);
  const layers = layersOf(model, file.name);
  const net = new KerasNet(tensorsOf(layers));
  const report = inOrder(layers, file.name).map((layer) => translate(layer, net));
  if (net.builder.layers.length < 2) throw new ImportError(`${file.name}: there are no layers that could be read`);
  const name = String(object(model.config).name ?? file.name.replace(/\.[^.]*$/, ''));
  return tidy({ network: net.builder.network(name), weights: net.builder.weights, report });
}

/** The files of weights that a TensorFlow.js model names. */
export function companionsOfKeras(file: NamedBytes): readonly string[] {
  if (!/\.json$/i.test(file.name)) return [];
  return groupsOf(parse(file)).flatMap(({ paths }) => paths);
}

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

interface Opened {
  readonly json: Json;
  readonly tensorsOf: (layers: readonly KerasLayer[]) => LayerTensors;
}

/** The largest description of a model: numbers are not in it. */
const MOST_CONFIG = 50_000_000;

async function open(file: NamedBytes, others: readonly NamedBytes[]): Promise<Opened> {
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

// — TensorFlow.js's weights —

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly Json[];
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

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

// — The model —

interface KerasLayer {
  readonly name: string;
  readonly className: string;
  readonly config: Json;
  readonly inputs: readonly string[];
  /** How often the layer is applied. */
  readonly calls: number;
}

function modelOf(json: Json, file: string): Json {
  const topology = object(json.modelTopology);
  const model = [object(topology.model_config), topology, object(json.model_config), json].find(
    ({ class_name: name }) => typeof name === 'string',
  );
  if (!model) throw new ImportError(`${file}: it is no Keras model: it has no class_name`);
  if (!['Sequential', 'Functional', 'Model'].includes(String(model.class_name)))
    throw new ImportError(`${file}: a ${String(model.class_name)} is code; read are Sequential and Functional models`);
  return model;
}

function layersOf(model: Json, file: string): readonly KerasLayer[] {
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
function inOrder(layers: readonly KerasLayer[], file: string): readonly KerasLayer[] {
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

// — Layers —

interface Value {
  readonly index: number;
  /** (N, C), not (N, 1, 1, C). */
  readonly isVector: boolean;
  /** Something before it could not be translated. */
  readonly isLost: boolean;
}

class KerasNet {
  readonly builder = new NetworkBuilder('keras');
  readonly values = new Map<string, Value>();

  constructor(readonly tensorsOf: LayerTensors) {}

  inputsOf({ name, inputs }: KerasLayer): readonly Value[] {
    const values = inputs.flatMap((input) => this.values.get(input) ?? []);
    if (values.length === 0) throw new ImportError(`layer ${name}: it reads nothing`);
    return values;
  }
}

/** What is added for a layer; a text is what differs. */
type Translator = (layer: KerasLayer, net: KerasNet, inputs: readonly Value[]) => Made;

interface Made {
  readonly index: number;
  readonly isVector: boolean;
  readonly why?: string;
}

function translate(layer: KerasLayer, net: KerasNet): NodeReport {
  const { name, className: kind } = layer;
  const first = net.builder.layers.length;
  if (kind === 'InputLayer') {
    addInput(layer, net);
    return { name, kind, fidelity: 'exact', layers: [first] };
  }
  const inputs = net.inputsOf(layer);
  const isLost = inputs.some((input) => input.isLost);
  try {
    if (layer.calls > 1) throw new Untranslatable(`it is applied ${layer.calls} times, with the same weights`);
    if (layer.config.data_format === 'channels_first')
      throw new Untranslatable('its volumes are channels, height, width, which other layers of Keras are not');
    const translator = Object.hasOwn(translators, kind) ? translators[kind] : undefined;
    if (!translator) throw new Untranslatable('there is no such layer in the language');
    const made = withActivation(layer, net, translator(layer, net, inputs));
    net.values.set(name, { index: made.index, isVector: made.isVector, isLost });
    const own = net.builder.layers.map((_, index) => index).slice(first);
    const layers = own.length > 0 ? own : [made.index];
    return { name, kind, fidelity: made.why ? 'approximate' : 'exact', ...(made.why && { why: made.why }), layers };
  } catch (error) {
    if (!(error instanceof Untranslatable || (error instanceof ImportError && isLost))) throw error;
    net.builder.truncate(first);
    const harmless = error instanceof Untranslatable && error.harmless;
    net.values.set(name, { ...(inputs[0] as Value), isLost: isLost || !harmless });
    const attributes = describe(layer.config);
    return {
      name,
      kind,
      fidelity: 'unsupported',
      why: error.message,
      attributes,
      layers: [],
      before: first,
      matters: !harmless,
    };
  }
}

/** What an unknown layer says of itself, on one line. */
function describe(config: Json): string {
  const leftOut = new Set(['name', 'trainable', 'dtype', 'batch_input_shape']);
  const parts = Object.entries(config)
    .filter(([key, value]) => !leftOut.has(key) && value !== null && typeof value !== 'object')
    .map(([key, value]) => `${key}: ${String(value)}`);
  const text = parts.join(' ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function addInput({ name, config }: KerasLayer, net: KerasNet): void {
  if (net.builder.layers.length > 0) throw new ImportError(`layer ${name}: a network here has one input`);
  const dims = list(config.batch_shape ?? config.batch_input_shape).slice(1);
  const isKnown = dims.length > 0 && dims.every((dim) => Number.isSafeInteger(dim) && (dim as number) > 0);
  if (!isKnown || (dims.length !== 1 && dims.length !== 3))
    throw new ImportError(
      `layer ${name}: its pictures are of no fixed size, or none: [${dims.map(String).join(', ')}]; a size like [224, 224, 3] is needed`,
    );
  const [height = 1, width = 1, channels = 1] = dims.length === 1 ? [1, 1, Number(dims[0])] : dims.map(Number);
  const size: Shape = { height, width, channels };
  if (volumeOf(size) > 2 ** 31) throw new ImportError(`layer ${name}: [${dims.join(', ')}] is too large`);
  const index = net.builder.add('input', { size }, [], name);
  net.values.set(name, { index, isVector: dims.length === 1, isLost: false });
}

const numberOf = (config: Json, field: string, byDefault: number): number =>
  typeof config[field] === 'number' ? config[field] : byDefault;

const flagOf = (config: Json, field: string, byDefault: boolean): boolean =>
  typeof config[field] === 'boolean' ? config[field] : byDefault;

function pair(config: Json, field: string, byDefault: number) {
  const value = config[field];
  if (Array.isArray(value)) return pairOf(Number(value[0]), Number(value[1] ?? value[0]));
  return pairOf(typeof value === 'number' ? value : byDefault);
}

function padding({ padding: value }: Json): { pad?: Padding } {
  if (value === 'same') return { pad: { mode: 'same' } };
  if (value === 'valid' || value === undefined) return {};
  throw new Untranslatable(`padding ${String(value)}`);
}

/** 1, [1, 2], or [[top, bottom], [left, right]]. */
function sidesOf(value: unknown): { top: number; bottom: number; left: number; right: number } {
  const side = (one: unknown): [number, number] =>
    Array.isArray(one) ? [Number(one[0]), Number(one[1])] : [Number(one), Number(one)];
  const [vertical, horizontal] = Array.isArray(value) ? value : [value, value];
  const [top, bottom] = side(vertical);
  const [left, right] = side(horizontal);
  return { top, bottom, left, right };
}

const frozenOf = ({ trainable }: Json): { frozen?: true } => (trainable === false ? { frozen: true } : {});

const only = (inputs: readonly Value[]): readonly [number] => [(inputs[0] as Value).index];

/** A layer of the same kind of value as it reads. */
const like =
  <K extends LayerKind>(kind: K, attributes: (config: Json) => Partial<LayerAttributes<K>> = () => ({})): Translator =>
  (layer, net, inputs) => ({
    index: net.builder.add(kind, attributes(layer.config), only(inputs), layer.name),
    isVector: (inputs[0] as Value).isVector,
  });

/** Gives a layer its weights: in Keras's order, `names` are ours, and `turned` what must be turned round first. */
function weigh(
  { name, className }: KerasLayer,
  net: KerasNet,
  index: number,
  names: readonly string[],
  order?: readonly number[],
): void {
  const tensors = net.tensorsOf({ name, className });
  if (!tensors) return;
  for (const [at, weight] of names.entries()) {
    const tensor = tensors[at];
    if (!tensor)
      throw new ImportError(`layer ${name}: it has ${tensors.length} weights in the file and needs ${names.length}`);
    if (at === 0 && order && tensor.shape.length !== order.length)
      throw new ImportError(`layer ${name}: its ${weight} is [${tensor.shape.join(', ')}]`);
    net.builder.weigh(index, weight, at === 0 && order ? permute(tensor.values, tensor.shape, order) : tensor.values);
  }
}

const withBias = (bias: boolean): readonly string[] => (bias ? ['weight', 'bias'] : ['weight']);

const convolution: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const bias = flagOf(config, 'use_bias', true);
  const attributes = {
    filters: numberOf(config, 'filters', 0),
    kernel: pair(config, 'kernel_size', 0),
    stride: pair(config, 'strides', 1),
    dilation: pair(config, 'dilation_rate', 1),
    groups: numberOf(config, 'groups', 1),
    bias,
    ...padding(config),
    ...frozenOf(config),
  };
  const index = net.builder.add('conv', attributes, only(inputs), layer.name);
  weigh(layer, net, index, withBias(bias), [3, 2, 0, 1]);
  return { index, isVector: false };
};

/** [h, w, channel, multiplier] → [channel · multiplier, 1, h, w] */
const DEPTHWISE = [2, 3, 0, 1];

const depthwise: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const bias = flagOf(config, 'use_bias', true);
  const attributes = {
    kernel: pair(config, 'kernel_size', 0),
    stride: pair(config, 'strides', 1),
    dilation: pair(config, 'dilation_rate', 1),
    multiplier: numberOf(config, 'depth_multiplier', 1),
    bias,
    ...padding(config),
    ...frozenOf(config),
  };
  const index = net.builder.add('depthwise', attributes, only(inputs), layer.name);
  weigh(layer, net, index, withBias(bias), DEPTHWISE);
  return { index, isVector: false };
};

/** A depthwise convolution without bias, and a 1×1 one. */
const separable: Translator = (layer, net, inputs) => {
  const { config, name, className } = layer;
  const bias = flagOf(config, 'use_bias', true);
  const deep = {
    kernel: pair(config, 'kernel_size', 0),
    stride: pair(config, 'strides', 1),
    dilation: pair(config, 'dilation_rate', 1),
    multiplier: numberOf(config, 'depth_multiplier', 1),
    bias: false,
    ...padding(config),
    ...frozenOf(config),
  };
  const first = net.builder.add('depthwise', deep, only(inputs), `${name}_depthwise`);
  const wide = { filters: numberOf(config, 'filters', 0), kernel: pairOf(1), bias, ...frozenOf(config) };
  const index = net.builder.add('conv', wide, [first], name);
  const tensors = net.tensorsOf({ name, className });
  const [deepKernel, kernel, biases] = tensors ?? [];
  if (deepKernel?.shape.length === 4 && kernel?.shape.length === 4) {
    net.builder.weigh(first, 'weight', permute(deepKernel.values, deepKernel.shape, DEPTHWISE));
    net.builder.weigh(index, 'weight', permute(kernel.values, kernel.shape, [3, 2, 0, 1]));
    if (bias && biases) net.builder.weigh(index, 'bias', biases.values);
  }
  return { index, isVector: false };
};

const transposed: Translator = (layer, net, inputs) => {
  const { config } = layer;
  if (Array.isArray(config.output_padding) || typeof config.output_padding === 'number')
    throw new Untranslatable('it says its output_padding');
  const bias = flagOf(config, 'use_bias', true);
  const kernel = pair(config, 'kernel_size', 0);
  const stride = pair(config, 'strides', 1);
  const same = config.padding === 'same';
  // Without padding Keras makes N·S + max(F − S, 0).
  const outputpad = same ? pairOf(0) : pairOf(Math.max(stride.y - kernel.y, 0), Math.max(stride.x - kernel.x, 0));
  const attributes = {
    filters: numberOf(config, 'filters', 0),
    kernel,
    stride,
    dilation: pair(config, 'dilation_rate', 1),
    outputpad,
    bias,
    ...padding(config),
    ...frozenOf(config),
  };
  const index = net.builder.add('convtranspose', attributes, only(inputs), layer.name);
  // HWOI → IOHW
  weigh(layer, net, index, withBias(bias), [3, 2, 0, 1]);
  return { index, isVector: false };
};

/** Of a volume, Keras's Dense is a 1×1 convolution. */
const dense: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const { index: input, isVector } = inputs[0] as Value;
  const bias = flagOf(config, 'use_bias', true);
  const units = numberOf(config, 'units', 0);
  const index = isVector
    ? net.builder.add('fc', { units, bias, ...frozenOf(config) }, [input], layer.name)
    : net.builder.add('conv', { filters: units, kernel: pairOf(1), bias, ...frozenOf(config) }, [input], layer.name);
  weigh(layer, net, index, withBias(bias), [1, 0]);
  return { index, isVector };
};

const pool =
  (kind: 'maxpool' | 'avgpool'): Translator =>
  (layer, net, inputs) => {
    const { config } = layer;
    const kernel = pair(config, 'pool_size', 2);
    const stride = config.strides === null || config.strides === undefined ? kernel : pair(config, 'strides', 1);
    const attributes = { kernel, stride, ...padding(config) } as never;
    return { index: net.builder.add(kind, attributes, only(inputs), layer.name), isVector: false };
  };

const globalPool =
  (kind: 'globalmaxpool' | 'globalavgpool'): Translator =>
  (layer, net, inputs) => ({
    index: net.builder.add(kind, {}, only(inputs), layer.name),
    isVector: !flagOf(layer.config, 'keepdims', false),
  });

/** Channels are the last axis. */
function requireLastAxis(axis: unknown, { isVector }: Value): void {
  const one = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (![undefined, -1, isVector ? 1 : 3].includes(one as number))
    throw new Untranslatable(`its axis is ${JSON.stringify(axis)}`);
}

/** Scale and shift, of which Keras may lack one. */
function normalise<K extends 'batchnorm' | 'layernorm' | 'groupnorm'>(
  layer: KerasLayer,
  net: KerasNet,
  inputs: readonly Value[],
  kind: K,
  attributes: Partial<LayerAttributes<K>>,
): Made {
  const { config, name, className } = layer;
  const input = inputs[0] as Value;
  requireLastAxis(config.axis, input);
  const [scale, center] = [flagOf(config, 'scale', true), flagOf(config, 'center', true)];
  const affine = scale || center;
  const given = { ...attributes, epsilon: numberOf(config, 'epsilon', 1e-3), affine } as never;
  const index = net.builder.add(kind, given, [input.index], name);
  const tensors = net.tensorsOf({ name, className });
  const made = { index, isVector: input.isVector };
  if (tensors) {
    const { channels } = net.builder.shapeOf(index);
    const rest = [...tensors];
    const take = (has: boolean, initial: number) =>
      has ? (rest.shift()?.values ?? new Float32Array()) : new Float32Array(channels).fill(initial);
    const [gamma, beta] = [take(scale, 1), take(center, 0)];
    if (affine) {
      net.builder.weigh(index, 'weight', gamma);
      net.builder.weigh(index, 'bias', beta);
    }
    if (kind === 'batchnorm') {
      net.builder.weigh(index, 'running_mean', take(true, 0));
      net.builder.weigh(index, 'running_var', take(true, 1));
    }
  }
  return affine && !(scale && center)
    ? {
        ...made,
        why: `it has no ${scale ? 'shift' : 'scale'}; here one of ${scale ? 'zeros' : 'ones'} counts among the parameters`,
      }
    : made;
}

/** What Keras calls the functions of a number. */
const functions: Readonly<Record<string, readonly [LayerKind, object?]>> = {
  relu: ['relu'],
  relu6: ['relu6'],
  sigmoid: ['sigmoid'],
  tanh: ['tanh'],
  softsign: ['softsign'],
  softmax: ['softmax'],
  log_softmax: ['logsoftmax'],
  logSoftmax: ['logsoftmax'],
  elu: ['elu'],
  gelu: ['gelu'],
  swish: ['silu'],
  silu: ['silu'],
  mish: ['mish'],
  softplus: ['softplus'],
  hard_silu: ['hardswish'],
  hard_swish: ['hardswish'],
  leaky_relu: ['leakyrelu', { alpha: 0.2 }],
};

function addFunction(value: unknown, net: KerasNet, input: Value, name: string): Made {
  const word =
    typeof value === 'string' ? value : String(object(object(value).config).name ?? object(value).class_name);
  if (word === 'linear') return input;
  const found = Object.hasOwn(functions, word) ? functions[word] : undefined;
  if (!found) throw new Untranslatable(`activation ${word}`);
  const [kind, attributes = {}] = found;
  return { index: net.builder.add(kind, attributes as never, [input.index], name), isVector: input.isVector };
}

/** The activation that a convolution or a Dense has in itself. */
function withActivation(layer: KerasLayer, net: KerasNet, made: Made): Made {
  const { activation } = layer.config;
  if (layer.className === 'Activation' || activation === undefined || activation === null) return made;
  const input = { ...made, isLost: false };
  return { ...made, ...addFunction(activation, net, input, `${layer.name}_${String(activation)}`) };
}

const relu: Translator = (layer, net, inputs) => {
  const { config } = layer;
  const [most, slope, threshold] = [
    config.max_value,
    numberOf(config, 'negative_slope', 0),
    numberOf(config, 'threshold', 0),
  ];
  if (threshold !== 0 || (most !== null && most !== undefined && (most !== 6 || slope !== 0)))
    throw new Untranslatable(`max_value ${String(most)}, negative_slope ${slope}, threshold ${threshold}`);
  const made = most === 6 ? like('relu6') : slope === 0 ? like('relu') : like('leakyrelu', () => ({ alpha: slope }));
  return made(layer, net, inputs);
};

const prelu: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const shape = net.builder.shapeOf(input.index);
  const axes = list(layer.config.shared_axes).map(Number);
  const sharesPixels = shape.height * shape.width === 1 || (axes.includes(1) && axes.includes(2));
  const shared = axes.includes(input.isVector ? 1 : 3);
  if (!sharesPixels) throw new Untranslatable('it has a slope a pixel');
  const index = net.builder.add('prelu', { shared }, [input.index], layer.name);
  weigh(layer, net, index, ['weight']);
  return { index, isVector: input.isVector };
};

const merge =
  (kind: 'add' | 'multiply' | 'max' | 'concat'): Translator =>
  (layer, net, inputs) => {
    if (inputs.length < 2) throw new ImportError(`layer ${layer.name}: it needs two inputs or more`);
    if (kind === 'concat') requireLastAxis(layer.config.axis, inputs[0] as Value);
    const index = net.builder.add(
      kind,
      {},
      inputs.map((input) => input.index),
      layer.name,
    );
    return { index, isVector: inputs.every(({ isVector }) => isVector) };
  };

const flatten: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const { height, width } = net.builder.shapeOf(input.index);
  // A Dense flattens by itself; what stands between keeps its numbers.
  if (height * width === 1) return { index: input.index, isVector: true };
  return { index: net.builder.add('flatten', {}, [input.index], layer.name), isVector: true };
};

const reshape: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const before = net.builder.shapeOf(input.index);
  const dims = list(layer.config.target_shape).map(Number);
  const known = dims.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const filled = dims.map((dim) => (dim === -1 ? volumeOf(before) / known : dim));
  if (filled.length !== 1 && filled.length !== 3)
    throw new Untranslatable(`[${dims.join(', ')}] is not a volume of height, width and channels`);
  const isVector = filled.length === 1;
  const [height = 1, width = 1, channels = 1] = isVector ? [1, 1, filled[0] ?? 1] : filled;
  if (height === before.height && width === before.width && channels === before.channels)
    return { index: input.index, isVector };
  const size: Shape = { height, width, channels };
  const index = isVector
    ? net.builder.add('flatten', {}, [input.index], layer.name)
    : net.builder.add('reshape', { size }, [input.index], layer.name);
  return { index, isVector };
};

const identity: Translator = (_, __, inputs) => inputs[0] as Value;

const rescaling: Translator = (layer, net, inputs) => {
  const input = inputs[0] as Value;
  const { channels } = net.builder.shapeOf(input.index);
  const [scale, offset] = [layer.config.scale, layer.config.offset ?? 0];
  const values = (value: unknown) => {
    const numbers = Array.isArray(value) ? value.map(Number) : new Array(channels).fill(Number(value));
    if (numbers.length !== channels || numbers.some((number) => !Number.isFinite(number)))
      throw new Untranslatable('it has neither one number nor one a channel');
    return Float32Array.from(numbers);
  };
  const index = net.builder.add(
    'depthwise',
    { kernel: pairOf(1), bias: true, frozen: true },
    [input.index],
    layer.name,
  );
  net.builder.weigh(index, 'weight', values(scale));
  net.builder.weigh(index, 'bias', values(offset));
  return { index, isVector: input.isVector, why: 'its constants are a frozen filter of one number a channel' };
};

/** Every Keras layer that has a meaning here, by its class. */
const translators: Readonly<Record<string, Translator>> = {
  Conv2D: convolution,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  Conv2DTranspose: transposed,
  Dense: dense,
  MaxPooling2D: pool('maxpool'),
  AveragePooling2D: pool('avgpool'),
  GlobalMaxPooling2D: globalPool('globalmaxpool'),
  GlobalAveragePooling2D: globalPool('globalavgpool'),
  BatchNormalization: (layer, net, inputs) =>
    normalise(layer, net, inputs, 'batchnorm', {
      momentum: numberOf(layer.config, 'momentum', 0.99),
      ...frozenOf(layer.config),
    }),
  LayerNormalization: (layer, net, inputs) => normalise(layer, net, inputs, 'layernorm', {}),
  GroupNormalization: (layer, net, inputs) => {
    const { channels } = net.builder.shapeOf((inputs[0] as Value).index);
    const groups = numberOf(layer.config, 'groups', 32);
    return normalise(layer, net, inputs, 'groupnorm', { groups: groups === -1 ? channels : groups });
  },
  Activation: (layer, net, inputs) => addFunction(layer.config.activation, net, inputs[0] as Value, layer.name),
  ReLU: relu,
  LeakyReLU: like('leakyrelu', (config) => ({
    alpha: numberOf(config, 'negative_slope', numberOf(config, 'alpha', 0.3)),
  })),
  PReLU: prelu,
  ELU: like('elu', (config) => ({ alpha: numberOf(config, 'alpha', 1) })),
  Softmax: (layer, net, inputs) => {
    requireLastAxis(layer.config.axis, inputs[0] as Value);
    return like('softmax')(layer, net, inputs);
  },
  Dropout: like('dropout', (config) => ({ rate: numberOf(config, 'rate', 0.5) })),
  SpatialDropout2D: (layer, net, inputs) => ({
    ...like('dropout', (config) => ({ rate: numberOf(config, 'rate', 0.5) }))(layer, net, inputs),
    why: 'it drops whole channels; here single numbers',
  }),
  GaussianNoise: identity,
  GaussianDropout: identity,
  Flatten: flatten,
  Reshape: reshape,
  ZeroPadding2D: (layer, net, inputs) => {
    const { top, left, bottom, right } = sidesOf(layer.config.padding);
    const amount = paddingOf(top, left, bottom, right) as LayerAttributes<'pad'>['amount'];
    return { index: net.builder.add('pad', { amount }, only(inputs), layer.name), isVector: false };
  },
  Cropping2D: (layer, net, inputs) => {
    const { top, left, bottom, right } = sidesOf(layer.config.cropping);
    const amount = { mode: 'explicit', top, right, bottom, left } as const;
    return { index: net.builder.add('crop', { amount }, only(inputs), layer.name), isVector: false };
  },
  UpSampling2D: (layer, net, inputs) => {
    const mode = String(layer.config.interpolation ?? 'nearest');
    if (mode !== 'nearest' && mode !== 'bilinear') throw new Untranslatable(`interpolation ${mode}`);
    const index = net.builder.add(
      'upsample',
      { factor: pair(layer.config, 'size', 2), mode },
      only(inputs),
      layer.name,
    );
    return { index, isVector: false };
  },
  Add: merge('add'),
  Multiply: merge('multiply'),
  Maximum: merge('max'),
  Concatenate: merge('concat'),
  Rescaling: rescaling,
};
