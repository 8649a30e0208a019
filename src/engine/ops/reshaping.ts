import type { FrameworkRules } from '../../network/frameworks.js';
import type { Tensor } from '../tensor.js';
import type { Op } from './op.js';

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

/** The volume as one vector, in the order of the network's framework. */
export const flatten: Op<'flatten'> = function* ({ input, output, rules }) {
  for (let n = 0; n < input.batch; n++) {
    output.data.set(readVector(input, n, rules.flattenOrder), n * output.channels);
    yield;
  }
};
