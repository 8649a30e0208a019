import type { LayerKind } from '../network/catalogue.js';
import type { CheckedNetwork, LayerFacts } from '../network/check.js';
import type { Layer } from '../network/network.js';
import { BYTES_PER_NUMBER, volumeOf } from '../network/shape.js';
import { EngineError } from './error.js';
import { refuseAbove } from './memory.js';
import { type LayerWeights, weightOf } from './ops/op.js';
import { forward } from './passes.js';
import { driveSteps, pauseWith } from './pause.js';
import { type Fusion, type PlanStep, planNetwork } from './plan.js';
import { createTensor, type Tensor } from './tensor.js';
import type { Activation } from './wasm/epilogue.js';
import { Execution } from './wasm/execution.js';
import { hostFeatures, Machine } from './wasm/machine.js';

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

/** A network made ready to run again and again, of which only the last layer's activation is looked at. */
export interface Predictor {
  /** What the last layer makes of a tensor of the network's input size. */
  readonly predict: (input: Tensor, signal?: AbortSignal) => Promise<Tensor>;
}

/**
 * Plans a network for speed: batch normalisation goes into the weights before it, relu and relu6 into the pass that computes
 * what they are applied to, and memory is used again as soon as nothing reads it any more. Throws an {@link EngineError}
 * where an error keeps a layer from running, or the memory limit is exceeded.
 */
export function createPredictor(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  { weights, precise = false, batch = 1, memoryLimit = Number.POSITIVE_INFINITY }: PredictorOptions,
): Predictor {
  const { network, facts } = checked;
  for (const [index, layer] of network.layers.entries())
    if (!layer.attributes || !facts[index]?.output) throw new EngineError(`${layer.name} has errors and cannot run`);
  const features = hostFeatures();
  const machine = new Machine(features);
  const options = features.simd ? { ...features, precise } : null;
  const everyLayer = [...network.layers.keys()];
  const fusions = fuse(network.layers, planNetwork(checked, everyLayer, batch, options).steps);
  const inside = new Set([...fusions].flatMap(([first, { output }]) => chain(network.layers, first, output)));
  const plan = planNetwork(
    checked,
    everyLayer.filter((index) => !inside.has(index)),
    batch,
    options,
    fusions,
  );
  const last = network.layers.length - 1;
  const isRead = layersOutsideArena(network.layers, plan.steps).add(last);
  let outside = 0;
  for (const { layer, fast } of plan.steps)
    if (!fast || isRead.has(fusions.get(layer)?.output ?? layer))
      outside += batch * volumeOf(facts[layer]?.output ?? NOTHING) * BYTES_PER_NUMBER;
  // The weights that these are packed from are the caller's.
  refuseAbove(memoryLimit, network.name, { weights: plan.constantBytes, activations: plan.arenaBytes + outside });
  return {
    async predict(input, signal) {
      const pause = pauseWith(signal);
      const execution = new Execution(machine, plan, batch);
      // What reference ops make or read, and the result.
      const tensors = new Map<number, Tensor>();
      try {
        for (const { layer: index, fast } of plan.steps) {
          const layer = network.layers[index] as Layer;
          const fact = facts[index] as LayerFacts & { readonly output: NonNullable<LayerFacts['output']> };
          const { output: result = index, batchnorm = null } = fusions.get(index) ?? {};
          const activation = createTensor(isRead.has(result) || !fast ? fact.output : NOTHING, batch);
          const ownWeights = () => (fact.weights.length > 0 ? weights(index) : {});
          if (fast) {
            const inputs = layer.inputs.map((source) => ({
              layer: source,
              shape: facts[source]?.output ?? NOTHING,
              data: () => tensors.get(source)?.data ?? new Float32Array(0),
            }));
            const values = () =>
              batchnorm === null
                ? ownWeights()
                : foldBatchnorm(ownWeights(), weights(batchnorm), network.layers[batchnorm] as Layer<'batchnorm'>);
            await execution.compute(result, fast, inputs, { key: `${index}`, values }, fact.output, pause);
            if (isRead.has(result)) execution.read(fast, activation);
          } else {
            const inputs = layer.inputs.length > 0 ? layer.inputs.flatMap((i) => tensors.get(i) ?? []) : [input];
            await driveSteps(forward(layer, network.framework, fact, inputs, ownWeights(), activation), pause);
          }
          if (isRead.has(result) || !fast) tensors.set(result, activation);
          if (pause.isDue()) await pause.take();
        }
      } finally {
        execution.end();
      }
      return tensors.get(last) as Tensor;
    },
  };
}

const NOTHING = { height: 0, width: 0, channels: 0 };

/** Layers whose op applies an activation function as it stores. */
const beginsFusion: ReadonlySet<LayerKind> = new Set<LayerKind>(['conv', 'depthwise', 'fc']);

const fusedActivations: Readonly<Partial<Record<LayerKind, Activation>>> = { relu: 'relu', relu6: 'relu6' };

/** What goes into the layer before it, where nothing else reads that layer: batchnorm, then an activation function. */
function fuse(layers: readonly Layer[], steps: readonly PlanStep[]): Map<number, Fusion> {
  const readers = layers.map((): number[] => []);
  for (const [index, { inputs }] of layers.entries()) for (const source of inputs) readers[source]?.push(index);
  const onlyReader = (index: number): number | null => {
    const [first, ...others] = readers[index] ?? [];
    return first !== undefined && others.length === 0 ? first : null;
  };
  const fusions = new Map<number, Fusion>();
  for (const { layer: index, fast } of steps) {
    if (!fast || !beginsFusion.has(layers[index]?.kind ?? 'input')) continue;
    const next = onlyReader(index);
    const batchnorm = next !== null && layers[next]?.kind === 'batchnorm' ? next : null;
    const applied = batchnorm === null ? next : onlyReader(batchnorm);
    const activation = applied === null ? undefined : fusedActivations[layers[applied]?.kind ?? 'input'];
    const output = activation && applied !== null ? applied : (batchnorm ?? index);
    if (output !== index) fusions.set(index, { batchnorm, activation: activation ?? 'none', output });
  }
  return fusions;
}

/** The layers of a fusion behind its first. */
function chain(layers: readonly Layer[], first: number, output: number): number[] {
  const inside: number[] = [];
  for (let index = output; index !== first; index = layers[index]?.inputs[0] ?? first) inside.push(index);
  return inside;
}

/** The layers that a step of a reference op reads. */
function layersOutsideArena(layers: readonly Layer[], steps: readonly PlanStep[]): Set<number> {
  return new Set(steps.flatMap(({ layer, fast }) => (fast ? [] : (layers[layer]?.inputs ?? []))));
}

/** Weights with which a layer computes what the normalisation makes of it: both are linear in each output channel. */
function foldBatchnorm(
  weights: LayerWeights,
  normalisation: LayerWeights,
  { attributes }: Layer<'batchnorm'>,
): LayerWeights {
  const variance = weightOf(normalisation, 'running_var');
  const mean = weightOf(normalisation, 'running_mean');
  const weight = weightOf(weights, 'weight');
  const scale = Float64Array.from(
    variance,
    (v, c) => (normalisation.weight?.[c] ?? 1) / Math.sqrt(v + (attributes?.epsilon ?? 0)),
  );
  const each = weight.length / scale.length;
  return {
    weight: weight.map((value, i) => value * (scale[Math.floor(i / each)] as number)),
    bias: Float32Array.from(
      scale,
      (s, c) => ((weights.bias?.[c] ?? 0) - (mean[c] as number)) * s + (normalisation.bias?.[c] ?? 0),
    ),
  };
}
