import type { Machine } from '../../wasm/machine.js';
import { type Product, productFunction, tileFor } from '../../wasm/product.js';

/** ns of one panel: two vectors, so that the sums of some columns fit the registers. */
const PANEL = 8;

/** Computes a product of `rows` rows; addresses of A, B, the bias (if any) and C. */
type Multiply = (a: number, b: number, bias: number, c: number, rows: number) => void;

/** A product over all ns of B, which is not packed: its ks lie `step` bytes apart. */
export type PlainProduct = Omit<Product, 'lanes' | 'panel' | 'tile' | 'relaxed' | 'activation' | 'weightStrides'> & {
  readonly ns: number;
  readonly step: number;
};

/**
 * The functions of a product, for all its panels and columns. A sum that goes on from what C holds must not sum a column twice,
 * so its last, narrower tile is a function of its own.
 */
export function multiplier(machine: Machine, { ns, step, ...product }: PlainProduct): Multiply {
  const { relaxed } = machine.features;
  const fullPanels = Math.floor(ns / PANEL);
  const rest = ns % PANEL;
  const widest = Math.min(tileFor(product.columns, relaxed), product.columns);
  const narrow = product.accumulate ? product.columns % widest : 0;
  const parts = [
    { first: 0, columns: product.columns - narrow, tile: widest },
    ...(narrow > 0 ? [{ first: product.columns - narrow, columns: narrow, tile: narrow }] : []),
  ].map(({ first, columns, tile }) => {
    const made: Omit<Product, 'lanes'> = {
      ...product,
      columns,
      tile,
      panel: PANEL,
      activation: 'none',
      relaxed,
      weightStrides: { step, panel: PANEL * 4 },
    };
    const functions = machine.functions(JSON.stringify(['step', made, rest]), () => ({
      ...(fullPanels > 0 && { full: productFunction({ ...made, lanes: PANEL }) }),
      ...(rest > 0 && { rest: productFunction({ ...made, lanes: rest }) }),
    }));
    return { first, functions };
  });
  return (a, b, bias, c, rows) => {
    for (const { first, functions } of parts) {
      const from = a + first * product.columnStride;
      const to = c + first * product.outputColumnStride;
      functions.full?.(from, b, bias, to, rows, fullPanels);
      const done = fullPanels * PANEL * 4;
      functions.rest?.(from, b + done, bias + done, to + done, rows, 1);
    }
  };
}
