import type { CheckedNetwork } from '../network/check.js';
import { BYTES_PER_NUMBER } from '../network/shape.js';
import { memoryNeeded } from './memory.js';
import { planNetwork } from './plan.js';
import { planFused } from './predictor.js';
import { hostFeatures } from './wasm/machine.js';

export interface DescribeOptions {
  /** `fast`: as a predictor computes; `observe`: as a run does that keeps every activation. */
  readonly mode: 'fast' | 'observe';
  /** No Winograd. Default false. */
  readonly precise?: boolean;
  readonly batch?: number;
}

/** How a network is computed on this host, as plain data. */
export interface PlanDescription {
  readonly mode: 'fast' | 'observe';
  /** Multiply and add in one instruction; null where WebAssembly has no vectors and everything runs on reference ops. */
  readonly fusedMultiplyAdd: boolean | null;
  readonly steps: readonly {
    /** The layer it begins with, and those computed in the same pass; indices. */
    readonly layer: number;
    readonly includes: readonly number[];
    readonly algorithm: string;
    readonly why: string;
    /** Of its packed weights and tables. */
    readonly packedBytes: number;
  }[];
  /** In bytes. */
  readonly memory: {
    /** Activations in linear memory, used again as soon as nothing reads them, with what ops need while they run. */
    readonly arena: number;
    readonly packedWeights: number;
    /** Outside of linear memory: every layer's activation where they are kept, and the weights as they are given. */
    readonly keptActivations: number;
    readonly givenWeights: number;
    readonly peak: number;
  };
}

/** Plans a network and tells how; allocates nothing. Throws an {@link EngineError} where a layer has errors. */
export function describePlan(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  { mode, precise = false, batch = 1 }: DescribeOptions,
): PlanDescription {
  const features = hostFeatures();
  const options = features.simd ? { relaxed: features.relaxed, precise } : null;
  const { plan, fusions } =
    mode === 'fast'
      ? planFused(checked, batch, options)
      : { plan: planNetwork(checked, [...checked.network.layers.keys()], batch, options), fusions: new Map() };
  const { activations, weights } = memoryNeeded(checked, batch);
  const memory = {
    arena: plan.arenaBytes,
    packedWeights: plan.constantBytes,
    keptActivations: mode === 'observe' ? activations : 0,
    givenWeights: weights,
  };
  return {
    mode,
    fusedMultiplyAdd: options?.relaxed ?? null,
    steps: plan.steps.map(({ layer, fast }) => ({
      layer,
      includes: fusions.get(layer)?.inside ?? [],
      algorithm: fast?.op.algorithm ?? 'reference',
      why: fast ? (fast.op.why ?? '') : layer === 0 ? 'the picture' : 'no fast op',
      packedBytes: (fast?.op.constants ?? 0) * BYTES_PER_NUMBER,
    })),
    memory: { ...memory, peak: Object.values(memory).reduce((sum, bytes) => sum + bytes, 0) },
  };
}
