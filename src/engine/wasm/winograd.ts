import { FunctionBuilder, type Local } from './assembler.js';
import { activate } from './epilogue.js';
import type { Code } from './machine.js';
import type { Epilogue } from './op.js';
import { gather, nextLanes } from './pack.js';

/**
 * Convolution at stride 1 by Winograd's method, F(m×m, r×r) (Lavin & Gray 2016): an output tile of m×m numbers is
 * Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A of an input tile d of (m + r − 1)² numbers. Summed over the channels, the products ⊙ are that many
 * matrix products; with m = 4 and r = 3 they multiply 2.25 numbers an output instead of 9.
 */
export type Scheme = keyof typeof schemes;

type Matrix = readonly (readonly number[])[];

interface Transforms {
  /** m, the edge of an output tile. */
  readonly tile: number;
  /** r, the edge of a filter. */
  readonly kernel: number;
  readonly input: Matrix;
  readonly filter: Matrix;
  readonly output: Matrix;
}

/** For tiles of six numbers: polynomials are evaluated at 0, 1, −1, 2, −2 and infinity. */
const sixPoints: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];

export const schemes = {
  'F(2×2, 3×3)': {
    tile: 2,
    kernel: 3,
    input: [
      [1, 0, -1, 0],
      [0, 1, 1, 0],
      [0, -1, 1, 0],
      [0, 1, 0, -1],
    ],
    filter: [
      [1, 0, 0],
      [1 / 2, 1 / 2, 1 / 2],
      [1 / 2, -1 / 2, 1 / 2],
      [0, 0, 1],
    ],
    output: [
      [1, 1, 1, 0],
      [0, 1, -1, -1],
    ],
  },
  'F(4×4, 3×3)': {
    tile: 4,
    kernel: 3,
    input: sixPoints,
    filter: [
      [1 / 4, 0, 0],
      [-1 / 6, -1 / 6, -1 / 6],
      [-1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6],
      [0, 0, 1],
    ],
    output: [
      [1, 1, 1, 1, 1, 0],
      [0, 1, -1, 2, -2, 0],
      [0, 1, 1, 4, 4, 0],
      [0, 1, -1, 8, -8, 1],
    ],
  },
  'F(2×2, 5×5)': {
    tile: 2,
    kernel: 5,
    input: sixPoints,
    filter: [
      [1 / 4, 0, 0, 0, 0],
      [-1 / 6, -1 / 6, -1 / 6, -1 / 6, -1 / 6],
      [-1 / 6, 1 / 6, -1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6, 1 / 3, 2 / 3],
      [1 / 24, -1 / 12, 1 / 6, -1 / 3, 2 / 3],
      [0, 0, 0, 0, 1],
    ],
    output: [
      [1, 1, 1, 1, 1, 0],
      [0, 1, -1, 2, -2, 1],
    ],
  },
} as const satisfies Readonly<Record<string, Transforms>>;

/** The edge of an input tile, m + r − 1. */
export const edgeOf = (scheme: Scheme): number => schemes[scheme].tile + schemes[scheme].kernel - 1;

/**
 * Packs one panel of eight filters: the function (from, to, scales, depth, elementBytes), G g Gᵀ, [filter of the panel][channel][y][x]
 * → [element][channel][filter], `elementBytes` from one element to the next. The same for all layers.
 */
export function filterTransform(scheme: Scheme, panel: number): Code {
  return { key: `transform ${scheme} ${panel}`, functions: () => ({ pack: transformFunction(scheme, panel) }) };
}

