import type { LayerWeights } from '../../src/engine/ops/op.js';
import { type GivenWeights, type Run, type RunOptions, runNetwork } from '../../src/engine/run.js';
import { fromNCHW, type Tensor } from '../../src/engine/tensor.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import type { Framework } from '../../src/network/frameworks.js';
import { check, type Line, messages } from '../network/build.js';

/** Runs a network on a tensor; `weights` by layer index, the others random. */
export function run(
  network: CheckedNetwork,
  tensor: Tensor,
  weights: Readonly<Record<number, LayerWeights>> = {},
  options: RunOptions = {},
): Promise<Run> {
  const givenWeights = (index: number): GivenWeights | undefined => {
    const values = weights[index];
    return values && { id: `given ${index}`, values };
  };
  return runNetwork(network, { tensor, id: 'test' }, { givenWeights, ...options });
}

interface LayerOptions extends Pick<RunOptions, 'backend'> {
  readonly like?: Framework;
  readonly weights?: LayerWeights;
}

/** What one layer makes of a tensor. Throws the problems that keep it from running. */
export async function runLayer(
  line: Line,
  tensor: Tensor,
  { like, weights, ...options }: LayerOptions = {},
): Promise<Tensor> {
  const { height, width, channels } = tensor;
  const network = check([line], { input: [height, width, channels], ...(like && { like }) });
  const activation = (await run(network, tensor, weights && { 1: weights }, options))[1]?.activation;
  if (!activation) throw new Error(messages(network).join('; '));
  return activation;
}

/** One picture, its rows and channels written out in PyTorch's order: channels of rows of numbers. */
export const volume = (channels: readonly (readonly (readonly number[])[])[]): Tensor =>
  fromNCHW(channels.flat(2), {
    height: channels[0]?.length ?? 0,
    width: channels[0]?.[0]?.length ?? 0,
    channels: channels.length,
  });

/** The largest difference over the largest reference value; infinite where sizes or NaNs differ. */
export function relativeError(found: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (found.length !== reference.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < reference.length; i++) {
    const a = found[i] as number;
    const b = reference[i] as number;
    if (Number.isNaN(a) !== Number.isNaN(b)) return Number.POSITIVE_INFINITY;
    if (Object.is(a, b) || Number.isNaN(a)) continue;
    difference = Math.max(difference, Math.abs(a - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return difference === 0 ? 0 : difference / largest;
}
