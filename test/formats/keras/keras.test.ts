import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../../../src/engine/tensor.js';
import { ExportError } from '../../../src/formats/format.js';
import { keras } from '../../../src/formats/keras/index.js';
import type { CheckedNetwork } from '../../../src/network/check.js';
import { relativeError } from '../../engine/build.js';
import { exampleNetworks, runOurs, testInput, testWeights } from '../networks.js';
import { PythonProcess, whyNot } from '../python-process.js';
import { pythonWith } from '../runtimes.js';

/**
 * A Python with Keras 3 and a backend: Debian has none. CONVNET_KERAS_PYTHON names one, CONVNET_KERAS=1 has one fetched; that and
 * the run take minutes.
 */
const fetched = process.env.CONVNET_KERAS ? pythonWith('keras', ['keras==3.15.1', 'jax==0.10.2']) : undefined;
const PYTHON = process.env.CONVNET_KERAS_PYTHON ?? fetched ?? '/usr/bin/python3';
const BACKEND = process.env.KERAS_BACKEND ?? 'jax';
const reason = whyNot(PYTHON, 'keras', { KERAS_BACKEND: BACKEND });
if (reason) console.warn(`Not run: ${reason}; CONVNET_KERAS_PYTHON names another, CONVNET_KERAS=1 fetches one`);

interface Job {
  readonly module: string;
  readonly function: string;
  readonly weights: string;
  readonly input: string;
  readonly shape: readonly number[];
  readonly output: string;
  readonly logits: boolean;
}

/** A volume as Keras has it: height, width, channels. */
const nhwc = ({ data }: Tensor): Float32Array => Float32Array.from(data);

const write = async (checked: CheckedNetwork) =>
  (await keras.write?.({ checked, fileName: 'model', weights: testWeights(checked) }, {}))?.files ?? [];

const isFiltering = ({ network }: CheckedNetwork): boolean =>
  network.layers.some(({ kind }) => ['hog', 'gabor', 'sobel', 'gaussian'].includes(kind));

describe.skipIf(reason !== null)('exported modules compute in Keras what our engine computes', async () => {
  const networks = await exampleNetworks();
  let runtime: PythonProcess<Job, { readonly shape: readonly number[]; readonly parameters: number }>;
  let folder: string;
  let worst = 0;
  const refused: string[] = [];
  beforeAll(() => {
    runtime = new PythonProcess(PYTHON, fileURLToPath(new URL('keras_runtime.py', import.meta.url)));
    folder = mkdtempSync(join(tmpdir(), 'convnet-keras-'));
  });
  afterAll(() => {
    runtime.end();
    rmSync(folder, { recursive: true });
    console.info(`Keras: largest error ${worst.toExponential(1)} of the largest logit. Refused: ${refused.join('; ')}`);
  });

  test.each(networks)('$title', { timeout: 300_000 }, async ({ title, checked }) => {
    let files: Awaited<ReturnType<typeof write>>;
    try {
      files = await write(checked);
    } catch (error) {
      if (!(error instanceof ExportError)) throw error;
      refused.push(`${title}: ${error.refusals.map(({ reason: why }) => why).join(', ')}`);
      expect(isFiltering(checked)).toBe(true);
      return;
    }
    const path = (name: string) => join(folder, name);
    for (const { name, content } of files) writeFileSync(path(name), content);
    const input = testInput(checked);
    writeFileSync(path('input.bin'), nhwc(input));
    const last = checked.network.layers.at(-1);
    const answer = await runtime.run({
      module: path('model.py'),
      function: [...String(files[0]?.content).matchAll(/^def (\w+)\(\) -> keras.Model/gm)].at(-1)?.[1] ?? '',
      weights: path('model.npz'),
      input: path('input.bin'),
      shape: [input.height, input.width, input.channels],
      output: path('output.bin'),
      logits: last?.kind === 'softmax',
    });
    const runs = await runOurs(checked, input, testWeights(checked));
    const ours = runs.at(last?.kind === 'softmax' ? -2 : -1)?.activation as Tensor;
    const theirs = readFileSync(path('output.bin'));
    const values = new Float32Array(theirs.buffer.slice(theirs.byteOffset, theirs.byteOffset + theirs.byteLength));
    const error = relativeError(values, nhwc(ours));
    worst = Math.max(worst, error);
    expect(error).toBeLessThan(1e-4);
    expect(answer.parameters).toBe(checked.totals.params);
  });
});
