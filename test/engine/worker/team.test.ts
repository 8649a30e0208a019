import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createPredictor,
  createTensor,
  createWorkerPredictor,
  openWorker,
  seededWeights,
} from '../../../src/engine/module.js';
import { shareRows } from '../../../src/engine/worker/share.js';
import type { CheckedNetwork } from '../../../src/network/check.js';
import { findBrowser, HOW_TO_GET_A_BROWSER, launchBrowser } from '../../host/browser.js';
import { check, type Line } from '../../network/build.js';
import { workerScript } from '../backends.js';

let script: URL;
beforeAll(async () => {
  script = new URL(`data:text/javascript,${encodeURIComponent(await workerScript())}`);
});

type Size = readonly [height: number, width: number, channels: number];

const conv = (filters: number, kernel: number, more: object = {}): Line => ['conv', { filters, kernel, ...more }];

const networks: Readonly<Record<string, { readonly input: Size; readonly lines: readonly Line[] }>> = {
  'windows of all kinds': {
    input: [37, 29, 5],
    lines: [
      conv(12, 5, { stride: 2, pad: 2 }),
      'batchnorm',
      'relu',
      ['maxpool', { kernel: 3, stride: 2, fit: 'ceil' }],
      conv(16, 3, { pad: 2, dilation: 2 }),
      ['avgpool', { kernel: 3, pad: 1, stride: 1 }],
      ['depthwise', { kernel: 3, pad: 1 }],
      'lrn',
      ['fc', { units: 10 }],
      'softmax',
    ],
  },
  "Winograd's method, odd heights": {
    input: [23, 23, 8],
    lines: [conv(16, 3, { pad: 1 }), 'relu', conv(16, 3, { pad: 1 }), 'relu', conv(24, 5, { pad: 2 })],
  },
  'one picture for all units, and maps at the end': {
    input: [12, 12, 3],
    lines: [conv(8, 3, { pad: 1 }), 'globalavgpool'],
  },
  'fewer rows than workers': { input: [2, 16, 4], lines: [conv(8, 1), 'relu', conv(4, 1)] },
  'branches that are joined and added': {
    input: [20, 20, 8],
    lines: [
      conv(8, 3, { pad: 1 }),
      'batchnorm',
      ['relu', {}, { name: 'trunk' }],
      conv(8, 3, { pad: 1 }),
      ['add', {}, { name: 'sum', from: ['conv2', 'trunk'] }],
      ['relu', {}, { name: 'out' }],
      ['maxpool', { kernel: 3, stride: 1, pad: 1 }, { name: 'pooled', from: ['trunk'] }],
      ['concat', {}, { name: 'both', from: ['out', 'pooled'] }],
      ['globalavgpool', {}, { name: 'squeezed', from: ['both'] }],
      ['multiply', {}, { from: ['both', 'squeezed'] }],
      conv(5, 1, { stride: 2 }),
    ],
  },
  'layers that need all rows': {
    input: [10, 12, 8],
    lines: [
      conv(8, 3, { pad: 1 }),
      ['groupnorm', { groups: 2 }],
      'gelu',
      ['convtranspose', { filters: 8, kernel: 2, stride: 2 }],
      'instancenorm',
      ['convtranspose', { filters: 8, kernel: 3, pad: 1 }],
      'layernorm',
      conv(4, 3),
    ],
  },
  'layers that only reference ops compute': {
    input: [16, 16, 4],
    lines: [conv(8, 3, { pad: 1 }), 'softplus', conv(8, 3, { pad: 1 }), 'elu', conv(4, 3)],
  },
};

const picture = ([height, width, channels]: Size) => {
  const tensor = createTensor({ height, width, channels });
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = Math.sin(i * 0.7) + Math.cos(i * i * 1e-3);
  return tensor;
};

const weightsOf = (network: CheckedNetwork) => (layer: number) =>
  seededWeights(network.facts[layer]?.weights ?? [], `layer ${layer}`, 1);

/** The largest difference over the largest number. */
function difference(found: Float32Array, expected: Float32Array): number {
  expect(found).toHaveLength(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(0);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))), 0) / largest;
}

const rows = (from: number, to: number) => ({ from, to });

/** Twice, so that the second begins with what the first has left. */
async function together(network: CheckedNetwork, size: Size, workers: number): Promise<void> {
  const weights = weightsOf(network);
  const alone = await createPredictor(network, { weights }).predict(picture(size));
  const predictor = createWorkerPredictor(network, { weights, open: openWorker(script), workers });
  try {
    for (let i = 0; i < 2; i++)
      // Winograd's tiles begin elsewhere, and round otherwise.
      expect(difference((await predictor.predict(picture(size))).data, alone.data)).toBeLessThan(2e-5);
  } finally {
    predictor.dispose();
  }
}

