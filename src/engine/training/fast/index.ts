import type { LayerKind } from '../../../network/catalogue.js';
import type { Machine } from '../../wasm/machine.js';
import type { StepLayer, StepOp } from '../step-op.js';
import { batchnorm } from './batchnorm.js';
import { conv } from './convolution.js';
import { fc } from './dense.js';
import { depthwise } from './depthwise.js';
import { forwardInUse } from './forward.js';
import type { FastStepMaker } from './maker.js';
import { add, concat, multiply } from './merging.js';
import { elu, hardsigmoid, hardswish, leakyrelu, relu, relu6, sigmoid, tanh } from './pointwise.js';
import { avgpool, globalavgpool, maxpool } from './pooling.js';

/** The steps in WebAssembly of the kinds of layers that have one; the others learn by their reference ops. */
const makers: { readonly [K in LayerKind]?: FastStepMaker<K> } = {
  conv,
  depthwise,
  fc,
  relu,
  leakyrelu,
  relu6,
  hardswish,
  hardsigmoid,
  sigmoid,
  tanh,
  elu,
  batchnorm,
  maxpool,
  avgpool,
  globalavgpool,
  globalmaxpool: forwardInUse,
  lrn: forwardInUse,
  add,
  multiply,
  concat,
  max: forwardInUse,
};

export function fastStep(layer: StepLayer, machine: Machine): StepOp | undefined {
  // The table pairs each kind with the maker of its attributes, which a union of kinds cannot express.
  const make = makers[layer.layer.kind] as FastStepMaker<LayerKind> | undefined;
  return make?.(layer, machine);
}
