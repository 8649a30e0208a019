import type { CheckedNetwork } from './check.js';
import { classesDiffer } from './diagnostics.js';
import type { Problem } from './problem.js';
import { volumeOf } from './shape.js';

/** How a network learns; plain data. What each word means, the records of `training-lines.ts` say. */
export interface TrainingSettings {
  /** A built-in set of pictures, or the path of a file or folder beside the network. */
  readonly dataset: string;
  readonly loss: LossName;
  readonly optimiser: OptimiserSettings;
  /** The learning rate. */
  readonly rate: number;
  /** Weight decay: how much of each weight is taken away, times the rate, in every step. */
  readonly decay: number;
  readonly schedule: ScheduleSettings;
  /** Pictures of one step. */
  readonly batch: number;
  /** How often every picture is seen. */
  readonly epochs: number;
  readonly seed: number;
  readonly augment: Augmentation;
}

/** The sets of pictures that need no file, and how many classes they have. */
const classCounts = { digits: 10, shapes: 10 } as const;
export type BuiltInDataset = keyof typeof classCounts;
export const builtInDatasets = Object.keys(classCounts) as readonly BuiltInDataset[];
export const isBuiltInDataset = (name: string): name is BuiltInDataset => Object.hasOwn(classCounts, name);

/** What is wrong with a checked network as one that learns its dataset; null where that cannot be known yet. */
export function trainingProblem({ network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>): Problem | null {
  const { dataset } = network.training ?? {};
  const last = network.layers.at(-1);
  const output = facts.at(-1)?.output;
  if (dataset === undefined || !isBuiltInDataset(dataset) || !last || !output) return null;
  const scores = volumeOf(output);
  const classes = classCounts[dataset];
  return scores === classes ? null : classesDiffer(dataset, classes, last.name, scores);
}

export const lossNames = ['crossentropy', 'mse', 'hinge', 'perceptron'] as const;
export type LossName = (typeof lossNames)[number];

/** As they are written; `momentum` and `nesterov` are ways of sgd. */
export const optimiserNames = ['sgd', 'momentum', 'nesterov', 'adam', 'adamw'] as const;

export interface OptimiserSettings {
  readonly kind: 'sgd' | 'adam' | 'adamw';
  /** What is kept of the last step (sgd), or of the mean of the gradients (adam: beta 1). */
  readonly momentum: number;
  /** Looks ahead by the momentum (Nesterov 1983); sgd alone. */
  readonly nesterov: boolean;
  /** What is kept of the mean of the squared gradients; adam and adamw. */
  readonly beta2: number;
  readonly epsilon: number;
}

export const scheduleNames = ['constant', 'step', 'linear', 'cosine'] as const;

export interface ScheduleSettings {
  readonly kind: (typeof scheduleNames)[number];
  /** Epochs after which `step` lowers the rate, each time. */
  readonly every: number;
  /** What `step` multiplies the rate by. */
  readonly factor: number;
  /** Epochs over which the rate rises from 0 first. */
  readonly warmup: number;
}

/** Changes by chance that leave a picture what it is. */
export interface Augmentation {
  /** Pixels up, down, left and right. */
  readonly shift: number;
  /** Degrees to either side. */
  readonly rotate: number;
  /** Part by which it grows or shrinks: 0.1 is 10 %. */
  readonly scale: number;
  /** Mirrored left to right, half of the time. */
  readonly flip: boolean;
  /** Standard deviation of what is added to each pixel, pixels being 0 to 1. */
  readonly noise: number;
}

export const noAugmentation: Augmentation = { shift: 0, rotate: 0, scale: 0, flip: false, noise: 0 };

export const changesPictures = ({ shift, rotate, scale, flip, noise }: Augmentation): boolean =>
  shift > 0 || rotate > 0 || scale > 0 || flip || noise > 0;

/**
 * The rate after this many epochs (a fraction within one) of so many: `step` takes it down by a factor every few epochs,
 * `linear` and `cosine` bring it to 0 at the end.
 */
export function rateAt({ rate, schedule, epochs }: TrainingSettings, epoch: number): number {
  const { kind, every, factor, warmup } = schedule;
  const warm = warmup > 0 ? Math.min(1, epoch / warmup) : 1;
  const done = Math.min(1, Math.max(0, (epoch - warmup) / Math.max(epochs - warmup, Number.EPSILON)));
  const part: Record<ScheduleSettings['kind'], number> = {
    constant: 1,
    step: factor ** Math.floor(epoch / every),
    linear: 1 - done,
    cosine: (1 + Math.cos(Math.PI * done)) / 2,
  };
  return rate * warm * part[kind];
}
