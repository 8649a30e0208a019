import { grouped } from '../network/arithmetic.js';
import { type CheckedNetwork, type LayerFacts, sizeOf } from '../network/check.js';
import type { WeightSpec } from '../network/layer.js';
import type { Layer } from '../network/network.js';
import { formatShape, type Shape, sameShape } from '../network/shape.js';
import { EngineError } from './error.js';
import { requireMemory } from './memory.js';
import type { LayerWeights } from './ops/op.js';
import { forward } from './passes.js';
import { driveSteps, type Pause, pauseWith } from './pause.js';
import { planNetwork } from './plan.js';
import { progressOf } from './progress.js';
import { digest } from './random.js';
import { createTensor, Spare, type Tensor } from './tensor.js';
import { Execution } from './wasm/execution.js';
import { hostFeatures, Machine } from './wasm/machine.js';
import { allocateWeights, seedWeights } from './weights.js';

/** The picture, or batch of pictures, a network runs on. */
export interface RunInput {
  /** Of the input layer's size, already scaled (see `pictureTensor`). */
  readonly tensor: Tensor;
  /** Tells pictures apart: another picture needs another id. */
  readonly id: string;
}

/** A layer's activation, and what is needed to use it again. Read it, do not write to it: runs share it. */
export interface LayerRun {
  /** Equal keys have equal activations. */
  readonly key: string;
  readonly activation: Tensor;
  readonly weightsKey: string;
  readonly weights: LayerWeights;
  /** Of the forward pass, pauses included; of the run that computed it. */
  readonly milliseconds: number;
  /** Taken over from the previous run. */
  readonly reused: boolean;
  /** How it was computed: `direct 6×8`, `Winograd F(4×4, 3×3)`, `reference`. */
  readonly algorithm: string;
}

/** One entry a layer of the network; null for a layer that an error keeps from running. */
export type Run = readonly (LayerRun | null)[];

/** Weights that are not random: from a file, or trained. */
export interface GivenWeights {
  /** Tells sets of weights apart: other values need another id. */
  readonly id: string;
  readonly values: LayerWeights;
}

export interface RunOptions {
  /** Chooses the random weights. Default 1. */
  readonly seed?: number;
  /** The name that seeds a layer's weights; by default its own. Keep it through a rename, and the weights stay. */
  readonly seedName?: (layer: number) => string;
  /** Weights in place of random ones; undefined leaves the layer to the seed. Shapes are those of the layer's facts. */
  readonly givenWeights?: (layer: number) => GivenWeights | undefined;
  /** A run whose activations and weights are taken over where nothing they depend on has changed. */
  readonly previous?: Run;
  /**
   * Arrays that nobody reads any more, such as the activations of a run before the previous one: they are written over where their
   * lengths fit. Getting new memory for every activation takes longer than most layers.
   */
  readonly spare?: readonly Float32Array[];
  /** Stops the run within a few milliseconds; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called before a layer that is to be computed, with the share of the network's work that lies before it (0 to 1). */
  readonly onProgress?: (layer: number, fraction: number) => void;
  /** Called after each layer, in order, also for those taken over. */
  readonly onLayer?: (layer: number, run: LayerRun) => void;
  /**
   * `fast` (the default) is WebAssembly, where the host has it; `precise` the same without Winograd's method, which rounds
   * about five times as much; `reference` computes every layer by its reference op, slowly, its sums in float64.
   */
  readonly backend?: 'fast' | 'precise' | 'reference';
  /** In bytes; a network that needs more is refused before anything is allocated. Default: no limit. */
  readonly memoryLimit?: number;
}

/**
 * Runs a network on an input, layer by layer, and keeps every activation. It lets the event loop turn every few
 * milliseconds, also inside long layers. A layer whose shape an error leaves unknown does not run, nor does what depends on
 * it; the others do. Throws an {@link EngineError} where the input is not of the network's size, given weights are not of
 * the layer's shape, or the memory limit is exceeded.
 */
