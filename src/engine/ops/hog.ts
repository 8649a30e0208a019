import type { LayerAttributes } from '../../network/catalogue.js';
import type { Tensor } from '../tensor.js';
import type { Op, OpContext } from './op.js';

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
export const hog: Op<'hog'> = {
  *forward(context) {
    const { input, output } = context;
    let to = 0;
    for (let n = 0; n < input.batch; n++) {
      const histograms = yield* histogramsOf(context, n);
      for (let by = 0; by < output.height; by++)
        for (let bx = 0; bx < output.width; bx++) {
          const features = blockOf(histograms, context, by, bx);
          output.data.set(normalised(normalised(features, CUT)), to);
          to += output.channels;
          yield;
        }
    }
  },
  /** Back through both normalisations to the votes, and from the votes to each pixel's magnitude and direction. */
  *backward(context) {
    const {
      input,
      output,
      outputGradient,
      attributes,
      inputGradients: [gradient],
    } = context;
    const { block, orientations } = attributes;
    if (!gradient) return;
    let from = 0;
    for (let n = 0; n < input.batch; n++) {
      const histograms = yield* histogramsOf(context, n);
      const byVote = { ...histograms, votes: new Float64Array(histograms.votes.length) };
      for (let by = 0; by < output.height; by++)
        for (let bx = 0; bx < output.width; bx++) {
          const features = blockOf(histograms, context, by, bx);
          const first = normalised(features);
          const cut = first.map((value) => Math.min(value, CUT));
          const given = Float64Array.from(outputGradient.data.subarray(from, from + output.channels));
          const byFirst = normalisedBack(cut, given).map((g, i) => ((first[i] as number) < CUT ? g : 0));
          for (const [i, g] of normalisedBack(features, byFirst).entries()) {
            const row = by + Math.floor(i / (block * orientations));
            const at = (row * histograms.columns + bx) * orientations + (i % (block * orientations));
            byVote.votes[at] = (byVote.votes[at] as number) + g;
          }
          from += output.channels;
          yield;
        }
      for (let y = 0; y < input.height; y++) {
        for (let x = 0; x < input.width; x++)
          takeBack(byVote, attributes.cell, y, x, strongestGradient(input, n, y, x), gradient.data);
        yield;
      }
    }
  },
};

/** The votes of all pixels of a picture. */
function* histogramsOf({ input, attributes }: OpContext<'hog'>, n: number): Generator<void, Histograms, void> {
  const histograms = emptyHistograms(input, attributes);
  for (let y = 0; y < input.height; y++) {
    for (let x = 0; x < input.width; x++) {
      const gradient = strongestGradient(input, n, y, x);
      eachBallot(histograms, attributes.cell, y, x, gradient, (at, share) => {
        histograms.votes[at] = (histograms.votes[at] as number) + gradient.magnitude * share;
      });
    }
    yield;
  }
  return histograms;
}

/** The directions of the cells of a block, row by row. */
function blockOf(
  histograms: Histograms,
  { attributes, output }: OpContext<'hog'>,
  by: number,
  bx: number,
): Float64Array {
  const { orientations, block } = attributes;
  const features = new Float64Array(output.channels);
  for (let row = 0; row < block; row++) {
    const from = ((by + row) * histograms.columns + bx) * orientations;
    features.set(histograms.votes.subarray(from, from + block * orientations), row * block * orientations);
  }
  return features;
}

function emptyHistograms({ height, width }: Tensor, { cell, orientations }: LayerAttributes<'hog'>): Histograms {
  const rows = Math.floor(height / cell);
  const columns = Math.floor(width / cell);
  return { rows, columns, orientations, votes: new Float64Array(rows * columns * orientations) };
}

interface Gradient {
  readonly right: number;
  readonly down: number;
  readonly magnitude: number;
  /** Where the numbers lie that it is the difference of. */
  readonly places: { readonly right: number; readonly left: number; readonly below: number; readonly above: number };
}

