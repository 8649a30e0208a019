import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/formats/format.js';
import { readOnnx } from '../../../src/formats/onnx/read.js';
import { model } from '../../../src/formats/onnx/schema.js';
import { encode, type Plain } from '../../../src/formats/protobuf/wire.js';

/** Models that no network of the language is. */

const input = (name: string, ...dims: readonly (number | string)[]): Plain => ({
  name,
  type: {
    tensor_type: {
      elem_type: 1,
      shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })) },
    },
  },
});

const node = (op_type: string, from: readonly string[], to: string): Plain => ({
  name: to,
  op_type,
  input: from,
  output: [to],
});

const file = (inputs: readonly Plain[], ...nodes: readonly Plain[]) => ({
  name: 'net.onnx',
  bytes: encode(
    { graph: { node: nodes, input: inputs, output: [{ name: 'y' }] }, opset_import: [{ domain: '', version: 17 }] },
    model,
  ),
});

const picture = input('x', 'N', 3, 8, 8);

describe('a model is refused with what stands against it', () => {
  test.each([
    [
      'nodes in a circle',
      file([picture], node('Add', ['x', 'b'], 'a'), node('Relu', ['a'], 'b'), node('Relu', ['b'], 'y')),
      'net.onnx: a (Add) depends on its own output',
    ],
    [
      'a size that is not fixed',
      file([input('x', 'N', 3, 'height', 8)], node('Relu', ['x'], 'y')),
      'input x: dimension 2 (height) is not a fixed number; export the model with fixed sizes',
    ],
    [
      'nothing but control flow',
      file([picture], node('Loop', ['x'], 'y')),
      'y (Loop): a network here has no control flow',
    ],
    [
      'a volume of five axes',
      file([input('x', 'N', 3, 8, 8, 8)], node('Relu', ['x'], 'y')),
      'input x: [3, 8, 8, 8] is not a volume of channels, height and width',
    ],
  ])('%s', (_, model_, message) => {
    expect(() => readOnnx([model_])).toThrow(ImportError);
    expect(() => readOnnx([model_])).toThrow(message);
  });
});

test('control flow among layers is left out by name, and counts', () => {
  const { report } = readOnnx([
    file([picture], node('Relu', ['x'], 'a'), node('If', ['a'], 'b'), node('Relu', ['b'], 'y')),
  ]);
  expect(report[1]).toMatchObject({
    name: 'b',
    kind: 'If',
    fidelity: 'unsupported',
    why: 'a network here has no control flow',
    matters: true,
  });
});
