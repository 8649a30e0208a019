import type { LayerAttributes } from '../../network/catalogue.js';
import type { Tensor } from '../tensor.js';
import type { Op } from './op.js';

/** Votes for directions, cell by cell. Layout: rows of cells, then their columns, then the directions. */
interface Histograms {
  readonly rows: number;
  readonly columns: number;
  readonly orientations: number;
  readonly votes: Float64Array;
}

/** Where normalised votes are cut, and what keeps empty blocks from dividing by 0 (Lowe 2004; Dalal & Triggs 2005). */
const CUT = 0.2;
const EPSILON = 1e-5;

/**
 * Histograms of oriented gradients (Dalal & Triggs 2005; see the layer's doc). A block is a pixel of the output; its
 * channels are the directions of its cells, row by row.
 */
export const hog: Op<'hog'> = function* ({ input, output, attributes }) {
  const { orientations, block } = attributes;
  let to = 0;
  for (let n = 0; n < input.batch; n++) {
    const histograms = emptyHistograms(input, attributes);
    for (let y = 0; y < input.height; y++) {
      for (let x = 0; x < input.width; x++) vote(histograms, attributes.cell, y, x, strongestGradient(input, n, y, x));
      yield;
    }
    for (let by = 0; by < output.height; by++)
      for (let bx = 0; bx < output.width; bx++) {
        const features = new Float64Array(output.channels);
        for (let row = 0; row < block; row++) {
          const from = ((by + row) * histograms.columns + bx) * orientations;
          features.set(histograms.votes.subarray(from, from + block * orientations), row * block * orientations);
        }
        output.data.set(normalised(normalised(features).map((value) => Math.min(value, CUT))), to);
        to += output.channels;
        yield;
      }
  }
};

function emptyHistograms({ height, width }: Tensor, { cell, orientations }: LayerAttributes<'hog'>): Histograms {
  const rows = Math.floor(height / cell);
  const columns = Math.floor(width / cell);
  return { rows, columns, orientations, votes: new Float64Array(rows * columns * orientations) };
}

interface Gradient {
  readonly right: number;
  readonly down: number;
}

/** The gradient (−1, 0, 1) of the channel where it is largest; beyond the border the edge goes on. */
function strongestGradient({ height, width, channels, data }: Tensor, n: number, y: number, x: number): Gradient {
  const pixel = (row: number, column: number) => ((n * height + row) * width + column) * channels;
  const left = pixel(y, Math.max(x - 1, 0));
  const right = pixel(y, Math.min(x + 1, width - 1));
  const above = pixel(Math.max(y - 1, 0), x);
  const below = pixel(Math.min(y + 1, height - 1), x);
  let strongest: Gradient = { right: 0, down: 0 };
  let most = 0;
  for (let c = 0; c < channels; c++) {
    const gradient = {
      right: (data[right + c] as number) - (data[left + c] as number),
      down: (data[below + c] as number) - (data[above + c] as number),
    };
    const magnitude = Math.hypot(gradient.right, gradient.down);
    if (magnitude > most) {
      most = magnitude;
      strongest = gradient;
    }
  }
  return strongest;
}

/** A place along an axis of bins whose centres lie at ½, 1½, …: the bin before it, and how much belongs to the one after. */
const between = (place: number) => {
  const before = Math.floor(place - 0.5);
  return { before, share: place - 0.5 - before };
};

/** Shares a gradient's magnitude out between two directions and four cells, each by its nearness. */
function vote(
  { rows, columns, orientations, votes }: Histograms,
  cell: number,
  y: number,
  x: number,
  gradient: Gradient,
): void {
  const magnitude = Math.hypot(gradient.right, gradient.down);
  if (magnitude === 0) return;
  const halfTurns = Math.atan2(gradient.down, gradient.right) / Math.PI;
  const direction = between((halfTurns - Math.floor(halfTurns)) * orientations);
  const vertical = between((y + 0.5) / cell);
  const horizontal = between((x + 0.5) / cell);
  for (const [row, rowShare] of [
    [vertical.before, 1 - vertical.share],
    [vertical.before + 1, vertical.share],
  ] as const)
    for (const [column, columnShare] of [
      [horizontal.before, 1 - horizontal.share],
      [horizontal.before + 1, horizontal.share],
    ] as const) {
      if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
      for (const [bin, binShare] of [
        [direction.before, 1 - direction.share],
        [direction.before + 1, direction.share],
      ] as const) {
        // 0° and 180° are one direction: the bins lie in a ring.
        const at = (row * columns + column) * orientations + ((bin + orientations) % orientations);
        votes[at] = (votes[at] as number) + magnitude * rowShare * columnShare * binShare;
      }
    }
}

const normalised = (values: Float64Array): Float64Array => {
  const length = Math.sqrt(values.reduce((total, value) => total + value * value, EPSILON * EPSILON));
  return values.map((value) => value / length);
};
