import { BYTES_PER_NUMBER, type Shape, volumeOf } from '../../network/shape.js';
import type { Steps } from '../ops/op.js';
import type { FastStep, Place, Plan } from '../plan.js';
import type { Functions, Machine } from './machine.js';
import type { PackableWeights, Places } from './op.js';

/** An input of a layer: the activation of another, or the picture. */
export interface Source {
  readonly layer: number;
  readonly shape: Shape;
}

export interface KeyedWeights {
  readonly key: string;
  /** Asked for only where they are not packed yet. */
  readonly values: () => PackableWeights;
}

/** A step whose code is compiled, whose weights are packed and whose addresses are worked out, for each picture of a batch. */
interface Ready {
  readonly functions: Functions;
  readonly places: readonly Places[];
}

/** The fast steps of one plan on a machine, in an arena of their own: several may be under way at once, one may be run again. */
export class Execution {
  readonly #machine: Machine;
  readonly #steps = new Map<number, FastStep>();
  readonly #arena: number;
  readonly #batch: number;
  /** By the layers that steps end with. */
  readonly #ready = new Map<number, Ready>();
  /** Layers whose activation is in the arena. */
  readonly #resident = new Set<number>();
  /** Bytes of constants of the steps that are still to come, as far as none are kept from before. */
  #toPack: number;
  readonly #numbers = () => this.#machine.numbers;

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

  /** Forgets the activations, to compute them of another picture. */
  restart(): void {
    this.#resident.clear();
  }

  /** Gives the arena back. */
  end(): void {
    this.#machine.end(this.#arena);
  }

  /** The fast step that computes a layer, if the plan has one. */
  stepOf(layer: number): FastStep | undefined {
    return this.#steps.get(layer);
  }

  /**
   * Computes the activation of `layer`, of size `output`, from its inputs; it stays in the arena. `data` tells the numbers of the
   * `i`th input, where the arena does not hold them yet.
   */
  *compute(
    layer: number,
    step: FastStep,
    inputs: readonly Source[],
    data: (i: number) => Float32Array,
    weights: KeyedWeights,
    output: Shape,
  ): Steps {
    const { functions, places } =
      this.#ready.get(layer) ?? (yield* this.#prepare(layer, step, inputs, weights, output));
    for (const [i, input] of inputs.entries()) {
      if (this.#resident.has(input.layer)) continue;
      this.write(step.inputs[i] as Place, 0, data(i));
      this.#resident.add(input.layer);
    }
    for (const ofPicture of places) yield* step.op.run(functions, ofPicture, this.#numbers);
    this.#resident.add(layer);
  }

  *#prepare(
    layer: number,
    step: FastStep,
    inputs: readonly Source[],
    weights: KeyedWeights,
    output: Shape,
  ): Generator<void, Ready, void> {
    const constants = yield* this.pack(step, weights);
    const places = Array.from({ length: this.#batch }, (_, picture) => {
      const at = ({ first }: Place, shape: Shape) => this.#arena + first + picture * volumeOf(shape) * BYTES_PER_NUMBER;
      return {
        inputs: inputs.map(({ shape }, i) => at(step.inputs[i] as Place, shape)),
        output: at(step.output, output),
        scratch: this.#arena + step.scratch,
        constants,
      };
    });
    const ready = { functions: this.#machine.functions(step.op.key, step.op.functions), places };
    this.#ready.set(layer, ready);
    return ready;
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
        memory: this.#numbers,
      }),
    );
  }

  /** Copies all that there is of what a step has just computed, from `skipped` bytes on. */
  read({ start }: Place, data: Float32Array, skipped = 0): void {
    const from = (this.#arena + start + skipped) / BYTES_PER_NUMBER;
    data.set(this.#machine.numbers.subarray(from, from + data.length));
  }

  /** Puts numbers where an activation lies, `skipped` bytes from its start. */
  write({ start }: Place, skipped: number, data: Float32Array): void {
    this.#machine.numbers.set(data, (this.#arena + start + skipped) / BYTES_PER_NUMBER);
  }
}