function transformFunction(scheme: Scheme, panel: number): FunctionBuilder {
  const { kernel, filter: matrix } = schemes[scheme];
  const taps = kernel ** 2;
  return new FunctionBuilder(5, (code, from, to, scales, depth, elementBytes) => {
    const column = code.locals('v128', kernel);
    const halfway = matrix.map(() => code.locals('v128', kernel));
    const [factor, result] = code.locals('v128', 2) as [Local, Local];
    const [place, filterBytes] = code.locals('i32', 2) as [Local, Local];
    const lanes = code.locals('i32', 4);
    code
      .get(depth)
      .i32(taps * 4)
      .do('i32Mul')
      .set(filterBytes);
    code.repeat({ local: depth }, () => {
      for (let vector = 0; vector < panel / 4; vector++) {
        nextLanes(code, lanes, filterBytes, vector === 0 ? from : undefined);
        code
          .get(scales)
          .load(vector * 16)
          .set(factor);
        for (let x = 0; x < kernel; x++) {
          for (const [y, value] of column.entries()) {
            gather(code, lanes, value, (y * kernel + x) * 4);
            code.get(value).get(factor).vector('multiply').set(value);
          }
          for (const [y, row] of matrix.entries()) combine(code, row, column).set(halfway[y]?.[x] as Local);
        }
        code.get(to).set(place);
        for (const line of halfway)
          for (const row of matrix) {
            combine(code, row, line).set(result);
            code.store(() => code.get(place), result, vector * 16).add(place, elementBytes);
          }
      }
      code.increase(from, taps * 4).increase(to, panel * 4);
    });
  });
}

/** A transform of all channels of one tile, four at a time; strides in bytes between rows, columns, and elements. */
interface TileTransform {
  readonly channels: number;
  readonly from: { readonly y: number; readonly x: number };
  readonly to: { readonly y: number; readonly x: number };
}

/** The function (tile, to): Bᵀ d B of an input tile. `channels` is a multiple of 4. */
export const inputTransform = (scheme: Scheme, transform: TileTransform): FunctionBuilder =>
  tileTransform(schemes[scheme].input, transform, null);

/**
 * The function (tile, to, bias, residual): Aᵀ m A of a tile of sums, plus the bias and what lies at `residual`, through the
 * activation function.
 */
export const outputTransform = (
  scheme: Scheme,
  transform: TileTransform,
  epilogue: Pick<Epilogue, 'activation' | 'residual'>,
): FunctionBuilder => tileTransform(schemes[scheme].output, transform, epilogue);

/** M t Mᵀ, columns first. Without an epilogue, bias and residual are not read. */
function tileTransform(
  matrix: Matrix,
  { channels, from, to }: TileTransform,
  epilogue: Pick<Epilogue, 'activation' | 'residual'> | null,
): FunctionBuilder {
  const inner = matrix[0]?.length ?? 0;
  return new FunctionBuilder(4, (code, tile, output, bias, residual) => {
    const column = code.locals('v128', inner);
    const halfway = matrix.map(() => code.locals('v128', inner));
    const [result, added] = code.locals('v128', 2) as [Local, Local];
    code.repeat(channels / 4, () => {
      for (let x = 0; x < inner; x++) {
        for (const [y, local] of column.entries())
          code
            .get(tile)
            .load(y * from.y + x * from.x)
            .set(local);
        for (const [y, row] of matrix.entries()) combine(code, row, column).set(halfway[y]?.[x] as Local);
      }
      if (epilogue) code.get(bias).load().set(added);
      for (const [y, line] of halfway.entries())
        for (const [x, row] of matrix.entries()) {
          combine(code, row, line);
          if (epilogue) code.get(added).vector('add');
          if (epilogue?.residual)
            code
              .get(residual)
              .load(y * to.y + x * to.x)
              .vector('add');
          code.set(result);
          if (epilogue) activate(code, epilogue.activation, result);
          code.store(() => code.get(output), result, y * to.y + x * to.x);
        }
      code.increase(tile, 16).increase(output, 16).increase(bias, 16).increase(residual, 16);
    });
  });
}

/** Pushes Σ factor · value. */
function combine(code: FunctionBuilder, factors: readonly number[], values: readonly Local[]): FunctionBuilder {
  let isFirst = true;
  // What is added comes before what is subtracted, so that the sum begins without a multiplication by −1.
  const terms = factors.map((factor, i) => [factor, values[i] as Local] as const).filter(([factor]) => factor !== 0);
  for (const [factor, value] of terms.sort(([a], [b]) => Number(b > 0) - Number(a > 0))) {
    code.get(value);
    const scale = isFirst ? factor : Math.abs(factor);
    if (scale !== 1) code.constant(scale).vector('multiply');
    if (!isFirst) code.vector(factor > 0 ? 'add' : 'subtract');
    isFirst = false;
  }
  return code;
}
