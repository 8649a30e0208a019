import type { Window } from '../../network/window.js';
import type { Tensor } from '../tensor.js';
import { type LayerWeights, type Op, type Steps, transposedOf, weightOf, windowOf } from './op.js';

/**
 * y[oy, ox, o] = bias[o] + Σ weight[o, i, ky, kx] · x[oy·S − top + ky·D, ox·S − left + kx·D, i] over the channels `i` of
 * the filter's group; outside the picture x is 0. `weight` is OIHW (PyTorch's), I being the channels of one group.
 */
export const conv: Op<'conv'> = (context) =>
  slideFilters(context.input, context.output, context.weights, windowOf(context), context.attributes.groups);

/** {@link conv} with a group for every channel: `weight` is [C · multiplier, 1, ky, kx]. */
export const depthwise: Op<'depthwise'> = (context) =>
  slideFilters(context.input, context.output, context.weights, windowOf(context), context.input.channels);

function* slideFilters(
  input: Tensor,
  output: Tensor,
  weights: LayerWeights,
  { y: vertical, x: horizontal }: Window,
  groups: number,
): Steps {
  const weight = weightOf(weights, 'weight');
  const { bias } = weights;
  const filters = output.channels;
  const depth = weight.length / (filters * vertical.kernel * horizontal.kernel);
  const taps = vertical.kernel * horizontal.kernel;
  const firstChannel = Array.from({ length: filters }, (_, filter) =>
    firstOfGroup(Math.floor((filter * groups) / filters), groups, input.channels),
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
}

/** The first channel of a group: by proportion, so that groups that do not divide (an error) stay inside the buffers. */
const firstOfGroup = (group: number, groups: number, channels: number): number =>
  Math.floor((group * channels) / groups);

/**
 * y[oy, ox, o] = bias[o] + Σ weight[i, o', ky, kx] · x[iy, ix, i] over all iy·S − top + ky·D = oy, ix·S − left + kx·D = ox and
 * the channels i of the filter's group, o' being the filter's place in it. `weight` is IOHW (PyTorch's). Each output
 * gathers what its inputs would stamp on it, so that it is summed in one go.
 */
export const convtranspose: Op<'convtranspose'> = function* (context) {
  const { input, output, weights } = context;
  const { y: vertical, x: horizontal } = transposedOf(context);
  const weight = weightOf(weights, 'weight');
  const { bias } = weights;
  const { groups, filters } = context.attributes;
  const taps = vertical.kernel * horizontal.kernel;
  const depth = weight.length / (input.channels * taps);
  for (let n = 0; n < output.batch; n++)
    for (let oy = 0; oy < output.height; oy++)
      for (let ox = 0; ox < output.width; ox++) {
        const to = ((n * output.height + oy) * output.width + ox) * filters;
        for (let filter = 0; filter < filters; filter++) {
          const group = Math.floor((filter * groups) / filters);
          const first = firstOfGroup(group, groups, input.channels);
          const beyond = Math.max(first + 1, firstOfGroup(group + 1, groups, input.channels));
          const place = Math.min(filter - Math.ceil((group * filters) / groups), depth - 1);
          let sum = bias ? (bias[filter] as number) : 0;
          for (let ky = 0; ky < vertical.kernel; ky++) {
            const iy = (oy + vertical.before - ky * vertical.dilation) / vertical.stride;
            if (!Number.isInteger(iy) || iy < 0 || iy >= input.height) continue;
            for (let kx = 0; kx < horizontal.kernel; kx++) {
              const ix = (ox + horizontal.before - kx * horizontal.dilation) / horizontal.stride;
              if (!Number.isInteger(ix) || ix < 0 || ix >= input.width) continue;
              const pixel = ((n * input.height + iy) * input.width + ix) * input.channels;
              const tap = ky * horizontal.kernel + kx;
              for (let i = first; i < beyond; i++)
                sum += (input.data[pixel + i] as number) * (weight[(i * depth + place) * taps + tap] as number);
            }
          }
          output.data[to + filter] = sum;
        }
        yield;
      }
};
