import { expect, test } from 'vitest';
import { toNCHW } from '../../../src/engine/tensor.js';
import { readOnnx } from '../../../src/formats/onnx/read.js';
import { model } from '../../../src/formats/onnx/schema.js';
import { encode } from '../../../src/formats/protobuf/wire.js';
import { runImported } from '../oracles.js';

/** What neither ONNX's own tests nor PyTorch's exporter has. */

test('DepthToSpace in its first mode deals channels out block by block', async () => {
  const dims = [1, 8, 1, 1].map((dim_value) => ({ dim_value }));
  const graph = {
    node: [
      { name: 'y', op_type: 'DepthToSpace', input: ['x'], output: ['y'], attribute: [{ name: 'blocksize', i: 2 }] },
    ],
    input: [{ name: 'x', type: { tensor_type: { elem_type: 1, shape: { dim: dims } } } }],
    output: [{ name: 'y' }],
  };
  const bytes = encode({ graph, opset_import: [{ domain: '', version: 17 }] }, model);
  const imported = readOnnx([{ name: 'net.onnx', bytes }]);
  // Pixel (i, j) of channel c is channel (2i + j)·2 + c.
  expect(toNCHW(await runImported(imported, [0, 1, 2, 3, 4, 5, 6, 7]))).toEqual(
    Float32Array.of(0, 2, 4, 6, 1, 3, 5, 7),
  );
});
