import { describe, expect, it } from 'vitest';
import { costsOf, rooflineOf } from '../../src/preview/costs.js';
import { check } from '../network/build.js';

describe('what layers cost', () => {
  const network = check([['conv', { filters: 6, kernel: 5 }], 'relu'], { input: [32, 32, 3] });
  const costs = costsOf(network, (layer) => ({ milliseconds: layer === 'conv1' ? 2 : 0.1 }));

  it('is counted as the lecture does', () => {
    // 28·28·6 numbers of 4 bytes come out; 32·32·3 and 456 parameters go in.
    expect(costs[1]).toEqual({
      index: 1,
      name: 'conv1',
      macs: 5 * 5 * 3 * 28 * 28 * 6,
      params: 456,
      bytes: 28 * 28 * 6 * 4,
      milliseconds: 2,
      traffic: (28 * 28 * 6 + 32 * 32 * 3 + 456) * 4,
    });
    expect(costs[0]?.milliseconds).toBe(0);
  });

  it('makes a roofline of the layers that compute and can be measured', () => {
    const roofline = rooflineOf(costs);
    const flops = 2 * 5 * 5 * 3 * 28 * 28 * 6;
    expect(roofline?.points.map(({ name }) => name)).toEqual(['conv1']);
    expect(roofline?.peak).toBeCloseTo(flops / 2e6, 9);
    expect(roofline?.bandwidth).toBeCloseTo((costs[1]?.traffic ?? 0) / 2e6, 9);
  });

  it('makes none before anything has run', () => {
    expect(rooflineOf(costsOf(network, () => null))).toBeNull();
  });
});
