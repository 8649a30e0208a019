import { describe, expect, it } from 'vitest';
import { createTensor, type Run } from '../../src/engine/index.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import { unitField } from '../../src/network/field.js';
import { evenPadding } from '../../src/network/values.js';
import { explainUnit } from '../../src/preview/unit/explain.js';
import { channelSums } from '../../src/preview/unit/products.js';
import { sensitivityOf } from '../../src/preview/unit/sensitivity.js';
import type { UnitReport, Working } from '../../src/preview/unit/unit.js';
import { run } from '../engine/build.js';
import { check, type Line } from '../network/build.js';

/** A picture of unlike numbers of either sign. */
function picture(height: number, width: number, channels: number) {
  const tensor = createTensor({ height, width, channels });
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = Math.sin(12.9898 * i) + 0.1;
  return tensor;
}

function explain({ network, facts }: CheckedNetwork, runs: Run, index: number, channel: number, row = 0, column = 0) {
  const layer = network.layers[index];
  const [own, fact] = [runs[index], facts[index]];
  if (!layer || !own || !fact) throw new Error(`Layer ${index} did not run`);
  const inputs = layer.inputs.map((source) => {
    const input = runs[source];
    if (!input) throw new Error(`Layer ${source} did not run`);
    return input.activation;
  });
  const run = { network, index, facts: fact, inputs, weights: own.weights, output: own.activation };
  return explainUnit(run, { channel, row, column });
}

/** What an explanation comes to, by its own numbers. */
function workedOut(working: Working): number | undefined {
  switch (working.type) {
    case 'products':
      return channelSums(working).reduce((total, sum) => total + sum, working.bias ?? 0);
    case 'pooling': {
      const seen = [...working.values].filter((_, i) => !working.outside[i]);
      return working.how === 'largest' ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / working.divisor;
    }
    case 'terms': {
      const values = working.terms.map(({ value }) => value);
      if (working.operator === 'max') return Math.max(...values);
      return values.reduce((a, b) => (working.operator === '+' ? a + b : a * b));
    }
    default:
      return undefined;
  }
}

type Case = readonly [name: string, type: Working['type'], lines: readonly Line[], channels?: number];

/** Every unit of the last layer of these must come to the number the engine gives it. */
const cases: readonly Case[] = [
  ['conv, padded', 'products', [['conv', { filters: 4, kernel: 3, pad: 1 }]]],
  ['conv, stride 2, dilation 2', 'products', [['conv', { filters: 2, kernel: 3, stride: 2, dilation: 2 }]]],
  ['conv in groups', 'products', [['conv', { filters: 6, kernel: [1, 3], groups: 2 }]], 4],
  ['conv 1×1, no bias', 'products', [['conv', { filters: 3, kernel: 1, bias: false }]], 5],
  ['depthwise, 2 filters a channel', 'products', [['depthwise', { kernel: 3, multiplier: 2 }]]],
  ['convtranspose, stride 2', 'products', [['convtranspose', { filters: 3, kernel: 3, stride: 2 }]]],
  ['convtranspose in groups', 'products', [['convtranspose', { filters: 4, kernel: 4, stride: 3, groups: 2 }]], 4],
  ['convtranspose, stride over kernel', 'products', [['convtranspose', { filters: 2, kernel: 2, stride: 3, pad: 1 }]]],
  ['fc on a volume', 'products', [['fc', { units: 7 }]]],
  ['fc on a vector', 'products', ['globalavgpool', ['fc', { units: 7 }]]],
  ['maxpool, padded', 'pooling', [['maxpool', { kernel: 3, stride: 2, pad: 1 }]]],
  ['maxpool, rounded up', 'pooling', [['maxpool', { kernel: 2, stride: 2, fit: 'ceil' }]]],
  ['avgpool, padding counted', 'pooling', [['avgpool', { kernel: 3, pad: 1, countpad: true }]]],
  ['avgpool, padding not counted', 'pooling', [['avgpool', { kernel: 3, pad: 1, countpad: false }]]],
  ['globalmaxpool', 'pooling', ['globalmaxpool']],
  ['globalavgpool', 'pooling', ['globalavgpool']],
  ['adaptiveavgpool', 'pooling', [['adaptiveavgpool', { size: { y: 3, x: 4 } }]]],
  ['add', 'terms', ['relu', 'tanh', ['add', {}, { from: ['relu1', 'tanh1'] }]]],
  ['multiply by a vector', 'terms', ['relu', 'globalavgpool', ['multiply', {}, { from: ['relu1', 'globalavgpool1'] }]]],
  ['max', 'terms', ['relu', 'tanh', ['max', {}, { from: ['relu1', 'tanh1'] }]]],
];

