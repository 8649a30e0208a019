import { gradientsOf, type Run, type Tensor, unitGradient } from '../../engine/index.js';
import type { CheckedNetwork } from '../../network/check.js';
import type { Work } from '../sight/work.js';
import type { Volume } from '../statistics.js';
import type { Unit } from './unit.js';

/**
 * How a unit's number hangs on each pixel: `gradient` is the size of the change that a small change of the pixel makes
 * (Simonyan et al. 2014; over the receptive field it shows the effective one, Luo et al. 2016); `guided` lets only through
 * what speaks for the unit (Springenberg et al. 2015).
 */
export type Sensitivity = 'gradient' | 'guided';

/** The sensitivity of a unit to each pixel of the picture, one channel: the largest over the colours. */
export async function sensitivityOf(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  run: Run,
  layer: number,
  { row, column, channel }: Unit,
  way: Sensitivity,
  work: Work = {},
): Promise<Volume | null> {
  const activation = run[layer]?.activation;
  if (!activation) return null;
  const gradient = unitGradient(activation, { y: row, x: column, channel });
  const options = { guided: way === 'guided', ...work };
  const { activations } = await gradientsOf(checked, run, { layer, gradient }, options);
  return activations[0] ? largestOverChannels(activations[0]) : null;
}

function largestOverChannels({ height, width, channels, data }: Tensor): Volume {
  const sizes = new Float32Array(height * width);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    sizes[pixel] = Math.max(sizes[pixel] as number, Math.abs(data[i] as number));
  }
  return { height, width, channels: 1, data: sizes };
}
