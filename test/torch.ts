import { readFileSync } from 'node:fs';
import type { StoredTensor } from '../src/formats/format.js';
import { readSafetensors } from '../src/formats/safetensors.js';
import type { Line } from './network/build.js';

/**
 * What PyTorch 1.13 computed (test/fixtures/torch): single layers in float64, with gradients; small networks in float32
 * with every activation, their receptive fields measured by gradient support. And how both are written here.
 */

type Numbers = Readonly<Record<string, unknown>>;

export interface TorchCase {
  readonly name: string;
  readonly op: string;
  readonly attrs: Numbers;
  /** NCHW, NC, or the shape of a weight, by key. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

export interface TorchLayer {
  readonly type: string;
  readonly hp: Numbers;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly params: number;
  readonly macs: number;
}

export interface TorchNet {
  readonly name: string;
  /** The file of its tensors: `input`, `act.0`, …, `state.0.weight`, … */
  readonly tensors: string;
  readonly layers: readonly TorchLayer[];
  readonly total_params: number;
  readonly total_macs: number;
  /**
   * Three optimiser steps on the batch `train.input`: by `train.grad.…`, to `train.after.…`. Cross-entropy, the mean over the
   * batch, where there are targets, else the mean squared error against `train.target`.
   */
  readonly training: {
    /** The class of each picture. */
    readonly target?: readonly number[];
    readonly loss_value: number;
    readonly optimizer: string;
    readonly losses_before_each_step: readonly number[];
  };
  readonly receptive_field_before_head: {
    readonly size: readonly number[];
    readonly jump: readonly number[];
    readonly start_of_unit0: readonly number[];
  };
}

const folder = new URL('./fixtures/torch/', import.meta.url);
const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));

export const cases: readonly TorchCase[] = index.layers;
export const nets: readonly TorchNet[] = index.nets;

export const readTensors = (file: string): ReadonlyMap<string, StoredTensor> =>
  readSafetensors(readFileSync(new URL(file, folder)));

const fitOf = ({ ceil_mode }: Numbers) => ({ fit: ceil_mode ? 'ceil' : 'floor' });

const modules: Readonly<Record<string, (hp: Numbers) => Line>> = {
  Conv2d: (hp) => ['conv', { ...convolution(hp), kernel: hp.kernel_size, filters: hp.out_channels }],
  Linear: (hp) => ['fc', { units: hp.out_features, bias: hp.bias }],
  MaxPool2d: (hp) => ['maxpool', { ...pool(hp), kernel: hp.kernel_size, dilation: hp.dilation }],
  AvgPool2d: (hp) => ['avgpool', { ...pool(hp), kernel: hp.kernel_size, countpad: hp.count_include_pad }],
  // All of them are to 1×1.
  AdaptiveAvgPool2d: () => 'globalavgpool',
  BatchNorm2d: (hp) => ['batchnorm', { epsilon: hp.eps }],
  LocalResponseNorm: ({ size, alpha, beta, k }) => ['lrn', { size, alpha, beta, k }],
  ReLU: () => 'relu',
  LeakyReLU: (hp) => ['leakyrelu', { alpha: hp.negative_slope }],
  Tanh: () => 'tanh',
  Flatten: () => 'flatten',
};

const convolution = ({ stride, padding: pad, dilation, groups, bias }: Numbers) => ({
  stride,
  pad,
  dilation,
  groups,
  bias,
});

const pool = (hp: Numbers) => ({ stride: hp.stride, pad: hp.padding, ...fitOf(hp) });

const yx = (value: unknown) => {
  const [y, x] = value as readonly [number, number];
  return { y, x };
};

/** A module of a network as a line of ours. */
export function translateModule({ type, hp }: TorchLayer): Line {
  const line = modules[type]?.(hp);
  if (!line) throw new Error(`no translation of ${type}`);
  return line;
}

/** Why a case is not run. */
export interface NotRun {
  readonly reason: string;
}

/** A function of torch.nn.functional as a line of ours, or why it is none. */
const functions: Readonly<Record<string, (attrs: Numbers) => Line | NotRun>> = {
  conv2d: (attrs) => ['conv', { ...convolution(attrs), kernel: attrs.kernel, filters: attrs.out_channels }],
  max_pool2d: (attrs) => ['maxpool', { ...pool(attrs), kernel: attrs.kernel, dilation: attrs.dilation }],
  avg_pool2d: (attrs) =>
    'divisor_override' in attrs
      ? { reason: 'the language has no divisor_override' }
      : ['avgpool', { ...pool(attrs), kernel: attrs.kernel, countpad: attrs.count_include_pad }],
  linear: (attrs) => ['fc', { units: attrs.out_features, bias: attrs.bias }],
  batch_norm: (attrs) =>
    attrs.training
      ? { reason: 'training statistics: the forward pass uses the running ones' }
      : ['batchnorm', { epsilon: attrs.eps }],
  local_response_norm: ({ size, alpha, beta, k }) => ['lrn', { size, alpha, beta, k }],
  softmax: () => 'softmax',
  log_softmax: () => 'logsoftmax',
  conv_transpose2d: (attrs) => [
    'convtranspose',
    {
      ...convolution(attrs),
      kernel: attrs.kernel,
      filters: attrs.out_channels,
      outputpad: attrs.output_padding,
    },
  ],
  adaptive_avg_pool2d: (attrs) => ['adaptiveavgpool', { size: yx(attrs.output_size) }],
  group_norm: (attrs) => ['groupnorm', { groups: attrs.num_groups, epsilon: attrs.eps }],
  relu: () => 'relu',
  leaky_relu: (attrs) => ['leakyrelu', { alpha: attrs.negative_slope }],
  tanh: () => 'tanh',
  softplus: () => 'softplus',
  hardswish: () => 'hardswish',
  silu: () => 'silu',
  mish: () => 'mish',
  gelu: () => 'gelu',
  gelu_tanh: () => ['gelu', { approximate: 'tanh' }],
  relu6: () => 'relu6',
  prelu: () => 'prelu',
  interpolate: (attrs) => [
    'upsample',
    { factor: yx([attrs.scale_factor, attrs.scale_factor]), mode: attrs.mode, aligncorners: attrs.align_corners },
  ],
  pad: ({ mode, pad }) => {
    const [left, right, top, bottom] = pad as readonly number[];
    return [
      'pad',
      { amount: { mode: 'explicit', top, right, bottom, left }, mode: mode === 'constant' ? 'zeros' : mode },
    ];
  },
  pixel_shuffle: (attrs) => ['pixelshuffle', { factor: attrs.r }],
  cross_entropy: () => ({ reason: 'a loss, not a layer' }),
};

export const translateFunction = ({ op, attrs }: TorchCase): Line | NotRun =>
  functions[op]?.(attrs) ?? { reason: `no layer does ${op}` };
