import { describe, expect, it, test } from 'vitest';
import { DivergedError, Learner, type LearnerOptions } from '../../../src/engine/training/learner.js';
import type { Targets } from '../../../src/engine/training/losses.js';
import type { OptimiserSettings } from '../../../src/network/training.js';
import { check, type Line } from '../../network/build.js';
import { nets, readTensors, translateModule } from '../../torch.js';
import { relativeError } from '../build.js';
import { tensorOf, weightsUnder } from '../torch-tensors.js';

const plain: OptimiserSettings = { kind: 'sgd', momentum: 0, nesterov: false, beta2: 0.999, epsilon: 1e-8 };

/** What the oracle's optimisers are called, and how they are set. */
const optimisersOfOracle: Readonly<
  Record<string, Pick<LearnerOptions, 'optimiser' | 'decay'> & { readonly rate: number }>
> = {
  'SGD lr .1': { optimiser: plain, rate: 0.1 },
  'SGD lr .1 momentum .9 (torch style, no dampening) weight_decay .01 (L2 in grad)': {
    optimiser: { ...plain, momentum: 0.9 },
    decay: 0.01,
    rate: 0.1,
  },
  'Adam lr .01 betas .9,.999 eps 1e-8': { optimiser: { ...plain, kind: 'adam', momentum: 0.9 }, rate: 0.01 },
};

const backends = ['reference', 'fast'] as const;

describe.each(backends)('three steps as in PyTorch, %s', (backend) => {
  test.each(nets.map((net) => [net.name, net] as const))('%s', async (_, net) => {
    const tensors = readTensors(net.tensors);
    const get = (key: string) => tensorOf(tensors.get(key) ?? { shape: [], values: new Float32Array() });
    const batch = get('train.input');
    const network = check(net.layers.map(translateModule), {
      input: [batch.height, batch.width, batch.channels],
      like: 'pytorch',
    });
    const { target, optimizer, losses_before_each_step: losses } = net.training;
    const { rate, ...settings } = optimisersOfOracle[optimizer] ?? { optimiser: plain, rate: 0 };
    const learner = new Learner(network, {
      ...settings,
      loss: target ? 'crossentropy' : 'mse',
      batch: batch.batch,
      weights: (layer) => weightsUnder(tensors, `state.${layer - 1}.`),
      backend,
    });
    const targets: Targets = target
      ? { type: 'classes', classes: target }
      : { type: 'values', values: get('train.target').data };

    const { weights } = await learner.gradients(batch.data, targets);
    const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
    const steepest = Math.max(
      ...[...tensors].filter(([key]) => key.startsWith('train.grad.')).map(([, { values }]) => largest(values)),
    );
    // What stands before a normalisation and only shifts or scales has no gradient but rounding.
    const isRounding = (i: number, name: string) =>
      largest(tensors.get(`train.grad.${i}.${name}`)?.values ?? [1]) < 1e-4 * steepest;
    for (const [i] of net.layers.entries())
      for (const [name, values] of Object.entries(weights[i + 1] ?? {})) {
        const reference = tensors.get(`train.grad.${i}.${name}`)?.values ?? [];
        if (!isRounding(i, name))
          expect(relativeError(values, reference), `gradient of ${i}.${name}`).toBeLessThan(1e-4);
      }

    // The oracle's first pass, for the gradients alone, moved the running statistics once more than its steps.
    const first = await learner.step(batch.data, targets, 0);
    expect(first.loss).toBeCloseTo(net.training.loss_value, 5);
    learner.restore({ step: 0, slots: new Map() });
    for (const expected of losses) {
      const { loss } = await learner.step(batch.data, targets, rate);
      expect(Math.abs(loss - expected)).toBeLessThan(2e-4 * Math.max(1, expected));
    }
    for (const [i] of net.layers.entries())
      for (const [name, values] of Object.entries(learner.weights(i + 1))) {
        const before = tensors.get(`state.${i}.${name}`)?.values ?? [];
        const after = tensors.get(`train.after.${i}.${name}`)?.values ?? [];
        if (isRounding(i, name)) continue;
        const moved = largest(after.map((value, k) => value - (before[k] ?? 0)));
        const error = largest(after.map((value, k) => value - (values[k] ?? 0)));
        // Adam makes whole steps of what is rounding alone; a bias so moved moves the mean after it, by a tenth of it.
        const strayed = name === 'running_mean' && settings.optimiser.kind === 'adam' ? rate * 0.6 : 0;
        expect(error, `${i}.${name} moved ${moved}`).toBeLessThan(Math.max(0.01 * moved, 1e-6) + strayed);
      }
  });
});

