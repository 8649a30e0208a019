import type { CheckedNetwork, LayerFacts } from '../network/check.js';
import type { Layer } from '../network/network.js';
import { BYTES_PER_NUMBER, formatShape, type Shape, sameShape, volumeOf } from '../network/shape.js';
import { EngineError } from './error.js';
import { type Fusion, foldBatchnorm, fuse } from './fuse.js';
import { refuseAbove } from './memory.js';
import type { LayerWeights, Steps } from './ops/op.js';
import { forward } from './passes.js';
import { driveSteps, type Pause, pauseWith } from './pause.js';
import { type Place, type Plan, type PlanStep, planNetwork, type Share } from './plan.js';
import { createTensor, type Tensor } from './tensor.js';
import { Execution, type KeyedWeights, type Source } from './wasm/execution.js';
import { hostFeatures, Machine } from './wasm/machine.js';
import type { FastOptions, PackableWeights } from './wasm/op.js';

export interface PredictorOptions {
  /** The weights of a layer that has some; asked for once a layer. Shapes are those of the layer's facts. */
  readonly weights: (layer: number) => LayerWeights;
  /** No Winograd. Default false. */
  readonly precise?: boolean;
  /** Pictures of one prediction. Default 1. */
  readonly batch?: number;
  /** In bytes; a network that needs more is refused before anything is allocated. Default: no limit. */
  readonly memoryLimit?: number;
}

export interface PredictOptions {
  /** Stops it within a few milliseconds; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each step with the layer that it ends with, its milliseconds, pauses included, and its algorithm. */
  readonly onStep?: (layer: number, milliseconds: number, algorithm: string) => void;
}

/** A network made ready to run again and again, of which only the last layer's activation is looked at. */
export interface Predictor {
  /** What the last layer makes of a tensor of the network's input size. */
  readonly predict: (input: Tensor, options?: PredictOptions) => Promise<Tensor>;
  /** Packs the weights, which otherwise the first prediction does. */
  readonly prepare: (signal?: AbortSignal) => Promise<void>;
  /** Gives its memory to the next predictor. It must not be used any more. */
  readonly dispose: () => void;
}

/** The workers that compute a network together, as one of them sees them. */
export interface Team {
  /** Tells what of the network is for this one. */
  readonly join: (
    checked: Pick<CheckedNetwork, 'network' | 'facts'>,
    firsts: readonly number[],
    fusions: ReadonlyMap<number, Fusion>,
    options: FastOptions,
  ) => Share;
  /** Sends the rows that others read of an activation; `read` fills numbers with those `skipped` bytes from its start. */
  readonly give: (layer: number, read: (skipped: number, rows: Float32Array) => void) => void;
  /** Waits for the rows that others compute of what is read here, and writes each lot `skipped` bytes from the start. */
  readonly take: (
    layer: number,
    write: (skipped: number, rows: Float32Array) => void,
    signal: AbortSignal | undefined,
  ) => Promise<void>;
}

/** Work that is done in well under a millisecond: looking at the clock between its steps takes as long as LeNet's smaller layers. */
const SMALL = 1e6;

/** A step of the plan, with all that is the same for each picture. */
interface Work extends PlanStep {
  /** The last of the layers that it computes. */
  readonly result: number;
  /** What it reads; the volume that is added comes last. */
  readonly sources: readonly Source[];
  readonly output: Shape;
  /** Roughly, in multiply–accumulates; a reference op may take any time. */
  readonly cost: number;
  readonly weights: KeyedWeights;
  /** Whether its result is read from the arena. */
  readonly isRead: boolean;
}

/** The machine of a predictor that is no longer needed: getting memory from the system takes longer than filling it. */
let spare: Machine | undefined;

/**
 * Plans a network for speed: batch normalisation goes into the weights before it, additions, relu and relu6 into the pass
 * that computes what they are applied to, and memory is used again as soon as nothing reads it any more. Throws an
 * {@link EngineError} where an error keeps a layer from running, or the memory limit is exceeded. `team`: the network is computed
 * together with others, for a batch of one.
 */
