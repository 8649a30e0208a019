import { createPredictor, describePlan, type Predictor, runNetwork, type Tensor } from '../../src/engine/index.js';
import { assemble, FunctionBuilder } from '../../src/engine/wasm/assembler.js';
import { hostFeatures } from '../../src/engine/wasm/machine.js';
import { type Contest, contestOf } from './contest.js';
import { loadExample } from './networks.js';
import { median } from './race.js';

const networks = ['lenet', 'mobilenet-v1', 'alexnet', 'resnet50', 'vgg16'];

const ROUNDS = 9;
/** The layers furthest from the machine's limit that are listed. */
const FURTHEST = 8;

/**
 * Ours alone, in this Node, in processor time: how long planning takes (and getting as much memory from the system, of which the first plan consists
 * for the most part), what keeping every activation costs, what an edit of the last block costs, how long a prediction goes on that
 * is stopped, and how near each layer comes to what the machine multiplies and adds at most.
 */
export async function layerReport(only: readonly string[]): Promise<void> {
  const limit = probe();
  console.log(`This machine multiplies and adds ${limit.toFixed(0)} GFLOP/s at most in WebAssembly`);
  const rows: Record<string, Record<string, string>> = {};
  for (const file of networks) {
    if (only.length > 0 && !only.includes(file)) continue;
    const contest = contestOf(await loadExample(file));
    const { steps, ...times } = await measure(contest);
    rows[file] = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time.toFixed(2)]));
    console.log(`\n${file}: the layers furthest from it, by the time that they lose`);
    console.table(furthest(contest, steps, limit));
  }
  console.table(rows);
}

async function measure(contest: Contest) {
  const { network, facts, weights, input } = contest;
  const plan = async () => {
    const started = processorTime();
    const predictor = createPredictor({ network, facts }, { weights });
    await predictor.prepare();
    return { predictor, milliseconds: processorTime() - started };
  };
  const { memory } = describePlan({ network, facts }, { mode: 'fast' });
  const touched = touch(memory.arena + memory.packedWeights);
  // The first gets its memory from the system; the second plans as the next edit does.
  const first = await plan();
  first.predictor.dispose();
  const { predictor, milliseconds } = await plan();
  const steps = new Map<number, number[]>();
  let before = 0;
  const onStep = (layer: number) => {
    const now = processorTime();
    steps.set(layer, [...(steps.get(layer) ?? []), now - before]);
    before = processorTime();
  };
  const [fast, observe, editOfFirst, editOfLast]: number[][] = [[], [], [], []];
  const givenWeights = (layer: number) => ({ id: `${layer}`, values: weights(layer) });
  let spare: readonly Float32Array[] = [];
  let previous = await runNetwork({ network, facts }, { tensor: input, id: 'first' }, { givenWeights });
  // The last three: a block.
  const convolutions = network.layers.flatMap(({ kind }, index) => (kind === 'conv' ? [index] : [])).slice(-3);
  for (let round = 0; round < ROUNDS; round++) {
    fast?.push(await timed(() => predictor.predict(input)));
    before = processorTime();
    await predictor.predict(input, { onStep });
    const picture = { tensor: input, id: `${round}` };
    const time = await timed(async () => {
      const run = await runNetwork({ network, facts }, picture, { givenWeights, previous, spare });
      // As the panel does: what was shown before is written over by the next run.
      spare = previous.flatMap((layer) => layer?.activation.data ?? []);
      previous = run;
    });
    observe?.push(time);
    for (const [edit, edited] of [
      [editOfFirst, convolutions.at(0)],
      [editOfLast, convolutions.at(-1)],
    ] as const) {
      const others = (layer: number) =>
        layer === edited ? { id: `edit ${round}`, values: weights(layer) } : givenWeights(layer);
      edit?.push(await timed(() => runNetwork({ network, facts }, picture, { givenWeights: others, previous })));
    }
  }
  const started = performance.now();
  await predictor.predict(input);
  const once = performance.now() - started;
  const stops: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    stops.push(await stopped(predictor, input, (once * (round + 0.5)) / ROUNDS));
  predictor.dispose();
  return {
    steps,
    'its memory ms': touched,
    'first plan ms': first.milliseconds,
    'plan again ms': milliseconds,
    'predict ms': median(fast ?? []),
    'every activation ÷ predict': median(observe ?? []) / median(fast ?? []),
    'until stopped ms, at most': Math.max(...stops),
    'edit of the last block’s first convolution ÷ every activation': median(editOfFirst ?? []) / median(observe ?? []),
    'of its last': median(editOfLast ?? []) / median(observe ?? []),
  };
}

/** Milliseconds until the system has given so much memory, a page after the other. */
function touch(bytes: number): number {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536), maximum: 65536 });
  const numbers = new Uint8Array(memory.buffer);
  const started = processorTime();
  for (let i = 0; i < numbers.length; i += 4096) numbers[i] = 1;
  return processorTime() - started;
}

/** Milliseconds from when a prediction should stop, `after` its beginning, until it has; 0 if it was done before. */
async function stopped(predictor: Predictor, input: Tensor, after: number): Promise<number> {
  const stop = new AbortController();
  const started = performance.now();
  const timer = setTimeout(() => stop.abort(), after);
  try {
    await predictor.predict(input, { signal: stop.signal });
    return 0;
  } catch {
    return performance.now() - started - after;
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds of processor time of this process: what else the machine does shows less in it than in the time of day. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = processorTime();
  await work();
  return processorTime() - started;
}

function furthest({ network, facts }: Contest, steps: ReadonlyMap<number, readonly number[]>, limit: number) {
  const ends = [...steps.keys()];
  return ends
    .map((end, i) => {
      // A step ends with the last of its layers; their products are those since the step before.
      const from = (ends[i - 1] ?? 0) + 1;
      let macs = 0;
      for (let layer = from; layer <= end; layer++) macs += facts[layer]?.macs ?? 0;
      const milliseconds = Math.min(...(steps.get(end) ?? []));
      const gflops = (2 * macs) / milliseconds / 1e6;
      return {
        layer: network.layers[from]?.name ?? '',
        milliseconds,
        gflops,
        lost: milliseconds * (1 - gflops / limit),
      };
    })
    .sort((a, b) => b.lost - a.lost)
    .slice(0, FURTHEST)
    .map(({ layer, milliseconds, gflops }) => ({
      layer,
      ms: milliseconds.toFixed(2),
      'GFLOP/s': gflops.toFixed(1),
      'of the limit': `${((100 * gflops) / limit).toFixed(0)} %`,
    }));
}

/** GFLOP/s of twelve sums in registers, which wait for nothing. */
function probe(): number {
  const { relaxed } = hostFeatures();
  const sums = new FunctionBuilder(1, (code, times) => {
    const totals = code.locals('v128', 12);
    const [factor, total] = code.locals('v128', 2) as [(typeof totals)[0], (typeof totals)[0]];
    code.constant(0.5).set(factor);
    code.repeat({ local: times }, () => {
      for (const sum of totals) code.multiplyAdd(factor, factor, sum, relaxed);
    });
    for (const sum of totals) code.get(total).get(sum).vector('add').set(total);
    code.store(() => code.i32(0), total);
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble({ sums })), { engine: { memory } });
  const run = exports.sums as (times: number) => void;
  const TIMES = 1e6;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 40; i++) {
    const started = performance.now();
    run(TIMES);
    best = Math.min(best, performance.now() - started);
  }
  return (12 * 4 * 2 * TIMES) / best / 1e6;
}
