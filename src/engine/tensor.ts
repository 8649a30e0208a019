import type { FrameworkRules } from '../network/frameworks.js';
import { type Shape, volumeOf } from '../network/shape.js';

/**
 * A batch of volumes of float32 numbers, in one buffer. Layout NHWC: the channels of a pixel lie next to each other, then
 * the pixels of a row, the rows of a picture, the pictures of the batch. The number of channel `c` at row `y`, column
 * `x` of picture `n` is `data[((n · height + y) · width + x) · channels + c]`.
 */
export interface Tensor extends Shape {
  readonly batch: number;
  readonly data: Float32Array;
}

/** A tensor of zeros. */
export const createTensor = ({ height, width, channels }: Shape, batch = 1): Tensor => ({
  batch,
  height,
  width,
  channels,
  data: new Float32Array(batch * height * width * channels),
});

/** Arrays to be written over, each once. */
export class Spare {
  readonly #byLength = new Map<number, Float32Array[]>();

  constructor(arrays: readonly Float32Array[] = []) {
    for (const array of new Set(arrays)) {
      const equal = this.#byLength.get(array.length);
      if (equal) equal.push(array);
      else this.#byLength.set(array.length, [array]);
    }
  }

  /** A tensor, of any numbers: an array that is spare, or a new one. */
  take(shape: Shape, batch: number): Tensor {
    const { height, width, channels } = shape;
    const data = this.#byLength.get(batch * volumeOf(shape))?.pop();
    return data ? { batch, height, width, channels, data } : createTensor(shape, batch);
  }
}

/** Numbers in PyTorch's layout, NCHW, as a tensor (NHWC). Throws a RangeError where their number is not the shape's. */
export function fromNCHW(numbers: ArrayLike<number>, shape: Shape, batch = 1): Tensor {
  const tensor = createTensor(shape, batch);
  if (numbers.length !== tensor.data.length)
    throw new RangeError(`${numbers.length} numbers for ${batch}×${shape.channels}×${shape.height}×${shape.width}`);
  let from = 0;
  eachNCHW(tensor, (index) => {
    tensor.data[index] = numbers[from++] as number;
  });
  return tensor;
}

/** The numbers of a tensor in PyTorch's layout, NCHW. */
export function toNCHW(tensor: Tensor): Float32Array {
  const numbers = new Float32Array(tensor.data.length);
  let to = 0;
  eachNCHW(tensor, (index) => {
    numbers[to++] = tensor.data[index] as number;
  });
  return numbers;
}

/** Calls `visit` with the index into NHWC data of every number, in the order of NCHW. */
function eachNCHW({ batch, height, width, channels }: Tensor, visit: (index: number) => void): void {
  const pixels = height * width;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let pixel = 0; pixel < pixels; pixel++) visit((n * pixels + pixel) * channels + c);
}

/** One picture's volume as a vector: channel by channel (C, H, W), or pixel by pixel (H, W, C), as it is stored. */
export function readVector(tensor: Tensor, picture: number, order: FrameworkRules['flattenOrder']): Float32Array {
  const { height, width, channels, data } = tensor;
  const pixels = height * width;
  const stored = data.subarray(picture * pixels * channels, (picture + 1) * pixels * channels);
  if (order === 'HWC') return stored;
  const vector = new Float32Array(stored.length);
  let to = 0;
  for (let c = 0; c < channels; c++)
    for (let pixel = 0; pixel < pixels; pixel++) vector[to++] = stored[pixel * channels + c] as number;
  return vector;
}

/** Adds a vector of {@link readVector}'s order to one picture's volume. */
export function addVector(
  tensor: Tensor,
  picture: number,
  vector: ArrayLike<number>,
  order: FrameworkRules['flattenOrder'],
): void {
  const { height, width, channels, data } = tensor;
  const pixels = height * width;
  const first = picture * pixels * channels;
  for (let i = 0; i < vector.length; i++) {
    const at = first + (order === 'HWC' ? i : (i % pixels) * channels + Math.floor(i / pixels));
    data[at] = (data[at] as number) + (vector[i] as number);
  }
}
