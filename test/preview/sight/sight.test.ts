import { describe, expect, it } from 'vitest';
import { classMap, classMapEnd } from '../../../src/preview/sight/class-map.js';
import { occlusionOf } from '../../../src/preview/sight/occlusion.js';
import { overPicture, regionOf } from '../../../src/preview/sight/over-picture.js';
import { defaultSide } from '../../../src/preview/sight/side.js';
import { deadChannels, peaksOf, topSamples } from '../../../src/preview/sight/top-samples.js';
import { run, volume } from '../../engine/build.js';
import { check } from '../../network/build.js';

describe('occlusion sensitivity', () => {
  /** Mean 4; weights that are linear in the pixels, so that what a square takes away can be worked out. */
  const picture = volume([
    [
      [1, 2, 3],
      [4, 4, 4],
      [5, 6, 7],
    ],
  ]);

  it('of a linear network is weight · (pixel − mean), summed over the square', async () => {
    const network = check([['fc', { units: 1 }]], { input: [3, 3, 1] });
    const weights = { 1: { weight: Float32Array.of(1, 0, 2, 0, 5, 0, -1, 0, 3), bias: Float32Array.of(0.5) } };
    const runs = await run(network, picture, weights);
    const falls = await occlusionOf(network, runs, 1, { channel: 0, row: 0, column: 0 }, 1);
    // 1·(1−4), 0, 2·(3−4), 0, 5·0, 0, −1·(5−4), 0, 3·(7−4)
    expect([...(falls?.data ?? [])]).toEqual([-3, 0, -2, 0, 0, 0, -1, 0, 9]);
  });

  it('is averaged where squares overlap', async () => {
    const network = check([['fc', { units: 1 }]], { input: [3, 3, 1] });
    const weights = { 1: { weight: Float32Array.of(1, 0, 2, 0, 5, 0, -1, 0, 3), bias: Float32Array.of(0) } };
    const runs = await run(network, picture, weights);
    const falls = await occlusionOf(network, runs, 1, { channel: 0, row: 0, column: 0 }, 2);
    // Squares from 0 and 1 on, each way. Their falls: −3, −2; −1, 9. The middle lies under all four.
    expect([...(falls?.data ?? [])]).toEqual([-3, -2.5, -2, -2, 0.75, 3.5, -1, 4, 9]);
  });

  it('runs only what the unit sees, and says how far it is', async () => {
    const network = check([['conv', { filters: 2, kernel: 1 }], ['relu'], ['conv', { filters: 1, kernel: 2 }]], {
      input: [3, 3, 1],
    });
    const weights = {
      1: { weight: Float32Array.of(1, 0), bias: Float32Array.of(0, 0) },
      3: { weight: Float32Array.of(1, 1, 1, 1, 0, 0, 0, 0), bias: Float32Array.of(0) },
    };
    const runs = await run(network, picture, weights);
    const fractions: number[] = [];
    const unit = { channel: 0, row: 1, column: 1 };
    const falls = await occlusionOf(network, runs, 3, unit, 1, { onProgress: (fraction) => fractions.push(fraction) });
    // Sees the last two rows and columns: 4 − 4, 4 − 4, 6 − 4, 7 − 4.
    expect([...(falls?.data ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0, 2, 3]);
    expect(fractions).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it('can be stopped', async () => {
    const network = check([['fc', { units: 1 }]], { input: [32, 32, 1] });
    const runs = await run(network, volume([Array.from({ length: 32 }, () => new Array<number>(32).fill(1))]));
    const stop = new AbortController();
    const onProgress = (fraction: number) => fraction > 0 && stop.abort(new Error('enough'));
    const falls = occlusionOf(network, runs, 1, { channel: 0, row: 0, column: 0 }, 1, {
      signal: stop.signal,
      onProgress,
    });
    await expect(falls).rejects.toThrow('enough');
  });

  it('takes squares of an eighth of the picture', () => {
    expect(defaultSide({ height: 224, width: 224 })).toBe(28);
    expect(defaultSide({ height: 2, width: 3 })).toBe(1);
  });
});

describe('a class activation map', () => {
  const maps = volume([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [0, 1],
      [0, -1],
    ],
  ]);

  it('is the weights of the class times the maps, and its mean is the score', async () => {
    const network = check([['globalavgpool'], ['dropout', { rate: 0.5 }], ['fc', { units: 2 }], ['softmax']], {
      input: [2, 2, 2],
    });
    const end = classMapEnd(network);
    expect(end).toEqual({ maps: 0, classifier: 3 });
    const weights = { 3: { weight: Float32Array.of(1, 10, -2, 0.5), bias: Float32Array.of(0.25, 0) } };
    const runs = await run(network, maps, weights);
    const map = end && classMap(end, runs, 1);
    // −2·1 + 0.5·0, −2·2 + 0.5·1, −2·3 + 0.5·0, −2·4 + 0.5·(−1)
    expect([...(map?.data ?? [])]).toEqual([-2, -3.5, -6, -8.5]);
    expect(runs[3]?.activation.data[1]).toBeCloseTo((-2 - 3.5 - 6 - 8.5) / 4, 5);
  });

  it('is the map itself where the averages are the scores', async () => {
    const network = check([['relu'], ['globalavgpool'], ['softmax']], { input: [2, 2, 2] });
    const end = classMapEnd(network);
    expect(end).toEqual({ maps: 1, classifier: null });
    const map = end && classMap(end, await run(network, maps), 1);
    expect([...(map?.data ?? [])]).toEqual([0, 1, 0, 0]);
  });

  it('is none where the network does not end in an average', () => {
    const ofLines = (lines: Parameters<typeof check>[0]) => classMapEnd(check(lines, { input: [4, 4, 2] }));
    expect(ofLines([['conv', { filters: 2, kernel: 3 }], ['fc', { units: 2 }], ['softmax']])).toBeNull();
    expect(ofLines([['globalmaxpool'], ['fc', { units: 2 }]])).toBeNull();
    expect(ofLines([['globalavgpool'], ['fc', { units: 8 }], ['relu'], ['fc', { units: 2 }]])).toBeNull();
  });
});

describe('a map over the picture', () => {
  it('has each number at the centre of its receptive field, lines between, and the nearest beyond', () => {
    const network = check([['conv', { filters: 1, kernel: 3, stride: 2 }]], { input: [1 + 6, 1 + 6, 1] });
    const field = network.facts[1]?.field;
    if (!field) throw new Error('no field');
    // Centres at pixels 1, 3 and 5.
    const map = volume([
      [
        [0, 4, 8],
        [0, 4, 8],
        [10, 14, 18],
      ],
    ]);
    const over = overPicture(map, 0, field, { height: 7, width: 7 });
    const row = (index: number) => [...over.data.subarray(7 * index, 7 * index + 7)];
    expect(row(0)).toEqual([0, 0, 2, 4, 6, 8, 8]);
    expect(row(4)).toEqual([5, 5, 7, 9, 11, 13, 13]);
    expect(row(6)).toEqual([10, 10, 12, 14, 16, 18, 18]);
  });

  it('has a region where it reaches a share of its largest number', () => {
    const map = volume([[[0, 4, 8, 5, -9]]]);
    expect([...regionOf(map, 0.5)]).toEqual([0, 1, 1, 1, 0]);
    expect([...regionOf(map, 0.6)]).toEqual([0, 0, 1, 1, 0]);
    expect([...regionOf(volume([[[0, -4]]]), 0.5)]).toEqual([0, 0]);
  });
});

describe('the pictures that move a channel most', () => {
  it('finds the largest number of each channel and its place', () => {
    const found = peaksOf(
      volume([
        [
          [1, 7],
          [3, 4],
        ],
        [
          [-3, -4],
          [-1, -2],
        ],
      ]),
    );
    expect(found).toEqual([
      { value: 7, row: 0, column: 1 },
      { value: -1, row: 1, column: 0 },
    ]);
  });

  it('orders pictures by it', async () => {
    const network = check([['conv', { filters: 2, kernel: 1 }], ['relu']], { input: [1, 2, 1] });
    const weights = { 1: { weight: Float32Array.of(1, -1), bias: Float32Array.of(0, 0) } };
    const pictures = [volume([[[1, 2]]]), volume([[[5, -4]]]), volume([[[-7, 3]]])];
    const runs = await run(network, pictures[0] ?? volume([]), weights);
    const inputOf = (index: number) => ({ tensor: pictures[index] ?? volume([]), id: `${index}` });
    const all = await topSamples(network, runs, 2, 3, inputOf);
    const [positive, negative] = all;
    expect(deadChannels(all)).toEqual([]);
    const first = await topSamples(network, runs, 2, 1, inputOf);
    // −1 and −2, which the activation function takes away.
    expect(deadChannels(first)).toEqual([1]);
    expect(positive?.map(({ picture, value, column }) => [picture, value, column])).toEqual([
      [1, 5, 0],
      [2, 3, 1],
      [0, 2, 1],
    ]);
    expect(negative?.map(({ picture, value, column }) => [picture, value, column])).toEqual([
      [2, 7, 0],
      [1, 4, 1],
      [0, 0, 0],
    ]);
  });
});
