import { cropAmounts } from '../../network/layers/reshaping.js';
import type { Sides } from '../../network/values.js';
import { hangsOver, type WindowAxis } from '../../network/window.js';
import { CannotSay, type Format } from '../format.js';
import { evenWindow, type FlatLayer, type FlatTable, flatLines, pairText } from './flat.js';
import { layOut, python, snakeCase } from './python.js';
import type { Takes } from './use.js';

/**
 * Lasagne 0.2 (Theano). Its layers are given the nonlinearity that they would otherwise choose themselves, and filters that are
 * not flipped. Source: https://lasagne.readthedocs.io/en/latest/modules/layers.html and the code of lasagne/layers.
 */

const call = (name: string, ...args: readonly (string | null)[]): string =>
  `${name}(${args.filter((arg) => arg !== null).join(', ')})`;

const nonlinear = (
  code: string,
): { readonly takes: Takes; readonly say: () => (inputs: readonly string[]) => string } => ({
  takes: 'any',
  say:
    () =>
    ([x]) =>
      `NonlinearityLayer(${x}, ${code})`,
});

const padded = (x: string, border: Sides | null, value: string | null = null): string =>
  border === null
    ? x
    : call(
        'PadLayer',
        x,
        `width=[(${border.top}, ${border.bottom}), (${border.left}, ${border.right})]`,
        value && `val=${value}`,
        'batch_ndim=2',
      );

const axes = ({ facts }: Pick<FlatLayer, 'facts'>): readonly [WindowAxis, WindowAxis] => {
  if (!facts.window) throw new CannotSay('it has no window');
  return [facts.window.y, facts.window.x];
};

function convolution(layer: FlatLayer<'conv'> | FlatLayer<'depthwise'>, groups: number) {
  const { kernel, stride, dilation, bias } = layer.attributes;
  const [y, x] = axes(layer);
  if (dilation.y > 1 || dilation.x > 1)
    throw new CannotSay('DilatedConv2DLayer lays its weights out otherwise, and does not pad');
  const { pad, border } = evenWindow(y, x);
  return ([input = '']: readonly string[]) =>
    call(
      'Conv2DLayer',
      padded(input, border),
      `num_filters=${layer.output.channels}`,
      `filter_size=${pairText(kernel.y, kernel.x)}`,
      `stride=${pairText(stride.y, stride.x)}`,
      `pad=${pairText(...pad)}`,
      groups > 1 ? `num_groups=${groups}` : null,
      bias ? null : 'b=None',
      'nonlinearity=None',
      'flip_filters=False',
    );
}

const sameShapes = ({ inputs }: FlatLayer<'multiply'>) => {
  if (new Set(inputs.map((input) => JSON.stringify(input))).size > 1)
    throw new CannotSay('its inputs are not of one size, and ElemwiseMergeLayer does not repeat them');
};

