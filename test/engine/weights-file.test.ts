import { expect, it } from 'vitest';
import { seededWeights, weightsFromTensors, weightsToTensors } from '../../src/engine/index.js';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.js';
import type { LayerFacts } from '../../src/network/check.js';
import { check } from '../network/build.js';

it('saved weights are the same when they are loaded', () => {
  const network = check([['conv', { filters: 4, kernel: [3, 3] }], 'batchnorm', 'relu', ['fc', { units: 2 }]], {
    input: [5, 5, 2],
  });
  const weights = network.network.layers.map(({ name }, index) =>
    seededWeights((network.facts[index] as LayerFacts).weights, name, 7),
  );
  const file = readSafetensors(writeSafetensors(weightsToTensors(network, (layer) => weights[layer])));
  expect([...file].map(([name, { shape }]) => [name, shape])).toEqual([
    ['conv1.weight', [4, 2, 3, 3]],
    ['conv1.bias', [4]],
    ['batchnorm1.weight', [4]],
    ['batchnorm1.bias', [4]],
    ['batchnorm1.running_mean', [4]],
    ['batchnorm1.running_var', [4]],
    ['fc1.weight', [2, 36]],
    ['fc1.bias', [2]],
  ]);
  expect(weightsFromTensors(network, file)).toEqual([undefined, weights[1], weights[2], undefined, weights[4]]);
});
