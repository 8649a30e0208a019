import type { LayerKind } from '../../network/catalogue.js';
import type { Window } from '../../network/window.js';
import {
  addTo,
  type BackwardContext,
  type Op,
  type OpContext,
  type Steps,
  transposedOf,
  weightOf,
  windowOf,
} from './op.js';

/**
 * y[oy, ox, o] = bias[o] + Σ weight[o, i, ky, kx] · x[oy·S − top + ky·D, ox·S − left + kx·D, i] over the channels `i` of
 * the filter's group; outside the picture x is 0. `weight` is OIHW (PyTorch's), I being the channels of one group.
 */
export const conv: Op<'conv'> = {
  forward: (context) => slideFilters(context, windowOf(context), context.attributes.groups),
  backward: (context) => slideBack(context, windowOf(context), context.attributes.groups),
};

/** {@link conv} with a group for every channel: `weight` is [C · multiplier, 1, ky, kx]. */
export const depthwise: Op<'depthwise'> = {
  forward: (context) => slideFilters(context, windowOf(context), context.input.channels),
  backward: (context) => slideBack(context, windowOf(context), context.input.channels),
};

/** The first input channel that each filter sees. */
const firstChannels = (filters: number, groups: number, channels: number): readonly number[] =>
  Array.from({ length: filters }, (_, filter) =>
    firstOfGroup(Math.floor((filter * groups) / filters), groups, channels),
  );

