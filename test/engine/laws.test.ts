import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPredictor, createTensor, runNetwork, seededWeights, type Tensor } from '../../src/engine/index.js';
import { assemble } from '../../src/engine/wasm/assembler.js';
import { fastOpOf } from '../../src/engine/wasm/index.js';
import { hostFeatures } from '../../src/engine/wasm/machine.js';
import { check, type Line } from '../network/build.js';
import { relativeError, runLayer } from './build.js';

/** What holds of layers whatever their sizes, worked out from no other implementation. */

const backends = ['reference', 'precise', 'fast'] as const;
const TOLERANCE = 2e-5;

const size = (max: number) => fc.integer({ min: 1, max });
const pairOf = (max: number) => fc.tuple(size(max), size(max));
const geometry = fc.record({ kernel: pairOf(5), stride: pairOf(3), dilation: pairOf(2), bias: fc.constant(false) });

function filled(height: number, width: number, channels: number, f: (i: number) => number): Tensor {
  const tensor = createTensor({ height, width, channels });
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = f(i);
  return tensor;
}

const sine = (i: number) => Math.sin(i * 1.7);
const cosine = (i: number) => Math.cos(i * i);

describe.each(backends)('%s', (backend) => {
  test('conv is linear', () =>
    fc.assert(
      fc.asyncProperty(
        geometry,
        fc.constantFrom(1, 2, 4),
        size(12),
        fc.integer({ min: -3, max: 3 }),
        async (attributes, groups, filters, factor) => {
          const line: Line = ['conv', { ...attributes, pad: 1, groups, filters: filters * groups }];
          const of = async (f: (i: number) => number) =>
            (await runLayer(line, filled(12, 13, 4, f), { like: 'pytorch', backend })).data;
          const [x, y, both] = [await of(sine), await of(cosine), await of((i) => factor * sine(i) + cosine(i))];
          expect(
            relativeError(
              both,
              x.map((value, i) => factor * value + (y[i] as number)),
            ),
          ).toBeLessThan(TOLERANCE);
        },
      ),
      { numRuns: 25 },
    ));

  test('shifting the input by the stride shifts the output', () =>
    fc.assert(
      fc.asyncProperty(geometry, size(5), size(12), async (attributes, channels, filters) => {
        const line: Line = ['conv', { ...attributes, filters }];
        const [down, right] = attributes.stride;
        const at = (y: number, x: number, c: number) => Math.sin(y * 3.1 + x * 1.3 + c * 0.7) + Math.cos(y * x + c);
        const shifted = (dy: number, dx: number) =>
          filled(14, 15, channels, (i) => {
            const pixel = Math.floor(i / channels);
            return at(Math.floor(pixel / 15) + dy, (pixel % 15) + dx, i % channels);
          });
        const here = await runLayer(line, shifted(0, 0), { like: 'pytorch', backend });
        const there = await runLayer(line, shifted(down, right), { like: 'pytorch', backend });
        const found: number[] = [];
        const wanted: number[] = [];
        for (let y = 0; y + 1 < here.height; y++)
          for (let x = 0; x + 1 < here.width; x++)
            for (let f = 0; f < filters; f++) {
              found.push(there.data[(y * here.width + x) * filters + f] as number);
              wanted.push(here.data[((y + 1) * here.width + x + 1) * filters + f] as number);
            }
        expect(relativeError(found, wanted)).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 25 },
    ));

  test('the shape rule tells how many numbers come out, and none of them is left as it was', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom('conv', 'maxpool', 'avgpool', 'convtranspose'),
        fc.record({ kernel: pairOf(4), stride: pairOf(3), pad: fc.nat(1) }),
        size(9),
        async (kind, attributes, filters) => {
          // With ones all over, every number that is computed is above 0.
          const own = kind.startsWith('conv') ? { filters } : { pad: 0 };
          const network = check([[kind, { ...attributes, ...own }]], { input: [13, 11, 3], like: 'pytorch' });
          const output = network.facts[1]?.output;
          if (!output) return;
          const weights = Object.fromEntries(
            (network.facts[1]?.weights ?? []).map(({ name, shape }) => [
              name,
              new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(1),
            ]),
          );
          const run = await runNetwork(
            network,
            { tensor: filled(13, 11, 3, () => 1), id: 'ones' },
            { backend, givenWeights: () => ({ id: 'ones', values: weights }) },
          );
          const { data, ...shape } = run[1]?.activation ?? createTensor(output, 0);
          expect(shape).toEqual({ ...output, batch: 1 });
          expect(data.length).toBe(output.height * output.width * output.channels);
          expect(data.every((value) => value > 0)).toBe(true);
        },
      ),
      { numRuns: 40 },
    ));
});

