import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createWorkerPredictor, openWorker, type WorkerEvents, type WorkerLike } from '../../src/engine/module.js';
import type { LayerWeights } from '../../src/engine/ops/op.js';
import type { Tensor } from '../../src/engine/tensor.js';
import { hostFeatures } from '../../src/engine/wasm/machine.js';
import type { Report, Request } from '../../src/engine/worker/protocol.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import { findBrowser, HOW_TO_GET_A_BROWSER, launchBrowser } from '../host/browser.js';
import { root } from '../host/repository.js';
import { run } from './build.js';

/** Every way in which the engine computes a network; the same cases are run on all of them. */
export interface Backend {
  readonly name: string;
  /** The largest difference allowed, of the largest reference value. */
  readonly tolerance: number;
  /** Why it cannot be tried here. */
  readonly missing?: string;
  readonly start: () => Promise<Started>;
}

export interface Started {
  /** Activations by layer; a predictor's but the last. `weights` by layer, the others random. */
  readonly compute: (
    network: CheckedNetwork,
    tensor: Tensor,
    weights: Readonly<Record<number, LayerWeights>>,
  ) => Promise<readonly (Tensor | undefined)[]>;
  readonly stop: () => Promise<void>;
}

/** Sums in float64, in float32, and through Winograd's transforms in it. */
const REFERENCE = 1e-6;
const DIRECT = 3e-6;
const WINOGRAD = 2e-5;

function onThisThread(backend: 'reference' | 'precise' | 'fast', tolerance: number): Backend {
  return {
    name: backend,
    tolerance,
    start: async () => ({
      async compute(network, tensor, weights) {
        const runs = await run(network, tensor, weights, { backend });
        return runs.map((layer) => layer?.activation);
      },
      stop: async () => {},
    }),
  };
}

/** A worker that one predictor after the other uses. */
function inWorker(open: (events: WorkerEvents) => WorkerLike, precise = false): Started {
  let current: WorkerEvents | undefined;
  const worker = open({
    onReport: (report) => current?.onReport(report),
    onEnd: (reason) => current?.onEnd(reason),
  });
  return {
    async compute(network, tensor, weights) {
      const predictor = createWorkerPredictor(network, {
        weights: (layer) => weights[layer] ?? {},
        precise,
        batch: tensor.batch,
        open(events) {
          current = events;
          return { send: worker.send, close: () => {} };
        },
      });
      const output = await predictor.predict(tensor);
      predictor.dispose();
      return [...Array<undefined>(network.network.layers.length - 1), output];
    },
    stop: async () => worker.close(),
  };
}

/** The text of `dist/engine-worker.js`. */
export async function workerScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/engine/worker/entry.ts'],
    bundle: true,
    format: 'esm',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** Multiply and add as one instruction: behind this flag in Node 20, always on in later ones, which do not know the flag. */
const RELAXED = '--experimental-wasm-relaxed-simd';

/** The worker's side in a Node process that has relaxed SIMD; it ends where it has not. */
async function startRelaxed(precise: boolean): Promise<Started> {
  const contents = `
    import { serveEngine } from './src/engine/worker/serve.js';
    import { hostFeatures } from './src/engine/wasm/machine.js';
    if (!hostFeatures().relaxed) throw new Error('${RELAXED} does nothing');
    process.on('message', serveEngine((report) => process.send(report)));`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: 'esm',
    write: false,
  });
  const folder = mkdtempSync(join(tmpdir(), 'convnet-backend-'));
  const script = join(folder, 'engine.mjs');
  writeFileSync(script, outputFiles[0]?.text ?? '');
  const child = fork(script, { execArgv: [RELAXED], serialization: 'advanced' });
  const started = inWorker(({ onReport, onEnd }) => {
    child.on('message', (report) => onReport(report as Report));
    child.on('exit', (code) => onEnd(`${process.execPath} ${RELAXED} ended with ${code}`));
    return { send: (message) => child.send(message), close: () => child.kill() };
  }, precise);
  return {
    ...started,
    async stop() {
      await started.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What the page has: its worker, and what hands the worker's reports over. */
declare const window: { engine: Worker; report(report: Report): void };

/** Our side of the worker here, the worker itself in a page of Chromium. */
async function startInChromium(executable: string): Promise<Started> {
  const browser = await launchBrowser(executable);
  const page = await browser.newPage();
  const script = await workerScript();
  await page.route('http://localhost/**', (route) =>
    route.fulfill(
      route.request().url().endsWith('.js')
        ? { contentType: 'text/javascript', body: script }
        : { contentType: 'text/html', body: '<!doctype html>' },
    ),
  );
  await page.goto('http://localhost/');
  let events: WorkerEvents | undefined;
  await page.exposeFunction('report', (report: Report) => events?.onReport(report));
  await page.evaluate(() => {
    window.engine = new Worker('/engine-worker.js', { type: 'module' });
    window.engine.onmessage = ({ data }) => window.report(data);
  });
  const started = inWorker((given) => {
    events = given;
    const send = (message: Request) =>
      void page
        .evaluate((request) => window.engine.postMessage(request), message)
        .catch(({ message: reason }) => given.onEnd(reason));
    return { send, close: () => {} };
  });
  return { ...started, stop: () => browser.close() };
}

const browser = findBrowser();

export const backends: readonly Backend[] = [
  onThisThread('reference', REFERENCE),
  onThisThread('precise', DIRECT),
  onThisThread('fast', WINOGRAD),
  ...[false, true].map((precise) => ({
    name: `a process with relaxed SIMD${precise ? ', precise' : ''}`,
    tolerance: precise ? DIRECT : WINOGRAD,
    ...(hostFeatures().relaxed && { missing: `the others have it, too, in Node ${process.version}` }),
    start: () => startRelaxed(precise),
  })),
  {
    name: 'a worker in Node',
    tolerance: WINOGRAD,
    start: async () =>
      inWorker(openWorker(new URL(`data:text/javascript,${encodeURIComponent(await workerScript())}`))),
  },
  {
    name: 'a worker in Chromium',
    tolerance: WINOGRAD,
    ...(!browser && { missing: HOW_TO_GET_A_BROWSER }),
    start: () => startInChromium(browser ?? ''),
  },
];
