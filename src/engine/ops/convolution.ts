import { type Op, weightOf, windowOf } from './op.js';

/**
 * y[oy, ox, o] = bias[o] + Σ weight[o, i, ky, kx] · x[oy·S − top + ky·D, ox·S − left + kx·D, i] over the channels `i` of
 * the filter's group; outside the picture x is 0. `weight` is OIHW (PyTorch's), I being the channels of one group.
 */
export const conv: Op<'conv'> = function* (context) {
  const { input, output, weights, attributes } = context;
  const { y: vertical, x: horizontal } = windowOf(context);
  const weight = weightOf(weights, 'weight');
  const { bias } = weights;
  const { filters, groups } = attributes;
  const depth = weight.length / (filters * vertical.kernel * horizontal.kernel);
  const taps = vertical.kernel * horizontal.kernel;
  // By proportion rather than by quotient, so that groups that do not divide (an error) stay inside the buffers.
  const firstChannel = Array.from({ length: filters }, (_, filter) =>
    Math.floor((Math.floor((filter * groups) / filters) * input.channels) / groups),
  );
  for (let n = 0; n < output.batch; n++)
    for (let oy = 0; oy < output.height; oy++)
      for (let ox = 0; ox < output.width; ox++) {
        const to = ((n * output.height + oy) * output.width + ox) * filters;
        for (let filter = 0; filter < filters; filter++) {
          let sum = bias ? (bias[filter] as number) : 0;
          for (let ky = 0; ky < vertical.kernel; ky++) {
            const iy = oy * vertical.stride - vertical.before + ky * vertical.dilation;
            if (iy < 0 || iy >= input.height) continue;
            for (let kx = 0; kx < horizontal.kernel; kx++) {
              const ix = ox * horizontal.stride - horizontal.before + kx * horizontal.dilation;
              if (ix < 0 || ix >= input.width) continue;
              const pixel =
                ((n * input.height + iy) * input.width + ix) * input.channels + (firstChannel[filter] as number);
              let w = filter * depth * taps + ky * horizontal.kernel + kx;
              for (let i = pixel; i < pixel + depth; i++, w += taps)
                sum += (input.data[i] as number) * (weight[w] as number);
            }
          }
          output.data[to + filter] = sum;
        }
        yield;
      }
};
