import type { Shape } from '../../network/shape.js';
import type { BuiltInDataset } from '../../network/training.js';
import type { SplitDataset } from './dataset.js';
import { digits } from './digits.js';
import { shapes } from './shapes.js';

/** The sets of pictures that the project's own code draws, at any size. */
export const builtInDatasets: Readonly<Record<BuiltInDataset, (shape: Shape) => SplitDataset>> = { digits, shapes };