async function explained(lines: readonly Line[], channels = 3) {
  const network = check(lines, { input: [7, 7, channels], like: 'pytorch' });
  const runs = await run(network, picture(7, 7, channels));
  const index = network.network.layers.length - 1;
  const output = runs[index]?.activation;
  if (!output) throw new Error('the last layer did not run');
  const reports: UnitReport[] = [];
  for (let row = 0; row < output.height; row++)
    for (let column = 0; column < output.width; column++)
      for (let channel = 0; channel < output.channels; channel++) {
        const report = explain(network, runs, index, channel, row, column);
        if (report) reports.push(report);
      }
  return { reports, numbers: output.data, network, runs };
}

describe('a unit’s number, worked out', () => {
  it.each(cases.map(([name, type, lines, channels = 3]) => ({ name, type, lines, channels })))(
    '$name',
    async (given) => {
      const { type, lines, channels } = given;
      const { reports, numbers } = await explained(lines, channels);
      expect(reports).toHaveLength(numbers.length);
      for (const [i, { working, value }] of reports.entries()) {
        expect(working.type).toBe(type);
        expect(value).toBe(numbers[i]);
        expect(workedOut(working)).toBeCloseTo(numbers[i] as number, 4);
      }
    },
  );

  it('is 75 products and a bias for a 5×5 filter on a colour picture', async () => {
    const network = check([['conv', { filters: 6, kernel: 5 }]]);
    const runs = await run(network, picture(32, 32, 3));
    const report = explain(network, runs, 1, 2, 10, 20);
    if (report?.working.type !== 'products') throw new Error('no products');
    const { values, weights, bias } = report.working;
    expect([values.length, weights.length, bias]).toEqual([75, 75, 0]);
    // The patch begins at row 10, column 20 of red, and red comes first.
    expect(values[0]).toBeCloseTo(Math.sin(12.9898 * (10 * 32 + 20) * 3) + 0.1, 5);
    expect(report.reading).toMatchObject({ layer: 'input', rows: [10, 11, 12, 13, 14], channels: [0, 3] });
  });

  it('begins in the padding', async () => {
    const network = check([['conv', { filters: 1, kernel: 3, pad: 1 }]], { input: [5, 5, 1] });
    const report = explain(network, await run(network, picture(5, 5, 1)), 1, 0);
    if (report?.working.type !== 'products') throw new Error('no products');
    expect(report.reading?.rows).toEqual([-1, 0, 1]);
    expect([...report.working.outside]).toEqual([1, 1, 1, 1, 0, 0, 1, 0, 0]);
    expect([...report.working.values.slice(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('lies on the curve of an activation function', async () => {
    const { reports } = await explained([['leakyrelu', { alpha: 0.1 }]]);
    for (const { working, value } of reports) {
      if (working.type !== 'curve') throw new Error('no curve');
      expect(value).toBeCloseTo(working.input > 0 ? working.input : 0.1 * working.input, 6);
      // The curve at its ends: −3 and 3.
      expect([working.samples[0], working.samples.at(-1)].map((y) => Math.round(10 * (y ?? 0)))).toEqual([-3, 30]);
    }
  });

  it.each<readonly [string, readonly Line[]]>([
    ['flatten', ['flatten']],
    ['pad', [['pad', { amount: evenPadding(1, 2) }]]],
    ['upsample', [['upsample', { factor: { y: 2, x: 2 } }]]],
    ['concat', ['relu', ['concat', {}, { from: ['relu1', 'input'] }]]],
    ['slice', [['slice', { start: 1 }]]],
  ])('is found where %s took it from', async (_name, lines) => {
    const { reports, network, runs } = await explained(lines);
    for (const { working, value } of reports) {
      if (working.type !== 'copy') throw new Error(`no copy but ${working.type}`);
      if (!working.from) {
        expect(value).toBe(0);
        continue;
      }
      const { layer, row, column, channel } = working.from;
      const source = runs[network.network.layers.findIndex(({ name }) => name === layer)]?.activation;
      if (!source) throw new Error(`no layer ${layer}`);
      expect(source.data[(row * source.width + column) * source.channels + channel]).toBe(value);
    }
  });

  it('is not there outside of the map', async () => {
    const network = check(['relu'], { input: [4, 4, 1] });
    const runs = await run(network, picture(4, 4, 1));
    expect(explain(network, runs, 1, 0, 4, 0)).toBeNull();
    expect(explain(network, runs, 1, 1, 0, 0)).toBeNull();
  });
});

/** A NaN in a pixel shows in exactly the units that look at it. */
describe('a unit’s receptive field', () => {
  const nets: readonly (readonly [string, readonly Line[]])[] = [
    ['of a stack', [['conv', { filters: 2, kernel: 3, pad: 1 }], ['maxpool', { kernel: 2, stride: 2 }], ['conv', { filters: 1, kernel: 3 }]]],
    [
      'through branches',
      [
        ['conv', { filters: 2, kernel: 3, pad: 1 }],
        ['conv', { filters: 2, kernel: 5, pad: 2 }, { from: ['input'] }],
        ['concat', {}, { from: ['conv1', 'conv2'] }],
        ['conv', { filters: 1, kernel: 3, stride: 2, pad: 1 }],
      ],
    ],
    ['after upsampling', [['maxpool', { kernel: 2, stride: 2 }], ['upsample', { factor: { y: 2, x: 2 } }], ['conv', { filters: 1, kernel: 3, pad: 1 }]]],
  ]; // biome-ignore format: a network a line
  it.each(nets)('%s', async (_name, lines) => {
    const SIDE = 10;
    const network = check(lines, { input: [SIDE, SIDE, 1], like: 'pytorch' });
    const { field, output } = network.facts.at(-1) ?? {};
    if (!field || !output) throw new Error('no field');
    const seen = new Map<string, { rows: number[]; columns: number[] }>();
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const image = createTensor({ height: SIDE, width: SIDE, channels: 1 });
      image.data[pixel] = Number.NaN;
      const activation = (await run(network, image)).at(-1)?.activation;
      for (let unit = 0; unit < output.height * output.width; unit++) {
        if (!Number.isNaN(activation?.data[unit * output.channels])) continue;
        const key = `${Math.floor(unit / output.width)} ${unit % output.width}`;
        const places = seen.get(key) ?? { rows: [], columns: [] };
        places.rows.push(Math.floor(pixel / SIDE));
        places.columns.push(pixel % SIDE);
        seen.set(key, places);
      }
    }
    expect(seen.size).toBe(output.height * output.width);
    for (const [key, { rows, columns }] of seen) {
      const [row = 0, column = 0] = key.split(' ').map(Number);
      const { y, x } = unitField(field, row, column);
      const clipped = ([from, to]: readonly [number, number]) => [Math.max(0, from), Math.min(SIDE, to) - 1];
      expect([key, Math.min(...rows), Math.max(...rows)]).toEqual([key, ...clipped(y)]);
      expect([key, Math.min(...columns), Math.max(...columns)]).toEqual([key, ...clipped(x)]);
    }
  });
});

describe('a unit’s sensitivity', () => {
  it('is the filter itself for a first convolution, and nothing beyond the receptive field', async () => {
    const network = check([['conv', { filters: 2, kernel: 3, stride: 2, pad: 1 }]], { input: [7, 7, 1] });
    const runs = await run(network, picture(7, 7, 1));
    const volume = await sensitivityOf(network, runs, 1, { row: 1, column: 2, channel: 1 }, 'gradient');
    const weight = runs[1]?.weights.weight?.slice(9, 18);
    if (!volume || !weight) throw new Error('nothing came out');
    // Rows 1 to 3 and columns 3 to 5: stride 2, padding 1.
    for (let row = 0; row < 7; row++)
      for (let column = 0; column < 7; column++) {
        const isInside = row >= 1 && row < 4 && column >= 3 && column < 6;
        const expected = isInside ? Math.abs(weight[(row - 1) * 3 + column - 3] as number) : 0;
        expect(volume.data[row * 7 + column]).toBeCloseTo(expected, 6);
      }
  });
});
