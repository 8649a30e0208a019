import type { LayerKind } from '../network/catalogue.js';
import type { CheckedNetwork } from '../network/check.js';
import type { Layer } from '../network/network.js';
import { sameShape } from '../network/shape.js';
import { type LayerWeights, weightOf } from './ops/op.js';
import type { Activation } from './wasm/epilogue.js';
import { fastOpOf } from './wasm/index.js';
import type { FastOptions, PackableWeights } from './wasm/op.js';

/** Layers that one step computes together with the layer it begins with, in one pass over memory. */
export interface Fusion {
  /** Folded into the weights: its index. */
  readonly batchnorm: number | null;
  /** The layer whose activation is added: the other input of an `add`. */
  readonly residual: number | null;
  readonly activation: Activation;
  /** The layers behind the first, in order. The activation of the last is the one that comes out. */
  readonly inside: readonly number[];
  readonly output: number;
}

/** Layers whose op applies an activation function as it stores. */
const beginsFusion: ReadonlySet<LayerKind> = new Set<LayerKind>(['conv', 'depthwise', 'convtranspose', 'fc']);

const fusedActivations: Readonly<Partial<Record<LayerKind, Activation>>> = { relu: 'relu', relu6: 'relu6' };

/**
 * What goes into the step of the layer before it, where nothing else reads that layer: batchnorm, the addition of what was
 * computed earlier, an activation function, and dropout, which does nothing here. By first layer.
 */
export function fuse(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  options: FastOptions,
): ReadonlyMap<number, Fusion> {
  const { network, facts } = checked;
  const { layers } = network;
  const readers = layers.map((): number[] => []);
  for (const [index, { inputs }] of layers.entries()) for (const source of inputs) readers[source]?.push(index);
  const fusions = new Map<number, Fusion>();
  for (const [first, { kind }] of layers.entries()) {
    if (!beginsFusion.has(kind) || !fastOpOf(checked, first, { ...options, activation: 'none', residual: false }))
      continue;
    const inside: number[] = [];
    /** The one layer that reads what comes out so far, if it is of a kind that goes in. */
    const next = (goesIn: (layer: Layer, index: number) => boolean): number | null => {
      const [index, ...others] = readers[inside.at(-1) ?? first] ?? [];
      const layer = index === undefined ? undefined : layers[index];
      if (index === undefined || !layer || others.length > 0 || !goesIn(layer, index)) return null;
      inside.push(index);
      return index;
    };
    const otherInput = ({ inputs }: Layer): number =>
      inputs.find((input) => input !== (inside.at(-1) ?? first)) ?? first;
    const batchnorm = next((layer) => layer.kind === 'batchnorm');
    const added = next((layer, index) => {
      const other = otherInput(layer);
      const [here, there] = [facts[index]?.output, facts[other]?.output];
      if (layer.kind !== 'add' || layer.inputs.length !== 2 || other >= first || !here || !there) return false;
      if (!sameShape(here, there)) return false;
      return fastOpOf(checked, first, { ...options, activation: 'none', residual: true })?.residual === true;
    });
    const residual =
      added === null ? null : (layers[added]?.inputs.find((input) => input !== (inside.at(-2) ?? first)) ?? null);
    const activation = next((layer) => fusedActivations[layer.kind] !== undefined);
    next((layer) => layer.kind === 'dropout');
    const output = inside.at(-1);
    if (output === undefined) continue;
    const function_ = activation === null ? undefined : fusedActivations[layers[activation]?.kind ?? 'input'];
    fusions.set(first, { batchnorm, residual, activation: function_ ?? 'none', inside, output });
  }
  return fusions;
}

/** Weights with which a layer computes what the normalisation makes of it: both are linear in each output channel. */
export function foldBatchnorm(
  weights: LayerWeights,
  normalisation: LayerWeights,
  { attributes }: Layer<'batchnorm'>,
): PackableWeights {
  const variance = weightOf(normalisation, 'running_var');
  const mean = weightOf(normalisation, 'running_mean');
  const scale = new Float32Array(variance.length);
  const bias = new Float32Array(variance.length);
  for (let c = 0; c < scale.length; c++) {
    const s = (normalisation.weight?.[c] ?? 1) / Math.sqrt((variance[c] as number) + (attributes?.epsilon ?? 0));
    scale[c] = s;
    bias[c] = ((weights.bias?.[c] ?? 0) - (mean[c] as number)) * s + (normalisation.bias?.[c] ?? 0);
  }
  return { weight: weightOf(weights, 'weight'), bias, scale };
}
