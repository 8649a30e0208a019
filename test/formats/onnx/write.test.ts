import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Tensor, toNCHW } from '../../../src/engine/tensor.js';
import { ExportError, type ExportedFile } from '../../../src/formats/format.js';
import { readOnnx } from '../../../src/formats/onnx/read.js';
import { writeOnnx } from '../../../src/formats/onnx/write.js';
import type { CheckedNetwork } from '../../../src/network/check.js';
import { folderWith } from '../../cli/driver.js';
import { relativeError } from '../../engine/build.js';
import { check } from '../../network/build.js';
import { exampleLogits, runOurs, testInput, testWeights } from '../networks.js';
import { runImported } from '../oracles.js';
import { python, runtime } from '../runtimes.js';

const examples = await exampleLogits();
const ort = await runtime('onnxruntime-web', '1.30.0', 'dist/ort.node.min.mjs');

const isRefused = ({ network }: CheckedNetwork): boolean =>
  network.layers.some(({ kind }) => ['hog', 'gabor', 'sobel', 'gaussian'].includes(kind));

const contentOf = (file: ExportedFile | undefined): Uint8Array => file?.content as Uint8Array;

const write = (checked: CheckedNetwork) => writeOnnx({ checked, weights: testWeights(checked), fileName: 'net' }, {});

describe('every example, written as ONNX', () => {
  const written = examples.filter(({ checked }) => !isRefused(checked));

  beforeAll(() => {
    if (ort) ort.env.wasm.numThreads = 1;
  });

  test.each(written)('$title reads back as what it was, and computes the same in onnxruntime', async ({ checked }) => {
    const weights = testWeights(checked);
    const bytes = contentOf(writeOnnx({ checked, weights, fileName: 'net' }, {}).files[0]);
    const picture = testInput(checked);
    const ours = (await runOurs(checked, picture, weights)).at(-1)?.activation as Tensor;

    const imported = readOnnx([{ name: 'net.onnx', bytes }]);
    expect(imported.report.filter(({ fidelity }) => fidelity === 'unsupported')).toEqual([]);
    expect(relativeError(toNCHW(await runImported(imported, toNCHW(picture))), toNCHW(ours))).toBeLessThan(1e-4);

    if (!ort) return;
    const session = await ort.InferenceSession.create(bytes);
    const { height, width, channels } = picture;
    const input = new ort.Tensor('float32', Float32Array.from(toNCHW(picture)), [1, channels, height, width]);
    const results = await session.run({ [session.inputNames[0]]: input });
    expect(relativeError(toNCHW(ours), results[session.outputNames[0]].data as Float32Array)).toBeLessThan(1e-4);
    await session.release();
  });

  test("all pass ONNX's checker", () => {
    const folder = folderWith({});
    const paths = written.map(({ checked }, i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, contentOf(write(checked).files[0]));
      return path;
    });
    const program =
      'import onnx, sys\nfor p in sys.argv[1:]: onnx.checker.check_model(p, full_check=True)\nprint("fine")';
    const out = python(['onnx'], program, paths);
    if (out !== undefined) expect(out).toBe('fine\n');
  }, 300_000);
});

test('what ONNX cannot say is refused, layer by layer', () => {
  const network = check(['relu', ['gaussian', { sigma: 1 }], ['lrn', { size: 4 }]]);
  expect(() => writeOnnx({ checked: network, fileName: 'net' }, {})).toThrow(ExportError);
  expect(() => writeOnnx({ checked: network, fileName: 'net' }, {})).toThrow(
    'ONNX cannot say this network: gaussian1: ONNX has no such filter; a conv with these weights, frozen, is one; ' +
      'lrn1: of 4 channels ONNX takes one more after and one less before',
  );
});

test('weights may lie in a file of their own, and are found there again', () => {
  const checked = check([['conv', { filters: 4, kernel: 3 }], 'relu', ['fc', { units: 10 }]]);
  const weights = testWeights(checked);
  const { files } = writeOnnx({ checked, weights, fileName: 'net' }, { external: true });
  expect(files.map(({ name }) => name)).toEqual(['net.onnx', 'net.onnx.data']);
  const read = readOnnx(files.map((file) => ({ name: file.name, bytes: contentOf(file) })));
  expect(read.weights).toEqual(weights);
});

test('without weights they are inputs of the model, and weights again when it is read', () => {
  const checked = check([['conv', { filters: 4, kernel: 3, bias: false }], 'batchnorm']);
  const { files } = writeOnnx({ checked, fileName: 'net' }, {});
  const { network, weights } = readOnnx([{ name: 'net.onnx', bytes: contentOf(files[0]) }]);
  expect(network.layers.map(({ name, kind, inputs }) => [name, kind, inputs])).toEqual([
    ['input', 'input', []],
    ['conv1', 'conv', [0]],
    ['batchnorm1', 'batchnorm', [1]],
  ]);
  expect(weights.size).toBe(0);
});
