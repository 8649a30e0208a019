import type { LayerKind } from '../../../network/catalogue.js';
import type { Machine } from '../../wasm/machine.js';
import type { StepLayer, StepOp } from '../step-op.js';

/** Makes a layer's step in WebAssembly; undefined where only the reference op can do it. */
export type FastStepMaker<K extends LayerKind> = (layer: StepLayer<K>, machine: Machine) => StepOp | undefined;
