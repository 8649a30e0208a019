import type { Shape } from '../../network/shape.js';

/** Pictures of which the class is known. Wherever they come from, they are of one size. */
export interface Dataset {
  /** The names of the classes, by number. */
  readonly classes: readonly string[];
  readonly count: number;
  readonly shape: Shape;
  /** Writes a picture's pixels, 0 to 1, NHWC, and gives its class, counted from 0. */
  readonly read: (index: number, to: Float32Array) => number | Promise<number>;
}

/** What a network learns from, and what it is tested on, which it never sees while it learns. */
export interface SplitDataset {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * A dataset whose pictures are drawn when they are first asked for, and kept in 8 bits a pixel: `draw` fills numbers from 0 to
 * 1.
 */
export function drawnDataset(
  classes: readonly string[],
  count: number,
  shape: Shape,
  draw: (index: number, to: Float32Array) => number,
): Dataset {
  const volume = shape.height * shape.width * shape.channels;
  const kept: (Uint8Array | undefined)[] = [];
  const labels = new Uint8Array(count);
  return {
    classes,
    count,
    shape,
    read(index, to) {
      let pixels = kept[index];
      if (!pixels) {
        const drawn = new Float32Array(volume);
        labels[index] = draw(index, drawn);
        pixels = Uint8Array.from(drawn, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
        kept[index] = pixels;
      }
      for (let i = 0; i < volume; i++) to[i] = (pixels[i] as number) / 255;
      return labels[index] as number;
    },
  };
}

/** Where a set has no test of its own, every so many-th picture is kept for it. */
const KEPT_FOR_TEST = 5;

/** A set with its test, for which pictures are taken out of it where there is none. */
export const withTest = ({ train, test }: { readonly train: Dataset; readonly test?: Dataset }): SplitDataset =>
  test ? { train, test } : splitOff(train, KEPT_FOR_TEST);

/** Every `every`-th picture is for the test, all others are to be learned from. */
export function splitOff(dataset: Dataset, every: number): SplitDataset {
  const part = (indices: Uint32Array): Dataset => ({
    ...dataset,
    count: indices.length,
    read: (index, to) => dataset.read(indices[index] as number, to),
  });
  const all = Uint32Array.from({ length: dataset.count }, (_, i) => i);
  return {
    train: part(all.filter((i) => i % every !== every - 1)),
    test: part(all.filter((i) => i % every === every - 1)),
  };
}