describe('a learner', () => {
  const lines: readonly Line[] = [
    ['conv', { filters: 3, kernel: [3, 3] }],
    'batchnorm',
    'relu',
    ['dropout', { rate: 0.5 }],
    ['fc', { units: 2 }],
    'softmax',
  ];
  const input = [5, 5, 2] as const;
  const batch = 4;
  const pictures = Float32Array.from({ length: batch * 50 }, (_, i) => Math.sin(i * i));
  const targets: Targets = { type: 'classes', classes: [0, 1, 1, 0] };

  const make = (changed: readonly Line[] = lines, options: Partial<LearnerOptions> = {}) => {
    const network = check(changed, { input });
    const weights = (layer: number) =>
      Object.fromEntries(
        (network.facts[layer]?.weights ?? []).map(({ name, shape }) => {
          const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
          return [name, name === 'running_var' ? values.fill(1) : values.map((_, i) => Math.cos(i * 1.7 + layer) / 3)];
        }),
      );
    return new Learner(network, { loss: 'crossentropy', optimiser: plain, batch, weights, ...options });
  };
  const allWeights = (learner: Learner, count = lines.length + 1) =>
    Array.from({ length: count }, (_, layer) => learner.weights(layer));

  it('learns the pictures by heart', async () => {
    const learner = make(lines.filter((line) => line[0] !== 'dropout'));
    const before = await learner.evaluate(pictures, targets);
    for (let step = 0; step < 60; step++) await learner.step(pictures, targets, 0.1);
    const after = await learner.evaluate(pictures, targets);
    expect(after.loss).toBeLessThan(before.loss / 3);
    expect(after.classes).toEqual([0, 1, 1, 0]);
    expect(after.correct).toBe(4);
  });

  it('does the same with the same seed, and something else with another', async () => {
    const learners = [make(), make(), make(lines, { seed: 2 })];
    for (const learner of learners) for (let step = 0; step < 3; step++) await learner.step(pictures, targets, 0.1);
    const [first, second, other] = learners.map((learner) => allWeights(learner));
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('goes on from a checkpoint as if nothing had happened', async () => {
    const settings = { optimiser: { ...plain, kind: 'adam', momentum: 0.9 } } as const;
    const whole = make(lines, settings);
    const first = make(lines, settings);
    for (let step = 0; step < 4; step++) await whole.step(pictures, targets, 0.01);
    for (let step = 0; step < 2; step++) await first.step(pictures, targets, 0.01);
    const second = make(lines, { ...settings, weights: (layer) => first.weights(layer) });
    second.restore(first.state());
    for (let step = 0; step < 2; step++) await second.step(pictures, targets, 0.01);
    expect(second.steps).toBe(4);
    expect(allWeights(second)).toEqual(allWeights(whole));
    expect(second.state()).toEqual(whole.state());
  });

  it('leaves frozen layers as they are', async () => {
    const frozen: Line[] = [['conv', { filters: 3, kernel: [3, 3], frozen: true }], 'relu', ['fc', { units: 2 }]];
    const learner = make(frozen);
    const before = allWeights(learner, 4);
    await learner.step(pictures, targets, 0.1);
    const after = allWeights(learner, 4);
    expect(after[1]).toEqual(before[1]);
    expect(after[3]).not.toEqual(before[3]);
  });

  it('tells in which layer the numbers got out of hand, and keeps the last good weights', async () => {
    const wild: Line[] = [
      ['conv', { filters: 3, kernel: [3, 3] }, { name: 'early' }],
      'relu',
      ['fc', { units: 2 }, { name: 'late' }],
    ];
    const learner = make(wild, { optimiser: plain });
    const broken = pictures.slice();
    broken[7] = Number.NaN;
    const before = allWeights(learner, 4);
    await expect(learner.step(broken, targets, 0.1)).rejects.toThrow(
      'Training diverged at step 1: the activation of input is no longer a finite number. A smaller rate usually helps',
    );
    expect(allWeights(learner, 4)).toEqual(before);
    const diverge = async () => {
      for (let step = 0; step < 50; step++) await learner.step(pictures, targets, 1e20);
    };
    await expect(diverge()).rejects.toThrow(DivergedError);
    for (const weights of allWeights(learner, 4))
      for (const values of Object.values(weights)) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('stops in the middle of a batch without a trace', async () => {
    const learner = make();
    const before = allWeights(learner);
    await expect(learner.step(pictures, targets, 0.1, AbortSignal.abort('enough'))).rejects.toBe('enough');
    expect(allWeights(learner)).toEqual(before);
    expect(learner.steps).toBe(0);
  });

  it('sums the gradients of all users of a layer', async () => {
    // y = 3·(x·w) by three ways: d(y − t)²/dw = 2(3xw − t)·3x; with x = 2, w = 0.5, t = 1: 2·2·6 = 24.
    const network = check(
      [
        ['fc', { units: 1, bias: false }, { name: 'a' }],
        ['add', {}, { name: 'twice', from: ['a', 'a'] }],
        ['add', {}, { from: ['twice', 'a'] }],
      ],
      { input: [1, 1, 1] },
    );
    for (const backend of backends) {
      const learner = new Learner(network, {
        loss: 'mse',
        optimiser: plain,
        batch: 1,
        weights: () => ({ weight: Float32Array.of(0.5) }),
        backend,
      });
      const { loss, weights } = await learner.gradients(Float32Array.of(2), { type: 'values', values: [1] });
      expect(loss).toBe(4);
      expect(weights[1]).toEqual({ weight: Float32Array.of(24) });
    }
  });

  it('leaves out what the scores do not depend on', async () => {
    const learner = make([
      ['fc', { units: 2 }, { name: 'used' }],
      ['fc', { units: 3 }, { name: 'unused', from: ['input'] }],
      ['softmax', {}, { from: ['used'] }],
    ]);
    const before = allWeights(learner, 4);
    await learner.step(pictures, targets, 0.1);
    const after = allWeights(learner, 4);
    expect(after[1]).not.toEqual(before[1]);
    expect(after[2]).toEqual(before[2]);
  });

  it.each([
    [
      'too little memory',
      lines,
      { memoryLimit: 1000 },
      /^Training Net needs .* \(activations .*, weights .*\), more than the 1000 bytes/,
    ],
    [
      'a volume of scores',
      [['conv', { filters: 2, kernel: [1, 1] }]],
      {},
      'crossentropy takes one score a class: conv1 gives 5×5 of them',
    ],
    ['a single score', [['fc', { units: 1 }]], {}, 'crossentropy needs a score for each class'],
    ['nothing to learn', ['relu', 'globalavgpool'], {}, 'no weights that could learn'],
    ['weights of another size', lines, { weights: () => ({}) }, 'The weight of conv1 has 0 numbers, not 3×2×3×3'],
  ] as const)('refuses %s', (_, changed, options, message) => {
    expect(() => make(changed as readonly Line[], options as Partial<LearnerOptions>)).toThrow(message);
  });
});
