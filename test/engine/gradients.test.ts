import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { gradientsOf, unitGradient } from '../../src/engine/index.js';
import type { LayerWeights, Steps } from '../../src/engine/ops/op.js';
import { backward, forward } from '../../src/engine/passes.js';
import { createTensor, type Tensor, toNCHW } from '../../src/engine/tensor.js';
import { seededWeights } from '../../src/engine/weights.js';
import { type LayerKind, layerKinds } from '../../src/network/catalogue.js';
import type { CheckedNetwork, LayerFacts } from '../../src/network/check.js';
import type { Layer } from '../../src/network/network.js';
import { check, type Line } from '../network/build.js';
import { cases, readTensors, translateFunction } from '../torch.js';
import { relativeError, run, volume } from './build.js';
import { arranged, tensorOf, weightsUnder } from './torch-tensors.js';

/** Sums are float64, stored numbers float32: of the largest reference value. */
const TOLERANCE = 2e-6;

const finish = (steps: Steps) => {
  while (!steps.next().done);
};

interface Derived {
  readonly output: Tensor;
  readonly inputGradients: readonly Tensor[];
  readonly weightGradients: LayerWeights;
}

/** Both passes of the last layer of a network; all inputs are given. */
function bothPasses(
  network: CheckedNetwork,
  inputs: readonly Tensor[],
  weights: LayerWeights,
  outputGradient: (output: Tensor) => Tensor,
  training?: { readonly seed: string },
): Derived {
  const { layer, facts, framework } = lastOf(network);
  const output = createTensor(facts.output ?? { height: 0, width: 0, channels: 0 }, inputs[0]?.batch);
  finish(forward(layer, framework, facts, inputs, weights, output, training));
  const inputGradients = inputs.map((input) => createTensor(input, input.batch));
  const learned = facts.weights.filter((spec) => spec.learned);
  const weightGradients = Object.fromEntries(
    learned.map(({ name, shape }) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
  );
  const gradients = { outputGradient: outputGradient(output), inputGradients, weightGradients };
  finish(backward(layer, framework, facts, inputs, weights, output, gradients, training));
  return { output, inputGradients, weightGradients };
}

const lastOf = ({ network, facts }: CheckedNetwork) => ({
  layer: network.layers.at(-1) as Layer,
  facts: facts.at(-1) as LayerFacts,
  framework: network.framework,
});

describe('single layers, by PyTorch’s gradients', () => {
  const tensors = readTensors('layers.safetensors');
  const notRun: string[] = [];
  const worst = new Map<string, number>();
  for (const torchCase of cases) {
    const { name, op, attrs } = torchCase;
    const line =
      op === 'batch_norm'
        ? (['batchnorm', { epsilon: attrs.eps, momentum: attrs.momentum }] as const)
        : translateFunction(torchCase);
    if (typeof line === 'object' && 'reason' in line) {
      notRun.push(`${name} (${line.reason})`);
      test.skip(`${name}: ${line.reason}`);
      continue;
    }
    test(`${name} ${JSON.stringify(attrs)}`, () => {
      const get = (key: string): Tensor => {
        const tensor = tensors.get(`${name}/${key}`);
        if (!tensor) throw new Error(`${name} has no ${key}`);
        return tensorOf(arranged(torchCase, tensor));
      };
      const input = get('in.x');
      const network = check([line], { input: [input.height, input.width, input.channels], like: 'pytorch' });
      const weights = weightsUnder(tensors, `${name}/in.`);
      const isTraining = op === 'batch_norm' && attrs.training === true;
      // Training moves the running statistics in place.
      const own = Object.fromEntries(Object.entries(weights).map(([key, values]) => [key, values.slice()]));
      const found = bothPasses(network, [input], own, () => get('grad_out'), isTraining ? { seed: '' } : undefined);
      const compare = (what: string, a: ArrayLike<number>, b: ArrayLike<number>) => {
        const error = relativeError(a, b);
        worst.set(op, Math.max(worst.get(op) ?? 0, error));
        expect(error, what).toBeLessThan(TOLERANCE);
      };
      if (isTraining) compare('output', found.output.data, get('out').data);
      compare('by input', found.inputGradients[0]?.data ?? [], get('grad.x').data);
      for (const [key, values] of Object.entries(found.weightGradients))
        compare(`by ${key}`, values, tensors.get(`${name}/grad.${key}`)?.values ?? []);
      if (op === 'batch_norm')
        for (const statistic of ['running_mean', 'running_var'])
          compare(statistic, own[statistic] ?? [], tensors.get(`${name}/new_${statistic}`)?.values ?? []);
    });
  }
  afterAll(() => {
    console.info(`Not run: ${notRun.join(', ')}`);
    console.info(`Largest errors: ${[...worst].map(([op, error]) => `${op} ${error.toExponential(1)}`).join(', ')}`);
  });
});

/** A line of each kind that can be checked with numbers; `inputs` where it takes several. */
const lines: Readonly<Record<LayerKind, Line | null>> = {
  // The picture itself.
  input: null,
  conv: ['conv', { filters: 4, kernel: [3, 2], stride: [2, 1], pad: [1, 0, 2, 1], dilation: [1, 2], groups: 2 }],
  depthwise: ['depthwise', { kernel: [3, 3], pad: 1, multiplier: 2 }],
  convtranspose: ['convtranspose', { filters: 4, kernel: [3, 2], stride: [2, 1], pad: [1, 0, 0, 1], groups: 2 }],
  maxpool: ['maxpool', { kernel: [3, 3], stride: 2, pad: 1 }],
  avgpool: ['avgpool', { kernel: [3, 3], stride: 2, pad: 1, fit: 'ceil' }],
  globalmaxpool: 'globalmaxpool',
  globalavgpool: 'globalavgpool',
  adaptiveavgpool: ['adaptiveavgpool', { size: { y: 3, x: 2 } }],
  fc: ['fc', { units: 5 }],
  relu: 'relu',
  leakyrelu: ['leakyrelu', { alpha: 0.2 }],
  prelu: 'prelu',
  elu: ['elu', { alpha: 1.5 }],
  gelu: 'gelu',
  silu: 'silu',
  hardswish: 'hardswish',
  hardsigmoid: 'hardsigmoid',
  relu6: 'relu6',
  softplus: ['softplus', { beta: 2 }],
  mish: 'mish',
  softsign: 'softsign',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  sign: 'sign',
  softmax: 'softmax',
  logsoftmax: 'logsoftmax',
  batchnorm: 'batchnorm',
  layernorm: 'layernorm',
  groupnorm: ['groupnorm', { groups: 2 }],
  instancenorm: 'instancenorm',
  lrn: ['lrn', { size: 3, alpha: 0.5, beta: 0.75, k: 1 }],
  dropout: ['dropout', { rate: 0.4 }],
  flatten: 'flatten',
  reshape: ['reshape', { size: { height: 4, width: 5, channels: 6 } }],
  pad: ['pad', { amount: { mode: 'explicit', top: 1, right: 2, bottom: 0, left: 2 }, mode: 'reflect' }],
  crop: ['crop', { amount: { mode: 'explicit', top: 1, right: 0, bottom: 2, left: 1 } }],
  slice: ['slice', { start: 1, end: 3 }],
  upsample: ['upsample', { factor: { y: 2, x: 3 }, mode: 'bilinear', aligncorners: false }],
  channelshuffle: ['channelshuffle', { groups: 2 }],
  pixelshuffle: ['pixelshuffle', { factor: 2 }],
  add: 'add',
  concat: 'concat',
  multiply: 'multiply',
  max: 'max',
  gaussian: ['gaussian', { sigma: 0.8 }],
  gabor: ['gabor', { orientations: 3 }],
  sobel: ['sobel', { mode: 'magnitude' }],
  hog: ['hog', { cell: 2, orientations: 5, block: 1 }],
};

const SIZE = [6, 5, 4] as const;

/** Numbers at least 0.03 apart, in an order that the seed chooses, so that no small step changes which is the largest. */
function spacedTensor(seed: number, batch: number): Tensor {
  const [height, width, channels] = SIZE;
  const tensor = createTensor({ height, width, channels }, batch);
  const order = Array.from(tensor.data.keys()).sort((a, b) => Math.sin(seed + a * a) - Math.sin(seed + b * b));
  for (const [rank, index] of order.entries())
    tensor.data[index] = (rank + 0.5 - order.length / 2) * 0.05 + 0.01 * Math.sin(12.9898 * rank * rank);
  return tensor;
}

const wave = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed * 3.1 + i * 1.7) / 2 + Math.cos(i * i + seed) / 2);

