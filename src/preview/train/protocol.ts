import type { EpochReport, StepProgress, TestReport } from '../../engine/index.js';
import type { LayerFacts } from '../../network/check.js';
import type { Network } from '../../network/network.js';
import type { TrainingSettings } from '../../network/training.js';
import type { Pictures } from '../raster.js';
import type { DataAnswer, DataAsk } from './data-protocol.js';

/** What the panel's page and the worker that trains say to each other. A worker trains once; another run starts another. */

/** Page → worker. */
export type TrainRequest =
  | {
      readonly type: 'start';
      readonly network: Network;
      readonly facts: readonly LayerFacts[];
      readonly settings: TrainingSettings;
      /** What to begin with, in the form of a safetensors file; null for random weights. */
      readonly weights: Uint8Array | null;
      /** In bytes. */
      readonly memoryLimit: number;
    }
  /** The answer to an `ask`. */
  | { readonly type: 'data'; readonly id: number; readonly answer: DataAnswer }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** One step more, paused after it. */
  | { readonly type: 'step' }
  | { readonly type: 'stop' }
  /** Multiplies the rate of the schedule from now on. */
  | { readonly type: 'rate'; readonly factor: number }
  /** Asks for the weights as they are: a `weights` is the answer. */
  | { readonly type: 'weights' };

/** A picture of the test that was taken for another class. */
export interface Mistake {
  readonly index: number;
  readonly is: number;
  readonly taken: number;
}

/** What an epoch came to. */
export interface EpochResult {
  readonly report: EpochReport;
  readonly confusion: TestReport['confusion'];
  /** How many pictures were taken for another class; {@link mistakes} are some of them. */
  readonly wrong: number;
  readonly mistakes: readonly Mistake[];
  /** A picture a mistake, as they are in the dataset. */
  readonly pictures: Pictures;
}

/** Worker → page. */
export type TrainReport =
  /** Asks about the files that the network learns from; `data` with the same id is the answer. */
  | { readonly type: 'ask'; readonly id: number; readonly ask: DataAsk }
  /** How far reading the pictures is, in bytes of the file that is read. */
  | { readonly type: 'reading'; readonly done: number; readonly of: number }
  /** The filters of a layer are looked for in the pictures, before the first step. */
  | { readonly type: 'finding'; readonly layer: string }
  | {
      readonly type: 'started';
      readonly pictures: number;
      readonly tests: number;
      readonly steps: number;
      readonly stepsAnEpoch: number;
      readonly classes: readonly string[];
      /** What it begins with, as a safetensors file. */
      readonly weights: Uint8Array;
    }
  /** Several times a second: where training stands, and what came of each step since the last report. */
  | {
      readonly type: 'steps';
      readonly progress: StepProgress;
      readonly losses: readonly number[];
      readonly accuracies: readonly number[];
    }
  | { readonly type: 'epoch'; readonly result: EpochResult; readonly weights: Uint8Array }
  | { readonly type: 'weights'; readonly step: number; readonly weights: Uint8Array }
  /** All epochs are done. Before this and what follows comes a last `weights`; nothing comes after. */
  | { readonly type: 'done' }
  | { readonly type: 'stopped' }
  /** In a sentence; with the layer in which the numbers got out of hand, where that is the reason. */
  | { readonly type: 'failed'; readonly message: string; readonly layer: string | null };