/** The gradient (−1, 0, 1) of the channel where it is largest; beyond the border the edge goes on. */
function strongestGradient({ height, width, channels, data }: Tensor, n: number, y: number, x: number): Gradient {
  const pixel = (row: number, column: number) => ((n * height + row) * width + column) * channels;
  const left = pixel(y, Math.max(x - 1, 0));
  const right = pixel(y, Math.min(x + 1, width - 1));
  const above = pixel(Math.max(y - 1, 0), x);
  const below = pixel(Math.min(y + 1, height - 1), x);
  let strongest: Gradient = { right: 0, down: 0, magnitude: 0, places: { right, left, below, above } };
  for (let c = 0; c < channels; c++) {
    const toRight = (data[right + c] as number) - (data[left + c] as number);
    const down = (data[below + c] as number) - (data[above + c] as number);
    const magnitude = Math.hypot(toRight, down);
    if (magnitude > strongest.magnitude)
      strongest = {
        right: toRight,
        down,
        magnitude,
        places: { right: right + c, left: left + c, below: below + c, above: above + c },
      };
  }
  return strongest;
}

/** A place along an axis of bins whose centres lie at ½, 1½, …: the bin before it, and how much belongs to the one after. */
const between = (place: number) => {
  const before = Math.floor(place - 0.5);
  return { before, share: place - 0.5 - before };
};

/**
 * Shares a gradient's magnitude out between two directions and four cells, each by its nearness: tells the place of each vote, its
 * share of the magnitude, and how that grows with the direction, counted in bins.
 */
function eachBallot(
  { rows, columns, orientations }: Histograms,
  cell: number,
  y: number,
  x: number,
  { right, down, magnitude }: Gradient,
  tell: (at: number, share: number, slope: number) => void,
): void {
  if (magnitude === 0) return;
  const halfTurns = Math.atan2(down, right) / Math.PI;
  const direction = between((halfTurns - Math.floor(halfTurns)) * orientations);
  const vertical = between((y + 0.5) / cell);
  const horizontal = between((x + 0.5) / cell);
  for (let i = 0; i < 2; i++) {
    const row = vertical.before + i;
    if (row < 0 || row >= rows) continue;
    for (let j = 0; j < 2; j++) {
      const column = horizontal.before + j;
      if (column < 0 || column >= columns) continue;
      const share = (i ? vertical.share : 1 - vertical.share) * (j ? horizontal.share : 1 - horizontal.share);
      // 0° and 180° are one direction: the bins lie in a ring.
      const place = (row * columns + column) * orientations;
      tell(place + ((direction.before + orientations) % orientations), share * (1 - direction.share), -share);
      tell(place + ((direction.before + 1) % orientations), share * direction.share, share);
    }
  }
}

/** Gives the gradient by the votes back to the four numbers around a pixel that it voted by. */
function takeBack(byVote: Histograms, cell: number, y: number, x: number, gradient: Gradient, to: Float32Array): void {
  let byMagnitude = 0;
  let byDirection = 0;
  eachBallot(byVote, cell, y, x, gradient, (at, share, slope) => {
    byMagnitude += (byVote.votes[at] as number) * share;
    byDirection += (byVote.votes[at] as number) * slope * gradient.magnitude;
  });
  const { right, down, magnitude, places } = gradient;
  if (magnitude === 0) return;
  // From bins to radians: half a turn has all of them.
  const turn = (byDirection * byVote.orientations) / Math.PI / magnitude ** 2;
  const byRight = (byMagnitude * right) / magnitude - turn * down;
  const byDown = (byMagnitude * down) / magnitude + turn * right;
  for (const [place, g] of [
    [places.right, byRight],
    [places.left, -byRight],
    [places.below, byDown],
    [places.above, -byDown],
  ] as const)
    to[place] = (to[place] as number) + g;
}

function lengthOf(values: Float64Array): number {
  let squares = EPSILON * EPSILON;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

/** Of length 1, and cut where it says so. */
function normalised(values: Float64Array, cut = Number.POSITIVE_INFINITY): Float64Array {
  const length = lengthOf(values);
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = Math.min((values[i] as number) / length, cut);
  return result;
}

/** The gradient by the values, from that by what {@link normalised} makes of them. */
function normalisedBack(values: Float64Array, gradient: Float64Array): Float64Array {
  const length = lengthOf(values);
  const along = gradient.reduce((total, g, i) => total + g * (values[i] as number), 0) / length ** 3;
  return gradient.map((g, i) => g / length - (values[i] as number) * along);
}
