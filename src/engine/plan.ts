import type { CheckedNetwork } from '../network/check.js';
import { BYTES_PER_NUMBER, type Shape, volumeOf } from '../network/shape.js';
import type { Fusion } from './fuse.js';
import { fastOpOf } from './wasm/index.js';
import { blockBytes } from './wasm/machine.js';
import type { FastOp, FastOptions } from './wasm/op.js';

/** How one layer is computed. Addresses are bytes from the beginning of the arena. */
export interface PlanStep {
  readonly layer: number;
  /** Null for the reference op, which works outside of the arena. */
  readonly fast: FastStep | null;
}

export interface FastStep {
  readonly op: FastOp;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly scratch: number;
}

/** How a run computes its layers, known before anything is allocated. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Linear memory for the activations that fast ops read and write, reused as soon as nothing reads them any more. */
  readonly arenaBytes: number;
  /** Linear memory for packed weights. */
  readonly constantBytes: number;
}

/** Numbers in the arena, from the step that writes them to the last one that reads them. */
interface Value {
  readonly bytes: number;
  readonly from: number;
  to: number;
  address: number;
}

/**
 * Plans the computation of these layers, in this order; the activations of all others are at hand. Without `options`
 * every layer is computed by its reference op.
 */
export function planNetwork(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  layers: readonly number[],
  batch: number,
  options: FastOptions | null,
  fusions: ReadonlyMap<number, Fusion> = new Map(),
): Plan {
  const values = new Map<number, Value>();
  const scratches: Value[] = [];
  const use = (layer: number, shape: Shape, step: number): Value => {
    const bytes = blockBytes(batch * volumeOf(shape) * BYTES_PER_NUMBER);
    const value = values.get(layer) ?? { bytes, from: step, to: step, address: 0 };
    value.to = step;
    values.set(layer, value);
    return value;
  };
  const placed = layers.map((layer, step) => {
    const { activation = 'none', output: last = layer, residual = null } = fusions.get(layer) ?? {};
    const op = options && fastOpOf({ network, facts }, layer, { ...options, activation, residual: residual !== null });
    const fact = facts[layer];
    if (!op || !fact?.output) return { layer, fast: null };
    const sources = [...(network.layers[layer]?.inputs ?? []), ...(residual === null ? [] : [residual])];
    const inputs = sources.map((source) =>
      use(source, facts[source]?.output ?? { height: 0, width: 0, channels: 0 }, step),
    );
    const output = use(last, fact.output, step);
    const scratch = { bytes: blockBytes(op.scratchBytes), from: step, to: step, address: 0 };
    scratches.push(scratch);
    return { layer, fast: { op, inputs, output, scratch } };
  });
  const arenaBytes = layOut([...values.values(), ...scratches]);
  let constantBytes = 0;
  for (const { fast } of placed) if (fast) constantBytes += blockBytes(fast.op.constants * BYTES_PER_NUMBER);
  const steps = placed.map(({ layer, fast }) => ({
    layer,
    fast: fast && {
      op: fast.op,
      inputs: fast.inputs.map((value) => value.address),
      output: fast.output.address,
      scratch: fast.scratch.address,
    },
  }));
  return { steps, arenaBytes, constantBytes };
}

/** Gives each value the lowest place that is free as long as it lives; returns the bytes needed. */
function layOut(values: readonly Value[]): number {
  let end = 0;
  const placed: Value[] = [];
  for (const value of values.toSorted((a, b) => a.from - b.from)) {
    const others = placed.filter((other) => other.to >= value.from).sort((a, b) => a.address - b.address);
    let address = 0;
    for (const other of others) {
      if (other.address - address >= value.bytes) break;
      address = Math.max(address, other.address + other.bytes);
    }
    value.address = address;
    placed.push(value);
    end = Math.max(end, address + value.bytes);
  }
  return end;
}