export async function runNetwork(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  input: RunInput,
  options: RunOptions = {},
): Promise<Run> {
  const { signal, memoryLimit = Number.POSITIVE_INFINITY, previous = [], backend = 'fast', onLayer } = options;
  signal?.throwIfAborted();
  const { network, facts } = checked;
  const known = new Map<string, LayerRun>();
  const knownWeights = new Map<string, LayerWeights>();
  for (const run of previous) {
    if (!run) continue;
    known.set(run.key, run);
    knownWeights.set(run.weightsKey, run.weights);
  }
  const machine = backend === 'reference' ? null : machineAfter(previous);
  const identities = identify(checked, input, options);
  const plan = planNetwork(
    checked,
    unknownLayers(identities, known),
    input.tensor.batch,
    machine && { relaxed: machine.features.relaxed, precise: backend === 'precise' },
  );
  requireMemory(checked, input.tensor.batch, memoryLimit, plan);

  const pause = pauseWith(signal);
  const execution = machine && new Execution(machine, plan, input.tensor.batch);
  const progress = progressOf(facts);
  const spare = new Spare(options.spare);
  const runs: (LayerRun | null)[] = [];
  try {
    if (execution) await driveSteps(execution.compile(), pause);
    for (const [index, layer] of network.layers.entries()) {
      const identity = identities[index];
      const { output, weights: specs } = facts[index] as LayerFacts;
      if (!identity || !output) {
        runs.push(null);
        continue;
      }
      const { key, weightsKey } = identity;
      let run = known.get(key);
      if (run) {
        run = { ...run, reused: true };
      } else {
        options.onProgress?.(index, progress.before(index));
        const started = performance.now();
        const sources = layer.inputs.map((source) => (runs[source] as LayerRun).activation);
        const inputs = sources.length > 0 ? sources : [inputTensor(input, output)];
        const weights = knownWeights.get(weightsKey) ?? (await weightsOf(layer, specs, identity, pause));
        knownWeights.set(weightsKey, weights);
        const fast = execution?.stepOf(index);
        // A reference op expects zeros.
        const activation = fast ? spare.take(output, input.tensor.batch) : createTensor(output, input.tensor.batch);
        if (execution && fast) {
          const sources = inputs.map((shape, i) => ({ layer: layer.inputs[i] ?? index, shape }));
          const data = (i: number) => (inputs[i] as Tensor).data;
          const keyed = { key: weightsKey, values: () => weights };
          await driveSteps(execution.compute(index, fast, sources, data, keyed, output), pause);
          execution.read(fast.output, activation.data);
        } else
          await driveSteps(
            forward(layer, network.framework, facts[index] as LayerFacts, inputs, weights, activation),
            pause,
          );
        run = {
          key,
          activation,
          weightsKey,
          weights,
          milliseconds: performance.now() - started,
          reused: false,
          algorithm: fast?.op.algorithm ?? 'reference',
        };
      }
      known.set(key, run);
      runs.push(run);
      onLayer?.(index, run);
      if (pause.isDue()) await pause.take();
    }
  } finally {
    execution?.end();
  }
  if (machine) keepMachine(machine, runs);
  return runs;
}

/** What a layer's activation depends on. */
interface Identity extends Seed {
  readonly given: GivenWeights | undefined;
  readonly weightsKey: string;
  readonly key: string;
}

/** One entry a layer; null for one that an error keeps from running. */
function identify(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  input: RunInput,
  { seed = 1, seedName, givenWeights, backend = 'fast' }: RunOptions,
): readonly (Identity | null)[] {
  const identities: (Identity | null)[] = [];
  for (const [index, layer] of network.layers.entries()) {
    const { weights, window, transposed, output } = facts[index] as LayerFacts;
    const sources = layer.inputs.map((source) => identities[source]?.key);
    if (!layer.attributes || !output || sources.includes(undefined)) {
      identities.push(null);
      continue;
    }
    const from = { seed, name: seedName?.(index) ?? layer.name, given: givenWeights?.(index) };
    const weightsKey = weightsKeyOf(weights, from, from.given);
    const key = digest(
      JSON.stringify([
        layer.kind,
        layer.attributes,
        network.framework,
        window,
        transposed,
        output,
        weightsKey,
        sources.length > 0 ? sources : input.id,
        backend,
      ]),
    );
    identities.push({ ...from, weightsKey, key });
  }
  return identities;
}

/** The layers that must be computed: the first of those that compute the same. */
function unknownLayers(identities: readonly (Identity | null)[], known: ReadonlyMap<string, LayerRun>): number[] {
  const seen = new Set(known.keys());
  const layers: number[] = [];
  for (const [index, identity] of identities.entries()) {
    if (!identity || seen.has(identity.key)) continue;
    seen.add(identity.key);
    layers.push(index);
  }
  return layers;
}

/** The machine that computed a layer. It holds packed weights, so the next run goes on with it. */
const machines = new WeakMap<LayerRun, Machine>();

/** Null where the host has no vectors. */
function machineAfter(previous: Run): Machine | null {
  for (const run of previous) {
    const machine = run && machines.get(run);
    if (machine) return machine;
  }
  const features = hostFeatures();
  return features.simd ? new Machine(features) : null;
}

function keepMachine(machine: Machine, runs: Run): void {
  const weightsKeys = new Set<string>();
  for (const run of runs) {
    if (!run) continue;
    machines.set(run, machine);
    weightsKeys.add(run.weightsKey);
  }
  machine.retainConstants(weightsKeys);
}

interface Seed {
  readonly seed: number;
  readonly name: string;
}

const weightsKeyOf = (specs: readonly WeightSpec[], { seed, name }: Seed, given: GivenWeights | undefined): string => {
  if (specs.length === 0) return '';
  return given ? `given ${given.id}` : `seed ${seed} ${name} ${specs.map((spec) => spec.shape.join('x')).join(' ')}`;
};

async function weightsOf(
  layer: Layer,
  specs: readonly WeightSpec[],
  { seed, name, given }: Identity,
  pause: Pause,
): Promise<LayerWeights> {
  if (!given) {
    const weights = allocateWeights(specs);
    await driveSteps(seedWeights(weights, specs, name, seed), pause);
    return weights;
  }
  for (const spec of specs) {
    const found = given.values[spec.name]?.length ?? 0;
    if (found !== sizeOf(spec))
      throw new EngineError(
        `The ${spec.name} of ${layer.name} has ${grouped(found)} numbers, not ${spec.shape.join('×')} = ${grouped(sizeOf(spec))}`,
      );
  }
  return given.values;
}

/** The picture of a run, which must be of the input layer's size. */
function inputTensor({ tensor }: RunInput, expected: Shape): Tensor {
  if (!sameShape(tensor, expected))
    throw new EngineError(`The picture is ${formatShape(tensor)}, the network's input ${formatShape(expected)}`);
  return tensor;
}
