import { catalogue } from './catalogue.js';
import type { CheckedNetwork, LayerFacts, LayerProblem } from './check.js';
import * as diagnostics from './diagnostics.js';
import { misalignment } from './field.js';
import type { LayerRecord } from './layer.js';
import { type Layer, UNKNOWN_INPUT } from './network.js';
import type { Problem } from './problem.js';
import { BYTES_PER_NUMBER, type Shape, volumeOf } from './shape.js';
import { type Padding, padding } from './values.js';
import { kernelExtent, type Window, type WindowAxis } from './window.js';

/** What the user allows a network to need; nothing is said where there is no budget. */
export interface Budgets {
  readonly memoryBytes?: number | undefined;
  readonly macs?: number | undefined;
}

/** A layer with all that the checks ask about it. */
interface Node {
  readonly index: number;
  readonly layer: Layer;
  readonly record: LayerRecord;
  readonly facts: LayerFacts;
  readonly inputs: readonly Node[];
  readonly users: readonly Node[];
}

interface Graph {
  readonly checked: CheckedNetwork;
  readonly nodes: readonly Node[];
  readonly budgets: Budgets;
}

type Report = (node: Node, problem: Problem) => void;

type Check = (graph: Graph, report: Report) => void;

/** Each lesson by its code: what works but is seldom meant. */
const checks = {
  'linear-layers': linearLayers,
  shrinking,
  'bias-before-batchnorm': biasBeforeNormalisation,
  'unused-layer': unusedLayers,
  'softmax-not-last': softmaxNotLast,
  'channels-first': channelsFirst,
  'misaligned-paths': misalignedPaths,
  'small-receptive-field': smallReceptiveField,
  'memory-budget': memoryBudget,
  'macs-budget': macsBudget,
} satisfies Partial<Record<diagnostics.DiagnosticCode, Check>>;

/** The warnings and hints that teach, ordered by layer; the errors of the network are not among them. */
export function hintsOf(checked: CheckedNetwork, budgets: Budgets = {}): readonly LayerProblem[] {
  const problems: LayerProblem[] = [];
  const graph = { checked, nodes: nodesOf(checked), budgets };
  for (const check of Object.values<Check>(checks))
    check(graph, (node, problem) => problems.push({ layer: node.index, problem }));
  return problems.sort((a, b) => a.layer - b.layer);
}

function nodesOf({ network, facts }: CheckedNetwork): Node[] {
  const nodes: (Node & { readonly inputs: Node[]; readonly users: Node[] })[] = [];
  for (const [index, layer] of network.layers.entries()) {
    const node = {
      index,
      layer,
      record: catalogue[layer.kind],
      facts: facts[index] as LayerFacts,
      inputs: [] as Node[],
      users: [] as Node[],
    };
    for (const input of layer.inputs) {
      const source = nodes[input];
      source?.users.push(node);
      if (source) node.inputs.push(source);
    }
    nodes.push(node);
  }
  return nodes;
}

/** The node after this one where the path does not fork, and this one alone leads there. */
const soleUser = ({ users }: Node): Node | undefined =>
  users.length === 1 && users[0]?.inputs.length === 1 ? users[0] : undefined;

// — Two linear layers —

function linearLayers({ nodes }: Graph, report: Report): void {
  for (const first of nodes) {
    if (!isWeightedSum(first)) continue;
    let next = soleUser(first);
    while (next && passesOn(next)) next = soleUser(next);
    if (next && isWeightedSum(next) && !isFactorisation(first, next))
      report(next, diagnostics.linearLayers(first.layer.name, next.layer.name));
  }
}

/** A convolution or an fc: a transposed convolution, which has no sliding window over its input, is made to enlarge. */
const isWeightedSum = ({ record, facts }: Node): boolean =>
  record.linear === true &&
  facts.output !== null &&
  (record.category === 'dense' || (record.category === 'convolution' && facts.window !== null));

/** Linear itself, and without a reason of its own to stand between two layers. */
function passesOn({ record, facts }: Node): boolean {
  const [input] = facts.inputs;
  return (
    record.linear === true &&
    (record.category === 'normalisation' || record.category === 'shape') &&
    !!input &&
    !!facts.output &&
    volumeOf(input) === volumeOf(facts.output)
  );
}

