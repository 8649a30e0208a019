import type { Shape } from '../../network/shape.js';
import type { Window } from '../../network/window.js';
import { kernelExtent } from '../../network/window.js';

/** An input as a sliding window wants it: with its padding around it, so that no tap has to ask where it is. */
export interface Padded {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** 0 where the input can be read as it lies. */
  readonly scratchBytes: number;
  /** Whether the copy is of the patch under each output, not of the picture. */
  readonly copiesPatches?: boolean;
  /** Makes the copy, if one is needed, and returns the address to read from. */
  readonly prepare: (memory: Float32Array, input: number, scratch: number) => number;
}

/** The input without a border. */
export const asItLies = (input: Shape): Padded => ({ ...input, scratchBytes: 0, prepare: (_, address) => address });

/** The part of the input under the window, with a border of `fill` where the window reaches beyond. */
export function padded(input: Shape, { y, x }: Window, fill: number): Padded {
  const { channels } = input;
  const height = (y.output - 1) * y.stride + kernelExtent(y.kernel, y.dilation);
  const width = (x.output - 1) * x.stride + kernelExtent(x.kernel, x.dilation);
  if (y.before === 0 && x.before === 0 && height <= input.height && width <= input.width) return asItLies(input);
  const row = width * channels;
  const left = Math.min(x.before, width) * channels;
  const length = Math.max(0, Math.min(input.width, width - x.before)) * channels;
  return {
    height,
    width,
    channels,
    scratchBytes: height * row * 4,
    prepare(memory, address, scratch) {
      for (let line = 0; line < height; line++) {
        const to = scratch / 4 + line * row;
        const iy = line - y.before;
        if (iy < 0 || iy >= input.height || length === 0) {
          memory.fill(fill, to, to + row);
          continue;
        }
        const from = address / 4 + iy * input.width * channels;
        memory.fill(fill, to, to + left);
        memory.copyWithin(to + left, from, from + length);
        memory.fill(fill, to + left + length, to + row);
      }
      return scratch;
    },
  };
}

/** The patch under the window of each output, [output][ky][kx][channel]: what lies beyond the input is 0. Without dilation along x. */
export function patches(input: Shape, { y, x }: Window): Padded {
  const { channels } = input;
  const run = x.kernel * channels;
  const each = y.kernel * run;
  return {
    height: 1,
    width: y.output * x.output,
    channels: each,
    scratchBytes: y.output * x.output * each * 4,
    copiesPatches: true,
    prepare(memory, address, scratch) {
      let to = scratch / 4;
      for (let oy = 0; oy < y.output; oy++)
        for (let ox = 0; ox < x.output; ox++)
          for (let ky = 0; ky < y.kernel; ky++, to += run) {
            const iy = oy * y.stride - y.before + ky * y.dilation;
            const ix = ox * x.stride - x.before;
            const first = Math.max(0, -ix);
            const last = Math.min(x.kernel, input.width - ix);
            const isInside = iy >= 0 && iy < input.height && first < last;
            if (!isInside || last - first < x.kernel) memory.fill(0, to, to + run);
            if (!isInside) continue;
            const from = address / 4 + (iy * input.width + ix + first) * channels;
            memory.copyWithin(to + first * channels, from, from + (last - first) * channels);
          }
      return scratch;
    },
  };
}
