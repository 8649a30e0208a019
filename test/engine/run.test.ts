import { describe, expect, test } from 'vitest';
import {
  createTensor,
  EngineError,
  type LayerRun,
  memoryNeeded,
  type Run,
  runNetwork,
  type Tensor,
} from '../../src/engine/index.js';
import { check, type Line } from '../network/build.js';

const lines = (pad: number, alpha = 0.01): Line[] => [
  ['conv', { filters: 4, kernel: 3, pad: 1 }],
  ['leakyrelu', { alpha }],
  ['conv', { filters: 4, kernel: 3, pad }],
  'relu',
  ['fc', { units: 3 }],
];

const picture = (): Tensor => {
  const tensor = createTensor({ height: 16, width: 16, channels: 3 });
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = Math.sin(i);
  return tensor;
};

const input = { tensor: picture(), id: 'sine' };
const network = (written: readonly Line[]) => check(written, { input: [16, 16, 3] });
const reused = (run: Run) => run.map((layer) => layer?.reused);
const data = (run: Run) => run.map((layer) => layer?.activation.data);

describe('a second run computes only what changed', () => {
  test('nothing, where nothing did', async () => {
    const first = await runNetwork(network(lines(1)), input);
    const second = await runNetwork(network(lines(1)), input, { previous: first });
    expect(reused(second)).toEqual(Array(6).fill(true));
    // The same arrays, so that what is drawn need not be drawn again.
    expect(data(second).every((values, i) => values === data(first)[i])).toBe(true);
  });

  test.each<[string, readonly Line[], readonly boolean[]]>([
    ['the layers below an attribute', lines(0), [true, true, true, false, false, false]],
    ['an attribute that leaves the size alone', lines(1, 0.2), [true, true, false, false, false, false]],
  ])('%s', async (_, edited, expected) => {
    const previous = await runNetwork(network(lines(1)), input);
    const incremental = await runNetwork(network(edited), input, { previous });
    expect(reused(incremental)).toEqual(expected);
    expect(data(incremental)).toEqual(data(await runNetwork(network(edited), input)));
  });

  test('into arrays that nobody reads any more', async () => {
    const first = await runNetwork(network(lines(1)), input);
    const spare = first.flatMap((layer) => layer?.activation.data ?? []);
    const before = spare.map((values) => values.slice());
    const other = { tensor: createTensor(input.tensor), id: 'black' };
    const second = await runNetwork(network(lines(1)), other, { spare });
    const third = await runNetwork(network(lines(1)), input, { spare });
    expect(data(third)).toEqual(before);
    // The five layers with a fast op each took an array of its own; the input came into a new one.
    expect(data(second).filter((values) => values && spare.includes(values))).toHaveLength(5);
    expect(new Set(data(second)).size).toBe(6);
  });

  test('everything, for another picture or another seed', async () => {
    const previous = await runNetwork(network(lines(1)), input);
    const other = { tensor: createTensor(input.tensor), id: 'black' };
    expect(reused(await runNetwork(network(lines(1)), other, { previous }))).toEqual(Array(6).fill(false));
    const reseeded = await runNetwork(network(lines(1)), input, { previous, seed: 2 });
    expect(reused(reseeded)).toEqual([true, ...Array(5).fill(false)]);
  });

  test('weights are kept where only the input of a layer changed', async () => {
    const previous = await runNetwork(network(lines(1)), input);
    const edited = await runNetwork(network(lines(1, 0.2)), input, { previous });
    expect(edited[3]?.weights).toBe(previous[3]?.weights);
    expect(edited[3]?.activation).not.toEqual(previous[3]?.activation);
  });

  test('a layer that is renamed keeps its weights through its seed name', async () => {
    const previous = await runNetwork(network(lines(1)), input);
    const renamed = network(
      lines(1).map((line, i) => (i === 0 ? ['conv', { filters: 4, kernel: 3, pad: 1 }, { name: 'stem' }] : line)),
    );
    const seedName = (layer: number) => previousNames[layer] ?? '';
    const previousNames = network(lines(1)).network.layers.map(({ name }) => name);
    expect(reused(await runNetwork(renamed, input, { previous, seedName }))).toEqual(Array(6).fill(true));
    expect(reused(await runNetwork(renamed, input, { previous }))).toEqual([true, ...Array(5).fill(false)]);
  });
});

test('two layers that compute the same share one activation', async () => {
  const run = await runNetwork(
    network([
      ['relu', {}, { from: ['input'] }],
      ['relu', {}, { from: ['input'] }],
    ]),
    input,
  );
  expect(run[2]?.activation).toBe(run[1]?.activation);
});

