import type { AnalysedNetwork, Analysis } from '../language/index.js';
import { catalogue } from '../network/catalogue.js';
import type { LayerFacts } from '../network/check.js';
import { type ConventionName, conventions, countAs } from '../network/counting.js';
import type { ReceptiveField } from '../network/field.js';
import type { Shape } from '../network/shape.js';

/** Height, width, channels. */
type ShapeTriple = readonly [number, number, number];

/** What `summary --format json` prints, a contract. What an error leaves unknown is null. */
export interface NetworkSummary {
  readonly name: string;
  readonly params: number | null;
  readonly buffers: number | null;
  readonly macs: number | null;
  /** With `--count`: what the tool counts. */
  readonly count?: Count;
  /** The input layer comes first. */
  readonly layers: readonly (LayerSummary & { readonly count?: number | null })[];
}

interface Count {
  readonly convention: ConventionName;
  readonly unit: string;
  readonly total: number | null;
}

export interface LayerSummary {
  readonly name: string;
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  /** A list of shapes where the layer merges several; of the input layer, its own size. */
  readonly input: ShapeTriple | null | readonly (ShapeTriple | null)[];
  readonly output: ShapeTriple | null;
  readonly params: number | null;
  readonly macs: number | null;
  readonly receptiveField: {
    readonly height: number;
    readonly width: number;
    readonly strideY: number;
    readonly strideX: number;
    readonly startY: number;
    readonly startX: number;
  } | null;
}

export function summariseNetworks(
  analysis: Analysis,
  fileOf: (uri: string) => string,
  convention: ConventionName,
): readonly NetworkSummary[] {
  return analysis.networks.map((analysed) => {
    const { network, checked } = analysed;
    const { params, buffers, macs } = checked.totals;
    const layers = network.layers.flatMap((_, index) => summariseLayer(analysed, index, fileOf) ?? []);
    const summary = { name: network.name, params, buffers, macs };
    if (convention === 'macs') return { ...summary, layers };
    const counts = countAs(convention, checked);
    return {
      ...summary,
      count: { convention, unit: conventions[convention].unit, total: counts.total },
      layers: layers.map((layer, index) => ({ ...layer, count: counts.layers[index] ?? null })),
    };
  });
}

/** Null where the network has no such layer. */
export function summariseLayer(
  { network, checked }: AnalysedNetwork,
  index: number,
  fileOf: (uri: string) => string,
): LayerSummary | null {
  const layer = network.layers[index];
  if (!layer) return null;
  const { name, kind, source } = layer;
  const fact = checked.facts[index];
  return {
    name,
    kind,
    file: source ? fileOf(source.file) : '',
    line: (source?.startLine ?? 0) + 1,
    input: fact ? inputOf(catalogue[kind].arity, fact) : null,
    output: triple(fact?.output),
    params: fact?.params ?? null,
    macs: fact?.macs ?? null,
    receptiveField: fact?.field ? fieldSummary(fact.field) : null,
  };
}

function inputOf(arity: 'none' | 'one' | 'many', { inputs, output }: LayerFacts): LayerSummary['input'] {
  if (arity === 'many') return inputs.map(triple);
  return triple(arity === 'none' ? output : inputs[0]);
}

const triple = (shape: Shape | null | undefined): ShapeTriple | null =>
  shape ? [shape.height, shape.width, shape.channels] : null;

const fieldSummary = ({ y, x }: ReceptiveField): NonNullable<LayerSummary['receptiveField']> => ({
  height: y.size,
  width: x.size,
  strideY: y.stride,
  strideX: x.stride,
  startY: y.start,
  startX: x.start,
});
