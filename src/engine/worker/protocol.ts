import type { LayerFacts } from '../../network/check.js';
import type { Network } from '../../network/network.js';
import type { LayerWeights } from '../ops/op.js';
import type { Tensor } from '../tensor.js';

/** What a predictor and its worker say to each other. */
export type Request =
  | {
      readonly type: 'create';
      readonly network: Network;
      readonly facts: readonly LayerFacts[];
      /** By layer. */
      readonly weights: readonly LayerWeights[];
      readonly precise: boolean;
      readonly batch: number;
      readonly memoryLimit: number;
      /** Ways to the other workers that compute the same network, by their number; null for this one. */
      readonly team: readonly (MessagePort | null)[];
    }
  | { readonly type: 'predict'; readonly id: number; readonly input: Tensor; readonly tellsSteps: boolean }
  | { readonly type: 'stop'; readonly id: number };

export type Report =
  | {
      readonly type: 'step';
      readonly id: number;
      readonly layer: number;
      readonly milliseconds: number;
      readonly algorithm: string;
    }
  | { readonly type: 'done'; readonly id: number; readonly output: Tensor }
  | { readonly type: 'stopped'; readonly id: number }
  /** What keeps the network from being computed; `id` is null where it could not be planned. */
  | { readonly type: 'failed'; readonly id: number | null; readonly message: string };
