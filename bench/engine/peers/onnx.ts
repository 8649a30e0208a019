import type { LayerKind } from '../../../src/network/catalogue.js';
import type { LayerFacts } from '../../../src/network/check.js';
import { type FrameworkRules, rulesOf } from '../../../src/network/frameworks.js';
import type { WeightSpec } from '../../../src/network/layer.js';
import type { Layer } from '../../../src/network/network.js';
import { type Shape, volumeOf } from '../../../src/network/shape.js';
import { kernelExtent, type Window, type WindowAxis } from '../../../src/network/window.js';
import type { Contest } from '../contest.js';
import { type Bytes, file, float, integer, message, raw, string } from './protobuf.js';

type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** One ONNX node: its operator, and what it reads beside the layer's inputs. */
interface Operator {
  readonly type: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** The layer's own weights, in this order. */
  readonly weights?: readonly WeightSpec['name'][];
  /** Small tensors of int64 or single floats, behind the weights. */
  readonly constants?: readonly (readonly number[] | number)[];
}

type Translate<K extends LayerKind> = (layer: Layer<K>, facts: LayerFacts, rules: FrameworkRules) => Operator;

const windowOf = ({ window }: LayerFacts): Window => {
  if (!window) throw new Error('The layer has no window');
  return window;
};

const inputOf = ({ inputs: [input] }: LayerFacts): Shape => {
  if (!input) throw new Error('The layer has no input');
  return input;
};

/** What must lie behind the last pixel so that rounding down gives the output size, whatever rule gave it. */
const padAfter = ({ input, output, kernel, stride, dilation, before }: WindowAxis): number =>
  Math.max(0, (output - 1) * stride + kernelExtent(kernel, dilation) - input - before);

const windowAttributes = ({ y, x }: Window) => ({
  kernel_shape: [y.kernel, x.kernel],
  strides: [y.stride, x.stride],
  pads: [y.before, x.before, padAfter(y), padAfter(x)],
});

const convolution = (facts: LayerFacts, group: number): Operator => ({
  type: 'Conv',
  attributes: {
    ...windowAttributes(windowOf(facts)),
    dilations: [windowOf(facts).y.dilation, windowOf(facts).x.dilation],
    group,
  },
  weights: facts.weights.map(({ name }) => name),
});

const operator = (type: string) => (): Operator => ({ type });

/** The kinds of layers in the networks that are compared; an operator has the layer's inputs and one output. */
const translations: { readonly [K in LayerKind]?: Translate<K> } = {
  conv: ({ attributes }, facts) => convolution(facts, attributes?.groups ?? 1),
  depthwise: (_, facts) => convolution(facts, inputOf(facts).channels),
  convtranspose({ attributes }, { transposed, weights }) {
    if (!transposed || !attributes) throw new Error('The layer has no window');
    const { y, x } = transposed;
    return {
      type: 'ConvTranspose',
      attributes: {
        kernel_shape: [y.kernel, x.kernel],
        strides: [y.stride, x.stride],
        dilations: [y.dilation, x.dilation],
        pads: [y.before, x.before, y.after, x.after],
        output_padding: [attributes.outputpad.y, attributes.outputpad.x],
        group: attributes.groups,
      },
      weights: weights.map(({ name }) => name),
    };
  },
  fc(_, facts, rules) {
    const { height, width } = inputOf(facts);
    if (rules.flattenOrder === 'HWC' && height * width > 1) throw new Error('ONNX reads a volume in the order CHW');
    return { type: 'Gemm', attributes: { transB: 1 }, weights: facts.weights.map(({ name }) => name) };
  },
  maxpool: (_, facts) => ({ type: 'MaxPool', attributes: windowAttributes(windowOf(facts)) }),
  avgpool: ({ attributes }, facts) => ({
    type: 'AveragePool',
    attributes: { ...windowAttributes(windowOf(facts)), count_include_pad: attributes?.countpad ? 1 : 0 },
  }),
  globalavgpool: operator('GlobalAveragePool'),
  globalmaxpool: operator('GlobalMaxPool'),
  relu: operator('Relu'),
  relu6: () => ({ type: 'Clip', constants: [0, 6] }),
  sigmoid: operator('Sigmoid'),
  tanh: operator('Tanh'),
  softmax: () => ({ type: 'Softmax', attributes: { axis: 1 } }),
  dropout: operator('Identity'),
  flatten: () => ({ type: 'Flatten', attributes: { axis: 1 } }),
  add: operator('Add'),
  multiply: operator('Mul'),
  concat: () => ({ type: 'Concat', attributes: { axis: 1 } }),
  batchnorm: ({ attributes }) => ({
    type: 'BatchNormalization',
    attributes: { epsilon: { float: attributes?.epsilon ?? 0 } },
    weights: ['weight', 'bias', 'running_mean', 'running_var'],
  }),
  lrn({ attributes }, _, { lrnDividesBySize }) {
    const { size = 1, alpha = 0, beta = 0, k = 0 } = attributes ?? {};
    return {
      type: 'LRN',
      attributes: {
        size,
        alpha: { float: lrnDividesBySize ? alpha : alpha * size },
        beta: { float: beta },
        bias: { float: k },
      },
    };
  },
};