const table: FlatTable = {
  input: {
    takes: 'any',
    say:
      ({ output: { channels, height, width } }) =>
      () =>
        `InputLayer((None, ${channels}, ${height}, ${width}), input_var)`,
  },
  conv: { takes: 'volume', say: (layer) => convolution(layer, layer.attributes.groups) },
  depthwise: { takes: 'volume', say: (layer) => convolution(layer, layer.inputs[0]?.channels ?? 1) },
  convtranspose: {
    takes: 'volume',
    say: ({ facts: { transposed }, attributes: { kernel, stride, groups, bias, dilation }, output }) => {
      const window = transposed;
      if (!window) throw new CannotSay('it has no window');
      if (groups > 1 || dilation.y > 1 || dilation.x > 1)
        throw new CannotSay('TransposedConv2DLayer has neither groups nor dilation');
      if ([window.y, window.x].some(({ before, after, extra }) => before !== after || extra > 0))
        throw new CannotSay('TransposedConv2DLayer cuts both sides alike');
      return ([x]) =>
        call(
          `TransposedConv2DLayer`,
          x ?? '',
          `num_filters=${output.channels}`,
          `filter_size=${pairText(kernel.y, kernel.x)}`,
          `stride=${pairText(stride.y, stride.x)}`,
          `crop=${pairText(window.y.before, window.x.before)}`,
          bias ? null : 'b=None',
          'nonlinearity=None',
          // Its gradient is that of a convolution that flips: flipped again, it is the usual one.
          'flip_filters=True',
        );
    },
  },
  maxpool: {
    takes: 'volume',
    say: (layer) => {
      const { kernel, stride, dilation } = layer.attributes;
      if (dilation.y > 1 || dilation.x > 1) throw new CannotSay('MaxPool2DLayer has no dilation');
      const { pad, border } = evenWindow(...axes(layer));
      return ([x = '']) =>
        call(
          'MaxPool2DLayer',
          padded(x, border, 'float("-inf")'),
          `pool_size=${pairText(kernel.y, kernel.x)}`,
          `stride=${pairText(stride.y, stride.x)}`,
          pad[0] + pad[1] > 0 ? `pad=${pairText(...pad)}` : null,
        );
    },
  },
  avgpool: {
    takes: 'volume',
    say: (layer) => {
      const { kernel, stride, countpad } = layer.attributes;
      const [y, x] = axes(layer);
      const { pad, border } = evenWindow(y, x);
      const isPadded = [y, x].some(({ before, after }) => before + after > 0);
      const uneven = border !== null || y.before !== y.after || x.before !== x.after;
      if (hangsOver({ y, x }))
        throw new CannotSay('the last window hangs over the border, which Pool2DLayer would count');
      if (isPadded && uneven && !countpad)
        throw new CannotSay('its padding is uneven, and cannot be left out of the average');
      return ([input = '']) =>
        call(
          'Pool2DLayer',
          padded(input, border),
          `pool_size=${pairText(kernel.y, kernel.x)}`,
          `stride=${pairText(stride.y, stride.x)}`,
          border === null && isPadded ? `pad=${pairText(...pad)}` : null,
          `mode="average_${countpad ? 'inc' : 'exc'}_pad"`,
        );
    },
  },
  globalmaxpool: {
    takes: 'makes vector',
    say:
      () =>
      ([x]) =>
        `GlobalPoolLayer(${x}, pool_function=T.max)`,
  },
  globalavgpool: {
    takes: 'makes vector',
    say:
      () =>
      ([x]) =>
        `GlobalPoolLayer(${x})`,
  },
  adaptiveavgpool: {
    takes: 'volume',
    say: ({ inputs: [input], output }) => {
      const [y, x] = [(input?.height ?? 0) / output.height, (input?.width ?? 0) / output.width];
      if (!Number.isInteger(y) || !Number.isInteger(x)) throw new CannotSay('its windows are not all of one size');
      return ([code]) => `Pool2DLayer(${code}, pool_size=${pairText(y, x)}, mode="average_exc_pad")`;
    },
  },
  fc: {
    takes: 'vector',
    say:
      ({ attributes: { units, bias } }) =>
      ([x]) =>
        call('DenseLayer', x ?? '', `num_units=${units}`, bias ? null : 'b=None', 'nonlinearity=None'),
  },
  relu: nonlinear('rectify'),
  leakyrelu: {
    takes: 'any',
    say:
      ({ attributes: { alpha } }) =>
      ([x]) =>
        `NonlinearityLayer(${x}, LeakyRectify(${python.literal(alpha)}))`,
  },
  prelu: {
    takes: 'any',
    say:
      ({ attributes: { shared } }) =>
      ([x]) =>
        `ParametricRectifierLayer(${x}${shared ? ', shared_axes="all"' : ''})`,
  },
  elu: {
    takes: 'any',
    say: ({ attributes: { alpha } }) => {
      if (alpha !== 1) throw new CannotSay("Lasagne's elu has alpha 1");
      return ([x]) => `NonlinearityLayer(${x}, elu)`;
    },
  },
  gelu: {
    takes: 'any',
    say:
      ({ attributes: { approximate } }) =>
      ([x]) =>
        approximate === 'tanh'
          ? `NonlinearityLayer(${x}, lambda x: 0.5 * x * (1 + T.tanh(0.7978845608028654 * (x + 0.044715 * x**3))))`
          : `NonlinearityLayer(${x}, lambda x: 0.5 * x * (1 + T.erf(x * 0.7071067811865476)))`,
  },
  silu: nonlinear('lambda x: x * T.nnet.sigmoid(x)'),
  softsign: nonlinear('lambda x: x / (1 + abs(x))'),
  hardswish: nonlinear('lambda x: x * T.clip(x + 3, 0, 6) / 6'),
  hardsigmoid: {
    takes: 'any',
    say:
      ({ attributes: { slope } }) =>
      ([x]) =>
        `NonlinearityLayer(${x}, lambda x: T.clip(${python.literal(slope)} * x + 0.5, 0, 1))`,
  },
  relu6: nonlinear('lambda x: T.clip(x, 0, 6)'),
  softplus: {
    takes: 'any',
    say:
      ({ attributes: { beta } }) =>
      ([x]) =>
        beta === 1
          ? `NonlinearityLayer(${x}, softplus)`
          : `NonlinearityLayer(${x}, lambda x: softplus(${python.literal(beta)} * x) / ${python.literal(beta)})`,
  },
  mish: nonlinear('lambda x: x * T.tanh(T.nnet.softplus(x))'),
  sigmoid: nonlinear('sigmoid'),
  tanh: nonlinear('tanh'),
  sign: nonlinear('T.sgn'),
  softmax: {
    takes: 'any',
    say: ({ isVector }) => {
      if (!isVector) throw new CannotSay("Theano's softmax takes vectors, not volumes");
      return ([x]) => `NonlinearityLayer(${x}, softmax)`;
    },
  },
  logsoftmax: {
    takes: 'any',
    say: ({ isVector }) => {
      if (!isVector) throw new CannotSay("Theano's logsoftmax takes vectors, not volumes");
      return ([x]) => `NonlinearityLayer(${x}, T.nnet.logsoftmax)`;
    },
  },
  batchnorm: {
    takes: 'any',
    say: ({ attributes: { epsilon, momentum, affine }, rules }) => {
      const update = rules.momentumMeans === 'update' ? momentum : Number((1 - momentum).toPrecision(12));
      return ([x]) =>
        call(
          'BatchNormLayer',
          x ?? '',
          `epsilon=${python.literal(epsilon)}`,
          `alpha=${python.literal(update)}`,
          affine ? null : 'beta=None, gamma=None',
        );
    },
  },
  layernorm: { takes: 'any', say: 'Lasagne has no normalisation of the channels of a pixel' },
  groupnorm: { takes: 'any', say: 'Lasagne has no group normalisation' },
  instancenorm: { takes: 'volume', say: 'Lasagne has no instance normalisation' },
  lrn: {
    takes: 'volume',
    say: ({ attributes: { size, alpha, beta, k, region }, rules }) => {
      if (region === 'within') throw new CannotSay('Lasagne normalises across channels only');
      if (size % 2 === 0) throw new CannotSay('Lasagne takes odd sizes only');
      const own = rules.lrnDividesBySize ? alpha / size : alpha;
      return ([x]) =>
        call(
          'LocalResponseNormalization2DLayer',
          x ?? '',
          `alpha=${python.literal(own)}`,
          `k=${python.literal(k)}`,
          `beta=${python.literal(beta)}`,
          `n=${size}`,
        );
    },
  },
  dropout: {
    takes: 'any',
    say:
      ({ attributes: { rate } }) =>
      ([x]) =>
        `DropoutLayer(${x}, p=${python.literal(rate)})`,
  },
  flatten: {
    takes: 'vector',
    say:
      () =>
      ([x = '']) =>
        x,
  },
  reshape: {
    takes: 'vector',
    say: ({ output: { channels, height, width }, rules }) =>
      rules.flattenOrder === 'CHW'
        ? ([x]) => `ReshapeLayer(${x}, ([0], ${channels}, ${height}, ${width}))`
        : ([x]) => `DimshuffleLayer(ReshapeLayer(${x}, ([0], ${height}, ${width}, ${channels})), (0, 3, 1, 2))`,
  },
  pad: {
    takes: 'volume',
    say: ({ attributes: { amount, mode } }) => {
      if (mode !== 'zeros') throw new CannotSay(`PadLayer has no mode ${mode}`);
      return ([x = '']) => padded(x, amount);
    },
  },
  crop: {
    takes: 'volume',
    say: ({ attributes, inputs: [input], output }) => {
      const { top, left } = input ? cropAmounts(input, attributes) : { top: 0, left: 0 };
      const cut = (code: string, from: number, length: number, axis: number) =>
        `SliceLayer(${code}, slice(${from}, ${from + length}), axis=${axis})`;
      return ([x = '']) => cut(cut(x, 0 - top, output.height, 2), 0 - left, output.width, 3);
    },
  },
  slice: {
    takes: 'any',
    say:
      ({ attributes: { start }, output }) =>
      ([x]) =>
        `SliceLayer(${x}, slice(${start}, ${start + output.channels}), axis=1)`,
  },
  upsample: {
    takes: 'volume',
    say: ({ attributes: { factor, mode } }) => {
      if (mode !== 'nearest') throw new CannotSay('Upscale2DLayer only repeats pixels');
      return ([x]) => `Upscale2DLayer(${x}, scale_factor=${pairText(factor.y, factor.x)})`;
    },
  },
  channelshuffle: {
    takes: 'volume',
    say: ({ attributes: { groups }, output: { channels, height, width } }) => {
      const [split, whole] = [
        `([0], ${groups}, ${channels / groups}, [2], [3])`,
        `([0], ${channels}, ${height}, ${width})`,
      ];
      return ([x]) => `ReshapeLayer(DimshuffleLayer(ReshapeLayer(${x}, ${split}), (0, 2, 1, 3, 4)), ${whole})`;
    },
  },
  pixelshuffle: { takes: 'volume', say: 'Lasagne has no pixel shuffle' },
  add: { takes: 'any', say: () => (inputs) => `ElemwiseSumLayer([${inputs.join(', ')}])` },
  concat: { takes: 'any', say: () => (inputs) => `ConcatLayer([${inputs.join(', ')}], axis=1)` },
  multiply: {
    takes: 'any',
    say: (layer) => {
      sameShapes(layer);
      return (inputs) => `ElemwiseMergeLayer([${inputs.join(', ')}], T.mul)`;
    },
  },
  max: { takes: 'any', say: () => (inputs) => `ElemwiseMergeLayer([${inputs.join(', ')}], T.maximum)` },
  gaussian: { takes: 'volume', say: 'Lasagne has no fixed filters' },
  gabor: { takes: 'volume', say: 'Lasagne has no fixed filters' },
  sobel: { takes: 'volume', say: 'Lasagne has no fixed filters' },
  hog: { takes: 'volume', say: 'Lasagne has no histograms of oriented gradients' },
};

