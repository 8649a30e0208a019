import type { LayerKind } from './catalogue.js';
import { type CheckedNetwork, type LayerFacts, sizeOf } from './check.js';
import type { WeightSpec } from './layer.js';
import type { Layer } from './network.js';
import { type Shape, volumeOf } from './shape.js';

/**
 * How other tools count the work of a network, so that a number of theirs can be had here and compared. They disagree: about
 * the bias, about everything that is no convolution, and about transposed convolutions.
 */

/** A layer whose sizes are known. */
interface Known {
  readonly input: Shape;
  readonly output: Shape;
  readonly weights: readonly WeightSpec[];
  /** Multiply–accumulates of convolutions and fc, without bias. */
  readonly macs: number;
  readonly attributes: NonNullable<Layer['attributes']>;
}

type Rule = (layer: Known) => number;

/** What a tool counts of each kind of layer; of those that it does not name, nothing. */
type Rules = Readonly<Partial<Record<LayerKind, Rule>>>;

export interface Convention {
  /** As the tool is called. */
  readonly title: string;
  /** What it calls what it counts. */
  readonly unit: string;
  /** How its number differs from MACs, a sentence each. */
  readonly differences: readonly string[];
  readonly count: (kind: LayerKind, layer: Known) => number;
}

const byKind =
  (rules: Rules) =>
  (kind: LayerKind, layer: Known): number =>
    rules[kind]?.(layer) ?? 0;

const weightOf = ({ weights }: Known, name: WeightSpec['name']): number => {
  const weight = weights.find((spec) => spec.name === name && spec.learned);
  return weight ? sizeOf(weight) : 0;
};

const placesOf = ({ height, width }: Shape): number => height * width;

const perInput =
  (each: number): Rule =>
  ({ input }) =>
    volumeOf(input) * each;
const perOutput =
  (each: number): Rule =>
  ({ output }) =>
    volumeOf(output) * each;

/** A normalisation: so much a number, twice that where it scales and shifts. */
const normalisation =
  (each: number): Rule =>
  (layer) =>
    volumeOf(layer.input) * each * (weightOf(layer, 'weight') > 0 ? 2 : 1);

const macs: Rule = (layer) => layer.macs;

/** Every weight once at every place of the output, which is right for a convolution and too much for a transposed one. */
const weightsAtOutputs: Rule = (layer) => weightOf(layer, 'weight') * placesOf(layer.output);
const biasAtOutputs: Rule = (layer) => weightOf(layer, 'bias') * placesOf(layer.output);
const withBias =
  (rule: Rule): Rule =>
  (layer) =>
    rule(layer) + biasAtOutputs(layer);

/** ptflops' module hooks (sovrasov/flops-counter.pytorch, ptflops/pytorch_ops.py; `backend='pytorch'`). */
const ptflops: Rules = {
  conv: withBias(macs),
  depthwise: withBias(macs),
  convtranspose: withBias(weightsAtOutputs),
  fc: withBias(macs),
  relu: perOutput(1),
  leakyrelu: perOutput(1),
  prelu: perOutput(1),
  elu: perOutput(1),
  gelu: perOutput(1),
  silu: perOutput(1),
  relu6: perOutput(1),
  softmax: perOutput(1),
  maxpool: perInput(1),
  avgpool: perInput(1),
  globalmaxpool: perInput(1),
  globalavgpool: perInput(1),
  adaptiveavgpool: perInput(1),
  batchnorm: normalisation(1),
  instancenorm: normalisation(1),
  groupnorm: normalisation(1),
  layernorm: normalisation(1),
  upsample: perOutput(1),
};

