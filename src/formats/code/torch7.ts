import type { CheckedNetwork } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import { cropAmounts } from '../../network/layers/reshaping.js';
import type { Pair, Shape } from '../../network/shape.js';
import type { Sides } from '../../network/values.js';
import { borderOf, evenOutput, hangsOver, type WindowAxis } from '../../network/window.js';
import { CannotSay, ExportError, type Format, type SourceLine } from '../format.js';
import { evenWindow, type FlatLayer, type FlatTable, sayLayers } from './flat.js';

/**
 * Torch7's `nn`: containers within containers, without nngraph. Widths stand before heights. Source: the documentation and the
 * Lua code of https://github.com/torch/nn, and THNN's pooling for its rounding.
 */

/** Of a layer without a size, which is refused before. */
const NOTHING: Shape = { height: 0, width: 0, channels: 0 };

/** A module that takes the value of the one before it. */
const module = (name: string, ...args: readonly (string | number | boolean | null)[]): string =>
  `nn.${name}(${args.filter((arg) => arg !== null).join(', ')})`;

/** Arguments of a module that slides a window. */
const sliding = (
  { kernel, stride }: { readonly kernel: Pair; readonly stride: Pair },
  [vertical, horizontal]: readonly [number, number],
): readonly number[] => [kernel.x, kernel.y, stride.x, stride.y, horizontal, vertical];

/** The arguments behind those, of a module that has a name of its own where it is dilated. */
const dilated = ({ y, x }: Pair): readonly number[] => (y > 1 || x > 1 ? [x, y] : []);

const sequence = (...modules: readonly string[]): string =>
  modules.length === 1 ? (modules[0] as string) : `nn.Sequential()${modules.map((each) => `:add(${each})`).join('')}`;

const plain = (
  name: string,
  ...args: readonly (string | number)[]
): { readonly takes: 'any'; readonly say: () => () => string } => ({
  takes: 'any',
  say: () => () => module(name, ...args),
});

/** Zeros, or other numbers, around a volume; as many modules as there are sides where it is no zero. */
function border(around: Sides | null, value: string | null = null): readonly string[] {
  if (around === null) return [];
  const { left, right, top, bottom } = around;
  if (value === null) return [module('SpatialZeroPadding', left, right, top, bottom)];
  const side = (axis: number, by: number) => (by === 0 ? [] : [module('Padding', axis, by, 3, value)]);
  return [...side(2, -top), ...side(2, bottom), ...side(3, -left), ...side(3, right)];
}

const axes = ({ facts }: Pick<FlatLayer, 'facts'>): readonly [WindowAxis, WindowAxis] => {
  if (!facts.window) throw new CannotSay('it has no window');
  return [facts.window.y, facts.window.x];
};

/** How a pool of `nn` slides as ours does: padding on both sides, and whether it rounds up; null where it cannot. */
function poolWindow(
  y: WindowAxis,
  x: WindowAxis,
): { readonly pad: readonly [number, number]; readonly ceil: boolean } | null {
  if (2 * y.before > y.kernel || 2 * x.before > x.kernel) return null;
  const even = evenWindow(y, x);
  if (even.border === null) return { pad: even.pad, ceil: false };
  const padded = y.before + x.before > 0;
  // THNN rounds up as Caffe does.
  return [y, x].every((axis) => evenOutput(axis, 'caffe', axis.before, padded) === axis.output)
    ? { pad: [y.before, x.before], ceil: true }
    : null;
}

const silu = `nn.Sequential():add(nn.ConcatTable():add(nn.Identity()):add(nn.Sigmoid())):add(nn.CMulTable())`;

/** A pool whose window is the whole of its input. */
const overAll = (pool: string, input: Shape | undefined) => () =>
  module(pool, input?.width ?? 1, input?.height ?? 1, 1, 1);

