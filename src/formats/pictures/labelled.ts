import type { Shape } from '../../network/shape.js';

/** Pictures of which the class is known, as a file has them. */
export interface LabelledPictures {
  readonly shape: Shape;
  readonly count: number;
  /** The class of each, counted from 0. */
  readonly labels: Uint8Array;
  /** Writes the pixels of a picture, 0 to 1, NHWC. */
  readonly read: (index: number, to: Float32Array) => void;
}

/** What is wrong with a file of pictures. */
export class PicturesError extends Error {
  override readonly name = 'PicturesError';
}

/** Pictures of 8-bit pixels that lie one after the other; `place` says where a number of NHWC lies in its picture. */
export function bytePictures(
  shape: Shape,
  labels: Uint8Array,
  pixels: Uint8Array,
  { first = 0, step = shape.height * shape.width * shape.channels, place = (i: number) => i } = {},
): LabelledPictures {
  const volume = shape.height * shape.width * shape.channels;
  const places = Uint32Array.from({ length: volume }, (_, i) => place(i));
  return {
    shape,
    count: labels.length,
    labels,
    read(index, to) {
      const from = first + index * step;
      for (let i = 0; i < volume; i++) to[i] = (pixels[from + (places[i] as number)] as number) / 255;
    },
  };
}
