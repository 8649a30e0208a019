import { shapeOfDims, Untranslatable } from '../builder.js';
import { ImportError, type Imported, type NamedBytes, type NodeReport } from '../format.js';
import { shortest } from '../numbers.js';
import type { Message } from '../protobuf/message.js';
import { decode } from '../protobuf/wire.js';
import { tidy } from '../tidy.js';
import { type Constant, externalPlace, readTensor } from './constant.js';
import { foldConstants } from './fold.js';
import { fuse } from './fuse.js';
import { Node, OnnxNet } from './net.js';
import { model as modelSchema } from './schema.js';
import { translators } from './translate.js';

const controlFlow = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** What exporters call every graph. */
const exporters = new Set(['', 'torch_jit', 'torch-jit-export', 'main_graph', 'tf2onnx', 'graph']);

/** The newest opset whose operators mean what is assumed here. */
const NEWEST_OPSET = 25;

/**
 * Reads a model and what tensors of it lie in the other files. `given` are inputs that are known, such as weights that a
 * model takes as inputs.
 */
export function readOnnx(files: readonly NamedBytes[], given: ReadonlyMap<string, Constant> = new Map()): Imported {
  const [file] = files;
  if (!file) throw new ImportError('There is no ONNX file');
  const model = decode(file.bytes, modelSchema, file.name);
  if (!model.has('graph')) throw new ImportError(`${file.name}: it has no graph`);
  const opset = opsetOf(model, file.name);
  const graph = model.message('graph');
  const all = graph.messages('node').map((message) => new Node(message));
  const outputs = graph.messages('output').map((output) => output.text('name'));
  const readers = new Map<string, number>();
  for (const name of [...all.flatMap(({ inputs }) => inputs), ...outputs])
    readers.set(name, (readers.get(name) ?? 0) + 1);
  const parameters = new Map(
    graph
      .messages('initializer')
      .map((tensor) => [tensor.text('name'), readTensor(tensor, files.slice(1))] as const)
      .concat([...given]),
  );
  const constants = constantsOf(all, files);
  const nodes = fuse(
    all.filter(({ op }) => op !== 'Constant'),
    (name) => readers.get(name) ?? 0,
    (name) => {
      const { values } = constants.get(name) ?? parameters.get(name) ?? {};
      return values?.length === 1 ? shortest(values[0] as number) : undefined;
    },
  );
  const net = new OnnxNet(opset, nodes, outputs);
  for (const [name, constant] of parameters) net.putParameter(name, constant);
  for (const [name, constant] of constants) net.values.set(name, constant);
  addParameters(graph, nodes, net);
  addInputs(graph, net, file.name);
  const report = inOrder(nodes, net, file.name).flatMap((node) => translate(node, net) ?? []);
  if (net.builder.layers.length < 2) {
    const [first] = report;
    throw new ImportError(
      `${file.name}: there is no layer that could be read${first ? `: ${first.name} (${first.kind}): ${first.why}` : ''}`,
    );
  }
  const title = graph.text('name');
  const name = exporters.has(title) ? file.name.replace(/\.[^.]*$/, '') : title;
  return tidy({ network: net.builder.network(name), weights: net.builder.weights, report });
}

/** The files that tensors of a model lie in. */
export function companionsOf(file: NamedBytes): readonly string[] {
  const graph = decode(file.bytes, modelSchema, file.name).message('graph');
  const places = graph.messages('initializer').flatMap((tensor) => externalPlace(tensor)?.name ?? []);
  return [...new Set(places)];
}

function opsetOf(model: Message, file: string): number {
  const opset = model.messages('opset_import').find((entry) => ['', 'ai.onnx'].includes(entry.text('domain')));
  const version = opset?.number('version', 1) ?? 1;
  if (version > NEWEST_OPSET) throw new ImportError(`${file}: opset ${version}; up to ${NEWEST_OPSET} is read`);
  return version;
}

/** Operators whose inputs after the first are their weights. */
const weighted = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'BatchNormalization',
  'InstanceNormalization',
  'PRelu',
]);

/** Inputs of the model that are only read as weights are weights without values. */
function addParameters(graph: Message, nodes: readonly Node[], net: OnnxNet): void {
  const read = new Set(nodes.flatMap(({ op, inputs }) => (weighted.has(op) ? inputs.slice(0, 1) : inputs)));
  for (const input of graph.messages('input')) {
    const name = input.text('name');
    if (read.has(name) || net.values.has(name) || net.readersOf(name) === 0) continue;
    const dims = input.message('type').message('tensor_type').message('shape').messages('dim');
    net.putParameter(name, { dims: dims.map((dim) => dim.number('dim_value', 0)), values: null });
  }
}

