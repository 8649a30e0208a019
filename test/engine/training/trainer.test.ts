import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/engine/datasets/dataset.js';
import { Trainer } from '../../../src/engine/training/trainer.js';
import { noAugmentation, type TrainingSettings } from '../../../src/network/training.js';
import { check, type Line } from '../../network/build.js';

const settings: TrainingSettings = {
  dataset: 'digits',
  loss: 'crossentropy',
  optimiser: { kind: 'adam', momentum: 0.9, nesterov: false, beta2: 0.999, epsilon: 1e-8 },
  rate: 0.01,
  decay: 0,
  schedule: { kind: 'constant', every: 1, factor: 1, warmup: 0 },
  batch: 8,
  epochs: 3,
  seed: 1,
  augment: noAugmentation,
};

/** Pictures of 8×8 pixels of two classes: light above, or on the left. */
function pictures(count: number): Dataset & { readonly reads: number[] } {
  const reads = new Array<number>(count).fill(0);
  return {
    classes: ['above', 'left'],
    count,
    shape: { height: 8, width: 8, channels: 1 },
    reads,
    read(index, to) {
      reads[index] = (reads[index] ?? 0) + 1;
      for (let i = 0; i < 64; i++) to[i] = ((index % 2 ? i % 8 : i >> 3) < 4 ? 1 : 0) * (0.5 + (index % 7) / 14);
      return index % 2;
    },
  };
}

const HOG: Line = ['hog', { cell: 2 }];
const FC: Line = ['fc', { units: 2 }];

async function train(
  lines: readonly Line[],
  count: number,
  changed: Partial<TrainingSettings> = {},
  memoryLimit?: number,
) {
  const data = { train: pictures(count), test: pictures(10) };
  const network = check(lines, { input: [8, 8, 1] });
  const trainer = new Trainer(
    network,
    data,
    { ...settings, ...changed },
    memoryLimit === undefined ? {} : { memoryLimit },
  );
  await trainer.run();
  return { weights: trainer.weights(), history: trainer.history, reads: data.train.reads, tests: data.test.reads };
}

describe('what fixed layers make of a picture', () => {
  it('is worked out once, and the network learns the same as if it were worked out anew', async () => {
    const once = await train([HOG, FC], 400);
    expect(Math.max(...once.reads, ...once.tests)).toBe(1);
    // Too little memory to keep it.
    const anew = await train([HOG, FC], 400, {}, 400_000);
    expect(Math.min(...anew.reads)).toBe(3);
    expect(once.weights).toEqual(anew.weights);
    expect(once.history).toEqual(anew.history);
    expect(once.history.at(-1)?.testAccuracy).toBe(1);
  });

  it('is not kept where pictures change by chance, or a layer does', async () => {
    const changing = await train([HOG, FC], 40, { augment: { ...noAugmentation, shift: 1 } });
    expect(Math.max(...changing.reads)).toBe(3);
    const chance = await train([['dropout', { rate: 0.5 }], FC], 40);
    expect(Math.max(...chance.reads)).toBe(3);
    const statistics = await train([['batchnorm', { affine: false }], FC], 40);
    expect(Math.max(...statistics.reads)).toBe(3);
  });

  it('is kept of all layers that others read which learn, the picture itself among them', async () => {
    const lines: readonly Line[] = [
      ['conv', { filters: 3, kernel: 3, pad: 1, frozen: true }, { name: 'fixed' }],
      ['conv', { filters: 3, kernel: 3, pad: 1 }, { name: 'learning', from: ['input'] }],
      ['add', {}, { from: ['fixed', 'learning'] }],
      FC,
    ];
    const once = await train(lines, 400);
    expect(Math.max(...once.reads)).toBe(1);
    const anew = await train(lines, 400, {}, 300_000);
    expect(Math.min(...anew.reads)).toBe(3);
    expect(once.weights).toEqual(anew.weights);
  });
});
