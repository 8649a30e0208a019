import { catalogue } from './catalogue.js';
import * as diagnostics from './diagnostics.js';
import { fieldOf, type ReceptiveField } from './field.js';
import { rulesOf } from './frameworks.js';
import type { Inference, WeightSpec } from './layer.js';
import { type Layer, type Network, UNKNOWN_INPUT } from './network.js';
import type { Fix, Problem } from './problem.js';
import { printShape, type Shape, volumeOf } from './shape.js';
import type { Window } from './window.js';

/** Bytes of a float32, the only number type of activations and weights. */
export const BYTES_PER_NUMBER = 4;

/** What is known of a layer after the shape pass; null is what an error leaves unknown. Plain data. */
export interface LayerFacts {
  readonly inputs: readonly (Shape | null)[];
  readonly output: Shape | null;
  readonly window: Window | null;
  readonly weights: readonly WeightSpec[];
  /** Learned values, and running statistics apart from them. */
  readonly params: number | null;
  readonly buffers: number | null;
  readonly macs: number | null;
  readonly field: ReceptiveField | null;
}

export interface LayerProblem {
  /** Index of the layer in its network. */
  readonly layer: number;
  readonly problem: Problem;
}

export interface CheckedNetwork {
  readonly network: Network;
  /** One entry a layer of the network, in the same order. */
  readonly facts: readonly LayerFacts[];
  readonly problems: readonly LayerProblem[];
  readonly totals: Totals;
}

export interface Totals {
  readonly params: number | null;
  readonly buffers: number | null;
  readonly macs: number | null;
  /** Bytes of all activations of one picture, if every layer's are kept. */
  readonly activationBytes: number | null;
}

const unknown: Omit<LayerFacts, 'inputs'> = {
  output: null,
  window: null,
  weights: [],
  params: null,
  buffers: null,
  macs: null,
  field: null,
};

/** The shape pass: sizes, counts and receptive fields of every layer, top to bottom, and what cannot work. */
export function checkNetwork(network: Network): CheckedNetwork {
  const facts: LayerFacts[] = [];
  const problems: LayerProblem[] = [];
  for (let index = 0; index < network.layers.length; index++) {
    const layer = network.layers[index] as Layer;
    const report = (problem: Problem) => problems.push({ layer: index, problem });
    facts.push(inferLayer(network, layer, facts, report));
  }
  return { network, facts, problems: problems.map((p) => withInputFixes(network, p)), totals: totalsOf(facts) };
}

function inferLayer(
  network: Network,
  layer: Layer,
  facts: readonly LayerFacts[],
  report: (problem: Problem) => void,
): LayerFacts {
  const sources = layer.inputs.map((input) => (input === UNKNOWN_INPUT ? undefined : facts[input]));
  const inputs = sources.map((source) => source?.output ?? null);
  // What depends on something unknown stays silent: one mistake, one message.
  if (layer.attributes === null || !inputs.every((input) => input !== null)) return { ...unknown, inputs };

  const inference: Inference = catalogue[layer.kind].infer({
    inputs,
    attributes: layer.attributes,
    rules: rulesOf(network.framework),
  });
  inference.problems?.forEach(report);
  if (inference.output && !isCountable(inference)) {
    report(diagnostics.sizeTooLarge(inference.output));
    return { ...unknown, inputs };
  }
  const weights = inference.weights ?? [];
  const count = (learned: boolean) =>
    weights.reduce((sum, weight) => sum + (weight.learned === learned ? sizeOf(weight) : 0), 0);
  const known = inference.output !== null;
  return {
    inputs,
    output: inference.output,
    window: inference.window ?? null,
    weights,
    params: known ? count(true) : null,
    buffers: known ? count(false) : null,
    macs: known ? (inference.macs ?? 0) : null,
    field: known
      ? fieldOf(
          inference,
          sources.map((source) => source?.field as ReceptiveField),
          inputs,
        )
      : null,
  };
}

/** How many numbers a weight tensor holds. */
export const sizeOf = (weight: WeightSpec): number => weight.shape.reduce((product, n) => product * n, 1);

const isCountable = ({ output, weights = [], macs = 0 }: Inference): boolean =>
  output !== null &&
  Number.isSafeInteger(volumeOf(output)) &&
  Number.isSafeInteger(macs) &&
  weights.every((weight) => Number.isSafeInteger(sizeOf(weight)));

function totalsOf(facts: readonly LayerFacts[]): Totals {
  const sum = (of: (fact: LayerFacts) => number | null): number | null => {
    let total = 0;
    for (const fact of facts) {
      const value = of(fact);
      if (value === null) return null;
      total += value;
    }
    return total;
  };
  return {
    params: sum((fact) => fact.params),
    buffers: sum((fact) => fact.buffers),
    macs: sum((fact) => fact.macs),
    activationBytes: sum((fact) => fact.output && volumeOf(fact.output) * BYTES_PER_NUMBER),
  };
}

/** How far from the written size an input that fits is looked for. */
const INPUT_REACH = 32;

const sizeCodes = new Set<string>(['does-not-fit', 'kernel-exceeds-input']);

/** Adds, to a window that does not fit, the nearest input sizes at which the whole network does. */
function withInputFixes(network: Network, { layer, problem }: LayerProblem): LayerProblem {
  if (!sizeCodes.has(problem.code)) return { layer, problem };
  return { layer, problem: { ...problem, fixes: () => [...(problem.fixes?.() ?? []), ...inputFixes(network)] } };
}

function inputFixes(network: Network): readonly Fix[] {
  const input = network.layers[0];
  if (input?.kind !== 'input' || !input.attributes) return [];
  const { size } = input.attributes;
  const fixes: Fix[] = [];
  for (const sign of [-1, 1])
    for (let steps = 1; steps <= INPUT_REACH; steps++) {
      const next = { ...size, height: size.height + sign * steps, width: size.width + sign * steps };
      if (next.height < 1 || next.width < 1) break;
      if (!fitsThroughout(network, input, next)) continue;
      fixes.push({
        title: `Change the input to ${printShape(next)}, which fits every layer`,
        edits: [{ target: 'input', attribute: 'size', value: printShape(next) }],
      });
      break;
    }
  return fixes;
}

function fitsThroughout(network: Network, input: Layer<'input'>, size: Shape): boolean {
  const resized: Layer = {
    ...input,
    attributes: { ...(input.attributes as NonNullable<typeof input.attributes>), size },
  };
  const facts: LayerFacts[] = [];
  let fits = true;
  for (const layer of [resized, ...network.layers.slice(1)]) {
    facts.push(
      inferLayer(network, layer, facts, () => {
        fits = false;
      }),
    );
    if (!fits) return false;
  }
  return true;
}
