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
  const isSame = picture.width === size.width && picture.height === size.height;
  const colours = isSame ? onWhite(picture) : resample(onWhite(picture), picture, size);
  const { channels } = size;
  const tensor = createTensor(size);
  const { data } = tensor;
  for (let from = 0, to = 0; to < data.length; from += 3, to += channels)
    if (channels === 1) data[to] = luma(colours, from);
    else for (let c = 0; c < channels; c++) data[to + c] = colours[from + (c % 3)] as number;
  return tensor;
}

/** Red, green, blue of each pixel, between 0 and 1. */
function onWhite({ width, height, data }: Picture): Float32Array {
  const colours = new Float32Array(width * height * 3);
  for (let from = 0, to = 0; to < colours.length; from += 4, to += 3) {
    const alpha = (data[from + 3] as number) / 255;
    for (let c = 0; c < 3; c++) colours[to + c] = ((data[from + c] as number) / 255) * alpha + (1 - alpha);
  }
  return colours;
}

/** Three numbers a pixel, from the size of a picture to another, cut to its ratio: along the rows, then along the columns. */
function resample(colours: Float32Array, from: Extent, to: Extent): Float32Array {
  const ratio = to.width / to.height;
  const width = Math.min(from.width, from.height * ratio);
  const height = Math.min(from.height, from.width / ratio);
  const columns = samplesAlong(from.width, (from.width - width) / 2, width, to.width);
  const rows = samplesAlong(from.height, (from.height - height) / 2, height, to.height);
  const narrow = new Float32Array(from.height * to.width * 3);
  for (let y = 0; y < from.height; y++)
    for (const [x, samples] of columns.entries())
      addSamples(narrow, (y * to.width + x) * 3, samples, colours, y * from.width * 3, 3);
  const result = new Float32Array(to.height * to.width * 3);
  for (const [y, samples] of rows.entries())
    for (let x = 0; x < to.width; x++) addSamples(result, (y * to.width + x) * 3, samples, narrow, x * 3, to.width * 3);
  return result;
}

type Extent = Pick<Shape, 'height' | 'width'>;

/** Adds to a pixel at index `to` those of a line that begins at `start`, `stride` numbers apart, by their weights. */
function addSamples(
  pixels: Float32Array,
  to: number,
  samples: readonly Sample[],
  line: Float32Array,
  start: number,
  stride: number,
): void {
  for (const { index, weight } of samples)
    for (let c = 0; c < 3; c++)
      pixels[to + c] = (pixels[to + c] as number) + weight * (line[start + index * stride + c] as number);
}

/** Rec. 601: what greyscale television and most image libraries use. */
const luma = (colours: Float32Array, at: number): number =>
  0.299 * (colours[at] as number) + 0.587 * (colours[at + 1] as number) + 0.114 * (colours[at + 2] as number);

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
