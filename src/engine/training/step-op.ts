import type { LayerKind } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import type { Framework } from '../../network/frameworks.js';
import type { WeightSpec } from '../../network/layer.js';
import type { Layer } from '../../network/network.js';
import { type Shape, volumeOf } from '../../network/shape.js';
import type { LayerWeights, Steps, TrainingPass } from '../ops/op.js';
import { backward, forward } from '../passes.js';
import type { Tensor } from '../tensor.js';

export type WeightName = WeightSpec['name'];

/** Where a layer's numbers of a whole batch lie in the memory of a learner: byte addresses. Activations are NHWC. */
export interface StepPlaces {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly outputGradient: number;
  /** Null where nobody needs it. */
  readonly inputGradients: readonly (number | null)[];
  readonly weights: Readonly<Partial<Record<WeightName, number>>>;
  /** Of the weights that are learned here. */
  readonly weightGradients: Readonly<Partial<Record<WeightName, number>>>;
  readonly scratch: number;
}

/** A layer's computation while a network learns: a whole batch, both ways. It overwrites what it computes. */
export interface StepOp {
  /** What it is: `reference`, `direct`. */
  readonly algorithm: string;
  /** Bytes of its own that it keeps from the way forwards to the way back. */
  readonly scratchBytes: number;
  readonly forward: (places: StepPlaces, memory: Float32Array, training: TrainingPass | undefined) => Steps;
  readonly backward: (places: StepPlaces, memory: Float32Array, training: TrainingPass | undefined) => Steps;
  /** Its layout of a weight tensor: the index there of each number in the layout of the spec; as it is by default. */
  readonly layout?: Readonly<Partial<Record<WeightName, (index: number) => number>>>;
}

/** A checked layer and the batch it is computed for. */
export interface StepLayer<K extends LayerKind = LayerKind> {
  readonly layer: Layer<K>;
  readonly framework: Framework | undefined;
  readonly facts: LayerFacts;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  readonly batch: number;
}

/** A layer by its reference op. */
export function referenceStep({ layer, framework, facts, inputs, output, batch }: StepLayer): StepOp {
  const tensor = (memory: Float32Array, address: number, shape: Shape): Tensor => {
    const from = address / 4;
    const { height, width, channels } = shape;
    return { batch, height, width, channels, data: memory.subarray(from, from + batch * volumeOf(shape)) };
  };
  const weightsAt = (memory: Float32Array, places: StepPlaces['weights']): LayerWeights =>
    Object.fromEntries(
      facts.weights.flatMap(({ name, shape }) => {
        const address = places[name];
        if (address === undefined) return [];
        const size = shape.reduce((product, length) => product * length, 1);
        return [[name, memory.subarray(address / 4, address / 4 + size)]];
      }),
    );
  return {
    algorithm: 'reference',
    scratchBytes: 0,
    *forward(places, memory, training) {
      const y = tensor(memory, places.output, output);
      // Some ops add to what they take for zeros.
      y.data.fill(0);
      const x = inputs.map((shape, i) => tensor(memory, places.inputs[i] ?? 0, shape));
      yield* forward(layer, framework, facts, x, weightsAt(memory, places.weights), y, training);
    },
    *backward(places, memory, training) {
      const x = inputs.map((shape, i) => tensor(memory, places.inputs[i] ?? 0, shape));
      const inputGradients = inputs.map((shape, i) => {
        const address = places.inputGradients[i];
        return address === null || address === undefined ? null : tensor(memory, address, shape);
      });
      const weightGradients = weightsAt(memory, places.weightGradients);
      for (const gradient of inputGradients) gradient?.data.fill(0);
      for (const gradient of Object.values(weightGradients)) gradient.fill(0);
      const outputGradient = tensor(memory, places.outputGradient, output);
      const gradients = { outputGradient, inputGradients, weightGradients };
      const weights = weightsAt(memory, places.weights);
      yield* backward(layer, framework, facts, x, weights, tensor(memory, places.output, output), gradients, training);
    },
  };
}
