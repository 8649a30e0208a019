import type { LayerKind } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import { cropAmounts } from '../../network/layers/reshaping.js';
import { overhang } from '../../network/window.js';
import { CannotSay, type Exported, type LayerIn, type LayerTable, type WriteInput, writeLayers } from '../format.js';
import { type AnyLayer, type Attributes, GraphWriter } from './graph.js';

export interface OnnxOptions {
  /** Weights go into a file of their own, as models over 2 GB need. */
  readonly external: boolean;
}

/**
 * Writes a model: NCHW, one input and one output of a batch of any size. Without weights they are inputs of the model, by the
 * names that the network gives them.
 */
export function writeOnnx({ checked, weights, fileName }: WriteInput, { external }: Partial<OnnxOptions>): Exported {
  const graph = new GraphWriter(checked.network.name, weights, external ? `${fileName}.onnx.data` : undefined);
  const rules = rulesOf(checked.network.framework);
  graph.readsRowsFirst = rules.flattenOrder === 'HWC';
  graph.dividesBySize = rules.lrnDividesBySize;
  graph.keeps = rules.momentumMeans === 'keep';
  writeLayers('ONNX', checked, tableOf(graph));
  const files = [{ name: `${fileName}.onnx`, content: graph.finish(checked.facts) }];
  const data = graph.externalData();
  return { files: data ? [...files, { name: `${fileName}.onnx.data`, content: data }] : files, map: [] };
}

/** ONNX rounds down: where the network rounds up, padding at the end makes room for the last window. */
function windowOf({ window }: LayerFacts, isPadded = true) {
  if (!window) throw new CannotSay('its window is not known');
  const { y, x } = window;
  const [top, left, bottom, right] = isPadded ? [y.before, x.before, y.after, x.after] : [0, 0, 0, 0];
  return {
    kernel_shape: [y.kernel, x.kernel],
    strides: [y.stride, x.stride],
    pads: [top, left, bottom + overhang(y), right + overhang(x)],
  };
}

const NO_FILTER = 'ONNX has no such filter; a conv with these weights, frozen, is one';

