import { catalogue, type LayerKind } from './catalogue.js';
import * as diagnostics from './diagnostics.js';
import { fieldOf, type ReceptiveField } from './field.js';
import { type FrameworkRules, rulesOf } from './frameworks.js';
import { type ProblemsWith, withInputFixes } from './input-fixes.js';
import type { Attributes, InferContext, Inference, WeightSpec } from './layer.js';
import { type Layer, type Network, UNKNOWN_INPUT } from './network.js';
import type { Problem } from './problem.js';
import { BYTES_PER_NUMBER, formatShape, type Shape, sameShape, volumeOf } from './shape.js';
import type { TransposedWindow, Window } from './window.js';

/** The most numbers of one volume or weight tensor: what one typed array of the engine's runtimes can hold. */
const LARGEST_TENSOR = 2 ** 32;

/** What is known of a layer after the shape pass; null is what an error leaves unknown. Plain data. */
export interface LayerFacts {
  readonly inputs: readonly (Shape | null)[];
  readonly output: Shape | null;
  readonly window: Window | null;
  /** The window of a transposed convolution, which has no other. */
  readonly transposed: TransposedWindow | null;
  readonly weights: readonly WeightSpec[];
  /** Learned values, and running statistics apart from them. */
  readonly params: number | null;
  readonly buffers: number | null;
  /** Training leaves its parameters as they are. */
  readonly frozen: boolean;
  readonly macs: number | null;
  readonly field: ReceptiveField | null;
}

export interface LayerProblem {
  /** Index of the layer in its network. */
  readonly layer: number;
  readonly problem: Problem;
  /** It may come from a size above that was rounded because a window does not fit: mending that may mend it. */
  readonly follows?: true;
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
  /** Those of the parameters that training leaves as they are. */
  readonly frozenParams: number | null;
  readonly buffers: number | null;
  readonly macs: number | null;
  /** Bytes of all activations of one picture, if every layer's are kept. */
  readonly activationBytes: number | null;
}

const unknown: FactsAlone = {
  output: null,
  window: null,
  transposed: null,
  weights: [],
  params: null,
  buffers: null,
  frozen: false,
  macs: null,
};

/** The shape pass: sizes, counts and receptive fields of every layer, top to bottom, and what cannot work. */
export const checkNetwork = (network: Network): CheckedNetwork => finish(checkInSteps(network));

/** The same in steps of a millisecond or so: whoever takes them may do something else between, or give up. */
export function* checkInSteps(network: Network): Steps<CheckedNetwork> {
  const { facts, problems } = yield* inferLayers(network, network.layers);
  return { network, facts, problems: withInputFixes(network, problems, problemsWith), totals: totalsOf(facts) };
}

const problemsWith: ProblemsWith = (network, layers, goesOn) => finish(inferLayers(network, layers, goesOn)).problems;

/** Work that stops after each step. */
export type Steps<T> = Generator<void, T, void>;

/** Takes all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

const LAYERS_A_STEP = 256;

interface Inferred {
  readonly facts: readonly LayerFacts[];
  readonly problems: readonly LayerProblem[];
}

/** Only what a merge says of its inputs names them. */
const NO_NAMES: readonly string[] = [];

/** Infers layer by layer; `goesOn` may end it at a problem. */
function* inferLayers(
  network: Network,
  layers: readonly Layer[],
  goesOn: (found: LayerProblem) => boolean = () => true,
): Steps<Inferred> {
  const rules = rulesOf(network.framework);
  const facts: LayerFacts[] = [];
  const problems: LayerProblem[] = [];
  const seen = new Map<Layer['attributes'], Seen>();
  /** Layers whose height and width are a guess. */
  const guessed = new Set<number>();
  let ended = false;
  for (const [index, { inputs }] of layers.entries()) {
    const follows = inputs.some((input) => guessed.has(input));
    if (follows) guessed.add(index);
    const report = (problem: Problem) => {
      const found: LayerProblem = { layer: index, problem, ...(follows && problem.isOfSize && { follows }) };
      if (problem.code === 'does-not-fit') guessed.add(index);
      problems.push(found);
      ended ||= !goesOn(found);
    };
    facts.push(inferLayer(layers, index, facts, rules, seen, report));
    if (ended) break;
    if (index % LAYERS_A_STEP === LAYERS_A_STEP - 1) yield;
  }
  return { facts, problems };
}

