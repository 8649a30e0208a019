import { FunctionBuilder, type Local } from './assembler.js';
import { type Activation, activate } from './epilogue.js';

/** `count` pieces of memory whose beginnings lie `stride` bytes apart. */
interface Pieces {
  readonly count: number;
  readonly stride: number;
}

/**
 * The product at the heart of convolution, matrix–vector product and Winograd's method:
 * C[row, column, n] = bias[n] + Σ_k A[row, column, k] · B[k, n], the ks of one (row, column) being runs of neighbouring
 * numbers in A: for a convolution the rows of the kernel, so that nothing is gathered or copied. Strides are in bytes.
 */
export interface Product {
  /** Neighbouring numbers of A, in `outer` × `inner` runs: all of k. */
  readonly run: number;
  readonly outer: Pieces;
  readonly inner: Pieces;
  /** Columns of a row; rows are counted by the caller. */
  readonly columns: number;
  readonly columnStride: number;
  readonly rowStride: number;
  readonly outputColumnStride: number;
  readonly outputRowStride: number;
  /** Between neighbouring ks of a run of A: 4 where they are neighbouring numbers, as by default. */
  readonly stepStride?: number;
  /** Where B is not packed in panels: between its ks, and between its panels. */
  readonly weightStrides?: { readonly step: number; readonly panel: number };
  /** Columns computed at once. */
  readonly tile: number;
  /** B is laid out [panel][k][panel]: `panel` neighbouring ns, a multiple of 4. */
  readonly panel: number;
  /** How many ns of a panel there are: all but the last are full. */
  readonly lanes: number;
  /** Whether the sums start at the bias or at 0. */
  readonly bias: boolean;
  /** Whether they start at what C holds instead. Then the tile must divide the columns: none may be summed twice. */
  readonly accumulate?: boolean;
  /** Whether a volume laid out as C is added to the sums before the activation function. */
  readonly residual?: boolean;
  readonly activation: Activation;
  readonly relaxed: boolean;
}

/**
 * The function (a, b, bias, c, rows, panels, residual). A tile of `tile` columns × `lanes` ns is summed in registers; the last tile
 * of a row is moved back so that it ends with the row. Panels go round the outside: a panel of B stays in the cache.
 */
export function productFunction(product: Product): FunctionBuilder {
  const { columns, panel, lanes, relaxed, stepStride = 4 } = product;
  const tile = Math.min(product.tile, columns);
  const vectors = Math.ceil(lanes / 4);
  const packedBytes = product.outer.count * product.inner.count * product.run * panel * 4;
  const { step, panel: panelBytes } = product.weightStrides ?? { step: panel * 4, panel: packedBytes };
  return new FunctionBuilder(7, (code, a, b, bias, c, rows, panels, residual) => {
    const sums = code.locals('v128', tile * vectors);
    const weights = code.locals('v128', vectors);
    const value = code.local('v128');
    const [row, toRow, column, outer, inner, from, beyond, weight, to] = code.locals('i32', 9) as [
      ...[Local, Local, Local, Local, Local, Local, Local, Local, Local],
    ];
    const sum = (x: number, v: number): Local => sums[x * vectors + v] as Local;

    const start = () => {
      if (product.accumulate) {
        for (let x = 0; x < tile; x++)
          for (let v = 0; v < vectors; v++)
            code
              .get(to)
              .load(x * product.outputColumnStride + v * 16)
              .set(sum(x, v));
        return;
      }
      for (let v = 0; v < vectors; v++) {
        if (product.bias) code.get(bias).load(v * 16);
        else code.constant(0);
        code.set(sum(0, v));
        for (let x = 1; x < tile; x++) code.get(sum(0, v)).set(sum(x, v));
      }
    };
    /** One k: a weight vector or two, times one number of each column. */
    const multiply = () => {
      for (const [v, local] of weights.entries())
        code
          .get(weight)
          .load(v * 16)
          .set(local);
      for (let x = 0; x < tile; x++) {
        code
          .get(from)
          .loadSplat(x * product.columnStride)
          .set(value);
        for (const [v, local] of weights.entries()) code.multiplyAdd(value, local, sum(x, v), relaxed);
      }
      code.increase(from, stepStride).increase(weight, step);
    };
    const run = () => {
      code
        .get(inner)
        .set(from)
        .get(inner)
        .i32(product.run * stepStride)
        .do('i32Add')
        .set(beyond);
      code.repeatWhile(() => code.get(from).get(beyond).do('i32Ne'), multiply);
    };
    const pieces = ({ count, stride }: Pieces, place: Local, body: () => void) => {
      if (count === 1) body();
      else
        code.repeat(count, () => {
          body();
          code.increase(place, stride);
        });
    };
    const finish = () => {
      // The residual lies as far from its beginning as what is stored from the beginning of C.
      if (product.residual) code.get(to).get(c).do('i32Sub').get(residual).do('i32Add').set(from);
      for (let x = 0; x < tile; x++)
        for (let v = 0; v < vectors; v++) {
          if (product.residual)
            code
              .get(from)
              .load(x * product.outputColumnStride + v * 16)
              .get(sum(x, v))
              .vector('add')
              .set(sum(x, v));
          activate(code, product.activation, sum(x, v));
          const offset = x * product.outputColumnStride + v * 16;
          code.store(() => code.get(to), sum(x, v), offset, Math.min(4, lanes - v * 4));
        }
    };

    code.repeat({ local: panels }, () => {
      code.get(a).set(row).get(c).set(toRow);
      code.repeat({ local: rows }, () => {
        code.i32(0).set(column);
        code.repeatWhile(
          () => code.get(column).i32(columns).do('i32LtS'),
          () => {
            code.address(row, column, product.columnStride).set(outer);
            code.address(toRow, column, product.outputColumnStride).set(to);
            code.get(b).set(weight);
            start();
            pieces(product.outer, outer, () => {
              code.get(outer).set(inner);
              pieces(product.inner, inner, run);
            });
            finish();
            code.increase(column, tile);
            if (columns % tile !== 0) {
              const last = columns - tile;
              code.get(column).i32(last).do('i32GtS').get(column).i32(columns).do('i32LtS').do('i32And');
              code.when(() => code.i32(last).set(column));
            }
          },
        );
        code.increase(row, product.rowStride).increase(toRow, product.outputRowStride);
      });
      code
        .increase(b, panelBytes)
        .increase(bias, panel * 4)
        .increase(c, panel * 4)
        .increase(residual, panel * 4);
    });
  });
}

/** Columns computed at once: the count that wastes least of the last tile, weighed against loading weights more often. */
export function tileFor(columns: number, relaxed: boolean): number {
  // Multiplying apart from adding needs a register more: five columns spill.
  if (!relaxed) return 4;
  return [5, 4].reduce((best, tile) => (costOf(columns, tile) < costOf(columns, best) ? tile : best), 6);
}

/** In the time of a column without loading weights. */
const costOf = (columns: number, tile: number): number => Math.ceil(columns / tile) * (tile + 1);

/** What so many columns cost with the tile that suits them, in columns. */
export const columnCost = (columns: number, relaxed: boolean): number => costOf(columns, tileFor(columns, relaxed));