/** A network here has one input. Several become slices of one where they are of one height and width. */
function addInputs(graph: Message, net: OnnxNet, file: string): void {
  const inputs = graph
    .messages('input')
    .filter((input) => !net.values.has(input.text('name')) && net.readersOf(input.text('name')) > 0);
  const [first] = inputs;
  if (!first) throw new ImportError(`${file}: it has no input`);
  const all = inputs.map((input) => ({ name: input.text('name'), dims: dimsOf(input) }));
  const shapes = all.map(({ name, dims }) => {
    const shape = shapeOfDims(dims);
    if (!shape)
      throw new ImportError(`input ${name}: [${dims.join(', ')}] is not a volume of channels, height and width`);
    return shape;
  });
  const [batch] = first.message('type').message('tensor_type').message('shape').messages('dim');
  net.batch = Math.max(1, batch?.number('dim_value', 1) ?? 1);
  const [one, size] = [all[0], shapes[0]];
  if (!one || !size) return;
  if (all.length === 1) {
    const index = net.builder.add('input', { size }, [], one.name);
    net.values.set(one.name, { index, dims: one.dims, lost: false });
    return;
  }
  if (!shapes.every(({ height, width }) => height === size.height && width === size.width))
    throw new ImportError(
      `${file}: a network here has one input, this has ${all.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ')}`,
    );
  const channels = shapes.reduce((sum, shape) => sum + shape.channels, 0);
  const whole = net.builder.add('input', { size: { ...size, channels } }, [], 'input');
  let start = 0;
  for (const [i, { name, dims }] of all.entries()) {
    const count = shapes[i]?.channels ?? 1;
    net.values.set(name, { index: net.builder.add('slice', { start, count }, [whole], name), dims, lost: false });
    start += count;
  }
}

/** The dimensions of an input after the batch. */
function dimsOf(input: Message): readonly number[] {
  const name = input.text('name');
  const type = input.message('type').message('tensor_type');
  if (!type.has('shape')) throw new ImportError(`input ${name}: its shape is not given`);
  return type
    .message('shape')
    .messages('dim')
    .slice(1)
    .map((dim, i) => {
      const value = dim.number('dim_value', 0);
      if (value < 1)
        throw new ImportError(
          `input ${name}: dimension ${i + 1} (${dim.text('dim_param', 'without a name')}) is not a fixed number; export the model with fixed sizes`,
        );
      return value;
    });
}

/** Nodes after all that they read. */
function inOrder(nodes: readonly Node[], net: OnnxNet, file: string): readonly Node[] {
  const known = new Set(net.values.keys());
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const ordered: Node[] = [];
  let waiting = [...nodes];
  while (waiting.length > 0) {
    const later: Node[] = [];
    for (const node of waiting) {
      if (node.inputs.every((name) => name === '' || known.has(name) || !made.has(name))) {
        ordered.push(node);
        for (const output of node.outputs) known.add(output);
      } else later.push(node);
    }
    if (later.length === waiting.length)
      throw new ImportError(`${file}: ${later[0]?.name} (${later[0]?.op}) depends on its own output`);
    waiting = later;
  }
  return ordered;
}

/** What the nodes that hold a constant hold, by the name of their output. */
function constantsOf(nodes: readonly Node[], files: readonly NamedBytes[]): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>();
  for (const node of nodes) {
    if (node.op !== 'Constant') continue;
    const value = node.attribute('value');
    const number = node.attribute('value_float') ?? node.attribute('value_int');
    const numbers = node.numbers('value_floats') ?? node.numbers('value_ints');
    const [name = ''] = node.outputs;
    if (value) constants.set(name, readTensor(value.message('t'), files.slice(1)));
    else if (number)
      constants.set(name, { dims: [], values: Float64Array.of(number.number('f', number.number('i', 0))) });
    else if (numbers) constants.set(name, { dims: [numbers.length], values: Float64Array.from(numbers) });
    else throw new ImportError(`${node.message.where}: a constant without a value`);
  }
  return constants;
}

/** Undefined for what makes no layer: constants. */
function translate(node: Node, net: OnnxNet): NodeReport | undefined {
  const folded = foldConstants(node, net);
  if (folded) {
    net.putConstant(node, folded);
    return undefined;
  }
  const entry = { name: node.name, kind: node.op };
  const first = net.builder.layers.length;
  try {
    if (controlFlow.has(node.op)) throw new Untranslatable('a network here has no control flow');
    const translator = Object.hasOwn(translators, node.op) ? translators[node.op] : undefined;
    if (!translator || !['', 'ai.onnx'].includes(node.message.text('domain')))
      throw new Untranslatable('there is no such layer in the language');
    const why = translator(node, net);
    const layers = net.builder.layers.map((_, index) => index).slice(first);
    return { ...entry, fidelity: why ? 'approximate' : 'exact', ...(why && { why }), layers };
  } catch (error) {
    if (!(error instanceof Untranslatable || (error instanceof ImportError && net.dependsOnLost(node)))) throw error;
    net.builder.truncate(first);
    net.passOver(node);
    return {
      ...entry,
      fidelity: 'unsupported',
      why: error.message,
      attributes: node.attributeNames.join(', '),
      layers: [],
      before: first,
      matters: true,
    };
  }
}
