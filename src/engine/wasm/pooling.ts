import type { Shape } from '../../network/shape.js';
import type { Window, WindowAxis } from '../../network/window.js';
import { windowOf } from '../ops/op.js';
import { FunctionBuilder, type Local } from './assembler.js';
import { type FastMaker, type FastOp, packed } from './op.js';
import { padded } from './padded.js';
import { sliceRows } from './slices.js';

/** A window sliding over each channel by itself; strides in bytes, of a padded input. */
interface Pooling {
  readonly channels: number;
  readonly fold: 'max' | 'mean';
  readonly kernel: { readonly y: number; readonly x: number };
  readonly tapStride: { readonly y: number; readonly x: number };
  readonly columns: number;
  readonly columnStride: number;
  readonly rowStride: number;
}

/** Windows of at most so many numbers are written out, without loops. */
const UNROLLED = 9;

/**
 * The function (input, output, shares, rows). A mean is the sum times the output's share, one over what it counts, from a
 * table of them. The rows of a window are summed apart from each other: with fewer numbers in a row, fewer are rounded.
 */
function poolFunction(pooling: Pooling): FunctionBuilder {
  const { channels, fold, kernel, tapStride, columns } = pooling;
  const blocks = Math.floor(channels / 4);
  const isMean = fold === 'mean';
  const instruction = isMean ? 'add' : 'max';
  return new FunctionBuilder(4, (code, input, output, shares, rows) => {
    const [total, row] = code.locals('v128', 2) as [Local, Local];
    const [first, line, tap, offset] = code.locals('i32', 4) as [Local, Local, Local, Local];
    const nothing = () => code.constant(isMean ? 0 : Number.NEGATIVE_INFINITY);
    const foldInLoops = () => {
      nothing().set(total);
      code.repeat(kernel.y, () => {
        nothing().set(row);
        code.get(line).set(tap);
        code.repeat(kernel.x, () => {
          code.get(row).get(tap).load().vector(instruction).set(row);
          code.increase(tap, tapStride.x);
        });
        code.get(total).get(row).vector(instruction).set(total);
        code.increase(line, tapStride.y);
      });
    };
    const foldUnrolled = () => {
      for (let y = 0; y < kernel.y; y++) {
        for (let x = 0; x < kernel.x; x++) {
          code.get(line).load(y * tapStride.y + x * tapStride.x);
          if (x > 0) code.vector(instruction);
        }
        if (y > 0) code.vector(instruction);
      }
      code.set(total);
    };
    const block = (lanes: number) => {
      code.get(first).get(offset).do('i32Add').set(line);
      if (kernel.y * kernel.x <= UNROLLED) foldUnrolled();
      else foldInLoops();
      if (isMean) code.get(total).get(shares).loadSplat().vector('multiply').set(total);
      code.store(() => code.get(output).get(offset).do('i32Add'), total, 0, lanes);
      code.increase(offset, 16);
    };
    code.repeat({ local: rows }, () => {
      code.get(input).set(first);
      code.repeat(columns, () => {
        code.i32(0).set(offset);
        if (blocks > 0) code.repeat(blocks, () => block(4));
        if (channels % 4 > 0) block(channels % 4);
        code.increase(first, pooling.columnStride).increase(output, channels * 4);
        if (isMean) code.increase(shares, 4);
      });
      code.increase(input, pooling.rowStride);
    });
  });
}

function poolOp(input: Shape, window: Window, fold: 'max' | 'mean', countPadding: boolean): FastOp {
  const { y, x } = window;
  const { channels } = input;
  const image = padded(input, window, fold === 'mean' ? 0 : Number.NEGATIVE_INFINITY);
  const line = image.width * channels * 4;
  const pooling: Pooling = {
    channels,
    fold,
    kernel: { y: y.kernel, x: x.kernel },
    tapStride: { y: y.dilation * line, x: x.dilation * channels * 4 },
    columns: x.output,
    columnStride: x.stride * channels * 4,
    rowStride: y.stride * line,
  };
  return {
    algorithm: 'vectors of 4',
    // The shares depend on the padding, which the function does not see.
    key: JSON.stringify(['pool', pooling, window, countPadding]),
    functions: () => ({ pool: poolFunction(pooling) }),
    scratchBytes: image.scratchBytes,
    constants: fold === 'mean' ? y.output * x.output : 0,
    *pack(_, host) {
      if (fold !== 'mean') return;
      packed(host).set(sharesOf(window, countPadding));
      yield;
    },
    *run({ pool }, { inputs: [from = 0], output, scratch, constants }, memory) {
      const start = image.prepare(memory(), from, scratch);
      for (const { first, count } of sliceRows(y.output, x.output * channels * y.kernel * x.kernel * COST)) {
        const outputs = first * x.output;
        pool?.(start + first * pooling.rowStride, output + outputs * channels * 4, constants + outputs * 4, count);
        yield;
      }
    },
  };
}

/** What an addition of a window costs in multiply–accumulates. */
const COST = 3;

/** What each place of a window has of the mean that comes out of it, by output pixel. */
export function sharesOf({ y, x }: Window, countPadding: boolean): Float32Array {
  const across = counts(x, countPadding);
  return Float32Array.from(
    counts(y, countPadding).flatMap((rows) => across.map((columns) => 1 / Math.max(rows * columns, 1))),
  );
}

/** How many places of each window along an axis count for a mean: those in the picture, or in its padding as well. */
function counts(
  { input, output, kernel, stride, dilation, before, after }: WindowAxis,
  countPadding: boolean,
): number[] {
  return Array.from({ length: output }, (_, o) => {
    let count = 0;
    for (let k = 0; k < kernel; k++) {
      const place = o * stride - before + k * dilation;
      if (countPadding ? place < input + after : place >= 0 && place < input) count++;
    }
    return count;
  });
}

export const maxpool: FastMaker<'maxpool'> = (context) => {
  const [input] = context.inputs;
  return input && poolOp(input, windowOf(context), 'max', false);
};

export const avgpool: FastMaker<'avgpool'> = (context) => {
  const [input] = context.inputs;
  return input && poolOp(input, windowOf(context), 'mean', context.attributes.countpad);
};

/** One window over the whole picture. */
const everything = ({ height, width }: Shape): Window => {
  const axis = (length: number): WindowAxis => ({
    input: length,
    kernel: length,
    stride: 1,
    dilation: 1,
    before: 0,
    after: 0,
    exact: 1,
    output: 1,
    unseen: 0,
  });
  return { y: axis(height), x: axis(width) };
};

export const globalmaxpool: FastMaker<'globalmaxpool'> = ({ inputs: [input] }) =>
  input && poolOp(input, everything(input), 'max', false);

export const globalavgpool: FastMaker<'globalavgpool'> = ({ inputs: [input] }) =>
  input && poolOp(input, everything(input), 'mean', false);
