import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  createPredictor,
  createTensor,
  createWorkerPredictor,
  openWorker,
  type Predictor,
  seededWeights,
} from '../../../src/engine/module.js';
import { check } from '../../network/build.js';
import { workerScript } from '../backends.js';

const conv = ['conv', { filters: 64, kernel: 3, pad: 1 }] as const;
const network = check([conv, 'relu', conv, 'relu', conv, 'softmax'], { input: [96, 96, 16] });
const weights = (layer: number) => seededWeights(network.facts[layer]?.weights ?? [], `layer ${layer}`, 1);

const picture = createTensor({ height: 96, width: 96, channels: 16 });
for (let i = 0; i < picture.data.length; i++) picture.data[i] = Math.sin(i);

let script: URL;
beforeAll(async () => {
  script = new URL(`data:text/javascript,${encodeURIComponent(await workerScript())}`);
});

const predictors: Predictor[] = [];
afterEach(() => {
  for (const predictor of predictors.splice(0)) predictor.dispose();
});

/** A predictor whose first `deaths` workers are ended at the first step they tell of. */
function inWorker(deaths = 0): Predictor {
  let dying = deaths;
  const predictor = createWorkerPredictor(network, {
    weights,
    open(events) {
      const dies = dying-- > 0;
      const worker = openWorker(script)({
        ...events,
        onReport(report) {
          if (dies) worker.close();
          else events.onReport(report);
        },
      });
      return worker;
    },
  });
  predictors.push(predictor);
  return predictor;
}

const onMainThread = async () => (await createPredictor(network, { weights }).predict(picture)).data;

test('computes in a worker what it does on the main thread, and tells of each step', async () => {
  const steps: number[] = [];
  const { data } = await inWorker().predict(picture, { onStep: (layer) => steps.push(layer) });
  expect(data).toEqual(await onMainThread());
  // The relus are computed with the convolutions.
  expect(steps).toEqual([2, 4, 5, 6]);
});

test('goes on after it was stopped', async () => {
  const predictor = inWorker();
  const stop = new AbortController();
  const stopped = predictor.predict(picture, { signal: stop.signal, onStep: () => stop.abort(new Error('enough')) });
  await expect(stopped).rejects.toThrow('enough');
  expect((await predictor.predict(picture)).data).toEqual(await onMainThread());
});

test('is replaced when it dies, and the prediction repeated', async () => {
  expect((await inWorker(1).predict(picture)).data).toEqual(await onMainThread());
});

test('gives up when it dies twice', async () => {
  await expect(inWorker(2).predict(picture)).rejects.toThrow("The engine's worker died twice: it ended with 1");
});

test('tells what is wrong with the network or the picture', async () => {
  const small = createTensor({ height: 1, width: 1, channels: 1 });
  await expect(inWorker().predict(small)).rejects.toThrow("The input is 1 × 1×1×1, the network's 1 × 96×96×16");
});
