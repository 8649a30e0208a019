import { describe, expect, test } from 'vitest';
import { createPredictor, createTensor, runNetwork, seededWeights, type Tensor } from '../../src/engine/index.js';
import type { LayerWeights } from '../../src/engine/ops/op.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import { check, type Line } from '../network/build.js';
import { relativeError } from './build.js';

/** Seeded weights, the running statistics and scales of normalisations made uneven so that folding them shows. */
function weightsOf({ network, facts }: CheckedNetwork) {
  const all = network.layers.map(({ name }, index): LayerWeights => {
    const weights = seededWeights(facts[index]?.weights ?? [], name, 1);
    for (const [i, values] of [weights.running_mean, weights.running_var, weights.bias].entries())
      if (values) for (let c = 0; c < values.length; c++) values[c] = 0.2 + ((c * (i + 3)) % 7) / 5;
    return weights;
  });
  return (layer: number): LayerWeights => all[layer] ?? {};
}

function picture(batch: number): Tensor {
  const tensor = createTensor({ height: 12, width: 12, channels: 4 }, batch);
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = Math.sin(i * 1.3);
  return tensor;
}

const conv = (filters: number, more = {}): Line => ['conv', { filters, kernel: 3, pad: 1, ...more }];

const networks: Readonly<Record<string, readonly Line[]>> = {
  'convolution, normalisation, relu': [conv(8, { bias: false }), 'batchnorm', 'relu', conv(6, { stride: 2 }), 'relu6'],
  'depthwise and fc': [['depthwise', { kernel: 3 }], 'batchnorm', 'relu6', ['fc', { units: 5 }], 'batchnorm'],
  'transposed convolution': [
    ['convtranspose', { filters: 5, kernel: 3, stride: 2 }],
    'batchnorm',
    'relu',
    ['convtranspose', { filters: 9, kernel: 4, stride: 2, pad: 1 }],
  ],
  'a residual block': [
    conv(8),
    'batchnorm',
    ['relu', {}, { name: 'start' }],
    conv(8),
    ['batchnorm', {}, { name: 'end' }],
    ['add', {}, { from: ['start', 'end'] }],
    'relu',
  ],
  // 10 rows are two and a half of Winograd's tiles.
  'a residual that is cut': [
    ['conv', { filters: 8, kernel: 3 }],
    ['relu', {}, { name: 'start' }],
    conv(8),
    ['batchnorm', {}, { name: 'end' }],
    ['add', {}, { from: ['start', 'end'] }],
    'relu',
  ],
  'a convolution that two layers read': [
    ['conv', { filters: 8, kernel: 3 }, { name: 'shared' }],
    ['relu', {}, { from: ['shared'] }],
    ['tanh', {}, { from: ['shared'] }],
    ['add', {}, { from: ['relu1', 'tanh1'] }],
  ],
  'reference ops between': [conv(8), 'sigmoid', conv(4), 'tanh', 'softmax'],
  'nothing to compute': [],
};

describe.each(Object.entries(networks))('%s', (_, lines) => {
  test.each([1, 2])('predicts what a run ends with, %i at a time', async (batch) => {
    const checked = check(lines, { input: [12, 12, 4], like: 'pytorch' });
    const weights = weightsOf(checked);
    const predictor = createPredictor(checked, { weights, batch });
    const givenWeights = (layer: number) => ({ id: `${layer}`, values: weights(layer) });
    const input = { tensor: picture(batch), id: 'sine' };
    const run = await runNetwork(checked, input, { givenWeights, backend: 'reference' });
    const wanted = run.at(-1)?.activation.data ?? [];
    const first = await predictor.predict(input.tensor);
    expect(relativeError(first.data, wanted)).toBeLessThan(2e-5);
    expect(await predictor.predict(input.tensor)).toEqual(first);
  });
});

describe('a predictor that is used again', () => {
  const lines: readonly Line[] = [conv(8), 'relu', conv(6), 'tanh', ['fc', { units: 5 }]];
  const checked = check(lines, { input: [12, 12, 4], like: 'pytorch' });
  const weights = weightsOf(checked);
  const other = picture(1);
  other.data.reverse();
  /** What the reference ops make of a picture. */
  const wanted = async (tensor: Tensor, id: string) => {
    const givenWeights = (layer: number) => ({ id: `${layer}`, values: weights(layer) });
    const run = await runNetwork(checked, { tensor, id }, { givenWeights, backend: 'reference' });
    return run.at(-1)?.activation.data ?? [];
  };

  test('tells of another picture what that is, in turns and at once', async () => {
    const [sine, reversed] = await Promise.all([wanted(picture(1), 'sine'), wanted(other, 'reversed')]);
    expect(relativeError(sine, reversed)).toBeGreaterThan(0.1);
    const predictor = createPredictor(checked, { weights });
    expect(relativeError((await predictor.predict(picture(1))).data, sine)).toBeLessThan(2e-5);
    expect(relativeError((await predictor.predict(other)).data, reversed)).toBeLessThan(2e-5);
    const [first, second] = await Promise.all([predictor.predict(picture(1)), predictor.predict(other)]);
    expect(relativeError(first.data, sine)).toBeLessThan(2e-5);
    expect(relativeError(second.data, reversed)).toBeLessThan(2e-5);
  });

  test('gives its memory to the next, also where it is disposed of while it computes', async () => {
    const sine = await wanted(picture(1), 'sine');
    for (let i = 0; i < 3; i++) {
      const predictor = createPredictor(checked, { weights });
      await predictor.prepare();
      const result = predictor.predict(picture(1));
      predictor.dispose();
      expect(relativeError((await result).data, sine)).toBeLessThan(2e-5);
    }
  });
});

test('refuses more memory than the limit', () => {
  const checked = check([conv(64)], { input: [12, 12, 4] });
  const make = () => createPredictor(checked, { weights: weightsOf(checked), memoryLimit: 1024 });
  expect(make).toThrow(/^Net needs .* more than the 1 KiB it may take$/);
});

test('refuses a network with errors', () => {
  const checked = check([['conv', { filters: 2, kernel: 99 }]], { input: [12, 12, 4] });
  expect(() => createPredictor(checked, { weights: weightsOf(checked) })).toThrow('conv1 has errors and cannot run');
});