export function createPredictor(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  { weights, precise = false, batch = 1, memoryLimit = Number.POSITIVE_INFINITY }: PredictorOptions,
  team: Team | null = null,
): Predictor {
  const { network, facts } = checked;
  const features = hostFeatures();
  const machine = spare ?? new Machine(features);
  spare = undefined;
  const { plan, fusions } = planFused(checked, batch, features.simd ? { ...features, precise } : null, team);
  const last = network.layers.length - 1;
  const isRead = layersOutsideArena(network.layers, plan.steps).add(last);
  const shapeOf = (layer: number) => facts[layer]?.output ?? NOTHING;
  const resultOf = (layer: number) => fusions.get(layer)?.output ?? layer;
  let outside = 0;
  for (const { layer, fast } of plan.steps)
    if (!fast || isRead.has(resultOf(layer))) outside += batch * volumeOf(shapeOf(layer)) * BYTES_PER_NUMBER;
  // The weights that these are packed from are the caller's.
  refuseAbove(memoryLimit, network.name, { weights: plan.constantBytes, activations: plan.arenaBytes + outside });

  const ownWeights = (index: number): LayerWeights => ((facts[index]?.weights.length ?? 0) > 0 ? weights(index) : {});
  const packable = (index: number): PackableWeights => {
    const { batchnorm = null } = fusions.get(index) ?? {};
    if (batchnorm === null) return ownWeights(index);
    return foldBatchnorm(ownWeights(index), weights(batchnorm), network.layers[batchnorm] as Layer<'batchnorm'>);
  };
  const sourcesOf = (index: number): readonly number[] => {
    const { inputs } = network.layers[index] as Layer;
    const { residual = null } = fusions.get(index) ?? {};
    return residual === null ? inputs : [...inputs, residual];
  };
  const works = plan.steps
    .filter(({ layer }) => (network.layers[layer] as Layer).inputs.length > 0)
    .map(({ layer, fast }): Work => {
      const result = resultOf(layer);
      return {
        layer,
        fast,
        result,
        sources: sourcesOf(layer).map((source) => ({ layer: source, shape: shapeOf(source) })),
        output: shapeOf(layer),
        cost: fast ? costOf(facts[layer] as LayerFacts, sourcesOf(layer).map(shapeOf)) : Number.POSITIVE_INFINITY,
        weights: { key: `${layer}`, values: () => packable(layer) },
        isRead: isRead.has(result),
      };
    });

  /** `tensors`: what reference ops make or read, and the result. */
  function* compute(work: Work, execution: Execution, tensors: Map<number, Tensor>): Steps {
    const { layer: index, fast, sources, output } = work;
    if (fast) {
      const data = (i: number) => (tensors.get((sources[i] as Source).layer) as Tensor).data;
      yield* execution.compute(work.result, fast, sources, data, work.weights, output);
    } else {
      const layer = network.layers[index] as Layer;
      const activation = createTensor(output, batch);
      const inputs = sources.flatMap((source) => tensors.get(source.layer) ?? []);
      yield* forward(layer, network.framework, facts[index] as LayerFacts, inputs, ownWeights(index), activation);
      tensors.set(index, activation);
    }
  }

  /** Reads what a step computed, where that is asked for. */
  function read({ fast, result, output, isRead }: Work, execution: Execution, tensors: Map<number, Tensor>): void {
    if (!fast || !isRead) return;
    const activation = createTensor(output, batch);
    execution.read(fast.output, activation.data);
    tensors.set(result, activation);
  }

  function* computeAll(execution: Execution, tensors: Map<number, Tensor>, onStep: PredictOptions['onStep']): Steps {
    let unseen = 0;
    for (const work of works) {
      const started = onStep ? performance.now() : 0;
      unseen += work.cost;
      const steps = compute(work, execution, tensors);
      if (unseen > SMALL) {
        yield* steps;
        unseen = 0;
      } else while (!steps.next().done);
      read(work, execution, tensors);
      tell(work, started, onStep);
    }
  }

  /** As one of a team: what is read of the others' rows is waited for, what they read is sent. */
  async function computeShare(
    { give, take }: Team,
    execution: Execution,
    tensors: Map<number, Tensor>,
    { onStep, signal }: PredictOptions,
    pause: Pause,
  ): Promise<void> {
    const places = new Map<number, Place>();
    const complete = async (layer: number) => {
      const place = places.get(layer);
      places.delete(layer);
      if (place) await take(layer, (skipped, rows) => execution.write(place, skipped, rows), signal);
    };
    for (const work of works) {
      const { fast, result } = work;
      const started = onStep ? performance.now() : 0;
      for (const source of work.sources) await complete(source.layer);
      await driveSteps(compute(work, execution, tensors), pause);
      if (fast) {
        places.set(result, fast.output);
        give(result, (skipped, rows) => execution.read(fast.output, rows, skipped));
      }
      if (work.isRead) await complete(result);
      read(work, execution, tensors);
      tell(work, started, onStep);
    }
  }

  function tell({ result, fast }: Work, started: number, onStep: PredictOptions['onStep']): void {
    onStep?.(result, performance.now() - started, fast?.op.algorithm ?? 'reference');
  }

  /** Done with a picture and ready for the next, its arena and addresses with it: what a small network computes takes less time. */
  let idle: Execution | undefined;
  let isDisposed = false;
  /** Uses the idle execution, or another where that is in use. */
  async function execute<T>(use: (execution: Execution, pause: Pause) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const pause = pauseWith(signal);
    let execution = idle;
    idle = undefined;
    try {
      if (execution) execution.restart();
      else {
        execution = new Execution(machine, plan, batch);
        await driveSteps(execution.compile(), pause);
      }
      const result = await use(execution, pause);
      if (!idle && !isDisposed) {
        idle = execution;
        execution = undefined;
      }
      return result;
    } finally {
      execution?.end();
    }
  }

  return {
    async predict(input, options = {}) {
      const { signal, onStep } = options;
      const expected = shapeOf(0);
      if (!sameShape(input, expected) || input.batch !== batch)
        throw new EngineError(
          `The input is ${input.batch} × ${formatShape(input)}, the network's ${batch} × ${formatShape(expected)}`,
        );
      const tensors = new Map([[0, input]]);
      await execute(
        (execution, pause) =>
          team
            ? computeShare(team, execution, tensors, options, pause)
            : driveSteps(computeAll(execution, tensors, onStep), pause),
        signal,
      );
      return tensors.get(last) as Tensor;
    },
    dispose() {
      isDisposed = true;
      idle?.end();
      idle = undefined;
      machine.clear();
      spare = machine;
    },
    prepare(signal) {
      function* packAll(execution: Execution): Steps {
        for (const { fast, weights } of works) if (fast) yield* execution.pack(fast, weights);
      }
      return execute((execution, pause) => driveSteps(packAll(execution), pause), signal);
    },
  };
}

