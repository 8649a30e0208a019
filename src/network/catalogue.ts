import type { AttributeValues, LayerRecord } from './layer.js';
import { leakyrelu, relu, sigmoid, sign, softmax, tanh } from './layers/activation.js';
import { conv } from './layers/convolution.js';
import { fc } from './layers/dense.js';
import { input } from './layers/input.js';
import { batchnorm, dropout, lrn } from './layers/normalisation.js';
import { avgpool, globalavgpool, globalmaxpool, maxpool } from './layers/pooling.js';
import { flatten } from './layers/reshaping.js';

/** Every layer of the language, by its keyword. Tables over all layers are typed by its keys. */
const records = {
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
} as const;

export type LayerKind = keyof typeof records;

export type LayerAttributes<K extends LayerKind> =
  (typeof records)[K] extends LayerRecord<infer A> ? AttributeValues<A> : never;

/** The records with their attribute types erased, for code that treats all layers alike. */
export const catalogue = records as unknown as Readonly<Record<LayerKind, LayerRecord>>;

export const layerKinds = Object.keys(records) as readonly LayerKind[];

export const isLayerKind = (word: string): word is LayerKind => Object.hasOwn(records, word);
