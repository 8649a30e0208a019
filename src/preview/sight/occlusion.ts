import {
  createPredictor,
  createTensor,
  type NetworkPart,
  partUpTo,
  type Run,
  type Tensor,
} from '../../engine/index.js';
import { pauseWith } from '../../engine/pause.js';
import type { CheckedNetwork } from '../../network/check.js';
import { unitField } from '../../network/field.js';
import type { Volume } from '../statistics.js';
import type { Unit } from '../unit/unit.js';
import type { Work } from './work.js';

/** Squares that are laid over the picture, by their side, start every half side. */
const stepOf = (side: number): number => Math.max(1, Math.floor(side / 2));

/**
 * Occlusion sensitivity (Zeiler & Fergus 2014): a square of the picture's mean colour is laid over each place of the picture in turn,
 * and the network is run again. Each pixel gets by how much the unit's number falls, on average over the squares that cover it:
 * what speaks for the unit is positive. Squares that the unit cannot see are left out, for they change nothing.
 */
export async function occlusionOf(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  run: Run,
  layer: number,
  unit: Unit,
  side: number,
  { signal, onProgress }: Work = {},
): Promise<Volume | null> {
  const picture = run[0]?.activation;
  const field = checked.facts[layer]?.field;
  if (!picture || !run[layer] || !field) return null;
  const part = partUpTo(checked, layer);
  const predictor = predictorOf(part, run);
  const { height, width } = picture;
  try {
    const { y, x } = unitField(field, unit.row, unit.column);
    const rows = startsAlong(height, side, y);
    const columns = startsAlong(width, side, x);
    const mean = meanColour(picture);
    const falls = new Float32Array(height * width);
    const covers = new Uint32Array(height * width);
    const valueOn = async (tensor: Tensor) => {
      const output = await predictor.predict(tensor, signal ? { signal } : {});
      return output.data[(unit.row * output.width + unit.column) * output.channels + unit.channel] as number;
    };
    const before = await valueOn(picture);
    const covered = createTensor(picture);
    const pause = pauseWith(signal);
    for (const [place, top] of rows.entries())
      for (const [across, left] of columns.entries()) {
        // A prediction of a small network is over before it would let others run.
        if (pause.isDue()) await pause.take();
        onProgress?.((place * columns.length + across) / (rows.length * columns.length));
        covered.data.set(picture.data);
        const pixels = [...pixelsOf(top, left, side, picture)];
        for (const pixel of pixels) covered.data.set(mean, pixel * picture.channels);
        const fall = before - (await valueOn(covered));
        for (const pixel of pixels) {
          falls[pixel] = (falls[pixel] as number) + fall;
          covers[pixel] = (covers[pixel] as number) + 1;
        }
      }
    return { height, width, channels: 1, data: falls.map((fall, pixel) => fall / (covers[pixel] || 1)) };
  } finally {
    predictor.dispose();
  }
}

/** A predictor of a part of a network with the weights of a run of the whole. */
export const predictorOf = (part: NetworkPart, run: Run) =>
  createPredictor(part, { weights: (layer) => run[part.layers[layer] ?? -1]?.weights ?? {}, precise: true });

/** Where the squares begin along one side of the picture; the last ends with it. */
function startsAlong(length: number, side: number, [from, to]: readonly [number, number]): number[] {
  const last = Math.max(0, length - side);
  const starts: number[] = [];
  for (let start = 0; start < last; start += stepOf(side)) starts.push(start);
  return [...starts, last].filter((start) => start + side > from && start < to);
}

function* pixelsOf(top: number, left: number, side: number, { height, width }: Tensor): Iterable<number> {
  for (let row = top; row < Math.min(top + side, height); row++)
    for (let column = left; column < Math.min(left + side, width); column++) yield row * width + column;
}

function meanColour({ channels, data }: Tensor): Float32Array {
  const sums = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) sums[i % channels] = (sums[i % channels] as number) + (data[i] as number);
  return Float32Array.from(sums, (sum) => (sum * channels) / data.length);
}
