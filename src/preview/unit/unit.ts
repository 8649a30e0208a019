/** One unit of a layer's output: a number of one of its activation maps. All count from 0. */
export interface Unit {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** A unit of a layer, by the layer's name. */
export interface UnitOf extends Unit {
  readonly layer: string;
}

/** Where a unit reads one of its layer's inputs; rows and columns below 0 or beyond the input lie in the padding. */
export interface Reading {
  readonly layer: string;
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Channels from the first up to, not including, the second. */
  readonly channels: readonly [from: number, to: number];
}

/** Places of the window that lie in the padding, or beyond: 1, else 0; row by row. */
type Outside = Uint8Array;

/**
 * A sum of products: a filter's answer. `values` and `weights` hold the places of the window row by row, channel after channel,
 * beginning with the reading's first.
 */
export interface Products {
  readonly type: 'products';
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
  readonly weights: Float32Array;
  readonly outside: Outside;
  readonly bias: number | null;
}

/** The largest or the mean of the numbers under a window of one channel. */
export interface Pooling {
  readonly type: 'pooling';
  readonly how: 'largest' | 'mean';
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
  readonly outside: Outside;
  /** What a mean's sum is divided by. */
  readonly divisor: number;
}

/** A function of one number: `samples` are its values at even steps over `from` … `to`. */
export interface Curve {
  readonly type: 'curve';
  readonly input: number;
  readonly from: number;
  readonly to: number;
  readonly samples: Float32Array;
}

/** Several numbers joined by an operation. */
export interface Terms {
  readonly type: 'terms';
  readonly operator: '+' | '·' | 'max';
  readonly terms: readonly { readonly unit: UnitOf; readonly value: number }[];
}

/** A number taken over as it is. */
export interface Copy {
  readonly type: 'copy';
  /** Null where it is a zero put around the picture. */
  readonly from: UnitOf | null;
}

/** A formula with its numbers put in. */
export interface Formula {
  readonly type: 'formula';
  readonly formula: string;
  readonly worked: string;
}

/** A layer that is not worked out number by number: what it reads at the unit's place, if it keeps places. */
export interface Opaque {
  readonly type: 'opaque';
  readonly input: number | null;
}

/** How a unit's number comes about. */
export type Working = Products | Pooling | Curve | Terms | Copy | Formula | Opaque;

/** A unit, its number, what it reads, and how the one comes of the other. */
export interface UnitReport {
  readonly unit: UnitOf;
  readonly value: number;
  readonly reading: Reading | null;
  readonly working: Working;
}
