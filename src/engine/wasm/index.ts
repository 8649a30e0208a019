import type { LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import type { Shape } from '../../network/shape.js';
import { conv, depthwise } from './convolution.js';
import { fc } from './dense.js';
import { lrn } from './lrn.js';
import { groupnorm, instancenorm, layernorm, softmax } from './normalisation.js';
import type { FastContext, FastMaker, FastOp, FastOptions } from './op.js';
import {
  add,
  batchnorm,
  concat,
  dropout,
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  leakyrelu,
  max,
  multiply,
  prelu,
  relu,
  relu6,
  sigmoid,
  silu,
  softsign,
  tanh,
} from './pointwise.js';
import { avgpool, globalavgpool, globalmaxpool, maxpool } from './pooling.js';
import { convtranspose } from './transposed.js';

/** The fast op of every kind of layer that has one; the others run on the reference op (ops/index.ts). */
export const fastOps: { readonly [K in LayerKind]?: FastMaker<K> } = {
  conv,
  depthwise,
  convtranspose,
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
  sigmoid,
  tanh,
  softsign,
  silu,
  elu,
  gelu,
  softmax,
  batchnorm,
  layernorm,
  groupnorm,
  instancenorm,
  lrn,
  dropout,
  add,
  multiply,
  max,
  concat,
};

/** The fast op of a layer of a checked network, if it has one. */
export function fastOpOf(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  index: number,
  options: FastOptions & Pick<FastContext<LayerKind>, 'activation' | 'residual'>,
): FastOp | undefined {
  const layer = network.layers[index];
  const fact = facts[index];
  if (!layer?.attributes || !fact?.output) return undefined;
  const { kind, attributes } = layer;
  const inputs: Shape[] = [];
  for (const shape of fact.inputs) if (shape) inputs.push(shape);
  // The table pairs each kind with the maker of its attributes, which a union of kinds cannot express.
  const make = fastOps[kind] as
    | ((context: Omit<FastContext<LayerKind>, 'attributes'> & { attributes: unknown }) => FastOp | undefined)
    | undefined;
  return make?.({
    ...options,
    attributes,
    rules: rulesOf(network.framework),
    facts: fact,
    inputs,
    output: fact.output,
  });
}
