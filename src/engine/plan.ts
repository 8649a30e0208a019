import type { LayerKind } from '../network/catalogue.js';
import type { CheckedNetwork } from '../network/check.js';
import { rulesOf } from '../network/frameworks.js';
import { BYTES_PER_NUMBER, type Shape, volumeOf } from '../network/shape.js';
import type { Activation } from './wasm/epilogue.js';
import { fastOps } from './wasm/index.js';
import { blockBytes } from './wasm/machine.js';
import type { FastContext, FastOp, FastOptions } from './wasm/op.js';

/** Layers that one step computes together with the layer it begins with, in one pass over memory. */
export interface Fusion {
  /** Folded into the weights: its index. */
  readonly batchnorm: number | null;
  readonly activation: Activation;
  /** The last of the layers: the one whose activation comes out. */
  readonly output: number;
}

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
    const { activation = 'none', output: last = layer } = fusions.get(layer) ?? {};
    const op = options && fastOp({ network, facts }, layer, { ...options, activation });
    const fact = facts[layer];
    if (!op || !fact?.output) return { layer, fast: null };
    const inputs = (network.layers[layer]?.inputs ?? []).map((source) =>
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

function fastOp(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  index: number,
  options: FastOptions & { readonly activation: Activation },
): FastOp | undefined {
  const layer = network.layers[index];
  const fact = facts[index];
  if (!layer?.attributes || !fact?.output) return undefined;
  const { kind, attributes } = layer;
  const inputs: Shape[] = [];
  for (const shape of fact.inputs) if (shape) inputs.push(shape);
  // The table pairs each kind with the maker of its attributes, which a union of kinds cannot express.
  const make = fastOps[kind] as
    | ((context: Omit<FastContext<LayerKind>, 'attributes'> & { attributes: unknown }) => FastOp | undefined)
    | undefined;
  return make?.({
    ...options,
    attributes,
    rules: rulesOf(network.framework),
    facts: fact,
    inputs,
    output: fact.output,
  });
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