/** One function a kind, all writing into one graph. */
function tableOf(graph: GraphWriter): LayerTable<void> {
  /** An operator of one input and no weights that leaves the number of axes alone. */
  const simple =
    <K extends LayerKind>(op: string, attributes: (of: LayerIn<K>['attributes']) => Attributes = () => ({})) =>
    (layer: LayerIn<K>) => {
      const [input = 0] = layer.layer.inputs;
      graph.output(layer, op, [graph.read(input)], attributes(layer.attributes), graph.isFlat(input));
    };
  const source = ({ layer }: AnyLayer): number => layer.inputs[0] ?? 0;
  const volume = (layer: AnyLayer): string => graph.read(source(layer), false);
  const bias = (layer: AnyLayer, has: boolean): string[] => (has ? [graph.weight(layer, 'bias')] : []);

  const convolution = (layer: LayerIn<'conv'> | LayerIn<'depthwise'>, group: number) => {
    const { dilation } = layer.attributes;
    const inputs = [volume(layer), graph.weight(layer, 'weight'), ...bias(layer, layer.attributes.bias)];
    graph.output(layer, 'Conv', inputs, { ...windowOf(layer.facts), dilations: [dilation.y, dilation.x], group });
  };

  const merge = (op: string) => (layer: AnyLayer) => {
    const { inputs } = layer.layer;
    const isFlat = inputs.every((index) => graph.isFlat(index));
    graph.output(
      layer,
      op,
      inputs.map((index) => graph.read(index, isFlat)),
      {},
      isFlat,
    );
  };

  /** x · f(x) */
  const timesItself = (f: (x: string) => string) => (layer: AnyLayer) => {
    const x = graph.read(source(layer));
    graph.output(layer, 'Mul', [x, f(x)], {}, graph.isFlat(source(layer)));
  };

  /** Scale and shift a channel of a volume of four axes. */
  const scaled = (layer: AnyLayer, x: string, affine: boolean): void => {
    const { channels } = layer.output;
    if (!affine) graph.output(layer, 'Identity', [x]);
    else {
      const product = graph.node('Mul', [x, graph.weight(layer, 'weight', [channels, 1, 1])]);
      graph.output(layer, 'Add', [product, graph.weight(layer, 'bias', [channels, 1, 1])]);
    }
  };

  const ones = (count: number) => graph.constant(new Float32Array(count).fill(1), [count]);
  const zeros = (count: number) => graph.constant(new Float32Array(count), [count]);

  return {
    input: ({ layer, output }) => graph.input(layer.name, output),
    conv: (layer) => convolution(layer, layer.attributes.groups),
    depthwise: (layer) => convolution(layer, layer.inputs[0]?.channels ?? 1),
    convtranspose: (layer) => {
      const { transposed } = layer.facts;
      const { dilation, stride, groups, bias: hasBias } = layer.attributes;
      if (!transposed) throw new CannotSay('its window is not known');
      const { y, x } = transposed;
      graph.output(layer, 'ConvTranspose', [volume(layer), graph.weight(layer, 'weight'), ...bias(layer, hasBias)], {
        kernel_shape: [y.kernel, x.kernel],
        strides: [stride.y, stride.x],
        dilations: [dilation.y, dilation.x],
        pads: [y.before, x.before, y.after, x.after],
        output_padding: [y.extra, x.extra],
        group: groups,
      });
    },
    maxpool: (layer) => {
      const { dilation } = layer.attributes;
      graph.output(layer, 'MaxPool', [volume(layer)], {
        ...windowOf(layer.facts),
        dilations: [dilation.y, dilation.x],
      });
    },
    // What a window reaches beyond the padding never counts; the padding itself does where it is asked for.
    avgpool: (layer) => {
      const { window } = layer.facts;
      if (!layer.attributes.countpad || !window) {
        graph.output(layer, 'AveragePool', [volume(layer)], { ...windowOf(layer.facts), count_include_pad: 0 });
        return;
      }
      const { y, x } = window;
      const sides = [0, 0, y.before, x.before, 0, 0, y.after, x.after];
      const isPadded = sides.some((side) => side > 0);
      const input = isPadded ? graph.node('Pad', [volume(layer), graph.integers(sides)]) : volume(layer);
      graph.output(layer, 'AveragePool', [input], { ...windowOf(layer.facts, false), count_include_pad: 0 });
    },
    globalmaxpool: (layer) => graph.output(layer, 'GlobalMaxPool', [volume(layer)]),
    globalavgpool: (layer) => graph.output(layer, 'GlobalAveragePool', [volume(layer)]),
    adaptiveavgpool: (layer) => {
      const [input] = layer.inputs;
      const { size } = layer.attributes;
      const kernel = [(input?.height ?? 0) / size.y, (input?.width ?? 0) / size.x];
      if (!kernel.every(Number.isInteger))
        throw new CannotSay(`${input?.height}×${input?.width} does not divide into ${size.y}×${size.x} equal windows`);
      graph.output(layer, 'AveragePool', [volume(layer)], { kernel_shape: kernel, strides: kernel });
    },
    fc: (layer) => {
      const inputs = [graph.read(source(layer), true), graph.weight(layer, 'weight')];
      graph.output(layer, 'Gemm', [...inputs, ...bias(layer, layer.attributes.bias)], { transB: 1 }, true);
    },
    relu: simple('Relu'),
    leakyrelu: simple<'leakyrelu'>('LeakyRelu', ({ alpha }) => ({ alpha })),
    prelu: (layer) => {
      const isFlat = graph.isFlat(source(layer));
      const { channels } = layer.output;
      const dims = layer.attributes.shared ? [1] : isFlat ? [channels] : [channels, 1, 1];
      graph.output(layer, 'PRelu', [graph.read(source(layer)), graph.weight(layer, 'weight', dims)], {}, isFlat);
    },
    elu: simple<'elu'>('Elu', ({ alpha }) => ({ alpha })),
    gelu: (layer) => {
      const x = graph.read(source(layer));
      let inner: string;
      if (layer.attributes.approximate === 'none')
        inner = graph.node('Erf', [graph.node('Mul', [x, graph.constant(Math.SQRT1_2)])]);
      else {
        const cube = graph.node('Mul', [graph.node('Mul', [x, x]), x]);
        const sum = graph.node('Add', [x, graph.node('Mul', [cube, graph.constant(0.044715)])]);
        inner = graph.node('Tanh', [graph.node('Mul', [sum, graph.constant(Math.sqrt(2 / Math.PI))])]);
      }
      const half = graph.node('Mul', [x, graph.constant(0.5)]);
      graph.output(
        layer,
        'Mul',
        [half, graph.node('Add', [inner, graph.constant(1)])],
        {},
        graph.isFlat(source(layer)),
      );
    },
    silu: timesItself((x) => graph.node('Sigmoid', [x])),
    hardswish: simple('HardSwish'),
    softsign: simple('Softsign'),
    hardsigmoid: simple<'hardsigmoid'>('HardSigmoid', ({ slope }) => ({ alpha: slope, beta: 0.5 })),
    relu6: (layer) =>
      graph.output(
        layer,
        'Clip',
        [graph.read(source(layer)), graph.constant(0), graph.constant(6)],
        {},
        graph.isFlat(source(layer)),
      ),
    softplus: (layer) => {
      const { beta } = layer.attributes;
      const isFlat = graph.isFlat(source(layer));
      const x = graph.read(source(layer));
      if (beta === 1) graph.output(layer, 'Softplus', [x], {}, isFlat);
      else {
        const inner = graph.node('Softplus', [graph.node('Mul', [x, graph.constant(beta)])]);
        graph.output(layer, 'Mul', [inner, graph.constant(1 / beta)], {}, isFlat);
      }
    },
    mish: timesItself((x) => graph.node('Tanh', [graph.node('Softplus', [x])])),
    sigmoid: simple('Sigmoid'),
    tanh: simple('Tanh'),
    sign: simple('Sign'),
    softmax: simple('Softmax', () => ({ axis: 1 })),
    logsoftmax: simple('LogSoftmax', () => ({ axis: 1 })),
    batchnorm: (layer) => {
      const { channels } = layer.output;
      const { affine, epsilon, momentum } = layer.attributes;
      const parameters = affine
        ? [graph.weight(layer, 'weight'), graph.weight(layer, 'bias')]
        : [ones(channels), zeros(channels)];
      const statistics = [graph.weight(layer, 'running_mean'), graph.weight(layer, 'running_var')];
      graph.output(
        layer,
        'BatchNormalization',
        [graph.read(source(layer)), ...parameters, ...statistics],
        { epsilon, momentum: graph.keeps ? momentum : 1 - momentum },
        graph.isFlat(source(layer)),
      );
    },
    layernorm: (layer) => {
      const { channels } = layer.output;
      const { affine, epsilon } = layer.attributes;
      const last = graph.node('Transpose', [volume(layer)], { perm: [0, 2, 3, 1] });
      const parameters = affine ? [graph.weight(layer, 'weight'), graph.weight(layer, 'bias')] : [ones(channels)];
      const normal = graph.node('LayerNormalization', [last, ...parameters], { axis: -1, epsilon });
      graph.output(layer, 'Transpose', [normal], { perm: [0, 3, 1, 2] });
    },
    groupnorm: (layer) => {
      const { groups, epsilon, affine } = layer.attributes;
      const { channels, height, width } = layer.output;
      const grouped = graph.node('Reshape', [volume(layer), graph.integers([0, groups, -1])]);
      const normal = graph.node('InstanceNormalization', [grouped, ones(groups), zeros(groups)], { epsilon });
      scaled(layer, graph.node('Reshape', [normal, graph.integers([0, channels, height, width])]), affine);
    },
    instancenorm: (layer) => {
      const { channels } = layer.output;
      const { affine, epsilon } = layer.attributes;
      const parameters = affine
        ? [graph.weight(layer, 'weight'), graph.weight(layer, 'bias')]
        : [ones(channels), zeros(channels)];
      graph.output(layer, 'InstanceNormalization', [volume(layer), ...parameters], { epsilon });
    },
    lrn: (layer) => {
      const { size, alpha, beta, k, region } = layer.attributes;
      if (region === 'within') {
        const x = volume(layer);
        const before = Math.floor((size - 1) / 2);
        const after = Math.floor(size / 2);
        const pads = [before, before, after, after];
        const mean = graph.node('AveragePool', [graph.node('Mul', [x, x])], {
          kernel_shape: [size, size],
          pads,
          count_include_pad: 1,
        });
        const sum = graph.node('Add', [graph.node('Mul', [mean, graph.constant(alpha)]), graph.constant(k)]);
        graph.output(layer, 'Div', [x, graph.node('Pow', [sum, graph.constant(beta)])]);
        return;
      }
      if (size % 2 === 0) throw new CannotSay(`of ${size} channels ONNX takes one more after and one less before`);
      const scale = graph.dividesBySize ? alpha : alpha * size;
      graph.output(layer, 'LRN', [volume(layer)], { size, alpha: scale, beta, bias: k });
    },
    dropout: (layer) => {
      const [input = 0] = layer.layer.inputs;
      const inputs = [graph.read(input), graph.constant(layer.attributes.rate)];
      graph.output(layer, 'Dropout', inputs, {}, graph.isFlat(input));
    },
    flatten: (layer) => {
      const [input = 0] = layer.layer.inputs;
      graph.output(layer, 'Identity', [graph.read(input, true)], {}, true);
    },
    reshape: (layer) => {
      const { size } = layer.attributes;
      const flat = graph.read(source(layer), true);
      if (!graph.readsRowsFirst) {
        graph.output(layer, 'Reshape', [flat, graph.integers([0, size.channels, size.height, size.width])]);
        return;
      }
      const rows = graph.node('Reshape', [flat, graph.integers([0, size.height, size.width, size.channels])]);
      graph.output(layer, 'Transpose', [rows], { perm: [0, 3, 1, 2] });
    },
    pad: (layer) => {
      const { amount, mode } = layer.attributes;
      const sides = graph.integers([0, 0, amount.top, amount.left, 0, 0, amount.bottom, amount.right]);
      graph.output(layer, 'Pad', [volume(layer), sides], { mode: mode === 'zeros' ? 'constant' : mode });
    },
    crop: (layer) => {
      const [input] = layer.inputs;
      if (!input) throw new CannotSay('its input is not known');
      const { top, left, bottom, right } = cropAmounts(input, layer.attributes);
      const starts = graph.integers([-top, -left]);
      const ends = graph.integers([input.height + bottom, input.width + right]);
      graph.output(layer, 'Slice', [volume(layer), starts, ends, graph.integers([2, 3])]);
    },
    slice: (layer) => {
      const { start } = layer.attributes;
      const ends = graph.integers([start + layer.output.channels]);
      graph.output(layer, 'Slice', [volume(layer), graph.integers([start]), ends, graph.integers([1])]);
    },
    upsample: (layer) => {
      const { factor, mode, aligncorners } = layer.attributes;
      const scales = graph.constant(Float32Array.of(1, 1, factor.y, factor.x), [4]);
      const places: Attributes =
        mode === 'nearest'
          ? { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
          : { mode: 'linear', coordinate_transformation_mode: aligncorners ? 'align_corners' : 'half_pixel' };
      graph.output(layer, 'Resize', [volume(layer), '', scales], places);
    },
    channelshuffle: (layer) => {
      const { groups } = layer.attributes;
      const { channels, height, width } = layer.output;
      const apart = graph.integers([0, groups, channels / groups, height, width]);
      const dealt = graph.node('Transpose', [graph.node('Reshape', [volume(layer), apart])], { perm: [0, 2, 1, 3, 4] });
      graph.output(layer, 'Reshape', [dealt, graph.integers([0, channels, height, width])]);
    },
    pixelshuffle: (layer) =>
      graph.output(layer, 'DepthToSpace', [volume(layer)], { blocksize: layer.attributes.factor, mode: 'CRD' }),
    add: merge('Sum'),
    concat: (layer) => {
      const { inputs } = layer.layer;
      const isFlat = inputs.every((index) => graph.isFlat(index));
      graph.output(
        layer,
        'Concat',
        inputs.map((index) => graph.read(index, isFlat)),
        { axis: 1 },
        isFlat,
      );
    },
    multiply: (layer) => {
      const { inputs } = layer.layer;
      const isFlat = inputs.every((index) => graph.isFlat(index));
      const [first = '', ...others] = inputs.map((index) => graph.read(index, isFlat));
      const last = others.pop() ?? '';
      const product = others.reduce((left, right) => graph.node('Mul', [left, right]), first);
      graph.output(layer, 'Mul', [product, last], {}, isFlat);
    },
    max: merge('Max'),
    gaussian: NO_FILTER,
    gabor: NO_FILTER,
    sobel: NO_FILTER,
    hog: NO_FILTER,
  };
}