/** thop's hooks (Lyken17/pytorch-OpCounter 0.1.1, thop/vision/basic_hooks.py and calc_func.py). */
const thop: Rules = {
  conv: macs,
  depthwise: macs,
  // Its formula is the convolution's, with the filters' depth of the input.
  convtranspose: weightsAtOutputs,
  fc: macs,
  prelu: perInput(1),
  // eˣ of each channel, their sum, and a division each.
  softmax: ({ input }) => placesOf(input) * (3 * input.channels - 1),
  avgpool: perOutput(1),
  // The sum of a window of the average size, and a division.
  globalavgpool: averageTo,
  adaptiveavgpool: averageTo,
  batchnorm: normalisation(2),
  instancenorm: normalisation(2),
  layernorm: normalisation(2),
  upsample: (layer) => volumeOf(layer.output) * (isBilinear(layer) ? 11 : 1),
};

const isBilinear = ({ attributes }: Known): boolean => 'mode' in attributes && attributes.mode === 'bilinear';

function averageTo({ input, output }: Known): number {
  return Math.floor((placesOf(input) / placesOf(output) + 1) * volumeOf(output));
}

/** torchinfo (LayerInfo.calculate_macs): weights and biases at every place of the output of a convolution, once in all others. */
const torchinfoConvolution: Rule = withBias(weightsAtOutputs);
const everyParameter: Rule = (layer) => weightOf(layer, 'weight') + weightOf(layer, 'bias');

const torchinfo: Rules = {
  conv: torchinfoConvolution,
  depthwise: torchinfoConvolution,
  convtranspose: torchinfoConvolution,
  fc: everyParameter,
  prelu: everyParameter,
  batchnorm: everyParameter,
  instancenorm: everyParameter,
  groupnorm: everyParameter,
  layernorm: everyParameter,
};

export const conventions = {
  macs: {
    title: 'MACs',
    unit: 'MACs',
    differences: [
      'multiply–accumulates of convolutions and fully connected layers, without bias, as torchvision publishes',
    ],
    count: (_, layer) => layer.macs,
  },
  flops: {
    title: 'FLOPs',
    unit: 'FLOPs',
    differences: ['two for each of the MACs: a multiplication and an addition'],
    count: (_, layer) => 2 * layer.macs,
  },
  ptflops: {
    title: 'ptflops',
    unit: 'MACs',
    differences: [
      'adds one for each output that gets a bias',
      'counts activation functions, pools and normalisations, one a number (two where it scales and shifts)',
      'takes a transposed convolution for one whose filter slides over its output',
      'leaves sums of branches out',
    ],
    count: byKind(ptflops),
  },
  thop: {
    title: 'thop',
    unit: 'MACs',
    differences: [
      'leaves the bias out',
      'adds four for each number of a normalisation that scales and shifts, two without',
      'counts average pools and softmax, but no other activation function than prelu',
      'takes a transposed convolution for one whose filter slides over its output',
    ],
    count: byKind(thop),
  },
  torchinfo: {
    title: 'torchinfo',
    unit: 'mult-adds',
    differences: [
      'adds one for each output that gets a bias',
      'counts each parameter of a normalisation once, whatever the size of its input',
      'takes a transposed convolution for one whose filter slides over its output',
    ],
    count: byKind(torchinfo),
  },
} as const satisfies Readonly<Record<string, Convention>>;

export type ConventionName = keyof typeof conventions;

export const conventionNames = Object.keys(conventions) as readonly ConventionName[];

/** What a tool counts, layer by layer, and in all; null is what an error leaves unknown. */
export interface Counts {
  readonly layers: readonly (number | null)[];
  readonly total: number | null;
}

export function countAs(name: ConventionName, { network, facts }: CheckedNetwork): Counts {
  const { count }: Convention = conventions[name];
  const layers = network.layers.map(({ kind, attributes }, index) => {
    const known = knownOf(attributes, facts[index]);
    return known && count(kind, known);
  });
  const total = layers.reduce<number | null>((sum, own) => (sum === null || own === null ? null : sum + own), 0);
  return { layers, total };
}

function knownOf(attributes: Layer['attributes'], facts: LayerFacts | undefined): Known | null {
  if (!attributes || !facts?.output || facts.macs === null) return null;
  const { inputs, output, weights, macs } = facts;
  return { input: inputs[0] ?? output, output, weights, macs, attributes };
}
