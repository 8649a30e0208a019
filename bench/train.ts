import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cpuUsage } from 'node:process';
import { createInterface } from 'node:readline';
import { createFileChecker } from '../src/cli/checker.js';
import { builtInDatasets, seededWeights, Trainer } from '../src/engine/index.js';
import { Learner } from '../src/engine/training/learner.js';
import { root } from '../test/host/repository.js';
import { measureWhileTraining } from './editor/while-training.js';
import { installPeers, peersFolder } from './engine/peers/install.js';

/**
 * `npm run bench -- train`: one step of stochastic gradient descent of LeNet on 28×28×1, batch 32, beside ConvNetJS,
 * TensorFlow.js in plain JavaScript and PyTorch on one thread. Contenders take turns; medians. Then how fast the editor answers
 * while a network is trained; `--editor` measures that alone.
 */

const BATCH = 32;
const ROUNDS = 7;

const TEXT = `network LeNet {
  input 28x28x1
  conv 6 5x5 pad 2; relu
  maxpool 2x2 stride 2
  conv 16 5x5; relu
  maxpool 2x2 stride 2
  fc 120; relu
  fc 84; relu
  fc 10
}
`;

const pictures = Float32Array.from({ length: BATCH * 784 }, (_, i) => (1 + Math.sin(i * i)) / 2);
const classes = Array.from({ length: BATCH }, (_, n) => n % 10);

interface Contender {
  readonly name: string;
  /** Steps between two turns of the others. */
  readonly steps: number;
  /** Milliseconds of one step. */
  readonly step: () => Promise<number>;
  readonly end?: () => void;
}

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function ours(): Promise<Contender> {
  const { networks } = await createFileChecker().check('file:///bench/lenet.convnet', TEXT);
  const checked = networks[0]?.checked;
  if (!checked) throw new Error('The network cannot be read');
  const learner = new Learner(checked, {
    loss: 'crossentropy',
    optimiser: { kind: 'sgd', momentum: 0.9, nesterov: false, beta2: 0.999, epsilon: 1e-8 },
    batch: BATCH,
    weights: (layer) => seededWeights(checked.facts[layer]?.weights ?? [], `layer ${layer}`, 1),
  });
  return {
    name: 'ConvNet',
    steps: 20,
    step: () => timed(() => learner.step(pictures, { type: 'classes', classes }, 0.01)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: ConvNetJS has no types, and the peers are not installed when types are checked
type Untyped = any;

const peer = (name: string): Untyped => createRequire(join(peersFolder, 'peers.cjs'))(name);

function convNetJS(): Contender {
  const convnetjs = peer('convnetjs/build/convnet.js');
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: 'input', out_sx: 28, out_sy: 28, out_depth: 1 },
    { type: 'conv', sx: 5, filters: 6, stride: 1, pad: 2, activation: 'relu' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'conv', sx: 5, filters: 16, stride: 1, pad: 0, activation: 'relu' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'fc', num_neurons: 120, activation: 'relu' },
    { type: 'fc', num_neurons: 84, activation: 'relu' },
    { type: 'softmax', num_classes: 10 },
  ]);
  const trainer = new convnetjs.Trainer(net, { method: 'sgd', learning_rate: 0.01, momentum: 0.9, batch_size: BATCH });
  const volumes = classes.map((_, n) => {
    const volume = new convnetjs.Vol(28, 28, 1, 0);
    for (let i = 0; i < 784; i++) volume.w[i] = pictures[n * 784 + i];
    return volume;
  });
  return {
    name: 'ConvNetJS',
    steps: 3,
    step: () =>
      timed(() => {
        for (const [n, volume] of volumes.entries()) trainer.train(volume, classes[n]);
      }),
  };
}