const table: FlatTable = {
  input: { takes: 'any', say: () => () => '' },
  conv: {
    takes: 'volume',
    say: (layer) => {
      const { dilation, groups, bias } = layer.attributes;
      if (groups > 1) throw new CannotSay('nn.SpatialConvolution has no groups');
      const [y, x] = axes(layer);
      const { pad, border: around } = evenWindow(y, x);
      const more = dilated(dilation);
      const made = module(
        more.length > 0 ? 'SpatialDilatedConvolution' : 'SpatialConvolution',
        layer.inputs[0]?.channels ?? 0,
        layer.output.channels,
        ...sliding(layer.attributes, pad),
        ...more,
      );
      return () => sequence(...border(around), bias ? made : `${made}:noBias()`);
    },
  },
  depthwise: {
    takes: 'volume',
    say: (layer) => {
      const { dilation, multiplier, bias } = layer.attributes;
      if (dilation.y > 1 || dilation.x > 1) throw new CannotSay('nn.SpatialDepthWiseConvolution has no dilation');
      const [y, x] = axes(layer);
      const { pad, border: around } = evenWindow(y, x);
      const made = module(
        'SpatialDepthWiseConvolution',
        layer.inputs[0]?.channels ?? 0,
        multiplier,
        ...sliding(layer.attributes, pad),
      );
      return () => sequence(...border(around), bias ? made : `${made}:noBias()`);
    },
  },
  convtranspose: {
    takes: 'volume',
    say: ({ facts: { transposed: window }, attributes, inputs: [input], output }) => {
      const { dilation, groups, bias } = attributes;
      if (!window) throw new CannotSay('it has no window');
      if (groups > 1 || dilation.y > 1 || dilation.x > 1)
        throw new CannotSay('nn.SpatialFullConvolution has neither groups nor dilation');
      if ([window.y, window.x].some(({ before, after }) => before !== after))
        throw new CannotSay('nn.SpatialFullConvolution cuts both sides alike');
      if ([window.y, window.x].some(({ extra, stride: step }) => extra >= step))
        throw new CannotSay('nn.SpatialFullConvolution adds fewer rows and columns than its stride');
      const extra = window.y.extra + window.x.extra > 0;
      const made = module(
        'SpatialFullConvolution',
        input?.channels ?? 0,
        output.channels,
        ...sliding(attributes, [window.y.before, window.x.before]),
        extra ? window.x.extra : null,
        extra ? window.y.extra : null,
      );
      return () => (bias ? made : `${made}:noBias()`);
    },
  },
  maxpool: {
    takes: 'volume',
    say: (layer) => {
      const [y, x] = axes(layer);
      const more = dilated(layer.attributes.dilation);
      const name = more.length > 0 ? 'SpatialDilatedMaxPooling' : 'SpatialMaxPooling';
      const window = poolWindow(y, x);
      const made = (pad: readonly [number, number]) => module(name, ...sliding(layer.attributes, pad), ...more);
      if (window) return () => made(window.pad) + (window.ceil ? ':ceil()' : '');
      return () => sequence(...border(borderOf({ y, x }), '-math.huge'), made([0, 0]));
    },
  },
  avgpool: {
    takes: 'volume',
    say: (layer) => {
      const { countpad } = layer.attributes;
      const [y, x] = axes(layer);
      const window = poolWindow(y, x);
      const made = (pad: readonly [number, number]) =>
        module('SpatialAveragePooling', ...sliding(layer.attributes, pad));
      const isPadded = [y, x].some(({ before, after }) => before + after > 0);
      // What is padded at the end counts: there, too, it must be as much.
      if (window && (!countpad || !isPadded || [y, x].every(({ before, after }) => before === after)))
        return () =>
          made(window.pad) + (window.ceil ? ':ceil()' : '') + (countpad || !isPadded ? '' : ':setCountExcludePad()');
      if (!countpad || hangsOver({ y, x }))
        throw new CannotSay('its padding is uneven, and nn would count it otherwise');
      return () => sequence(...border(evenWindow(y, x).border), made([0, 0]));
    },
  },
  globalmaxpool: { takes: 'volume', say: ({ inputs: [input] }) => overAll('SpatialMaxPooling', input) },
  globalavgpool: { takes: 'volume', say: ({ inputs: [input] }) => overAll('SpatialAveragePooling', input) },
  adaptiveavgpool: {
    takes: 'volume',
    say:
      ({ output: { height, width } }) =>
      () =>
        module('SpatialAdaptiveAveragePooling', width, height),
  },
  fc: {
    takes: 'vector',
    say: ({ inputs: [input], attributes: { units, bias } }) => {
      const inputs = input ? input.height * input.width * input.channels : 0;
      return () => module('Linear', inputs, units, bias ? null : 'false');
    },
  },
  relu: plain('ReLU'),
  leakyrelu: { takes: 'any', say: (layer) => () => module('LeakyReLU', layer.attributes.alpha) },
  prelu: {
    takes: 'any',
    say:
      ({ attributes: { shared }, output }) =>
      () =>
        module('PReLU', shared ? null : output.channels),
  },
  elu: { takes: 'any', say: (layer) => () => module('ELU', layer.attributes.alpha) },
  gelu: { takes: 'any', say: 'nn has no GELU' },
  silu: { takes: 'any', say: () => () => silu },
  hardswish: { takes: 'any', say: 'nn has no hard swish' },
  hardsigmoid: {
    takes: 'any',
    say:
      ({ attributes: { slope } }) =>
      () =>
        sequence(module('MulConstant', slope), module('AddConstant', 0.5), module('HardTanh', 0, 1)),
  },
  relu6: plain('ReLU6'),
  softplus: { takes: 'any', say: (layer) => () => module('SoftPlus', layer.attributes.beta) },
  mish: { takes: 'any', say: 'nn has no Mish' },
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  softsign: plain('SoftSign'),
  sign: { takes: 'any', say: 'nn has no sign' },
  softmax: {
    takes: 'any',
    say:
      ({ isVector }) =>
      () =>
        module(isVector ? 'SoftMax' : 'SpatialSoftMax'),
  },
  logsoftmax: {
    takes: 'any',
    say:
      ({ isVector }) =>
      () =>
        module(isVector ? 'LogSoftMax' : 'SpatialLogSoftMax'),
  },
  batchnorm: {
    takes: 'any',
    say: ({ attributes: { epsilon, momentum, affine }, rules, output, isVector }) => {
      const update = rules.momentumMeans === 'update' ? momentum : Number((1 - momentum).toPrecision(12));
      return () =>
        module(
          isVector ? 'BatchNormalization' : 'SpatialBatchNormalization',
          output.channels,
          epsilon,
          update,
          affine ? null : 'false',
        );
    },
  },
  layernorm: { takes: 'any', say: 'nn has no normalisation of the channels of a pixel' },
  groupnorm: { takes: 'any', say: 'nn has no group normalisation' },
  instancenorm: { takes: 'volume', say: 'nn has no instance normalisation' },
  lrn: {
    takes: 'volume',
    say: ({ attributes: { size, alpha, beta, k, region }, rules }) => {
      if (region === 'within') throw new CannotSay('nn normalises across channels only');
      if (size % 2 === 0) throw new CannotSay('nn has its even windows elsewhere');
      return () => module('SpatialCrossMapLRN', size, rules.lrnDividesBySize ? alpha : alpha * size, beta, k);
    },
  },
  dropout: { takes: 'any', say: (layer) => () => module('Dropout', layer.attributes.rate) },
  flatten: { takes: 'vector', say: () => () => '' },
  reshape: {
    takes: 'vector',
    say: ({ output: { channels, height, width }, rules }) =>
      rules.flattenOrder === 'CHW'
        ? () => `nn.View(${channels}, ${height}, ${width}):setNumInputDims(1)`
        : () =>
            sequence(`nn.View(${height}, ${width}, ${channels}):setNumInputDims(1)`, 'nn.Transpose({2, 4}, {3, 4})'),
  },
  pad: {
    takes: 'volume',
    say: ({ attributes: { amount, mode } }) => {
      const name = {
        zeros: 'SpatialZeroPadding',
        reflect: 'SpatialReflectionPadding',
        edge: 'SpatialReplicationPadding',
      }[mode];
      return () => module(name, amount.left, amount.right, amount.top, amount.bottom);
    },
  },
  crop: {
    takes: 'volume',
    say: ({ attributes, inputs: [input] }) => {
      const amounts = input ? cropAmounts(input, attributes) : { top: 0, right: 0, bottom: 0, left: 0 };
      return () => module('SpatialZeroPadding', amounts.left, amounts.right, amounts.top, amounts.bottom);
    },
  },
  slice: {
    takes: 'any',
    say:
      ({ attributes: { start }, output }) =>
      () =>
        module('Narrow', 2, start + 1, output.channels),
  },
  upsample: {
    takes: 'volume',
    say: ({ attributes: { factor, mode } }) => {
      if (mode !== 'nearest') throw new CannotSay("nn's bilinear upsampling keeps the corners in place only");
      if (factor.y !== factor.x) throw new CannotSay('nn.SpatialUpSamplingNearest has one factor');
      return () => module('SpatialUpSamplingNearest', factor.y);
    },
  },
  channelshuffle: { takes: 'volume', say: 'nn has no channel shuffle' },
  pixelshuffle: { takes: 'volume', say: (layer) => () => module('PixelShuffle', layer.attributes.factor) },
  add: plain('CAddTable'),
  concat: { takes: 'any', say: () => () => module('JoinTable', 2) },
  multiply: {
    takes: 'any',
    say: ({ inputs }) => {
      if (new Set(inputs.map((input) => JSON.stringify(input))).size > 1)
        throw new CannotSay('its inputs are not of one size, and nn.CMulTable does not repeat them');
      return () => module('CMulTable');
    },
  },
  max: plain('CMaxTable'),
  gaussian: { takes: 'volume', say: 'nn has no fixed filters' },
  gabor: { takes: 'volume', say: 'nn has no fixed filters' },
  sobel: { takes: 'volume', say: 'nn has no fixed filters' },
  hog: { takes: 'volume', say: 'nn has no histograms of oriented gradients' },
};

