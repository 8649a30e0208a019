import { FunctionBuilder, type Local } from './assembler.js';
import { type Activation, activate } from './epilogue.js';

/** A filter for each channel; strides in bytes, of a padded input. */
export interface Depthwise {
  readonly channels: number;
  readonly kernel: { readonly y: number; readonly x: number };
  readonly stride: number;
  readonly columns: number;
  /** Between the pixels under two neighbouring elements of the kernel. */
  readonly tapStride: { readonly y: number; readonly x: number };
  readonly rowStride: number;
  readonly activation: Activation;
  readonly relaxed: boolean;
}

/** Outputs computed at once: with nine weights and a bias they fill the registers. */
const AT_ONCE = 4;

/**
 * The function (a, weights, bias, c, rows). Four channels at a time along a row, their weights ([ky][kx][channel], the
 * channels rounded up to a multiple of 4) staying in registers.
 */
export function depthwiseFunction(layer: Depthwise): FunctionBuilder {
  const { channels, kernel, stride, columns, tapStride, relaxed } = layer;
  const pixel = channels * 4;
  const blocks = Math.floor(channels / 4);
  const together = Math.min(AT_ONCE, columns);
  return new FunctionBuilder(5, (code, a, weights, bias, c, rows) => {
    const taps = code.locals('v128', kernel.y * kernel.x);
    const start = code.local('v128');
    const value = code.local('v128');
    const sums = code.locals('v128', together);
    const [from, to, column, weight, first, offset] = code.locals('i32', 6) as [
      ...[Local, Local, Local, Local, Local, Local],
    ];

    /** The channels from `offset` (bytes) on, along a whole row. */
    const block = (lanes: number) => {
      code.get(weights).get(offset).do('i32Add').set(weight);
      for (const [i, tap] of taps.entries())
        code
          .get(weight)
          .load(i * roundUp(channels) * 4)
          .set(tap);
      code.get(bias).get(offset).do('i32Add').load().set(start);
      code.i32(0).set(column);
      code.repeatWhile(
        () => code.get(column).i32(columns).do('i32LtS'),
        () => {
          code
            .get(a)
            .get(offset)
            .do('i32Add')
            .set(first)
            .address(first, column, stride * pixel)
            .set(from);
          code.get(c).get(offset).do('i32Add').set(first).address(first, column, pixel).set(to);
          for (const sum of sums) code.get(start).set(sum);
          for (let ky = 0; ky < kernel.y; ky++)
            for (const [kx, x] of columnsUnder(layer, together)) {
              code
                .get(from)
                .load(ky * tapStride.y + kx)
                .set(value);
              for (const [output, tap] of x)
                code.multiplyAdd(value, taps[ky * kernel.x + tap] as Local, sums[output] as Local, relaxed);
            }
          for (const [x, sum] of sums.entries()) {
            activate(code, layer.activation, sum);
            code.store(() => code.get(to), sum, x * pixel, lanes);
          }
          code.increase(column, together);
          if (columns % together !== 0) {
            const last = columns - together;
            code.get(column).i32(last).do('i32GtS').get(column).i32(columns).do('i32LtS').do('i32And');
            code.when(() => code.i32(last).set(column));
          }
        },
      );
      code.increase(offset, 16);
    };

    code.repeat({ local: rows }, () => {
      code.i32(0).set(offset);
      if (blocks > 0) code.repeat(blocks, () => block(4));
      if (channels % 4 > 0) block(channels % 4);
      code.increase(a, layer.rowStride).increase(c, columns * pixel);
    });
  });
}

/** The byte offsets in a row that `together` neighbouring outputs read, and which of them with which element of the kernel. */
function columnsUnder({ channels, kernel, stride, tapStride }: Depthwise, together: number) {
  const readers = new Map<number, [output: number, tap: number][]>();
  for (let output = 0; output < together; output++)
    for (let tap = 0; tap < kernel.x; tap++) {
      const offset = output * stride * channels * 4 + tap * tapStride.x;
      readers.set(offset, [...(readers.get(offset) ?? []), [output, tap]]);
    }
  return readers;
}

/** Channels are read four at a time: the weights have room for it. */
export const roundUp = (channels: number): number => Math.ceil(channels / 4) * 4;
