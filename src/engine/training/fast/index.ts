import type { LayerKind } from '../../../network/catalogue.js';
import type { Machine } from '../../wasm/machine.js';
import type { StepLayer, StepOp } from '../step-op.js';

/** Makes a layer's step in WebAssembly; undefined where only the reference op can do it. */
export type FastStepMaker<K extends LayerKind> = (layer: StepLayer<K>, machine: Machine) => StepOp | undefined;

/** The kinds of layers that have one. */
const makers: { readonly [K in LayerKind]?: FastStepMaker<K> } = {};

export function fastStep(layer: StepLayer, machine: Machine): StepOp | undefined {
  // The table pairs each kind with the maker of its attributes, which a union of kinds cannot express.
  const make = makers[layer.layer.kind] as FastStepMaker<LayerKind> | undefined;
  return make?.(layer, machine);
}
