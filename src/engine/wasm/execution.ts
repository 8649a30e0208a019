import type { LayerWeights } from '../ops/op.js';
import { driveSteps, type Pause } from '../pause.js';
import type { FastStep, Plan } from '../plan.js';
import type { Tensor } from '../tensor.js';
import type { Machine } from './machine.js';

/** The fast steps of one plan on a machine, in an arena of their own: several may be under way at once. */
export class Execution {
  readonly #machine: Machine;
  readonly #steps = new Map<number, FastStep>();
  readonly #arena: number;
  /** Layers whose activation is in the arena. */
  readonly #resident = new Set<number>();

  constructor(machine: Machine, plan: Plan) {
    this.#machine = machine;
    for (const { layer, fast } of plan.steps) if (fast) this.#steps.set(layer, fast);
    this.#arena = machine.begin(plan.arenaBytes);
  }

  /** Gives the arena back. */
  end(): void {
    this.#machine.end(this.#arena);
  }

  /** The fast step that computes a layer, if the plan has one. */
  stepOf(layer: number): FastStep | undefined {
    return this.#steps.get(layer);
  }

  /** Computes a layer from its inputs, the activations of the layers `sources`, into `activation`. */
  async compute(
    layer: number,
    step: FastStep,
    sources: readonly number[],
    inputs: readonly Tensor[],
    weights: { readonly key: string; readonly values: LayerWeights },
    activation: Tensor,
    pause: Pause,
  ): Promise<void> {
    const { op } = step;
    const machine = this.#machine;
    const functions = machine.functions(op.key, op.functions);
    const constants = await machine.constants(`${weights.key} ${op.key}`, weights.key, op.constants, (to) =>
      driveSteps(op.pack(weights.values, to), pause),
    );
    const at = (address: number, { data, batch }: Tensor, picture: number) =>
      this.#arena + address + picture * (data.byteLength / batch);
    for (const [i, input] of inputs.entries()) {
      const source = sources[i] ?? layer;
      if (this.#resident.has(source)) continue;
      machine.numbers.set(input.data, at(step.inputs[i] ?? 0, input, 0) / 4);
      this.#resident.add(source);
    }
    for (let picture = 0; picture < activation.batch; picture++) {
      const places = {
        inputs: inputs.map((input, i) => at(step.inputs[i] ?? 0, input, picture)),
        output: at(step.output, activation, picture),
        scratch: this.#arena + step.scratch,
        constants,
      };
      await driveSteps(
        op.run(functions, places, () => machine.numbers),
        pause,
      );
    }
    this.#resident.add(layer);
    const from = at(step.output, activation, 0) / 4;
    activation.data.set(machine.numbers.subarray(from, from + activation.data.length));
  }
}