function inferLayer(
  layers: readonly Layer[],
  index: number,
  facts: readonly LayerFacts[],
  rules: FrameworkRules,
  seen: Map<Layer['attributes'], Seen>,
  report: (problem: Problem) => void,
): LayerFacts {
  const layer = layers[index] as Layer;
  const inputs: Shape[] = [];
  const fields: ReceptiveField[] = [];
  for (const index of layer.inputs) {
    const source = index === UNKNOWN_INPUT ? undefined : facts[index];
    if (!source?.output || !source.field) break;
    inputs.push(source.output);
    fields.push(source.field);
  }
  // What depends on something unknown stays silent: one mistake, one message.
  if (layer.attributes === null || inputs.length < layer.inputs.length)
    return { ...unknown, inputs: layer.inputs.map((index) => facts[index]?.output ?? null), field: null };

  const { kind, attributes } = layer;
  const [input] = inputs;
  let found = inputs.length === 1 ? seen.get(attributes) : undefined;
  if (!found || !input || found.kind !== kind || !sameShape(found.input, input)) {
    const inputNames = inputs.length > 1 ? layer.inputs.map((source) => layers[source]?.name ?? '') : NO_NAMES;
    const alone = inferAlone(kind, attributes, { inputs, inputNames, rules });
    found = { kind, input: input ?? NO_SHAPE, ...alone };
    seen.set(attributes, found);
  }
  for (const problem of found.problems) report(problem);
  const { output, window, transposed, weights, params, buffers, frozen, macs } = found.facts;
  const field = output && fieldOf(found.inference, fields, inputs);
  return { inputs, output, window, transposed, weights, params, buffers, frozen, macs, field };
}

/** What is known of a layer wherever it stands. */
type FactsAlone = Omit<LayerFacts, 'inputs' | 'field'>;

interface InferredAlone {
  readonly inference: Inference;
  readonly facts: FactsAlone;
  readonly problems: readonly Problem[];
}

/** The last layer with these very attributes: networks repeat themselves, and so would the work. */
interface Seen extends InferredAlone {
  readonly kind: LayerKind;
  readonly input: Shape;
}

/** Of the input layer, which has no input. */
const NO_SHAPE: Shape = { height: 0, width: 0, channels: 0 };

const NO_PROBLEMS: readonly Problem[] = [];

/** All that a layer's inputs and attributes decide. */
function inferAlone(
  kind: LayerKind,
  attributes: NonNullable<Layer['attributes']>,
  context: Omit<InferContext<Attributes>, 'attributes'>,
): InferredAlone {
  const inference = catalogue[kind].infer({ ...context, attributes });
  const { output, window = null, transposed = null, weights = [], macs = 0, problems = NO_PROBLEMS } = inference;
  if (output === null) return { inference, facts: { ...unknown, window, weights }, problems };
  const tooLarge = sizeProblem(output, weights, macs);
  if (tooLarge) return { inference, facts: unknown, problems: [...problems, tooLarge] };
  let params = 0;
  let buffers = 0;
  for (const weight of weights)
    if (weight.learned) params += sizeOf(weight);
    else buffers += sizeOf(weight);
  const frozen = 'frozen' in attributes && attributes.frozen;
  return { inference, facts: { output, window, transposed, weights, params, buffers, frozen, macs }, problems };
}

/** How many numbers a weight tensor holds. */
export function sizeOf({ shape }: WeightSpec): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** What is too large to be computed with, be it counted exactly or not. */
function sizeProblem(output: Shape, weights: readonly WeightSpec[], macs: number): Problem | undefined {
  if (volumeOf(output) > LARGEST_TENSOR)
    return diagnostics.tensorTooLarge(formatShape(output), volumeOf(output), LARGEST_TENSOR);
  for (const weight of weights)
    if (sizeOf(weight) > LARGEST_TENSOR)
      return diagnostics.tensorTooLarge(
        `A ${weight.name} of ${weight.shape.join('×')}`,
        sizeOf(weight),
        LARGEST_TENSOR,
      );
  return Number.isSafeInteger(macs) ? undefined : diagnostics.tooManyMacs(macs);
}

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
    frozenParams: sum((fact) => (fact.frozen ? fact.params : fact.params && 0)),
    buffers: sum((fact) => fact.buffers),
    macs: sum((fact) => fact.macs),
    activationBytes: sum((fact) => fact.output && volumeOf(fact.output) * BYTES_PER_NUMBER),
  };
}
