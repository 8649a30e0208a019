import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createPredictor, runNetwork } from '../../src/engine/index.js';
import { root } from '../../test/host/repository.js';
import { type Contest, contestOf } from './contest.js';
import { loadExample } from './networks.js';
import { installPeers, peersFolder } from './peers/install.js';
import { type OnnxRuntime, prepareOnnx } from './peers/onnxruntime.js';
import { relativeError } from './race.js';

/** By title: the file of the example, and which of its networks. */
const networks = {
  LeNet: ['lenet'],
  AlexNet: ['alexnet'],
  'VGG-16': ['vgg16'],
  GoogLeNet: ['googlenet'],
  'ResNet-50': ['resnet50'],
  'MobileNet v1': ['mobilenet-v1'],
  'MobileNet v2': ['mobilenet-v2'],
  'DenseNet-121': ['densenet121'],
  'U-Net': ['unet', 'UNet'],
} as const;

/** What a whole network may differ by, of the largest logit. */
const ALLOWED = 1e-4;

/**
 * Whole networks with seeded weights beside native onnxruntime, which computes the ONNX file that the bench writes: the
 * largest difference over the largest logit. Kept as bench/engine/numbers.md.
 */
export async function compareNumbers(only: readonly string[]): Promise<void> {
  installPeers();
  const ort: OnnxRuntime = createRequire(join(peersFolder, 'bench.js'))('onnxruntime-node');
  const lines: string[] = [];
  let largest = 0;
  for (const [title, [file, name]] of Object.entries(networks)) {
    if (only.length > 0 && !only.includes(file)) continue;
    const contest = contestOf(await loadExample(file, name));
    const theirs = await prepareOnnx(ort, contest, {});
    const reference = await theirs.run();
    const errors = [];
    for (const compute of [predicted, predictedPrecisely, observed])
      errors.push(relativeError(await compute(contest), reference));
    theirs.dispose();
    largest = Math.max(largest, ...errors);
    lines.push(`| ${[title, ...errors.map((error) => error.toExponential(1))].join(' | ')} |`);
    console.log(lines.at(-1));
  }
  console.log(`The largest is ${largest.toExponential(1)}; allowed are ${ALLOWED}`);
  if (!(largest < ALLOWED)) process.exitCode = 1;
  if (only.length > 0) return;
  const page = [
    '# Whole networks beside onnxruntime',
    '',
    'The largest difference of the outputs (before a last softmax) from those of native onnxruntime, over the largest of them.',
    'Written by `npm run bench -- engine --numbers`.',
    '',
    '| network | fast | precise | every activation kept |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ];
  writeFileSync(join(root, 'bench', 'engine', 'numbers.md'), page.join('\n'));
}

type Compute = (contest: Contest) => Promise<Float32Array>;

/** NCHW, as onnxruntime's are: the same for logits; a picture of one channel, too. */
const predicted: Compute = async ({ network, facts, weights, input }) =>
  disposing(createPredictor({ network, facts }, { weights }), input);

const predictedPrecisely: Compute = async ({ network, facts, weights, input }) =>
  disposing(createPredictor({ network, facts }, { weights, precise: true }), input);

async function disposing(predictor: ReturnType<typeof createPredictor>, input: Contest['input']) {
  const { data } = await predictor.predict(input);
  predictor.dispose();
  return data;
}

const observed: Compute = async ({ network, facts, weights, input }) => {
  const givenWeights = (layer: number) => ({ id: `${layer}`, values: weights(layer) });
  const run = await runNetwork({ network, facts }, { tensor: input, id: 'contest' }, { givenWeights });
  return run.at(-1)?.activation.data ?? new Float32Array(0);
};