/** A module of the network, or several after each other, or beside each other with the module that joins them. */
type Part =
  | { readonly type: 'module'; readonly code: string; readonly layer: number }
  | {
      readonly type: 'merge';
      readonly branches: readonly (readonly Part[])[];
      readonly join: string;
      readonly layer: number;
    };

/** Takes a network apart into sequences and branches that meet again. */
class Containers {
  private readonly above: number[];
  private readonly depth: number[];
  private readonly seen = new Set<number>();

  constructor(
    private readonly checked: CheckedNetwork,
    private readonly says: readonly ((inputs: readonly string[]) => string)[],
    private readonly isVector: readonly boolean[],
  ) {
    this.above = [];
    this.depth = [];
    // The nearest layer that every way to a layer leads through (Cooper, Harvey & Kennedy 2001; inputs come first).
    for (const { inputs } of checked.network.layers) {
      const [first, ...others] = inputs;
      const meet = first === undefined ? -1 : others.reduce((a, b) => this.common(a, b), first);
      this.above.push(meet);
      this.depth.push(meet < 0 ? 0 : (this.depth[meet] as number) + 1);
    }
  }

  private common(a: number, b: number): number {
    let [left, right] = [a, b];
    while (left !== right)
      if ((this.depth[left] as number) >= (this.depth[right] as number)) left = this.above[left] as number;
      else right = this.above[right] as number;
    return left;
  }