test('what is emitted validates, whatever the layer', () =>
  fc.assert(
    fc.property(
      fc.record({ kernel: pairOf(7), stride: pairOf(4), dilation: pairOf(3), pad: fc.nat(3) }),
      fc.record({ groups: size(4), depth: size(40), filters: size(70) }),
      pairOf(64),
      fc.constantFrom('none', 'relu', 'relu6'),
      fc.boolean(),
      (attributes, { groups, depth, filters }, [height, width], activation, precise) => {
        const lines: Line[] = [
          ['conv', { ...attributes, groups, filters: filters * groups }],
          ['depthwise', attributes, { from: ['input'] }],
          ['convtranspose', { ...attributes, filters }, { from: ['input'] }],
          ['maxpool', attributes, { from: ['input'] }],
          ['avgpool', attributes, { from: ['input'] }],
          ['fc', { units: filters }, { from: ['input'] }],
        ];
        const network = check(lines, { input: [height, width, depth * groups], like: 'pytorch' });
        for (const layer of lines.keys())
          for (const residual of [false, true]) {
            const { relaxed } = hostFeatures();
            const op = fastOpOf(network, layer + 1, { relaxed, precise, activation, residual });
            if (!op) continue;
            expect(WebAssembly.validate(assemble(op.functions()))).toBe(true);
            if (op.packing) expect(WebAssembly.validate(assemble(op.packing.functions()))).toBe(true);
          }
      },
    ),
    { numRuns: 100 },
  ));

describe('sizes that cannot be are refused before anything is allocated', () => {
  const weights = () => {
    throw new Error('asked for weights');
  };
  test('nothing is left of the picture', () => {
    const network = check([['conv', { filters: 4, kernel: 9 }]], { input: [8, 8, 1] });
    expect(() => createPredictor(network, { weights })).toThrow('conv1 has errors and cannot run');
  });
  test('more than a limit', async () => {
    const network = check([['conv', { filters: 8, kernel: 1 }]], { input: [20_000, 20_000, 1] });
    const memoryLimit = 2 ** 32;
    expect(() => createPredictor(network, { weights, memoryLimit })).toThrow(/more than the 4 GiB it may take/);
    const picture = { tensor: createTensor({ height: 1, width: 1, channels: 1 }), id: 'small' };
    await expect(runNetwork(network, picture, { memoryLimit })).rejects.toThrow(/more than the 4 GiB/);
  });
});

/** Work that is stopped must not go on to its end: the promise settles while most of the network is still to do. */
test('stops inside a network, and then computes what it did before', async () => {
  const conv: Line = ['conv', { filters: 32, kernel: 3, pad: 1 }];
  const lines = Array.from({ length: 60 }, () => conv);
  const network = check(lines, { input: [96, 96, 32], like: 'pytorch' });
  const shared = seededWeights(network.facts[1]?.weights ?? [], 'shared', 1);
  const predictor = createPredictor(network, { weights: () => shared });
  const input = filled(96, 96, 32, sine);
  const whole = await predictor.predict(input);
  const stop = new AbortController();
  let steps = 0;
  const stopped = predictor.predict(input, {
    signal: stop.signal,
    onStep: () => {
      steps++;
      if (steps === 3) setTimeout(() => stop.abort(new Error('enough')));
    },
  });
  await expect(stopped).rejects.toThrow('enough');
  expect(steps).toBeLessThan(lines.length);
  expect((await predictor.predict(input)).data).toEqual(whole.data);
  predictor.dispose();
});
