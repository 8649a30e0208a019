import type { LayerKind } from '../../network/catalogue.js';
import * as activation from './activation.js';
import * as convolution from './convolution.js';
import * as dense from './dense.js';
import * as filter from './filter.js';
import * as hog from './hog.js';
import * as input from './input.js';
import * as merge from './merge.js';
import * as normalisation from './normalisation.js';
import type { Op } from './op.js';
import * as pooling from './pooling.js';
import * as reshaping from './reshaping.js';

/** The reference op of every kind of layer: these files export nothing but ops, by the layers' keywords. */
export const ops: { readonly [K in LayerKind]: Op<K> } = {
  ...activation,
  ...convolution,
  ...dense,
  ...filter,
  ...hog,
  ...input,
  ...merge,
  ...normalisation,
  ...pooling,
  ...reshaping,
};
