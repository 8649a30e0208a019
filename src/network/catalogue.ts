import type { AttributeValues, LayerRecord } from './layer.js';
import { activations } from './layers/activation.js';
import { convolutions } from './layers/convolution.js';
import { dense } from './layers/dense.js';
import { filters } from './layers/filter.js';
import { inputs } from './layers/input.js';
import { merges } from './layers/merge.js';
import { normalisations } from './layers/normalisation.js';
import { pools } from './layers/pooling.js';
import { reshapings } from './layers/reshaping.js';

/** Every layer of the language, by its keyword, in the order of the docs. Tables over all layers are typed by its keys. */
const records = {
  ...inputs,
  ...convolutions,
  ...pools,
  ...dense,
  ...activations,
  ...normalisations,
  ...reshapings,
  ...merges,
  ...filters,
};

export type LayerKind = keyof typeof records;

export type LayerAttributes<K extends LayerKind> =
  (typeof records)[K] extends LayerRecord<infer A> ? AttributeValues<A> : never;

/** The records with their attribute types erased, for code that treats all layers alike. */
export const catalogue = records as unknown as Readonly<Record<LayerKind, LayerRecord>>;

export const layerKinds = Object.keys(records) as readonly LayerKind[];

export const isLayerKind = (word: string): word is LayerKind => Object.hasOwn(records, word);
