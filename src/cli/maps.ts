import type { Picture, Tensor } from '../engine/index.js';

/** About how wide and high a small picture of maps becomes: maps of few pixels are enlarged towards it. */
const USUAL_SIZE = 512;
const LARGEST_ZOOM = 16;
const GAP = 1;
/** Between the maps: a blue no map has. */
const BACKGROUND = [32, 48, 96] as const;

/**
 * The activation maps of a layer side by side, from dark (its smallest value) to bright (its largest): one range for the
 * whole layer, so that strong and weak maps can be told apart. The input's three channels are shown as one colour picture.
 */
export function drawMaps(tensor: Tensor, isPicture: boolean): Picture {
  const { height, width, channels, data } = tensor;
  const inColour = isPicture && channels === 3;
  const maps = inColour ? 1 : channels;
  const columns = Math.ceil(Math.sqrt((maps * height) / width));
  const rows = Math.ceil(maps / columns);
  const zoom = Math.max(1, Math.min(LARGEST_ZOOM, Math.floor(USUAL_SIZE / Math.max(columns * width, rows * height))));
  const cell = { width: width * zoom + GAP, height: height * zoom + GAP };
  const picture = blank(columns * cell.width - GAP, rows * cell.height - GAP);
  const toGrey = greyScale(data);
  for (let map = 0; map < maps; map++) {
    const left = (map % columns) * cell.width;
    const top = Math.floor(map / columns) * cell.height;
    for (let y = 0; y < height * zoom; y++)
      for (let x = 0; x < width * zoom; x++) {
        const pixel = (Math.floor(y / zoom) * width + Math.floor(x / zoom)) * channels;
        const target = ((top + y) * picture.width + left + x) * 4;
        for (let colour = 0; colour < 3; colour++)
          picture.data[target + colour] = toGrey(data[pixel + (inColour ? colour : map)] as number);
      }
  }
  return picture;
}

function blank(width: number, height: number): Picture {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < data.length; pixel += 4) {
    data.set(BACKGROUND, pixel);
    data[pixel + 3] = 255;
  }
  return { width, height, data };
}

/** A layer that is the same everywhere is grey. */
function greyScale(data: Float32Array): (value: number) => number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most > least ? (value) => (255 * (value - least)) / (most - least) : () => 128;
}
