import { BYTES_PER_NUMBER, type Shape, volumeOf } from '../../network/shape.js';
import type { Steps } from '../ops/op.js';
import type { FastStep, Plan } from '../plan.js';
import type { Tensor } from '../tensor.js';
import type { Machine } from './machine.js';
import type { PackableWeights } from './op.js';

/** An input of a layer: the activation of another, or the picture. */
interface Source {
  readonly layer: number;
  readonly shape: Shape;
  /** Asked for only where the arena does not hold it yet. */
  readonly data: () => Float32Array;
}

interface KeyedWeights {
  readonly key: string;
  /** Asked for only where they are not packed yet. */
  readonly values: () => PackableWeights;
}

/** The fast steps of one plan on a machine, in an arena of their own: several may be under way at once. */
export class Execution {
  readonly #machine: Machine;
  readonly #steps = new Map<number, FastStep>();
  readonly #arena: number;
  /** Layers whose activation is in the arena. */
  readonly #resident = new Set<number>();
  /** Bytes of constants of the steps that are still to come, as far as none are kept from before. */
  #toPack: number;

  readonly #batch: number;

  constructor(machine: Machine, plan: Plan, batch: number) {
    this.#machine = machine;
    this.#batch = batch;
    this.#toPack = plan.constantBytes;
    for (const { layer, fast } of plan.steps) if (fast) this.#steps.set(layer, fast);
    this.#arena = machine.begin(plan.arenaBytes);
  }

  /** Compiles what the steps run and pack with, so that few modules do. */
  compile(): Steps {
    return this.#machine.compile([...this.#steps.values()].flatMap(({ op }) => (op.packing ? [op, op.packing] : [op])));
  }

  /** Gives the arena back. */
  end(): void {
    this.#machine.end(this.#arena);
  }

  /** The fast step that computes a layer, if the plan has one. */
  stepOf(layer: number): FastStep | undefined {
    return this.#steps.get(layer);
  }

  /** Computes the activation of `layer`, of size `output`, from its inputs; it stays in the arena. */
  *compute(
    layer: number,
    { op, ...step }: FastStep,
    inputs: readonly Source[],
    weights: KeyedWeights,
    output: Shape,
  ): Steps {
    const machine = this.#machine;
    const functions = machine.functions(op.key, op.functions);
    const scratch = this.#arena + step.scratch;
    const constants = yield* this.pack({ op, ...step }, weights);
    const inputPlaces = inputs.map((_, i) => this.#arena + (step.inputs[i] ?? 0));
    for (const [i, input] of inputs.entries()) {
      if (this.#resident.has(input.layer)) continue;
      machine.numbers.set(input.data(), (inputPlaces[i] ?? 0) / BYTES_PER_NUMBER);
      this.#resident.add(input.layer);
    }
    for (let picture = 0; picture < this.#batch; picture++) {
      const at = (start: number, shape: Shape) => start + picture * volumeOf(shape) * BYTES_PER_NUMBER;
      const places = {
        inputs: inputs.map(({ shape }, i) => at(inputPlaces[i] ?? 0, shape)),
        output: at(this.#arena + step.output, output),
        scratch,
        constants,
      };
      yield* op.run(functions, places, () => machine.numbers);
    }
    this.#resident.add(layer);
  }

  /** Packs the weights of a step, unless they are: their address. */
  pack({ op, scratch }: FastStep, { key, values }: KeyedWeights): Generator<void, number, void> {
    const machine = this.#machine;
    this.#toPack -= op.constants * BYTES_PER_NUMBER;
    const size = { count: op.constants, soon: Math.max(0, this.#toPack) };
    return machine.constants(key, op.key, size, (constants) =>
      op.pack(values(), {
        functions: op.packing ? machine.functions(op.packing.key, op.packing.functions) : {},
        constants,
        scratch: this.#arena + scratch,
        memory: () => machine.numbers,
      }),
    );
  }

  /** Copies what a step has just computed. */
  read({ output }: FastStep, { data }: Tensor): void {
    const from = (this.#arena + output) / BYTES_PER_NUMBER;
    data.set(this.#machine.numbers.subarray(from, from + data.length));
  }
}
