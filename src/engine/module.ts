/**
 * What `dist/engine.js` exports: the engine by itself, for programs that have a network and want its activations, in Node
 * and in browsers. The example of its documentation (docs/engine.md) uses all of it.
 */
export { type CheckedNetwork, checkNetwork, type LayerFacts } from '../network/check.js';
export { rulesOf } from '../network/frameworks.js';
export type { Layer, Network } from '../network/network.js';
export { withDefaults } from '../network/resolve.js';
export type { Shape } from '../network/shape.js';
export { type DescribeOptions, describePlan, type PlanDescription } from './describe.js';
export { EngineError } from './error.js';
export { type GradientOptions, type Gradients, type GradientTarget, gradientsOf, unitGradient } from './gradients.js';
export { type MemoryNeeded, memoryNeeded } from './memory.js';
export type { LayerWeights } from './ops/op.js';
export { type Picture, pictureTensor, resizePicture } from './picture.js';
export { createPredictor, type PredictOptions, type Predictor, type PredictorOptions } from './predictor.js';
export { type GivenWeights, type LayerRun, type Run, type RunInput, type RunOptions, runNetwork } from './run.js';
export { createTensor, fromNCHW, type Tensor, toNCHW } from './tensor.js';
export { seededWeights } from './weights.js';
export { weightsFromTensors, weightsToTensors } from './weights-file.js';
export {
  createWorkerPredictor,
  type WorkerEvents,
  type WorkerLike,
  type WorkerPredictorOptions,
} from './worker/client.js';
export { openWorker } from './worker/open.js';