async function tensorFlowJS(): Promise<Contender> {
  const tf = peer('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  const layer = tf.layers;
  const model = tf.sequential({
    layers: [
      layer.conv2d({ inputShape: [28, 28, 1], filters: 6, kernelSize: 5, padding: 'same', activation: 'relu' }),
      layer.maxPooling2d({ poolSize: 2 }),
      layer.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
      layer.maxPooling2d({ poolSize: 2 }),
      layer.flatten(),
      layer.dense({ units: 120, activation: 'relu' }),
      layer.dense({ units: 84, activation: 'relu' }),
      layer.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: 'categoricalCrossentropy' });
  const x = tf.tensor4d(pictures, [BATCH, 28, 28, 1]);
  const y = tf.oneHot(tf.tensor1d(classes, 'int32'), 10);
  return { name: 'TensorFlow.js (cpu)', steps: 1, step: () => timed(() => model.trainOnBatch(x, y)) };
}

const PYTORCH = `
import sys, time, torch
torch.set_num_threads(1)
n = torch.nn
net = n.Sequential(n.Conv2d(1, 6, 5, padding=2), n.ReLU(), n.MaxPool2d(2), n.Conv2d(6, 16, 5), n.ReLU(), n.MaxPool2d(2),
    n.Flatten(), n.Linear(400, 120), n.ReLU(), n.Linear(120, 84), n.ReLU(), n.Linear(84, 10))
optimiser = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
loss = n.CrossEntropyLoss()
x = torch.rand(${BATCH}, 1, 28, 28)
y = torch.arange(${BATCH}) % 10
for _ in sys.stdin:
    start = time.perf_counter()
    optimiser.zero_grad()
    loss(net(x), y).backward()
    optimiser.step()
    print((time.perf_counter() - start) * 1000, flush=True)
`;

/** Debian's PyTorch, in a process of its own that steps when it is told to; null where there is none. */
function pyTorch(): Contender | null {
  const python = '/usr/bin/python3';
  if (!existsSync(python)) return null;
  const child = spawn(python, ['-c', PYTORCH], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name: 'PyTorch, one thread',
    steps: 20,
    async step() {
      child.stdin.write('step\n');
      const { value, done } = await lines.next();
      if (done) throw new Error('PyTorch is not installed');
      return Number(value);
    },
    end: () => child.kill(),
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export async function run(options: readonly string[]): Promise<void> {
  if (!options.includes('--editor')) {
    await race();
    await learnDigits();
  }
  await measureWhileTraining();
}

/** How much of a processor digits.convnet takes, from random weights, to what is right on 98 % of its test. */
async function learnDigits(): Promise<void> {
  const ENOUGH = 0.98;
  const text = readFileSync(join(root, 'examples/digits.convnet'), 'utf8').replace(/.*weights .*/, '');
  const { networks } = await createFileChecker().check('file:///bench/digits.convnet', text);
  const found = networks[0];
  if (!found?.network.training) throw new Error('digits.convnet cannot be trained');
  const before = cpuUsage();
  const data = builtInDatasets.digits({ height: 28, width: 28, channels: 1 });
  const trainer = new Trainer(found.checked, data, found.network.training);
  const enough = new AbortController();
  await trainer
    .run({
      signal: enough.signal,
      onEpoch: ({ testAccuracy }) => {
        if (testAccuracy >= ENOUGH) enough.abort();
      },
    })
    .catch((error: unknown) => {
      if (!enough.signal.aborted) throw error;
    });
  const { user, system } = cpuUsage(before);
  const last = trainer.history.at(-1);
  console.log(
    `\ndigits.convnet: ${((last?.testAccuracy ?? 0) * 100).toFixed(1)} % of the test after ${last?.epoch} epochs and ${((user + system) / 1e6).toFixed(1)} s of processor.`,
  );
}

async function race(): Promise<void> {
  installPeers();
  const contenders = [await ours(), convNetJS(), await tensorFlowJS(), pyTorch()].filter((one) => one !== null);
  const times = new Map(contenders.map(({ name }): [string, number[]] => [name, []]));
  for (let round = -1; round < ROUNDS; round++)
    for (const { name, steps, step } of contenders)
      for (let i = 0; i < steps; i++) {
        const time = await step().catch((error: unknown) => {
          console.log(`${name} is left out: ${error instanceof Error ? error.message : error}`);
          times.delete(name);
          return null;
        });
        // The first round warms up.
        if (time === null) break;
        if (round >= 0) times.get(name)?.push(time);
      }
  for (const { end } of contenders) end?.();
  const own = median(times.get('ConvNet') ?? []);
  console.log(`One training step of LeNet on 28×28×1, batch ${BATCH}, Node ${process.version}, one thread:\n`);
  console.log('| | ms | × ours |\n| --- | ---: | ---: |');
  for (const [name, all] of times)
    console.log(`| ${name} | ${median(all).toFixed(1)} | ${(median(all) / own).toFixed(1)} |`);
}