/** How far each number moves, in either direction; less where directions and magnitudes change places at every turn. */
const stepOf = (kind: LayerKind): number => (kind === 'hog' ? 0.0003 : 0.01);

describe('every layer’s gradients are what its outputs change by', () => {
  const within: Line = ['lrn', { size: 2, alpha: 0.5, beta: 0.75, k: 1, region: 'within' }];
  const tested = layerKinds.flatMap((kind) => (lines[kind] ? [[kind, lines[kind]] as const] : []));
  it.each([...tested, ['lrn', within] as const])('%s %j', (kind, line) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 1, max: 2 }),
        fc.boolean(),
        (seed, batch, isTraining) => {
          const isMerge = ['add', 'concat', 'multiply', 'max'].includes(kind);
          const [name, attributes = {}] = typeof line === 'string' ? [line] : line;
          const built: Line[] = isMerge
            ? [
                ['relu', {}, { name: 'a' }],
                ['relu', {}, { name: 'b', from: ['input'] }],
                [name, attributes, { from: ['a', 'b'] }],
              ]
            : [line];
          const network = check(built, { input: SIZE });
          const { layer, facts, framework } = lastOf(network);
          const inputs = isMerge
            ? [spacedTensor(seed, batch), spacedTensor(seed + 500.5, batch)]
            : [spacedTensor(seed, batch)];
          // The second of a max stands between the steps of the first.
          if (isMerge)
            inputs[1]?.data.forEach((value, i, data) => {
              data[i] = value + 0.025;
            });
          const weights = seededWeights(facts.weights, `${kind} ${seed}`, 1);
          for (const [key, values] of Object.entries(weights)) {
            const changed = wave(values.length, seed + key.length);
            values.set(key === 'running_var' ? changed.map((value) => 1 + Math.abs(value)) : changed);
          }
          const training = isTraining ? { seed: 'the same' } : undefined;
          let towards = new Float32Array();
          const found = bothPasses(
            network,
            inputs,
            Object.fromEntries(Object.entries(weights).map(([key, values]) => [key, values.slice()])),
            (output) => {
              towards = wave(output.data.length, seed + 7) as Float32Array<ArrayBuffer>;
              return { ...output, data: towards };
            },
            training,
          );
          /** The scalar whose gradient is asked for, with everything moved by `by` along its direction. */
          const directions = inputs.map((input, i) => wave(input.data.length, seed + i));
          const weightDirections = Object.fromEntries(
            Object.entries(found.weightGradients).map(([key, values]) => [
              key,
              wave(values.length, seed + key.length + 1),
            ]),
          );
          const moved = (values: Float32Array, direction: Float32Array | undefined, by: number) =>
            values.map((value, i) => value + by * (direction?.[i] ?? 0));
          const scalar = (by: number): number => {
            const output = createTensor(facts.output ?? (inputs[0] as Tensor), batch);
            const there = inputs.map((input, i) => ({ ...input, data: moved(input.data, directions[i], by) }));
            const own = Object.fromEntries(
              Object.entries(weights).map(([key, values]) => [key, moved(values, weightDirections[key], by)]),
            );
            finish(forward(layer, framework, facts, there, own, output, training));
            return output.data.reduce((total, value, i) => total + value * (towards[i] as number), 0);
          };
          const step = stepOf(kind);
          const measured = (scalar(step) - scalar(-step)) / (2 * step);
          const along = (gradient: Float32Array, direction: Float32Array | undefined) =>
            gradient.reduce((total, value, i) => total + value * (direction?.[i] as number), 0);
          const predicted =
            found.inputGradients.reduce((total, { data }, i) => total + along(data, directions[i]), 0) +
            Object.entries(found.weightGradients).reduce(
              (total, [key, values]) => total + along(values, weightDirections[key]),
              0,
            );
          const size = found.inputGradients.reduce((total, { data }) => total + Math.hypot(...data), 0) + 0.1;
          expect(Math.abs(measured - predicted) / size, `${measured} and ${predicted}`).toBeLessThan(5e-3);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('gradientsOf', () => {
  it('sums over all ways through a graph', async () => {
    // y = x·2x: dy/dx = 4x, by both branches of the product; worked out by hand.
    const network = check(
      [
        ['conv', { filters: 1, kernel: [1, 1], bias: false }, { name: 'twice' }],
        ['multiply', {}, { from: ['twice', 'input'] }],
      ],
      { input: [1, 2, 1] },
    );
    const picture = volume([[[3, -5]]]);
    const found = await run(network, picture, { 1: { weight: Float32Array.of(2) } });
    const top = found[2]?.activation as Tensor;
    expect([...top.data]).toEqual([18, 50]);
    const { activations, weights } = await gradientsOf(
      network,
      found,
      { layer: 2, gradient: unitGradient(top, { y: 0, x: 1, channel: 0 }) },
      { weights: true },
    );
    expect(activations.map((tensor) => tensor && [...toNCHW(tensor)])).toEqual([
      [0, -20],
      [0, -5],
      [0, 1],
    ]);
    expect(weights[1]).toEqual({ weight: Float32Array.of(25) });
  });

  it('asks nothing of layers that the target does not depend on', async () => {
    const network = check(['relu', ['conv', { filters: 2, kernel: [1, 1] }, { from: ['input'] }]], {
      input: [1, 1, 1],
    });
    const found = await run(network, volume([[[1]]]));
    const { activations, weights } = await gradientsOf(network, found, {
      layer: 1,
      gradient: unitGradient(found[1]?.activation as Tensor, { y: 0, x: 0, channel: 0 }),
    });
    expect(activations.map((tensor) => tensor !== null)).toEqual([true, true, false]);
    expect(weights).toEqual([null, null, null]);
  });

  it('guided, lets through a rectifier only what speaks for the target', async () => {
    const network = check(['relu', ['fc', { units: 1, bias: false }]], { input: [1, 3, 1] });
    const found = await run(network, volume([[[2, 3, -1]]]), { 2: { weight: Float32Array.of(5, -7, 9) } });
    const target = { layer: 2, gradient: unitGradient(found[2]?.activation as Tensor, { y: 0, x: 0, channel: 0 }) };
    const plain = await gradientsOf(network, found, target);
    expect([...(plain.activations[0]?.data ?? [])]).toEqual([5, -7, 0]);
    const guided = await gradientsOf(network, found, target, { guided: true });
    expect([...(guided.activations[0]?.data ?? [])]).toEqual([5, 0, 0]);
  });

  it('can be stopped', async () => {
    const network = check(['relu'], { input: [1, 1, 1] });
    const found = await run(network, volume([[[1]]]));
    const target = { layer: 1, gradient: unitGradient(found[1]?.activation as Tensor, { y: 0, x: 0, channel: 0 }) };
    await expect(gradientsOf(network, [null, null], target)).rejects.toThrow('did not run');
    const wrong = { layer: 1, gradient: createTensor({ height: 1, width: 1, channels: 2 }) };
    await expect(gradientsOf(network, found, wrong)).rejects.toThrow('The gradient has 2 numbers, the activation 1');
  });
});
