import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createWorkerPredictor, openWorker } from '../../src/engine/module.js';
import { root } from '../../test/host/repository.js';
import { contestOf } from './contest.js';
import { loadExample } from './networks.js';
import { median } from './race.js';

const networks = ['mobilenet-v1', 'alexnet', 'resnet50', 'vgg16'];
const ROUNDS = 15;

/** One worker and two in turns, by the clock: what it gains to share a network. */
export async function shareReport(only: readonly string[]): Promise<void> {
  const script = pathToFileURL(join(root, 'dist', 'engine-worker.js'));
  const rows: Record<string, Record<string, string>> = {};
  for (const file of networks) {
    if (only.length > 0 && !only.includes(file)) continue;
    const { network, facts, weights, input } = contestOf(await loadExample(file));
    const contenders = [1, 2].map((workers) => ({
      predictor: createWorkerPredictor({ network, facts }, { weights, open: openWorker(script), workers }),
      times: [] as number[],
    }));
    for (let round = -3; round < ROUNDS; round++)
      for (const { predictor, times } of contenders) {
        const started = performance.now();
        await predictor.predict(input);
        if (round >= 0) times.push(performance.now() - started);
      }
    const [one = Number.NaN, two = Number.NaN] = contenders.map(({ times }) => median(times));
    for (const { predictor } of contenders) predictor.dispose();
    rows[file] = { 'one worker ms': one.toFixed(1), 'two workers ms': two.toFixed(1), gain: (one / two).toFixed(2) };
  }
  console.log('\nTwo workers on one network, by the clock: both processors must be free');
  console.table(rows);
}