/** Multiply–accumulates, numbers read, and under a window each time that it covers them. */
function costOf({ macs, window, output }: LayerFacts, inputs: readonly Shape[]): number {
  const covered = window && output ? window.y.kernel * window.x.kernel * volumeOf(output) : 0;
  return (macs ?? 0) + covered + inputs.reduce((sum, shape) => sum + volumeOf(shape), 0);
}

const NOTHING = { height: 0, width: 0, channels: 0 };

interface FusedPlan {
  readonly plan: Plan;
  readonly fusions: ReadonlyMap<number, Fusion>;
}

/** The plan of a network of which only the last layer is looked at. Throws an {@link EngineError} where a layer has errors. */
export function planFused(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  batch: number,
  options: FastOptions | null,
  team: Team | null = null,
): FusedPlan {
  const { network, facts } = checked;
  for (const [index, layer] of network.layers.entries())
    if (!layer.attributes || !facts[index]?.output) throw new EngineError(`${layer.name} has errors and cannot run`);
  const fusions = options ? fuse(checked, options) : new Map<number, Fusion>();
  const inside = new Set([...fusions.values()].flatMap((fusion) => fusion.inside));
  const firsts = [...network.layers.keys()].filter((index) => !inside.has(index));
  const share = options && team ? team.join(checked, firsts, fusions, options) : null;
  return { plan: planNetwork(checked, firsts, batch, options, fusions, share), fusions };
}

/** The layers that a step of a reference op reads. */
function layersOutsideArena(layers: readonly Layer[], steps: readonly PlanStep[]): Set<number> {
  return new Set(steps.flatMap(({ layer, fast }) => (fast ? [] : (layers[layer]?.inputs ?? []))));
}
