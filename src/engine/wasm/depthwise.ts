import type { WindowAxis } from '../../network/window.js';
import { FunctionBuilder, type Local } from './assembler.js';
import { type Activation, activate } from './epilogue.js';

/** The steps of a window along an axis, as far as its taps ask. */
export type Sliding = Pick<WindowAxis, 'kernel' | 'stride' | 'dilation' | 'before' | 'input' | 'output'>;

/** A filter for each channel. Strides are in bytes. */
export interface Depthwise {
  readonly channels: number;
  readonly y: Sliding;
  readonly x: Sliding;
  /** Between rows of the input. */
  readonly line: number;
  /** Between elements of the kernel, and between fours of channels. */
  readonly weightStride: { readonly tap: number; readonly block: number };
  /** Between the biases of fours of channels. */
  readonly biasStride: number;
  readonly activation: Activation;
  readonly relaxed: boolean;
}

/** Neighbouring outputs computed at once: most of what three taps read for one of them, the next reads, too. */
const AT_ONCE = 4;

/** Whether the window reaches beyond the input. */
const reachesOut = ({ before, input, output, stride, kernel, dilation }: Sliding): boolean =>
  before > 0 || (output - 1) * stride + (kernel - 1) * dilation >= input;

/** The first outputs of the tiles of a row; the last tile is moved back so that it ends with the row. */
function tilesOf({ output }: Sliding, together: number): number[] {
  const tiles = [];
  for (let first = 0; first < output; first += together) tiles.push(Math.min(first, output - together));
  return tiles;
}

/** How many tiles of a row reach beyond the input: each is code of its own. */
export function tilesAtEdges(x: Sliding): number {
  const together = Math.min(AT_ONCE, x.output);
  return tilesOf(x, together).filter((first) => !isInside(x, first, together)).length;
}

/** Whether all taps of the outputs from `first` on lie in the input. */
function isInside({ before, input, stride, kernel, dilation }: Sliding, first: number, together: number): boolean {
  const last = (first + together - 1) * stride - before + (kernel - 1) * dilation;
  return first * stride >= before && last < input;
}

/**
 * The function (a, weights, bias, c, rows, top, zeros). It computes `rows` rows of outputs, four neighbours at a time, and of them
 * four channels after the other: what it reads and writes lies in few runs of memory, which all caches like. Taps beside the input
 * are left out where the code is written; rows above and below it are read from `zeros`, as long as a row. `a` is the address of
 * the row under the first row of the kernel, though it lies outside, and `top` its number. Weights are [channel / 4][tap] vectors.
 */
export function depthwiseFunction(layer: Depthwise): FunctionBuilder {
  const { channels, y, x, line, relaxed } = layer;
  const pixel = channels * 4;
  const blocks = Math.floor(channels / 4);
  const together = Math.min(AT_ONCE, x.output);
  const tiles = tilesOf(x, together);
  const isCut = reachesOut(y);
  return new FunctionBuilder(7, (code, a, weights, bias, c, rows, top, zeros) => {
    const taps = code.locals('v128', x.kernel);
    const start = code.local('v128');
    const value = code.local('v128');
    const sums = code.locals('v128', together);
    const lines = code.locals('i32', y.kernel);
    const places = code.locals('i32', y.kernel);
    const [column, weight, biasAt, to] = code.locals('i32', 4) as [Local, Local, Local, Local];

    /** How many tiles from the `i`th on are done by the same code: those whose taps are all in the input. */
    const alikeFrom = (i: number): number => {
      const first = tiles[i] as number;
      let count = 1;
      const isAlike = (tile: number | undefined) =>
        tile === first + count * together && isInside(x, first, together) && isInside(x, tile, together);
      while (isAlike(tiles[i + count])) count++;
      return count;
    };
    /** Four channels of the outputs of a tile: `shift` is the input column of its first tap, from the place that is read. */
    const block = (lanes: number, first: number, shift: number) => {
      code.get(biasAt).load().set(start);
      for (const sum of sums) code.get(start).set(sum);
      const columns = columnsUnder(x, together, first);
      for (const [ky, place] of places.entries()) {
        for (const [kx, tap] of taps.entries())
          code
            .get(weight)
            .load((ky * x.kernel + kx) * layer.weightStride.tap)
            .set(tap);
        for (const [ix, readers] of columns) {
          code
            .get(place)
            .load((ix - shift) * pixel)
            .set(value);
          for (const [output, kx] of readers)
            code.multiplyAdd(value, taps[kx] as Local, sums[output] as Local, relaxed);
        }
      }
      for (const [output, sum] of sums.entries()) {
        activate(code, layer.activation, sum);
        code.store(() => code.get(to), sum, output * pixel, lanes);
      }
    };
    /** All channels of a tile, from `column` on. `shift`: the input column that `first` begins to read at. */
    const tile = (first: number, shift: number, from: () => void) => {
      for (const [ky, place] of places.entries()) {
        code.get(lines[ky] as Local);
        from();
        code.do('i32Add').set(place);
      }
      code.get(weights).set(weight).get(bias).set(biasAt);
      if (blocks > 0)
        code.repeat(blocks, () => {
          block(4, first, shift);
          for (const place of places) code.increase(place, 16);
          code.increase(weight, layer.weightStride.block).increase(biasAt, layer.biasStride).increase(to, 16);
        });
      if (channels % 4 > 0) block(channels % 4, first, shift);
    };

    code.repeat({ local: rows }, () => {
      for (const [ky, place] of lines.entries()) {
        code
          .get(a)
          .i32(ky * y.dilation * line)
          .do('i32Add');
        if (isCut)
          code
            .get(zeros)
            .get(top)
            .i32(ky * y.dilation)
            .do('i32Add')
            .i32(y.input)
            .do('i32LtU')
            .do('select');
        code.set(place);
      }
      for (let i = 0; i < tiles.length; ) {
        const first = tiles[i] as number;
        const count = alikeFrom(i);
        const at = first * x.stride - x.before;
        const shift = Math.max(0, at);
        if (count === 1) {
          code
            .get(c)
            .i32(first * pixel)
            .do('i32Add')
            .set(to);
          tile(first, shift, () => code.i32(shift * pixel));
        } else {
          code.i32(0).set(column);
          code.repeat(count, () => {
            code
              .address(c, column, pixel)
              .i32(first * pixel)
              .do('i32Add')
              .set(to);
            tile(first, shift, () =>
              code
                .get(column)
                .i32(x.stride * pixel)
                .do('i32Mul')
                .i32(shift * pixel)
                .do('i32Add'),
            );
            code.increase(column, together);
          });
        }
        i += count;
      }
      code
        .increase(a, y.stride * line)
        .increase(top, y.stride)
        .increase(c, x.output * pixel);
    });
  });
}

/** The columns of the input under `together` neighbouring outputs, and which of them meets which element of the kernel's row there. */
function columnsUnder({ kernel, stride, dilation, before, input }: Sliding, together: number, first: number) {
  const readers = new Map<number, [output: number, tap: number][]>();
  for (let output = 0; output < together; output++)
    for (let tap = 0; tap < kernel; tap++) {
      const column = (first + output) * stride - before + tap * dilation;
      if (column >= 0 && column < input) readers.set(column, [...(readers.get(column) ?? []), [output, tap]]);
    }
  return readers;
}
