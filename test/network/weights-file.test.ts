import { describe, expect, it } from 'vitest';
import { type TensorHeader, weightMismatches } from '../../src/network/weights-file.js';
import { check } from './build.js';

const network = check([['conv', { filters: 6, kernel: [5, 5] }], 'batchnorm']);

const complete: readonly TensorHeader[] = [
  { name: 'conv1.weight', dtype: 'F32', shape: [6, 3, 5, 5] },
  { name: 'conv1.bias', dtype: 'F16', shape: [6] },
  { name: 'batchnorm1.weight', dtype: 'F64', shape: [6] },
  { name: 'batchnorm1.bias', dtype: 'BF16', shape: [6] },
  { name: 'batchnorm1.running_mean', dtype: 'F32', shape: [6] },
  { name: 'batchnorm1.running_var', dtype: 'F32', shape: [6] },
];

const withTensor = (name: string, change: Partial<TensorHeader>): readonly TensorHeader[] =>
  complete.map((tensor) => (tensor.name === name ? { ...tensor, ...change } : tensor));

describe('a weights file and a network', () => {
  it('agree where every tensor is there, whatever else the file holds', () => {
    expect(weightMismatches(network, complete)).toEqual([]);
    expect(weightMismatches(network, [...complete, { name: 'step', dtype: 'I64', shape: [] }])).toEqual([]);
  });

  it.each([
    [
      'filters',
      withTensor('conv1.weight', { shape: [8, 3, 5, 5] }),
      1,
      'conv1.weight is 8×3×5×5 in it and must be 6×3×5×5',
    ],
    ['axes', withTensor('conv1.weight', { shape: [6, 75] }), 1, 'conv1.weight is 6×75 in it and must be 6×3×5×5'],
    ['a number', withTensor('conv1.bias', { shape: [] }), 1, 'conv1.bias is a single number in it and must be 6'],
    ['a name', withTensor('batchnorm1.running_var', { name: 'other' }), 2, 'batchnorm1.running_var (6) is not in it'],
    [
      'a dtype',
      withTensor('conv1.bias', { dtype: 'I64' }),
      1,
      'conv1.bias is of dtype I64 and must be one of F64, F32, F16, BF16',
    ],
  ])('differ in %s', (_, tensors, layer, message) => {
    expect(weightMismatches(network, tensors)).toEqual([{ layer, message }]);
  });
});
