import type { LayerKind } from '../../../network/catalogue.js';
import type { Machine } from '../../wasm/machine.js';
import type { StepLayer, StepOp } from '../step-op.js';
import { conv } from './convolution.js';
import { fc } from './dense.js';
import { forwardInUse } from './forward.js';
import type { FastStepMaker } from './maker.js';
import { leakyrelu, relu, relu6 } from './pointwise.js';
import { maxpool } from './pooling.js';

/** The steps in WebAssembly of the kinds of layers that have one; the others learn by their reference ops. */
const makers: { readonly [K in LayerKind]?: FastStepMaker<K> } = {
  conv,
  fc,
  relu,
  leakyrelu,
  relu6,
  maxpool,
  avgpool: forwardInUse,
  globalmaxpool: forwardInUse,
  globalavgpool: forwardInUse,
  hardswish: forwardInUse,
  hardsigmoid: forwardInUse,
  lrn: forwardInUse,
  add: forwardInUse,
  multiply: forwardInUse,
  max: forwardInUse,
  concat: forwardInUse,
};

export function fastStep(layer: StepLayer, machine: Machine): StepOp | undefined {
  // The table pairs each kind with the maker of its attributes, which a union of kinds cannot express.
  const make = makers[layer.layer.kind] as FastStepMaker<LayerKind> | undefined;
  return make?.(layer, machine);
}
