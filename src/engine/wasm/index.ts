import type { LayerKind } from '../../network/catalogue.js';
import { conv, depthwise } from './convolution.js';
import { fc } from './dense.js';
import { lrn } from './lrn.js';
import type { FastMaker } from './op.js';
import {
  add,
  batchnorm,
  concat,
  dropout,
  hardsigmoid,
  hardswish,
  leakyrelu,
  max,
  multiply,
  prelu,
  relu,
  relu6,
} from './pointwise.js';
import { avgpool, globalavgpool, globalmaxpool, maxpool } from './pooling.js';

/** The fast op of every kind of layer that has one; the others run on the reference op (ops/index.ts). */
export const fastOps: { readonly [K in LayerKind]?: FastMaker<K> } = {
  conv,
  depthwise,
  fc,
  maxpool,
  avgpool,
  globalmaxpool,
  globalavgpool,
  relu,
  relu6,
  leakyrelu,
  prelu,
  hardswish,
  hardsigmoid,
  batchnorm,
  lrn,
  dropout,
  add,
  multiply,
  max,
  concat,
};
