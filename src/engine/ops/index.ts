import type { LayerKind } from '../../network/catalogue.js';
import { leakyrelu, relu, sigmoid, sign, softmax, tanh } from './activation.js';
import { conv } from './convolution.js';
import { fc } from './dense.js';
import { input } from './input.js';
import { batchnorm, dropout, lrn } from './normalisation.js';
import type { Op } from './op.js';
import { avgpool, globalavgpool, globalmaxpool, maxpool } from './pooling.js';
import { flatten } from './reshaping.js';

/** The reference op of every kind of layer. */
export const ops: { readonly [K in LayerKind]: Op<K> } = {
  input,
  conv,
  maxpool,
  avgpool,
  globalmaxpool,
  globalavgpool,
  fc,
  relu,
  leakyrelu,
  sigmoid,
  tanh,
  sign,
  softmax,
  batchnorm,
  lrn,
  dropout,
  flatten,
};