function* slideFilters(
  { input, output, weights }: Pick<OpContext<LayerKind>, 'input' | 'output' | 'weights'>,
  { y: vertical, x: horizontal }: Window,
  groups: number,
): Steps {
  const weight = weightOf(weights, 'weight');
  const { bias } = weights;
  const filters = output.channels;
  const depth = weight.length / (filters * vertical.kernel * horizontal.kernel);
  const taps = vertical.kernel * horizontal.kernel;
  const firstChannel = firstChannels(filters, groups, input.channels);
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

/** Every product of {@link slideFilters} gives its input the gradient times the weight, its weight the gradient times the input. */
function* slideBack(
  {
    input,
    outputGradient,
    inputGradients: [gradient],
    weights,
    weightGradients,
  }: Pick<BackwardContext<LayerKind>, 'input' | 'outputGradient' | 'inputGradients' | 'weights' | 'weightGradients'>,
  { y: vertical, x: horizontal }: Window,
  groups: number,
): Steps {
  const weight = weightOf(weights, 'weight');
  const filters = outputGradient.channels;
  const taps = vertical.kernel * horizontal.kernel;
  const depth = weight.length / (filters * taps);
  const firstChannel = firstChannels(filters, groups, input.channels);
  const volume = input.height * input.width * input.channels;
  const byWeight = new Float64Array(weight.length);
  const byBias = new Float64Array(filters);
  for (let n = 0; n < outputGradient.batch; n++) {
    const byInput = new Float64Array(volume);
    const x = input.data.subarray(n * volume, (n + 1) * volume);
    for (let oy = 0; oy < outputGradient.height; oy++)
      for (let ox = 0; ox < outputGradient.width; ox++) {
        const from = ((n * outputGradient.height + oy) * outputGradient.width + ox) * filters;
        for (let filter = 0; filter < filters; filter++) {
          const g = outputGradient.data[from + filter] as number;
          byBias[filter] = (byBias[filter] as number) + g;
          for (let ky = 0; ky < vertical.kernel; ky++) {
            const iy = oy * vertical.stride - vertical.before + ky * vertical.dilation;
            if (iy < 0 || iy >= input.height) continue;
            for (let kx = 0; kx < horizontal.kernel; kx++) {
              const ix = ox * horizontal.stride - horizontal.before + kx * horizontal.dilation;
              if (ix < 0 || ix >= input.width) continue;
              const pixel = (iy * input.width + ix) * input.channels + (firstChannel[filter] as number);
              let w = filter * depth * taps + ky * horizontal.kernel + kx;
              for (let i = pixel; i < pixel + depth; i++, w += taps) {
                byInput[i] = (byInput[i] as number) + g * (weight[w] as number);
                byWeight[w] = (byWeight[w] as number) + g * (x[i] as number);
              }
            }
          }
        }
        yield;
      }
    addTo(gradient?.data, byInput, n * volume);
  }
  addTo(weightGradients.weight, byWeight);
  addTo(weightGradients.bias, byBias);
}

/** The first channel of a group: by proportion, so that groups that do not divide (an error) stay inside the buffers. */
const firstOfGroup = (group: number, groups: number, channels: number): number =>
  Math.floor((group * channels) / groups);

/**
 * y[oy, ox, o] = bias[o] + Σ weight[i, o', ky, kx] · x[iy, ix, i] over all iy·S − top + ky·D = oy, ix·S − left + kx·D = ox and
 * the channels i of the filter's group, o' being the filter's place in it. `weight` is IOHW (PyTorch's). Each output
 * gathers what its inputs would stamp on it, so that it is summed in one go.
 */
export const convtranspose: Op<'convtranspose'> = {
  *forward(context) {
    const { input, output, weights } = context;
    const weight = weightOf(weights, 'weight');
    const { bias } = weights;
    const { filters } = context.attributes;
    for (let n = 0; n < output.batch; n++)
      for (let oy = 0; oy < output.height; oy++)
        for (let ox = 0; ox < output.width; ox++) {
          const to = ((n * output.height + oy) * output.width + ox) * filters;
          for (let filter = 0; filter < filters; filter++) {
            let sum = bias ? (bias[filter] as number) : 0;
            for (const { pixel, tap, first, beyond, row, step } of stamps(context, weight, n, oy, ox, filter))
              for (let i = first; i < beyond; i++)
                sum += (input.data[pixel + i] as number) * (weight[i * row + step + tap] as number);
            output.data[to + filter] = sum;
          }
          yield;
        }
  },
  *backward(context) {
    const { input, output, weights, outputGradient, weightGradients } = context;
    const [gradient] = context.inputGradients;
    const weight = weightOf(weights, 'weight');
    const { filters } = context.attributes;
    const byInput = new Float64Array(input.data.length);
    const byWeight = new Float64Array(weight.length);
    const byBias = new Float64Array(filters);
    for (let n = 0; n < output.batch; n++)
      for (let oy = 0; oy < output.height; oy++)
        for (let ox = 0; ox < output.width; ox++) {
          const from = ((n * output.height + oy) * output.width + ox) * filters;
          for (let filter = 0; filter < filters; filter++) {
            const g = outputGradient.data[from + filter] as number;
            byBias[filter] = (byBias[filter] as number) + g;
            for (const { pixel, tap, first, beyond, row, step } of stamps(context, weight, n, oy, ox, filter))
              for (let i = first; i < beyond; i++) {
                const w = i * row + step + tap;
                byInput[pixel + i] = (byInput[pixel + i] as number) + g * (weight[w] as number);
                byWeight[w] = (byWeight[w] as number) + g * (input.data[pixel + i] as number);
              }
          }
          yield;
        }
    addTo(gradient?.data, byInput);
    addTo(weightGradients.weight, byWeight);
    addTo(weightGradients.bias, byBias);
  },
};

/** One input pixel that stamps on an output: its channels `first` to `beyond`, their weights at `i · row + step + tap`. */
interface Stamp {
  readonly pixel: number;
  readonly tap: number;
  readonly first: number;
  readonly beyond: number;
  readonly row: number;
  readonly step: number;
}

/** The input pixels whose kernels cover one place of the output of a transposed convolution. */
function stamps(
  context: OpContext<'convtranspose'>,
  weight: Float32Array,
  n: number,
  oy: number,
  ox: number,
  filter: number,
): readonly Stamp[] {
  const { input } = context;
  const { y: vertical, x: horizontal } = transposedOf(context);
  const { groups, filters } = context.attributes;
  const taps = vertical.kernel * horizontal.kernel;
  const depth = weight.length / (input.channels * taps);
  const group = Math.floor((filter * groups) / filters);
  const first = firstOfGroup(group, groups, input.channels);
  const beyond = Math.max(first + 1, firstOfGroup(group + 1, groups, input.channels));
  const place = Math.min(filter - Math.ceil((group * filters) / groups), depth - 1);
  const found: Stamp[] = [];
  for (let ky = 0; ky < vertical.kernel; ky++) {
    const iy = (oy + vertical.before - ky * vertical.dilation) / vertical.stride;
    if (!Number.isInteger(iy) || iy < 0 || iy >= input.height) continue;
    for (let kx = 0; kx < horizontal.kernel; kx++) {
      const ix = (ox + horizontal.before - kx * horizontal.dilation) / horizontal.stride;
      if (!Number.isInteger(ix) || ix < 0 || ix >= input.width) continue;
      const pixel = ((n * input.height + iy) * input.width + ix) * input.channels;
      found.push({ pixel, tap: ky * horizontal.kernel + kx, first, beyond, row: depth * taps, step: place * taps });
    }
  }
  return found;
}
