import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileChecker } from '../../src/cli/checker.js';
import { builtInDatasets, type Dataset, Trainer } from '../../src/engine/index.js';
import { isBuiltInDataset } from '../../src/network/training.js';
import { root } from './driver.js';

/** So many pictures are learned, once, and so many tested: seconds instead of a minute. */
const LEARNED = 1600;
const TESTED = 300;

const first = (dataset: Dataset, count: number): Dataset => ({ ...dataset, count });

async function accuracyOf(file: string, name: string): Promise<number> {
  const text = readFileSync(join(root, 'examples/lecture', file), 'utf8');
  const { networks } = await createFileChecker().check(`file:///${file}`, text);
  const found = networks.find(({ network }) => network.name === name);
  const settings = found?.network.training;
  const [input] = found?.network.layers ?? [];
  if (!found || !settings || input?.kind !== 'input' || !input.attributes || !isBuiltInDataset(settings.dataset))
    throw new Error(`${name} cannot be trained`);
  const { train, test } = builtInDatasets[settings.dataset](input.attributes.size);
  const data = { train: first(train, LEARNED), test: first(test, TESTED) };
  const trainer = new Trainer(found.checked, data, { ...settings, epochs: 1 });
  await trainer.run();
  return trainer.history.at(-1)?.testAccuracy ?? 0;
}

/** What a part of the pictures teaches at least: what it taught when the files were written, less a tenth. Chance is 10 %. */
describe('the lecture is learned', () => {
  it.each([
    ['01-perceptron.convnet', 'PerceptronOnHog', 0.82],
    ['02-hierarchy.convnet', 'Hierarchy', 0.85],
    ['03-composition.convnet', 'Combination', 0.45],
    ['03-composition.convnet', 'Composition', 0.27],
    ['04-features.convnet', 'Features', 0.69],
    ['05-belief-nets.convnet', 'BeliefNet', 0.85],
    ['06-end-to-end.convnet', 'EndToEnd', 0.83],
    ['07-traditional.convnet', 'HogAndSvm', 0.84],
    ['08-unsupervised.convnet', 'KMeans', 0.79],
    ['09-shallow.convnet', 'Shallow', 0.73],
    ['09-deep.convnet', 'Deep', 0.68],
    ['10-representations.convnet', 'Representations', 0.56],
  ])(
    '%s: %s',
    async (file, name, floor) => {
      const accuracy = await accuracyOf(file, name);
      expect(accuracy).toBeGreaterThan(floor);
    },
    120_000,
  );

  it('filters that k-means found tell more than random ones', async () => {
    const [found, random] = [
      await accuracyOf('08-unsupervised.convnet', 'KMeans'),
      await accuracyOf('08-unsupervised.convnet', 'RandomFilters'),
    ];
    expect(found - random).toBeGreaterThan(0.1);
  }, 120_000);
});
