import type { CheckedNetwork, LayerFacts } from '../../network/check.js';
import type { Shape } from '../../network/shape.js';
import { kernelExtent, type WindowAxis } from '../../network/window.js';
import type { Fusion } from '../fuse.js';
import type { Rows, Share } from '../plan.js';
import { fastOpOf } from '../wasm/index.js';
import type { FastOptions } from '../wasm/op.js';

/** Rows that one worker sends another as soon as it has computed them. */
export interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly rows: Rows;
}

/** How workers share the computation of a network: each computes some rows of every activation, and is sent those at their edge. */
export interface Sharing {
  readonly shareOf: (part: number) => Share;
  /** Of the activation of `layer`, the last of its step. */
  readonly transfers: (layer: number) => readonly Transfer[];
}

/** A step of a plan: a layer, with those that are fused with it. */
interface Step {
  /** What it reads; the layer that is added comes last. */
  readonly sources: readonly number[];
  /** The rows of its output. */
  readonly height: number;
  /** The window that slides over the rows of its first source. */
  readonly axis: WindowAxis | null;
  /** Whether each worker computes a part of it, and not all of it. */
  readonly isShared: boolean;
}

/**
 * Cuts the rows of every activation into as many parts as there are workers. A layer that sees everything, such as fc, and one
 * with fewer rows than workers or no fast op is computed by all of them; what it reads, and what comes out at last, all of them get whole.
 * Some rows of a layer are again a layer, of another size, for which the ops are made as for any; they lie one after the other
 * in memory, so that nothing has to be gathered.
 */
export function shareRows(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  firsts: readonly number[],
  fusions: ReadonlyMap<number, Fusion>,
  options: FastOptions,
  parts: number,
): Sharing {
  const shapeOf = (layer: number): Shape => facts[layer]?.output as Shape;
  /** Whether each row of a layer comes of a few rows of its inputs: those under a window, or the same. A reference op computes all. */
  const isRowByRow = (layer: number): boolean => {
    const op = fastOpOf({ network, facts }, layer, { ...options, activation: 'none', residual: false });
    const { height } = shapeOf(layer);
    const inputs = network.layers[layer]?.inputs ?? [];
    const isAlike = facts[layer]?.window != null || inputs.some((input) => shapeOf(input).height === height);
    return op !== undefined && !op.needsAllRows && isAlike;
  };
  const steps = new Map<number, Step>();
  const readers = new Map<number, Step[]>();
  for (const layer of firsts) {
    const { residual = null, output = layer } = fusions.get(layer) ?? {};
    const inputs = network.layers[layer]?.inputs ?? [];
    const { height } = shapeOf(layer);
    const step: Step = {
      sources: residual === null ? inputs : [...inputs, residual],
      height,
      axis: facts[layer]?.window?.y ?? null,
      isShared: height >= parts && isRowByRow(layer),
    };
    steps.set(layer, step).set(output, step);
    for (const source of step.sources) readers.set(source, [...(readers.get(source) ?? []), step]);
  }
  const stepOf = (layer: number): Step => steps.get(layer) as Step;

  const own = ({ isShared, height }: Step, part: number): Rows =>
    isShared
      ? { from: Math.round((part * height) / parts), to: Math.round(((part + 1) * height) / parts) }
      : { from: 0, to: height };
  const read = (step: Step, source: number, part: number): Rows => {
    const { height } = shapeOf(step.sources[source] ?? 0);
    return step.isShared ? rowsUnder(step, own(step, part), source, height) : { from: 0, to: height };
  };
  /** What lies in a worker's memory: what it computes or reads, and what is between. */
  const held = (layer: number, part: number): Rows => {
    const all = (readers.get(layer) ?? []).flatMap((reader) =>
      reader.sources.flatMap((source, i) => (source === layer ? read(reader, i, part) : [])),
    );
    const step = steps.get(layer);
    if (step) all.push(own(step, part));
    if (layer === network.layers.length - 1) all.push({ from: 0, to: shapeOf(layer).height });
    return { from: Math.min(...all.map(({ from }) => from)), to: Math.max(...all.map(({ to }) => to)) };
  };

  const transfers = new Map<number, readonly Transfer[]>();
  return {
    shareOf: (part) => ({
      facts: facts.map((fact, layer) =>
        firsts.includes(layer) && stepOf(layer).isShared
          ? factsOfRows(fact, own(stepOf(layer), part), (source) => read(stepOf(layer), source, part))
          : fact,
      ),
      held: (layer) => held(layer, part),
      own: (layer) => own(stepOf(layer), part),
      read: (layer, source) => read(stepOf(layer), source, part),
    }),
    transfers(layer) {
      const known = transfers.get(layer);
      if (known) return known;
      const step = steps.get(layer);
      const found: Transfer[] = [];
      transfers.set(layer, found);
      if (!step?.isShared) return found;
      for (let to = 0; to < parts; to++)
        for (let from = 0; from < parts; from++) {
          const [has, wants] = [own(step, from), held(layer, to)];
          const rows = { from: Math.max(has.from, wants.from), to: Math.min(has.to, wants.to) };
          if (from !== to && rows.from < rows.to) found.push({ from, to, rows });
        }
      return found;
    },
  };
}

/** The rows of a source, `height` in all, of which rows of the output are made. */
function rowsUnder({ axis, height: outputs }: Step, { from, to }: Rows, source: number, height: number): Rows {
  // What is added, and what a merge reads, has the same rows, unless one number a channel is repeated everywhere.
  if (!axis || source > 0) return height === outputs ? { from, to } : { from: 0, to: height };
  const first = Math.min(height, Math.max(0, from * axis.stride - axis.before));
  const end = (to - 1) * axis.stride - axis.before + kernelExtent(axis.kernel, axis.dilation);
  return { from: first, to: Math.max(first, Math.min(height, end)) };
}

/** The facts of the layer that makes these rows of another one's output; `read`: the rows of each of its inputs. */
function factsOfRows(fact: LayerFacts, own: Rows, read: (source: number) => Rows): LayerFacts {
  const { window, inputs, output } = fact;
  const heightOf = ({ from, to }: Rows) => to - from;
  return {
    ...fact,
    inputs: inputs.map((shape, source) => shape && { ...shape, height: heightOf(read(source)) }),
    output: output && { ...output, height: heightOf(own) },
    window: window && { ...window, y: axisOfRows(window.y, own, read(0)) },
  };
}

/** The window that slides over some rows of the input, and what there is of its padding. */
function axisOfRows(axis: WindowAxis, own: Rows, read: Rows): WindowAxis {
  const input = read.to - read.from;
  return {
    ...axis,
    input,
    output: own.to - own.from,
    before: Math.max(0, axis.before - own.from * axis.stride),
    after: axis.input + axis.after - read.from - input,
  };
}
