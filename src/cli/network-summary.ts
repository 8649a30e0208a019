import type { Analysis } from '../language/index.js';
import { catalogue } from '../network/catalogue.js';
import type { LayerFacts } from '../network/check.js';
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
  /** The input layer comes first. */
  readonly layers: readonly LayerSummary[];
}

interface LayerSummary {
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

export function summariseNetworks(analysis: Analysis, fileOf: (uri: string) => string): readonly NetworkSummary[] {
  return analysis.networks.map(({ network, checked: { facts, totals } }) => ({
    name: network.name,
    params: totals.params,
    buffers: totals.buffers,
    macs: totals.macs,
    layers: network.layers.map(({ name, kind, source }, index): LayerSummary => {
      const fact = facts[index];
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
    }),
  }));
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