test('a batch is the pictures one by one', async () => {
  const one = await runNetwork(network(lines(1)), input);
  const { height, width, channels, data: numbers } = input.tensor;
  const two = createTensor({ height, width, channels }, 2);
  two.data.set(numbers, numbers.length);
  const both = await runNetwork(network(lines(1)), { tensor: two, id: 'both' });
  for (const [i, layer] of one.entries()) {
    const expected = layer?.activation.data as Float32Array;
    expect(both[i]?.activation.data.subarray(expected.length)).toEqual(expected);
  }
});

test('what an error leaves unknown does not run, what comes before and beside it does', async () => {
  const run = await runNetwork(
    network(['relu', ['conv', { filters: 2, kernel: 99 }], 'relu', ['tanh', {}, { from: ['relu1'] }]]),
    input,
  );
  expect(run.map((layer) => layer !== null)).toEqual([true, true, false, false, true]);
});

test('groups that do not divide (an error) run inside the buffers', async () => {
  const run = await runNetwork(
    network([
      ['conv', { filters: 5, kernel: 3, groups: 4 }],
      ['convtranspose', { filters: 3, kernel: 3, groups: 4 }],
      ['groupnorm', { groups: 2 }],
      ['channelshuffle', { groups: 2 }],
    ]),
    input,
  );
  for (const layer of run) expect(layer?.activation.data.every(Number.isFinite)).toBe(true);
});

describe('stopping', () => {
  const long = network([
    ['conv', { filters: 256, kernel: 9, pad: 4 }],
    ['conv', { filters: 256, kernel: 9, pad: 4 }],
  ]);

  test('a run stops inside a layer, soon after it is aborted', async () => {
    const controller = new AbortController();
    const running = runNetwork(long, input, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 40));
    const aborted = performance.now();
    controller.abort(new Error('the text changed'));
    await expect(running).rejects.toThrow('the text changed');
    expect(performance.now() - aborted).toBeLessThan(250);
  });

  test('a run that is aborted beforehand does not begin', async () => {
    const seen: LayerRun[] = [];
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(runNetwork(long, input, { signal, onLayer: (_, run) => seen.push(run) })).rejects.toThrow('too late');
    expect(seen).toEqual([]);
  });
});

test('tells each layer as it is done, and how far it is', async () => {
  const layers: number[] = [];
  const fractions: number[] = [];
  await runNetwork(network(lines(1)), input, {
    onLayer: (layer) => layers.push(layer),
    onProgress: (_, fraction) => fractions.push(fraction),
  });
  expect(layers).toEqual([0, 1, 2, 3, 4, 5]);
  expect(fractions[0]).toBe(0);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBeLessThan(1);
});

describe('refuses', () => {
  test('more memory than the limit, before it allocates', async () => {
    // 16·16·3 + 16·16·64 activations, 64·3·9 + 64 weights, of 4 bytes.
    const checked = network([['conv', { filters: 64, kernel: 3, pad: 1 }]]);
    expect(memoryNeeded(checked)).toEqual({ activations: 68608, weights: 7168, total: 75776 });
    const limited = (memoryLimit: number, backend: 'reference' | 'fast') =>
      runNetwork(checked, input, { memoryLimit, backend });
    await expect(limited(50 * 1024, 'reference')).rejects.toThrow(
      'Net needs 74 KiB (activations 67 KiB, weights 7 KiB), more than the 50 KiB it may take',
    );
    await expect(limited(75776, 'reference')).resolves.toHaveLength(2);
    // Beside them the fast ops take both activations, the input once more with its padding, and the packed weights.
    await expect(limited(75776, 'fast')).rejects.toThrow(
      'Net needs 152 KiB (activations 67 KiB, weights 7 KiB, computing 78 KiB), more than the 74 KiB it may take',
    );
  });

  test('a picture of another size', async () => {
    const small = { tensor: createTensor({ height: 8, width: 8, channels: 3 }), id: 'small' };
    await expect(runNetwork(network(['relu']), small)).rejects.toThrow(
      new EngineError("The picture is 8×8×3, the network's input 16×16×3"),
    );
  });

  test('weights of another shape', async () => {
    const givenWeights = () => ({ id: 'file', values: { weight: new Float32Array(5) } });
    const checked = network([['conv', { filters: 2, kernel: 3, bias: false }]]);
    await expect(runNetwork(checked, input, { givenWeights })).rejects.toThrow(
      'The weight of conv1 has 5 numbers, not 2×3×3×3 = 54',
    );
  });
});
