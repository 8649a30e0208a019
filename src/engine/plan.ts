import type { CheckedNetwork, LayerFacts } from '../network/check.js';
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
  readonly inputs: readonly Place[];
  readonly output: Place;
  readonly scratch: number;
}

/** Where an activation lies. */
export interface Place {
  /** Of all of it that there is. */
  readonly start: number;
  /** Of the first row that a step reads or writes: elsewhere only where several workers share a network. */
  readonly first: number;
}

/** Rows `from` up to, not including, `to`. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** What one worker computes of a network that several share. Layers are those that steps begin or end with. */
export interface Share {
  /** Of layers that make the rows that it computes. */
  readonly facts: readonly LayerFacts[];
  /** The rows of an activation that it computes. */
  readonly own: (layer: number) => Rows;
  /** Those that it reads of a step's first, second, … source. */
  readonly read: (layer: number, source: number) => Rows;
  /** All that lie in its memory. */
  readonly held: (layer: number) => Rows;
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
 * every layer is computed by its reference op. `share` is what of it one of several workers does, with a batch of one.
 */
export function planNetwork(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  layers: readonly number[],
  batch: number,
  options: FastOptions | null,
  fusions: ReadonlyMap<number, Fusion> = new Map(),
  share: Share | null = null,
): Plan {
  const shapeOf = (layer: number): Shape => facts[layer]?.output ?? { height: 0, width: 0, channels: 0 };
  const heldOf = (layer: number): Shape => {
    const rows = share?.held(layer);
    return rows ? { ...shapeOf(layer), height: rows.to - rows.from } : shapeOf(layer);
  };
  const values = new Map<number, Value>();
  const scratches: Value[] = [];
  const use = (layer: number, step: number): Value => {
    const bytes = blockBytes(batch * volumeOf(heldOf(layer)) * BYTES_PER_NUMBER);
    const value = values.get(layer) ?? { bytes, from: step, to: step, address: 0 };
    value.to = step;
    values.set(layer, value);
    return value;
  };
  const placed = layers.map((layer, step) => {
    const { activation = 'none', output: last = layer, residual = null } = fusions.get(layer) ?? {};
    const how = options && { ...options, activation, residual: residual !== null };
    const op = how && fastOpOf({ network, facts: share?.facts ?? facts }, layer, how);
    if (!op) return { layer, fast: null };
    const sources = [...(network.layers[layer]?.inputs ?? []), ...(residual === null ? [] : [residual])];
    const skip = (value: number, rows: Rows | undefined): number =>
      rows && share ? bytesOfRows({ from: share.held(value).from, to: rows.from }, shapeOf(value)) : 0;
    const inputs = sources.map((source, i) => ({
      value: use(source, step),
      skipped: skip(source, share?.read(layer, i)),
    }));
    const output = { value: use(last, step), skipped: skip(last, share?.own(layer)) };
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
      inputs: fast.inputs.map(placeOf),
      output: placeOf(fast.output),
      scratch: fast.scratch.address,
    },
  }));
  return { steps, arenaBytes, constantBytes };
}

export const bytesOfRows = ({ from, to }: Rows, { width, channels }: Shape): number =>
  (to - from) * width * channels * BYTES_PER_NUMBER;

/** `skipped`: bytes of rows that lie before. */
const placeOf = ({ value, skipped }: { readonly value: Value; readonly skipped: number }): Place => ({
  start: value.address,
  first: value.address + skipped,
});

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
