import type { LayerKind } from '../../network/catalogue.js';
import {
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  leakyrelu,
  logsoftmax,
  mish,
  prelu,
  relu,
  relu6,
  sigmoid,
  sign,
  silu,
  softmax,
  softplus,
  tanh,
} from './activation.js';
import { conv, convtranspose, depthwise } from './convolution.js';
import { fc } from './dense.js';
import { gabor, gaussian, sobel } from './filter.js';
import { hog } from './hog.js';
import { input } from './input.js';
import { add, concat, max, multiply } from './merge.js';
import { batchnorm, dropout, groupnorm, instancenorm, layernorm, lrn } from './normalisation.js';
import type { Op } from './op.js';
import { adaptiveavgpool, avgpool, globalavgpool, globalmaxpool, maxpool } from './pooling.js';
import { channelshuffle, crop, flatten, pad, pixelshuffle, reshape, slice, upsample } from './reshaping.js';

/** The reference op of every kind of layer. */
export const ops: { readonly [K in LayerKind]: Op<K> } = {
  input,
  conv,
  depthwise,
  convtranspose,
  maxpool,
  avgpool,
  globalmaxpool,
  globalavgpool,
  adaptiveavgpool,
  fc,
  relu,
  leakyrelu,
  prelu,
  elu,
  gelu,
  silu,
  hardswish,
  hardsigmoid,
  relu6,
  softplus,
  mish,
  sigmoid,
  tanh,
  sign,
  softmax,
  logsoftmax,
  batchnorm,
  layernorm,
  groupnorm,
  instancenorm,
  lrn,
  dropout,
  flatten,
  reshape,
  pad,
  crop,
  slice,
  upsample,
  channelshuffle,
  pixelshuffle,
  add,
  concat,
  multiply,
  max,
  gaussian,
  gabor,
  sobel,
  hog,
};