/** Whether two layers in a row are a cheaper way to write one: a bottleneck, depthwise + pointwise, or 1×n + n×1. */
function isFactorisation(first: Node, second: Node): boolean {
  const wide = first.facts.inputs[0];
  const middle = first.facts.output;
  const end = second.facts.output;
  if (!wide || !middle || !end) return true;
  const width = first.record.category === 'dense' ? volumeOf(wide) : wide.channels;
  const narrows = middle.channels < width && middle.channels < end.channels;
  return narrows || isGrouped(first) || isGrouped(second) || isSeparable(first.facts.window, second.facts.window);
}

/** Whether its filters see a part of the input channels only. */
function isGrouped({ facts: { weights, inputs, window } }: Node): boolean {
  const [weight] = weights;
  return window !== null && (weight?.shape[1] ?? 0) < (inputs[0]?.channels ?? 0);
}

const isColumn = ({ y, x }: Window): boolean => y.kernel > 1 && x.kernel === 1;
const isRow = ({ y, x }: Window): boolean => y.kernel === 1 && x.kernel > 1;

const isSeparable = (a: Window | null, b: Window | null): boolean =>
  a !== null && b !== null && ((isRow(a) && isColumn(b)) || (isColumn(a) && isRow(b)));

// — Sizes that shrink —

function shrinking({ nodes }: Graph, report: Report): void {
  // What shrinks on the way down and is enlarged again (the first U-Net) was counted out by its author.
  if (nodes.some(enlarges)) return;
  const spatial = nodes.filter(isSpatialConv);
  if (!spatial.every(shrinks)) return;
  for (const first of spatial) {
    const run = shrinkingRun(first);
    const { window, inputs } = first.facts;
    if (run.length < 2 || !window || !inputs[0]) continue;
    const sizes = [inputs[0], ...run.map((node) => node.facts.output as Shape)];
    report(first, diagnostics.shrinking({ sizes, window, pad: padding.print(keepingPad(window)) }));
    return;
  }
}

/** Whether its units stand closer together than those of its input: upsampling, not padding. */
const enlarges = ({ facts: { field }, inputs: [input] }: Node): boolean =>
  !!field && !!input?.facts.field && field.y.stride < input.facts.field.y.stride;

/** A convolution that moves by single pixels and is not there to reduce its input to one place. */
const isSpatialConv = ({ record, facts: { window, output } }: Node): boolean =>
  record.category === 'convolution' &&
  window !== null &&
  output !== null &&
  window.y.stride === 1 &&
  window.x.stride === 1 &&
  (window.y.kernel > 1 || window.x.kernel > 1) &&
  (output.height > 1 || output.width > 1);

const shrinks = ({ facts: { output, inputs } }: Node): boolean =>
  !!output && !!inputs[0] && output.height < inputs[0].height && output.width < inputs[0].width;

/** The convolutions that follow each other with no pooling between. */
function shrinkingRun(first: Node): readonly Node[] {
  const run = [first];
  let next = soleUser(first);
  while (next) {
    if (isSpatialConv(next)) run.push(next);
    else if (!keepsSize(next)) break;
    next = soleUser(next);
  }
  return run;
}

const keepsSize = ({ facts: { output, inputs } }: Node): boolean =>
  !!output && !!inputs[0] && output.height === inputs[0].height && output.width === inputs[0].width;

/** D(F − 1)/2 on every side; of an odd total the rest goes to the bottom and right. */
function keepingPad({ y, x }: Window): Padding {
  const total = ({ kernel, dilation }: WindowAxis) => kernelExtent(kernel, dilation) - 1;
  return {
    mode: 'explicit',
    top: Math.floor(total(y) / 2),
    right: Math.ceil(total(x) / 2),
    bottom: Math.ceil(total(y) / 2),
    left: Math.floor(total(x) / 2),
  };
}

// — What has no effect —

function biasBeforeNormalisation({ nodes }: Graph, report: Report): void {
  for (const node of nodes) {
    const bias = node.facts.weights.find(({ name, learned }) => name === 'bias' && learned);
    const next = soleUser(node);
    // Only a layer whose bias can be switched off.
    if (bias && 'bias' in node.record.attributes && next?.record.subtractsMean)
      report(node, diagnostics.biasBeforeNormalisation(next.layer.name, bias.shape[0] ?? 0));
  }
}

function unusedLayers({ nodes }: Graph, report: Report): void {
  // A name that could not be resolved may have meant any layer.
  if (nodes.some(({ layer }) => layer.inputs.includes(UNKNOWN_INPUT))) return;
  for (const node of nodes.slice(0, -1))
    if (node.users.length === 0) report(node, diagnostics.unusedLayer(node.layer.name));
}