const nonlinearities = ['LeakyRectify', 'elu', 'rectify', 'sigmoid', 'softmax', 'softplus', 'tanh'];

/** Black breaks an import that is too long into one name a line. */
function importLines(from: string, names: readonly string[]): string[] {
  const line = `from ${from} import ${names.join(', ')}`;
  return line.length <= 88 ? [line] : [`from ${from} import (`, ...names.map((name) => `    ${name},`), ')'];
}

/** A function that builds the network: Theano's Python. */
export const lasagne: Format = {
  write({ checked, fileName }) {
    const { network } = checked;
    const flat = flatLines(checked, table, {
      title: 'Lasagne',
      main: 'network',
      comment: '#',
      name: snakeCase,
      toVector: (code, { height, width }, order) =>
        order === 'HWC' && height * width > 1
          ? `FlattenLayer(DimshuffleLayer(${code}, (0, 2, 3, 1)))`
          : `FlattenLayer(${code})`,
      toVolume: (code) => `ReshapeLayer(${code}, ([0], [1], 1, 1))`,
      assign: (variable, code) => [`${variable} = ${code}`],
    });
    const body: string[] = [];
    const at: number[] = [];
    for (const line of flat.lines) {
      at.push(body.length);
      body.push(...(line === '' ? [''] : line.startsWith('#') ? [`    ${line}`] : layOut(1, line)));
    }
    const code = body.join('\n');
    const layers = [...new Set(code.match(/\b[A-Z]\w+Layer\b/g) ?? [])].sort();
    const functions = nonlinearities.filter((name) => new RegExp(`(?<!\\.)\\b${name}\\b`).test(code));
    const head = [
      `"""${network.name} in Lasagne."""`,
      '',
      ...(/\bT\./.test(code) ? ['import theano.tensor as T'] : []),
      ...importLines('lasagne.layers', layers),
      ...(functions.length > 0 ? importLines('lasagne.nonlinearities', functions) : []),
      '',
      '',
      'def build_network(input_var=None):',
    ];
    const lines = [...head, ...body, `    return ${flat.output}`];
    return {
      files: [{ name: `${fileName}.py`, content: `${lines.join('\n')}\n` }],
      map: flat.map.map((entry) => ({ ...entry, line: head.length + (at[entry.line] ?? 0) })),
    };
  },
};
