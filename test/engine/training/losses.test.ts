import { describe, expect, it, test } from 'vitest';
import { classOf, losses } from '../../../src/engine/training/losses.js';
import type { LossName } from '../../../src/network/training.js';
import { cases, readTensors } from '../../torch.js';

const run = (name: LossName, values: readonly number[], each: number, classes: readonly number[]) => {
  const gradient = new Float32Array(values.length);
  const scores = { values: Float32Array.from(values), batch: values.length / each, each };
  return { loss: losses[name](scores, { type: 'classes', classes }, gradient), gradient: [...gradient] };
};

describe('cross-entropy is PyTorch’s', () => {
  const tensors = readTensors('layers.safetensors');
  test.each(cases.filter(({ op }) => op === 'cross_entropy').map((found) => [found.name, found] as const))(
    '%s',
    (_, { name, attrs, tensors: shapes }) => {
      const get = (key: string) => tensors.get(`${name}/${key}`)?.values ?? new Float32Array();
      const each = shapes['in.x']?.[1] ?? 0;
      const { loss, gradient } = run('crossentropy', [...get('in.x')], each, attrs.target as number[]);
      expect(loss).toBeCloseTo(get('out')[0] as number, 6);
      const scale = get('grad_out')[0] as number;
      for (const [i, value] of get('grad.x').entries()) expect((gradient[i] as number) * scale).toBeCloseTo(value, 6);
    },
  );
});

// Worked out by hand.
describe('the other losses', () => {
  it('hinge: every wrong class closer than 1 to the right one costs what it lacks', () => {
    // Picture 1, class 0: margins 2 − 3 + 1 = 0 and 2.5 − 3 + 1 = 0.5; picture 2, class 1: 0 − 1 + 1 = 0, 4 − 1 + 1 = 4.
    expect(run('hinge', [3, 2, 2.5, 0, 1, 4], 3, [0, 1])).toEqual({
      loss: 2.25,
      gradient: [-0.5, 0, 0.5, 0, -0.5, 0.5],
    });
  });

  it('perceptron: moves two scores where the answer is wrong, nothing where it is right', () => {
    expect(run('perceptron', [3, 2, 1, 0, 1, 4], 3, [0, 1])).toEqual({ loss: 1.5, gradient: [0, 0, 0, 0, -0.5, 0.5] });
  });

  it('a single score stands for class 1 above 0 and class 0 below', () => {
    expect(run('perceptron', [2, -3, 0.5], 1, [0, 0, 1])).toEqual({
      loss: Math.fround(2) / 3,
      gradient: [Math.fround(1 / 3), 0, 0],
    });
    expect(run('hinge', [2, -3, 0.5, -0.25], 1, [0, 0, 1, 1])).toEqual({
      loss: (3 + 0 + 0.5 + 1.25) / 4,
      gradient: [0.25, 0, -0.25, -0.25],
    });
    expect([classOf(Float32Array.of(0.1)), classOf(Float32Array.of(-0.1))]).toEqual([1, 0]);
  });

  it('mse: the mean over all numbers, a class being a 1 among zeros', () => {
    expect(run('mse', [1, 0, 0.5, 0.5], 2, [0, 1])).toEqual({ loss: 0.125, gradient: [0, 0, 0.25, -0.25] });
  });

  it('cross-entropy of very different scores does not overflow', () => {
    expect(run('crossentropy', [1000, -1000], 2, [1])).toEqual({ loss: 2000, gradient: [1, -1] });
  });
});