/** An image is larger than this, and has fewer channels than it is high. */
const SMALLEST_IMAGE = 16;

/** `input 3x224x224`, as PyTorch and Caffe count. A single row is no image: 1×N×C is a sequence. */
function channelsFirst({ nodes: [input] }: Graph, report: Report): void {
  const size = input?.layer.kind === 'input' && input.facts.output;
  if (size && size.height === 3 && size.width >= SMALLEST_IMAGE && size.channels >= SMALLEST_IMAGE)
    report(input, diagnostics.channelsFirst(size));
}

// — Paths —

function softmaxNotLast({ nodes }: Graph, report: Report): void {
  for (const node of nodes) {
    if (!node.record.makesProbabilities) continue;
    // Reshaping probabilities, or weighing something by them, is what they are for.
    const user = node.users.find(({ record }) => record.category !== 'shape' && record.category !== 'merge');
    if (user) report(node, diagnostics.softmaxNotLast(node.layer.name, user.layer.name));
  }
}

function misalignedPaths({ nodes }: Graph, report: Report): void {
  for (const node of nodes) {
    if (node.inputs.length < 2) continue;
    const problem = misalignmentOf(node.inputs, 'height', 'y') ?? misalignmentOf(node.inputs, 'width', 'x');
    if (problem) report(node, problem);
  }
}

function misalignmentOf(inputs: readonly Node[], length: 'height' | 'width', axis: 'y' | 'x'): Problem | undefined {
  // A single unit (after a global pool) speaks of the whole image and goes with every other.
  const paths = inputs.flatMap(({ layer, facts: { output, field } }) =>
    output && field && output[length] > 1 ? [{ name: layer.name, field: field[axis] }] : [],
  );
  const [first, ...others] = paths;
  for (const other of others) {
    const differ = first && misalignment(first.field, other.field);
    if (!differ) continue;
    const pixels =
      differ === 'strides' ? (path: typeof other) => path.field.stride : (path: typeof other) => path.field.centre;
    return diagnostics.misalignedPaths(
      length,
      differ,
      [first, other].map((path) => ({ name: path.name, pixels: pixels(path) })),
    );
  }
  return undefined;
}

/** With fewer windows than this a network is an illustration, not meant to see a whole image. */
const FEWEST_WINDOWS = 4;

function smallReceptiveField({ nodes }: Graph, report: Report): void {
  if (nodes.filter(({ facts }) => facts.window).length < FEWEST_WINDOWS) return;
  // What enlarges again (a U-Net) answers for each pixel, from what is around it.
  if (nodes.some(enlarges)) return;
  const last = nodes.at(-1);
  const image = nodes[0]?.facts.output;
  const field = last?.facts.field;
  if (!last || last.index === 0 || !image || !field) return;
  if (field.y.size < image.height || field.x.size < image.width)
    report(last, diagnostics.smallReceptiveField(last.layer.name, { y: field.y.size, x: field.x.size }, image));
}

// — Budgets —

const bytesOf = ({ params, buffers, output }: LayerFacts): number =>
  ((params ?? 0) + (buffers ?? 0) + (output ? volumeOf(output) : 0)) * BYTES_PER_NUMBER;

const largestBy = (nodes: readonly Node[], size: (facts: LayerFacts) => number): Node | undefined =>
  nodes.reduce<Node | undefined>(
    (most, node) => (most && size(most.facts) >= size(node.facts) ? most : node),
    undefined,
  );

function memoryBudget({ nodes, budgets: { memoryBytes } }: Graph, report: Report): void {
  if (memoryBytes === undefined) return;
  const bytes = nodes.reduce((sum, { facts }) => sum + bytesOf(facts), 0);
  const largest = largestBy(nodes, bytesOf);
  if (largest && bytes > memoryBytes)
    report(largest, diagnostics.overMemoryBudget(bytes, memoryBytes, largest.layer.name, bytesOf(largest.facts)));
}

const macsOf = ({ macs }: LayerFacts): number => macs ?? 0;

function macsBudget({ nodes, budgets: { macs: budget } }: Graph, report: Report): void {
  if (budget === undefined) return;
  const macs = nodes.reduce((sum, { facts }) => sum + macsOf(facts), 0);
  const largest = largestBy(nodes, macsOf);
  if (largest && macs > budget)
    report(largest, diagnostics.overMacsBudget(macs, budget, largest.layer.name, macsOf(largest.facts)));
}
