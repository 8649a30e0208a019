import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NodeFileSystem } from 'langium/node';
import {
  type CheckedNetwork,
  createPredictor,
  createTensor,
  type Run,
  type RunOptions,
  runNetwork,
  type Tensor,
} from '../../src/engine/index.js';
import { createChecker } from '../../src/language/index.js';
import { root } from '../../test/host/repository.js';

const networks = ['lenet', 'mobilenet-v1', 'alexnet', 'resnet50', 'vgg16'];

/** The reference op is slow: it is timed once, and only on networks up to so many multiply–accumulates. */
const LARGEST_REFERENCE = 1e9;

/** Timed runs of each kind, taken in turns so that all see the same machine; their median counts. */
const RUNS = 15;

/** The layers furthest from the machine's limit that are listed. */
const SLOWEST = 8;

/** How long forward passes take in Node: by a predictor, with every activation kept, and by the reference ops. */
export async function run(): Promise<void> {
  const table: Record<string, Record<string, string>> = {};
  for (const name of networks) {
    const checked = await load(name);
    const observed = await timed(checked, {});
    const { tensor } = observed;
    const predictor = createPredictor(checked, { weights: (layer) => observed.run[layer]?.weights ?? {} });
    const prepared = await milliseconds(() => predictor.predict(tensor));
    const observing: number[] = [];
    const predicting: number[] = [];
    let previous = observed.run;
    for (let i = 0; i < RUNS; i++) {
      const again = await timed(checked, { previous }, `again ${i}`);
      observing.push(again.milliseconds);
      previous = again.run;
      predicting.push(await milliseconds(() => predictor.predict(tensor)));
    }
    const macs = checked.totals.macs ?? 0;
    const [observe, fast] = [median(observing), median(predicting)];
    const reference = macs <= LARGEST_REFERENCE ? (await timed(checked, { backend: 'reference' })).milliseconds : null;
    table[name] = {
      'plan, pack, first run ms': prepared.toFixed(0),
      'predict ms': fast.toFixed(2),
      'GFLOP/s': gflops(macs, fast),
      'every activation ms': observe.toFixed(2),
      'every activation ÷ predict': (observe / fast).toFixed(2),
      'reference ms': reference?.toFixed(0) ?? '–',
      'reference ÷ predict': reference ? (reference / fast).toFixed(0) : '–',
    };
    console.log(`\n${name}: the layers that take longest`);
    console.table(slowest(checked, previous));
  }
  console.table(table);
}

async function load(name: string): Promise<CheckedNetwork> {
  const path = join(root, 'examples', `${name}.convnet`);
  const checker = createChecker(NodeFileSystem.fileSystemProvider());
  const { networks } = await checker.check(pathToFileURL(path).href, readFileSync(path, 'utf8'));
  const [network] = networks;
  if (!network) throw new Error(`${path} has no network`);
  return network.checked;
}

interface Timed {
  readonly tensor: Tensor;
  readonly run: Run;
  readonly milliseconds: number;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Another `picture` name makes every activation new; the weights stay those of the run before. */
async function timed(checked: CheckedNetwork, options: RunOptions, picture = 'first'): Promise<Timed> {
  const size = checked.facts[0]?.output;
  if (!size) throw new Error('The network has no input');
  const tensor = createTensor(size);
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = Math.sin(i);
  const started = performance.now();
  const run = await runNetwork(checked, { tensor, id: picture }, options);
  return { tensor, run, milliseconds: performance.now() - started };
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

/** A multiply–accumulate is two floating-point operations. */
const gflops = (macs: number, milliseconds: number): string => ((2 * macs) / milliseconds / 1e6).toFixed(1);

const slowest = ({ network, facts }: CheckedNetwork, run: Run) =>
  network.layers
    .map(({ kind, name }, index) => ({
      layer: name,
      kind,
      algorithm: run[index]?.algorithm ?? '',
      ms: run[index]?.milliseconds ?? 0,
      'GFLOP/s': gflops(facts[index]?.macs ?? 0, run[index]?.milliseconds ?? 0),
    }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
    .map((row) => ({ ...row, ms: row.ms.toFixed(2) }));