  /** What leads from one layer's value to another's. */
  parts(from: number, to: number): Part[] {
    const { layers } = this.checked.network;
    const backwards: Part[] = [];
    for (let at = to; at !== from; at = this.above[at] as number) {
      if (this.seen.has(at))
        throw new ExportError('Torch7', [
          {
            layer: at,
            name: layers[at]?.name ?? '',
            reason: 'branches that do not nest both read it, which takes nngraph',
          },
        ]);
      this.seen.add(at);
      const { inputs } = layers[at] as { readonly inputs: readonly number[] };
      const code = (this.says[at] as (inputs: readonly string[]) => string)([]);
      if (inputs.length < 2) {
        backwards.push({ type: 'module', code, layer: at });
        backwards.push(...this.fitted(inputs[0] as number, at));
        continue;
      }
      const meet = this.above[at] as number;
      const branches = inputs.map((input) => [...this.parts(meet, input), ...this.fitted(input, at)]);
      backwards.push({ type: 'merge', branches, join: code, layer: at });
    }
    return backwards.reverse().filter((part) => part.type === 'merge' || part.code !== '');
  }

  /** What turns a value into the form that a layer takes. */
  private fitted(input: number, layer: number): Part[] {
    const { network, facts } = this.checked;
    const { kind, inputs } = network.layers[layer] as CheckedNetwork['network']['layers'][number];
    const { height, width, channels } = facts[input]?.output ?? NOTHING;
    const { takes } = table[kind];
    if (takes === 'vector' && !this.isVector[input]) {
      const turned = rulesOf(network.framework).flattenOrder === 'HWC' && height * width > 1;
      const view = `nn.View(${height * width * channels}):setNumInputDims(3)`;
      return [
        {
          type: 'module',
          code: turned ? sequence('nn.Transpose({2, 3}, {3, 4})', 'nn.Contiguous()', view) : view,
          layer,
        },
      ];
    }
    const isMixed = takes === 'volume' || inputs.some((source) => !this.isVector[source]);
    return this.isVector[input] && isMixed
      ? [{ type: 'module', code: `nn.View(${channels}, 1, 1):setNumInputDims(1)`, layer }]
      : [];
  }
}

