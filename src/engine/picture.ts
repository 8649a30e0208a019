import type { LayerAttributes } from '../network/catalogue.js';
import type { Shape } from '../network/shape.js';
import { createTensor, type Tensor } from './tensor.js';

/** A picture of 8-bit pixels, four bytes each: red, green, blue, alpha. A browser's ImageData is one. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/**
 * The picture as the network sees it, a batch of one: cut at the centre to the input's aspect ratio, resized (averaging
 * over areas to shrink, bilinear to enlarge), then (pixel · scale − mean)/std per channel, pixel between 0 and 1.
 * Transparent pixels lie on white. One channel is the luma of Rec. 601; three are red, green, blue; any other number takes
 * red, green and blue in turn.
 */
export function pictureTensor(picture: Picture, attributes: LayerAttributes<'input'>): Tensor {
  const { size, mean, std, scale } = attributes;
  const tensor = resizePicture(picture, size);
  const { data } = tensor;
  for (let i = 0; i < data.length; i++) {
    const c = i % size.channels;
    data[i] = ((data[i] as number) * scale - perChannel(mean, c)) / perChannel(std, c);
  }
  return tensor;
}

/** {@link pictureTensor} before scale, mean and standard deviation: numbers between 0 and 1. */
export function resizePicture(picture: Picture, size: Shape): Tensor {
  const ratio = size.width / size.height;
  const width = Math.min(picture.width, picture.height * ratio);
  const height = Math.min(picture.height, picture.width / ratio);
  const columns = samplesAlong(picture.width, (picture.width - width) / 2, width, size.width);
  const rows = samplesAlong(picture.height, (picture.height - height) / 2, height, size.height);

  // Red, green, blue of every row of the picture at the new width, then the same along the columns.
  const narrow = new Float32Array(picture.height * size.width * 3);
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < size.width; x++) {
      const to = (y * size.width + x) * 3;
      for (const { index, weight } of columns[x] ?? []) {
        const pixel = (y * picture.width + index) * 4;
        const alpha = (picture.data[pixel + 3] as number) / 255;
        for (let c = 0; c < 3; c++) {
          const value = ((picture.data[pixel + c] as number) / 255) * alpha + (1 - alpha);
          narrow[to + c] = (narrow[to + c] as number) + weight * value;
        }
      }
    }
  const tensor = createTensor(size);
  const rgb: [number, number, number] = [0, 0, 0];
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) {
      rgb.fill(0);
      for (const { index, weight } of rows[y] ?? [])
        for (let c = 0; c < 3; c++)
          rgb[c] = (rgb[c] as number) + weight * (narrow[(index * size.width + x) * 3 + c] as number);
      const to = (y * size.width + x) * size.channels;
      if (size.channels === 1) tensor.data[to] = luma(rgb);
      else for (let c = 0; c < size.channels; c++) tensor.data[to + c] = rgb[c % 3] as number;
    }
  return tensor;
}

/** Rec. 601: what greyscale television and most image libraries use. */
const luma = ([red, green, blue]: readonly [number, number, number]): number =>
  0.299 * red + 0.587 * green + 0.114 * blue;

const perChannel = (values: readonly number[], channel: number): number =>
  (values.length === 1 ? values[0] : values[channel]) ?? 0;

interface Sample {
  readonly index: number;
  readonly weight: number;
}

/** For each of `count` new pixels across [start, start + extent) of `length` pixels, the pixels it mixes; weights sum to 1. */
function samplesAlong(length: number, start: number, extent: number, count: number): readonly (readonly Sample[])[] {
  const step = extent / count;
  return Array.from({ length: count }, (_, i) =>
    step > 1 ? areaSamples(start + i * step, step, length) : linearSamples(start + (i + 0.5) * step - 0.5, length),
  );
}

/** Every pixel that [from, from + extent) touches, by how much of it lies inside. */
function areaSamples(from: number, extent: number, length: number): readonly Sample[] {
  const samples: Sample[] = [];
  for (let index = Math.floor(from); index < Math.min(from + extent, length); index++) {
    const covered = Math.min(index + 1, from + extent) - Math.max(index, from);
    if (covered > 0) samples.push({ index, weight: covered / extent });
  }
  return samples;
}

/** The two pixels whose centres lie around `centre`; at the border the outermost pixel alone. */
function linearSamples(centre: number, length: number): readonly Sample[] {
  const within = Math.min(Math.max(centre, 0), length - 1);
  const index = Math.floor(within);
  const fraction = within - index;
  if (fraction === 0) return [{ index, weight: 1 }];
  return [
    { index, weight: 1 - fraction },
    { index: index + 1, weight: fraction },
  ];
}