describe('a part', () => {
  const network = check([conv(4, 3, { pad: 1 }), conv(4, 3, { pad: 1 }), ['fc', { units: 2 }]], { input: [8, 8, 2] });
  const { network: whole } = network;
  const firsts = [...whole.layers.keys()];
  const sharing = shareRows(network, firsts, new Map(), { relaxed: false, precise: false }, 2);

  test('is half of the rows, with the row of the other half that the next layer reads', () => {
    const [upper, lower] = [sharing.shareOf(0), sharing.shareOf(1)];
    expect([upper.own(1), lower.own(1)]).toEqual([rows(0, 4), rows(4, 8)]);
    expect([upper.read(2, 0), lower.read(2, 0)]).toEqual([rows(0, 5), rows(3, 8)]);
    expect([upper.held(1), lower.held(1)]).toEqual([rows(0, 5), rows(3, 8)]);
    expect(sharing.transfers(1)).toEqual([
      { from: 1, to: 0, rows: rows(4, 5) },
      { from: 0, to: 1, rows: rows(3, 4) },
    ]);
  });

  test('is a layer of its own size, with the padding that it has at its edges', () => {
    const [upper, lower] = [sharing.shareOf(0), sharing.shareOf(1)].map(({ facts }) => facts[2]);
    expect(upper?.output?.height).toBe(4);
    expect(upper?.window?.y).toMatchObject({ input: 5, before: 1, output: 4 });
    expect(lower?.window?.y).toMatchObject({ input: 5, before: 0, after: 1, output: 4 });
    expect(lower?.window?.x).toEqual(network.facts[2]?.window?.x);
  });

  test('is everything of a layer that sees everything, which is sent all rows', () => {
    expect(sharing.shareOf(1).own(3)).toEqual(rows(0, 1));
    expect(sharing.shareOf(1).read(3, 0)).toEqual(rows(0, 8));
    expect(sharing.transfers(2).map(({ rows }) => rows)).toEqual([rows(4, 8), rows(0, 4)]);
    expect(sharing.transfers(3)).toEqual([]);
  });
});

describe.each([2, 3])('%i workers compute what one does', (workers) => {
  test.each(Object.entries(networks))('%s', async (_, { input, lines }) => {
    await together(check(lines, { input }), input, workers);
  });
});

describe('two workers', () => {
  const size: Size = [96, 96, 16];
  const network = check(
    [1, 2, 3, 4].map(() => conv(64, 3, { pad: 1 })),
    { input: size },
  );
  const weights = weightsOf(network);

  test('go on after they were stopped', async () => {
    const predictor = createWorkerPredictor(network, { weights, open: openWorker(script), workers: 2 });
    try {
      const expected = (await predictor.predict(picture(size))).data;
      const stop = new AbortController();
      const onStep = () => stop.abort(new Error('enough'));
      await expect(predictor.predict(picture(size), { signal: stop.signal, onStep })).rejects.toThrow('enough');
      expect((await predictor.predict(picture(size))).data).toEqual(expected);
    } finally {
      predictor.dispose();
    }
  });

  test('are both replaced when the second dies, and the prediction repeated', async () => {
    let opened = 0;
    const predictor = createWorkerPredictor(network, {
      weights,
      workers: 2,
      open(events) {
        const number = opened++;
        const worker = openWorker(script)(events);
        return {
          ...worker,
          send(message, moved) {
            worker.send(message, moved);
            if (number === 1 && message.type === 'predict') worker.close();
          },
        };
      },
    });
    try {
      const alone = await createPredictor(network, { weights }).predict(picture(size));
      expect(difference((await predictor.predict(picture(size))).data, alone.data)).toBeLessThan(2e-5);
      expect(opened).toBe(4);
    } finally {
      predictor.dispose();
    }
  });

  test('say what is wrong, and wait for nothing', async () => {
    const predictor = createWorkerPredictor(network, { weights, open: openWorker(script), workers: 2 });
    try {
      await expect(predictor.predict(picture([1, 1, 1]))).rejects.toThrow("The input is 1 × 1×1×1, the network's");
      expect((await predictor.predict(picture(size))).height).toBe(96);
    } finally {
      predictor.dispose();
    }
  });
});

const browser = findBrowser();

/** What the page's script makes. */
declare const window: { readonly engine: typeof import('../../../src/engine/module.js') };

test.skipIf(!browser)(browser ? 'two workers of a page of Chromium' : HOW_TO_GET_A_BROWSER, async () => {
  const { outputFiles } = await build({
    entryPoints: ['src/engine/module.ts'],
    bundle: true,
    format: 'iife',
    globalName: 'engine',
    write: false,
  });
  const scripts = new Map([
    ['/engine.js', outputFiles[0]?.text ?? ''],
    ['/engine-worker.js', await workerScript()],
  ]);
  const chromium = await launchBrowser(browser ?? '');
  try {
    const page = await chromium.newPage();
    await page.route('http://localhost/**', (route) => {
      const body = scripts.get(new URL(route.request().url()).pathname);
      return route.fulfill(
        body === undefined
          ? { contentType: 'text/html', body: '<!doctype html>' }
          : { contentType: 'text/javascript', body },
      );
    });
    await page.goto('http://localhost/');
    await page.addScriptTag({ url: '/engine.js' });
    const name = 'branches that are joined and added';
    const { input, lines } = networks[name] as (typeof networks)[string];
    const { network, facts } = check(lines, { input });
    const outputs = await page.evaluate(
      async ({ network, facts, data, input: [height, width, channels] }) => {
        const { engine } = window;
        const weights = (layer: number) => engine.seededWeights(facts[layer]?.weights ?? [], `layer ${layer}`, 1);
        const open = engine.openWorker(new URL('/engine-worker.js', location.href));
        const picture = { batch: 1, height, width, channels, data: Float32Array.from(data) };
        const found: number[][] = [];
        for (const workers of [1, 2]) {
          const predictor = engine.createWorkerPredictor({ network, facts }, { weights, open, workers });
          found.push([...(await predictor.predict(picture)).data]);
          predictor.dispose();
        }
        return found;
      },
      { network, facts, data: [...picture(input).data], input },
    );
    const [alone = [], together = []] = outputs.map((values) => Float32Array.from(values));
    expect(difference(Float32Array.from(together), Float32Array.from(alone))).toBeLessThan(2e-5);
  } finally {
    await chromium.close();
  }
});
