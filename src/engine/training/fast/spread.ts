import type { WindowAxis } from '../../../network/window.js';

/** A gradient by the output as the flipped filters want it: its pixels a stride apart, zeros between and around them. */
export function spreadOut(channels: number, y: WindowAxis, x: WindowAxis) {
  const rim = ({ kernel, dilation, before }: WindowAxis) => (kernel - 1) * dilation - before;
  const length = ({ input, kernel, dilation }: WindowAxis) => input + (kernel - 1) * dilation;
  const height = length(y);
  const width = length(x);
  const row = width * channels;
  return {
    line: row * 4,
    bytes: height * row * 4,
    /** Indices of numbers. */
    prepare(memory: Float32Array, from: number, to: number): void {
      memory.fill(0, to, to + height * row);
      for (let oy = 0; oy < y.output; oy++) {
        const ty = oy * y.stride + rim(y);
        if (ty < 0 || ty >= height) continue;
        const source = from + oy * x.output * channels;
        if (x.stride === 1) {
          // Pixels that fall out of the image at the left or the right were padding.
          const cut = Math.max(0, -rim(x));
          const count = Math.min(x.output, width - rim(x)) - cut;
          memory.copyWithin(
            to + ty * row + Math.max(0, rim(x)) * channels,
            source + cut * channels,
            source + (cut + count) * channels,
          );
        } else
          for (let ox = 0; ox < x.output; ox++) {
            const tx = ox * x.stride + rim(x);
            if (tx < 0 || tx >= width) continue;
            for (let c = 0; c < channels; c++)
              memory[to + ty * row + tx * channels + c] = memory[source + ox * channels + c] as number;
          }
      }
    },
  };
}
