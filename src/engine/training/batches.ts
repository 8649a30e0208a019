import type { LayerAttributes } from '../../network/catalogue.js';
import { volumeOf } from '../../network/shape.js';
import type { Augmentation } from '../../network/training.js';
import type { Dataset } from '../datasets/dataset.js';
import type { Pause } from '../pause.js';
import { randomFrom } from '../random.js';
import { augment } from './augment.js';

/** Pictures as the network wants them, and their classes. */
export interface Batch {
  /** NHWC, scaled: (pixel · scale − mean)/std. */
  readonly pictures: Float32Array;
  readonly classes: Int32Array;
}

/** The order in which an epoch sees the pictures: another each time, the same for the same seed. */
export function shuffled(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const random = randomFrom(`order ${seed} ${epoch}`);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}

/** Which changes by chance the pictures of a batch undergo. */
interface Chance {
  readonly augmentation: Augmentation;
  /** With the index of a picture, chooses its change. */
  readonly seed: string;
}

/**
 * Reads pictures into a batch, of which they may be fewer: the rest stays as it is. Others are let run in between; pictures that
 * have to be waited for are all asked for first.
 */
export async function fillBatch(
  batch: Batch,
  dataset: Dataset,
  indices: ArrayLike<number>,
  { mean, std, scale, size }: LayerAttributes<'input'>,
  pause: Pause,
  chance?: Chance,
): Promise<void> {
  const volume = volumeOf(size);
  const { channels } = size;
  const perChannel = (values: readonly number[], c: number) => (values.length === 1 ? values[0] : values[c]) ?? 0;
  const means = Array.from({ length: channels }, (_, c) => perChannel(mean, c));
  const deviations = Array.from({ length: channels }, (_, c) => perChannel(std, c));
  const pixelsOf = (n: number) => batch.pictures.subarray(n * volume, (n + 1) * volume);
  const classes: (number | Promise<number>)[] = [];
  try {
    for (let n = 0; n < indices.length; n++) {
      if (pause.isDue()) await pause.take();
      const read = dataset.read(indices[n] as number, pixelsOf(n));
      // One that fails is told of below.
      if (typeof read !== 'number') read.catch(() => undefined);
      classes.push(read);
    }
    batch.classes.set(await Promise.all(classes));
  } finally {
    // The batch is not left to others while somebody still writes to it.
    await Promise.allSettled(classes);
  }
  for (let n = 0; n < indices.length; n++) {
    if (pause.isDue()) await pause.take();
    const pixels = pixelsOf(n);
    if (chance) augment(pixels, size, chance.augmentation, randomFrom(`augment ${chance.seed} ${indices[n]}`));
    for (let i = 0; i < volume; i++) {
      const c = i % channels;
      pixels[i] = ((pixels[i] as number) * scale - (means[c] as number)) / (deviations[c] as number);
    }
  }
}