/** Writes a network with its weights as an ONNX file, for peers that read one. Volumes are 1×C×H×W. */
export function onnxFile({ network, facts, weights }: Contest): Uint8Array<ArrayBuffer> {
  const rules = rulesOf(network.framework);
  const graph: Bytes[] = [string(2, network.name)];
  const isFlat = (index: number) => network.layers[index]?.kind === 'fc' || network.layers[index]?.kind === 'flatten';
  for (const [index, layer] of network.layers.entries()) {
    const fact = facts[index] as LayerFacts;
    if (layer.kind === 'input') {
      graph.push(valueInfo(11, `${index}`, dimensionsOf(fact)));
      continue;
    }
    const translate = translations[layer.kind] as Translate<LayerKind> | undefined;
    if (!translate) throw new Error(`No ONNX operator is known for ${layer.kind}`);
    const { type, attributes = {}, weights: names = [], constants = [] } = translate(layer, fact, rules);
    const inputs = layer.inputs.map(String);
    if (layer.kind === 'fc') {
      // Flatten is an operator of its own.
      const flat = `${index} flat`;
      graph.push(node('Flatten', inputs, flat, { axis: 1 }));
      inputs.splice(0, 1, flat);
    }
    for (const name of names) {
      const spec = fact.weights.find((weight) => weight.name === name);
      const shape = spec?.shape ?? [fact.output?.channels ?? 0];
      const values = weights(index)[name] ?? new Float32Array(shape[0] ?? 0).fill(name === 'bias' ? 0 : 1);
      inputs.push(`${index}.${name}`);
      graph.push(initializer(`${index}.${name}`, FLOAT, shape, values));
    }
    for (const [i, value] of constants.entries()) {
      const name = `${index} constant ${i}`;
      inputs.push(name);
      graph.push(
        typeof value === 'number'
          ? initializer(name, FLOAT, [], Float32Array.of(value))
          : initializer(name, INT64, [value.length], BigInt64Array.from(value, BigInt)),
      );
    }
    graph.push(node(type, inputs, `${index}`, attributes));
  }
  const last = network.layers.length - 1;
  const output = facts[last] as LayerFacts;
  graph.push(valueInfo(12, `${last}`, isFlat(last) ? [1, volumeOf(output.output as Shape)] : dimensionsOf(output)));
  return file(integer(1, 8), message(7, ...graph), message(8, string(1, ''), integer(2, 17)));
}

const FLOAT = 1;
const INT64 = 7;

const dimensionsOf = ({ output }: LayerFacts): number[] =>
  output ? [1, output.channels, output.height, output.width] : [];

const valueInfo = (field: number, name: string, shape: readonly number[]): Bytes =>
  message(
    field,
    string(1, name),
    message(2, message(1, integer(1, FLOAT), message(2, ...shape.map((length) => message(1, integer(1, length)))))),
  );

const initializer = (
  name: string,
  type: number,
  shape: readonly number[],
  values: Float32Array | BigInt64Array,
): Bytes => message(5, ...shape.map((length) => integer(1, length)), integer(2, type), string(8, name), raw(9, values));

const node = (
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeValue>>,
): Bytes =>
  message(
    1,
    ...inputs.map((input) => string(1, input)),
    string(2, output),
    string(4, type),
    ...Object.entries(attributes).map(([name, value]) => message(5, string(1, name), ...attribute(value))),
  );

function attribute(value: AttributeValue): Bytes[] {
  if (typeof value === 'number') return [integer(3, value), integer(20, 2)];
  if (typeof value === 'string') return [string(4, value), integer(20, 3)];
  if ('float' in value) return [float(2, value.float), integer(20, 1)];
  return [...value.map((item) => integer(8, item)), integer(20, 7)];
}
