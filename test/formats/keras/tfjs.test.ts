import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../../src/engine/tensor.js';
import { ExportError } from '../../../src/formats/format.js';
import { tfjs } from '../../../src/formats/keras/tfjs.js';
import type { CheckedNetwork } from '../../../src/network/check.js';
import { relativeError } from '../../engine/build.js';
import { check } from '../../network/build.js';
import { exampleLogits, runOurs, testInput, testWeights } from '../networks.js';
import { runtime } from '../runtimes.js';

const tf = await runtime('@tensorflow/tfjs', '4.22.0', 'dist/tf.node.js').then((module) => module?.default ?? module);

const write = async (checked: CheckedNetwork) =>
  (await tfjs.write?.({ checked, fileName: 'model', weights: testWeights(checked) }, {}))?.files ?? [];

/** Its backend in plain JavaScript takes long: larger examples wait for CONVNET_ALL_EXAMPLES=1. */
const MOST_MACS = process.env.CONVNET_ALL_EXAMPLES ? Number.POSITIVE_INFINITY : 250e6;

describe.skipIf(!tf)('every example computes in TensorFlow.js what our engine computes, or is refused', async () => {
  const networks = (await exampleLogits()).filter(({ checked }) => (checked.totals.macs ?? 0) < MOST_MACS);

  test.each(networks)('$title', { timeout: 120_000 }, async ({ checked }) => {
    let files: Awaited<ReturnType<typeof write>>;
    try {
      files = await write(checked);
    } catch (error) {
      if (!(error instanceof ExportError)) throw error;
      const kinds = error.refusals.map(({ layer }) => checked.network.layers[layer]?.kind);
      // What the models cannot hold is known by its kind; nothing else of the examples is refused.
      for (const kind of kinds)
        expect(['hog', 'gabor', 'sobel', 'gaussian', 'lrn', 'sign', 'slice', 'conv', 'maxpool']).toContain(kind);
      return;
    }
    const json = JSON.parse(String(files[0]?.content));
    const data = files[1]?.content as Uint8Array;
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: json.modelTopology,
        weightSpecs: json.weightsManifest[0].weights,
        weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength),
      }),
    );
    const input = testInput(checked);
    const x = tf.tensor4d(input.data, [1, input.height, input.width, input.channels]);
    const theirs = (await model.predict(x).data()) as Float32Array;
    const ours = (await runOurs(checked, input, testWeights(checked))).at(-1)?.activation as Tensor;
    expect(relativeError(theirs, Float32Array.from(ours.data))).toBeLessThan(1e-4);
    tf.disposeVariables();
  });
});

test('what its models cannot hold is refused, layer by layer', async () => {
  const network = check([['conv', { filters: 4, kernel: [3, 3], groups: 2 }], 'hardswish', 'lrn'], {
    input: [8, 8, 4],
  });
  await expect(write(network)).rejects.toMatchObject({
    refusals: [
      { name: 'conv1', reason: 'TensorFlow.js passes over the groups of a convolution' },
      { name: 'hardswish1', reason: 'TensorFlow.js has no hard_silu, or another one' },
      {
        name: 'lrn1',
        reason: "TensorFlow.js's models hold layers only: Keras has no layer of local response normalisation",
      },
    ],
  });
});