/** A model of `nn`, as a Lua chunk that returns it. */
export const torch7: Format = {
  write({ checked, fileName }) {
    const { says, isVector } = sayLayers('Torch7', checked, table);
    const { network } = checked;
    const parts = new Containers(checked, says, isVector).parts(0, network.layers.length - 1);
    const lines = [`-- ${network.name} in Torch7.`, "require 'nn'", '', 'local model = nn.Sequential()'];
    const map: SourceLine[] = [];
    const push = (text: string, layer: number) => {
      map.push({ line: lines.length, layer });
      lines.push(text);
    };
    const sizeOf = (layer: number) => {
      const { height, width, channels } = checked.facts[layer]?.output ?? NOTHING;
      return isVector[layer] ? `${channels}` : `${channels} x ${height} x ${width}`;
    };
    const add = (indent: string, to: string, all: readonly Part[]) => {
      for (const part of all) {
        if (part.type === 'module') push(`${indent}${to}:add(${part.code}) -- ${sizeOf(part.layer)}`, part.layer);
        else {
          push(`${indent}do`, part.layer);
          const inner = `${indent}  `;
          push(`${inner}local branches = nn.ConcatTable()`, part.layer);
          for (const branch of part.branches)
            if (branch.length === 0) push(`${inner}branches:add(nn.Identity())`, part.layer);
            else if (branch.length === 1 && branch[0]?.type === 'module')
              push(`${inner}branches:add(${branch[0].code})`, branch[0].layer);
            else {
              push(`${inner}do`, part.layer);
              push(`${inner}  local branch = nn.Sequential()`, part.layer);
              add(`${inner}  `, 'branch', branch);
              push(`${inner}  branches:add(branch)`, part.layer);
              push(`${inner}end`, part.layer);
            }
          push(`${inner}${to}:add(branches):add(${part.join}) -- ${sizeOf(part.layer)}`, part.layer);
          push(`${indent}end`, part.layer);
        }
      }
    };
    add('', 'model', parts);
    lines.push('', 'return model');
    return { files: [{ name: `${fileName}.lua`, content: `${lines.join('\n')}\n` }], map };
  },
};
