import { grouped } from '../network/arithmetic.js';
import type { LayerKind } from '../network/catalogue.js';
import { type CheckedNetwork, type LayerFacts, sizeOf } from '../network/check.js';
import { type Framework, rulesOf } from '../network/frameworks.js';
import type { WeightSpec } from '../network/layer.js';
import type { Layer } from '../network/network.js';
import { formatShape, type Shape, sameShape, volumeOf } from '../network/shape.js';
import { EngineError } from './error.js';
import { requireMemory } from './memory.js';
import { ops } from './ops/index.js';
import type { LayerWeights, OpContext, Steps } from './ops/op.js';
import { driveSteps, type Pause, pauseWith } from './pause.js';
import { digest } from './random.js';
import { createTensor, type Tensor } from './tensor.js';
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
  /** Stops the run within a few milliseconds; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called before a layer that is to be computed, with the share of the network's work that lies before it (0 to 1). */
  readonly onProgress?: (layer: number, fraction: number) => void;
  /** Called after each layer, in order, also for those taken over. */
  readonly onLayer?: (layer: number, run: LayerRun) => void;
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
  const { signal, memoryLimit = Number.POSITIVE_INFINITY, onLayer } = options;
  signal?.throwIfAborted();
  requireMemory(checked, input.tensor.batch, memoryLimit);
  const pause = pauseWith(signal);
  const known = new Map<string, LayerRun>();
  const knownWeights = new Map<string, LayerWeights>();
  for (const run of options.previous ?? []) {
    if (!run) continue;
    known.set(run.key, run);
    knownWeights.set(run.weightsKey, run.weights);
  }

  const runs: (LayerRun | null)[] = [];
  const progress = progressOf(checked.facts);
  for (const [index, layer] of checked.network.layers.entries()) {
    const facts = checked.facts[index];
    const sources = layer.inputs.map((source) => runs[source] ?? null);
    if (!layer.attributes || !facts?.output || sources.includes(null)) {
      runs.push(null);
      continue;
    }
    const inputs = sources as readonly LayerRun[];
    const seed = { seed: options.seed ?? 1, name: options.seedName?.(index) ?? layer.name };
    const given = options.givenWeights?.(index);
    const weightsKey = weightsKeyOf(facts.weights, seed, given);
    const key = digest(
      JSON.stringify([
        layer.kind,
        layer.attributes,
        checked.network.framework,
        facts.window,
        facts.transposed,
        facts.output,
        weightsKey,
        inputs.length > 0 ? inputs.map((source) => source.key) : input.id,
      ]),
    );
    let run = known.get(key);
    if (run) {
      run = { ...run, reused: true };
    } else {
      options.onProgress?.(index, progress.before(index));
      const started = performance.now();
      const tensors =
        inputs.length > 0 ? inputs.map((source) => source.activation) : [inputTensor(input, facts.output)];
      const weights = knownWeights.get(weightsKey) ?? (await weightsOf(layer, facts.weights, seed, given, pause));
      knownWeights.set(weightsKey, weights);
      const activation = createTensor(facts.output, input.tensor.batch);
      await driveSteps(forward(layer, checked.network.framework, facts, tensors, weights, activation), pause);
      run = { key, activation, weightsKey, weights, milliseconds: performance.now() - started, reused: false };
    }
    known.set(key, run);
    runs.push(run);
    onLayer?.(index, run);
    if (pause.isDue()) await pause.take();
  }
  return runs;
}

/** The forward pass of one layer, in steps, into `output`. */
function forward(
  { kind, attributes }: Layer,
  framework: Framework | undefined,
  facts: LayerFacts,
  inputs: readonly Tensor[],
  weights: LayerWeights,
  output: Tensor,
): Steps {
  const [input = output] = inputs;
  // The table pairs each kind with the op of its attributes, which a union of kinds cannot express.
  const op = ops[kind] as (context: Omit<OpContext<LayerKind>, 'attributes'> & { attributes: unknown }) => Steps;
  return op({ attributes, rules: rulesOf(framework), input, inputs, facts, weights, output });
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
  { seed, name }: Seed,
  given: GivenWeights | undefined,
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

/** How much of the work lies before each layer, counting MACs and the numbers written. */
function progressOf(facts: readonly LayerFacts[]): { readonly before: (layer: number) => number } {
  const ends: number[] = [];
  let total = 0;
  for (const { output, macs } of facts) {
    total += (macs ?? 0) + (output ? volumeOf(output) : 0);
    ends.push(total);
  }
  return { before: (layer) => (ends[layer - 1] ?? 0) / (total || 1) };
}
