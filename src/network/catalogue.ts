import type { AttributeValues, LayerRecord } from './layer.js';
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
} from './layers/activation.js';
import { conv, convtranspose, depthwise } from './layers/convolution.js';
import { fc } from './layers/dense.js';
import { gabor, gaussian, hog, sobel } from './layers/filter.js';
import { input } from './layers/input.js';
import { add, concat, max, multiply } from './layers/merge.js';
import { batchnorm, dropout, groupnorm, instancenorm, layernorm, lrn } from './layers/normalisation.js';
import { adaptiveavgpool, avgpool, globalavgpool, globalmaxpool, maxpool } from './layers/pooling.js';
import { channelshuffle, crop, flatten, pad, pixelshuffle, reshape, slice, upsample } from './layers/reshaping.js';

/** Every layer of the language, by its keyword. Tables over all layers are typed by its keys. */
const records = {
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
} as const;

export type LayerKind = keyof typeof records;

export type LayerAttributes<K extends LayerKind> =
  (typeof records)[K] extends LayerRecord<infer A> ? AttributeValues<A> : never;

/** The records with their attribute types erased, for code that treats all layers alike. */
export const catalogue = records as unknown as Readonly<Record<LayerKind, LayerRecord>>;

export const layerKinds = Object.keys(records) as readonly LayerKind[];

export const isLayerKind = (word: string): word is LayerKind => Object.hasOwn(records, word);
