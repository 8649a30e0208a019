/**
 * The engine: runs a checked network on a picture and keeps every layer's activation. It needs no editor, no file and no
 * other package, and works in Node, in browsers and in their workers.
 */
export { type CheckedNetwork, checkNetwork, type LayerFacts } from '../network/check.js';
export type { Layer, Network } from '../network/network.js';
export { withDefaults } from '../network/resolve.js';
export type { Shape } from '../network/shape.js';
export { type Dataset, type SplitDataset, withTest } from './datasets/dataset.js';
export { builtInDatasets } from './datasets/index.js';
export { type DescribeOptions, describePlan, type PlanDescription } from './describe.js';
export { EngineError } from './error.js';
export {
  type GradientOptions,
  type Gradients,
  type GradientTarget,
  gradientsOf,
  unitGradient,
} from './gradients.js';
export { type MemoryNeeded, memoryNeeded } from './memory.js';
export type { LayerWeights } from './ops/op.js';
export { type NetworkPart, partUpTo } from './part.js';
export { type Picture, pictureTensor, resizePicture } from './picture.js';
export { createPredictor, type PredictOptions, type Predictor, type PredictorOptions } from './predictor.js';
export { type GivenWeights, type LayerRun, type Run, type RunInput, type RunOptions, runNetwork } from './run.js';
export { drawDigit } from './samples/digits.js';
export { type SamplePicture, samples } from './samples/index.js';
export { createTensor, fromNCHW, type Tensor, toNCHW } from './tensor.js';
export { type CodeReport, measureCodes } from './training/codes.js';
export { DivergedError } from './training/learner.js';
export {
  type EpochReport,
  type RunCallbacks,
  type StepProgress,
  type TestReport,
  Trainer,
  type TrainerOptions,
} from './training/trainer.js';
export { seededWeights } from './weights.js';
export { weightsFromTensors, weightsToTensors } from './weights-file.js';
