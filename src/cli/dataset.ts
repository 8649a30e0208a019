import { builtInDatasets, type SplitDataset } from '../engine/index.js';
import type { Shape } from '../network/shape.js';
import { isBuiltInDataset } from '../network/training.js';
import { UsageError } from './usage-error.js';

/** The pictures that a `training` block names: drawn at the size of the network's input. */
export async function openDataset(name: string, shape: Shape): Promise<SplitDataset> {
  if (isBuiltInDataset(name)) return builtInDatasets[name](shape);
  throw new UsageError(`files of pictures cannot be read yet: ${name}`);
}
