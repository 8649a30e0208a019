import { describe, expect, test } from 'vitest';
import { toNCHW } from '../../../src/engine/tensor.js';
import type { Imported } from '../../../src/formats/format.js';
import { readOnnx } from '../../../src/formats/onnx/read.js';
import { model } from '../../../src/formats/onnx/schema.js';
import { encode } from '../../../src/formats/protobuf/wire.js';
import { runImported } from '../oracles.js';

/** What neither ONNX's own tests nor PyTorch's exporter has. */

type Attribute = number | string | readonly number[];

/** An operator, what it reads and gives, and its attributes. */
type Step = readonly [op: string, inputs: readonly string[], output: string, attributes?: Record<string, Attribute>];

interface Constant {
  readonly dims: readonly number[];
  readonly float?: readonly number[];
  readonly int?: readonly number[];
}

const attributeOf = ([name, value]: readonly [string, Attribute]) => {
  if (typeof value === 'number') return { name, i: value, type: 'INT' };
  if (typeof value === 'string') return { name, s: value, type: 'STRING' };
  return { name, ints: value, type: 'INTS' };
};

/** The import of a graph that reads `x` of these dims and gives `y`. */
function imported(
  dims: readonly number[],
  steps: readonly Step[],
  constants: Readonly<Record<string, Constant>> = {},
  version = 17,
): Imported {
  const graph = {
    node: steps.map(([op_type, input, output, attributes = {}]) => ({
      name: output,
      op_type,
      input,
      output: [output],
      attribute: Object.entries(attributes).map(attributeOf),
    })),
    initializer: Object.entries(constants).map(([name, { dims, float, int }]) => ({
      name,
      dims,
      ...(float ? { data_type: 1, float_data: float } : { data_type: 7, int64_data: int }),
    })),
    input: [
      {
        name: 'x',
        type: { tensor_type: { elem_type: 1, shape: { dim: dims.map((dim_value) => ({ dim_value })) } } },
      },
    ],
    output: [{ name: 'y' }],
  };
  return readOnnx([{ name: 'net.onnx', bytes: encode({ graph, opset_import: [{ domain: '', version }] }, model) }]);
}

const outputOf = async (net: Imported, picture: readonly number[]) => [...toNCHW(await runImported(net, picture))];

/** Of the operators that are not read: why. */
const refusals = ({ report }: Imported) =>
  report.flatMap(({ fidelity, why = '' }) => (fidelity === 'unsupported' ? why : []));

test('DepthToSpace in its first mode deals channels out block by block', async () => {
  const net = imported([1, 8, 1, 1], [['DepthToSpace', ['x'], 'y', { blocksize: 2 }]]);
  // Pixel (i, j) of channel c is channel (2i + j)·2 + c.
  expect(await outputOf(net, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
});

test('a constant that is added to another name of what a convolution makes is not its bias, if that is read, too', async () => {
  const net = imported(
    [1, 1, 1, 2],
    [
      ['Conv', ['x', 'w'], 'c'],
      ['Relu', ['c'], 'r'],
      ['Transpose', ['c'], 't', { perm: [0, 2, 3, 1] }],
      ['Add', ['t', 'one'], 'a'],
      ['Transpose', ['a'], 'back', { perm: [0, 3, 1, 2] }],
      ['Concat', ['r', 'back'], 'y', { axis: 1 }],
    ],
    { w: { dims: [1, 1, 1, 1], float: [2] }, one: { dims: [1], float: [10] } },
  );
  // 2x of −1 and 3, cut at 0, and with 10 added.
  expect(await outputOf(net, [-1, 3])).toEqual([0, 6, 8, 16]);
});

test('a scale that is not whole takes pixels by the scale, though it comes to a whole multiple of the length', async () => {
  const net = imported(
    [1, 1, 1, 7],
    [['Resize', ['x', '', 'scales'], 'y', { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }]],
    { scales: { dims: [4], float: [1, 1, 1, 2.1] } },
  );
  // ⌊i/2.1⌋ of 14.
  expect(await outputOf(net, [0, 1, 2, 3, 4, 5, 6])).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
});

test('a softmax over a single place is not one over the channels', () => {
  expect(
    refusals(
      imported(
        [1, 3, 2, 1],
        [
          ['Relu', ['x'], 'r'],
          ['Softmax', ['r'], 'y', { axis: -1 }],
        ],
      ),
    ),
  ).toEqual([expect.stringContaining('it normalises over one place alone')]);
});

describe('a layer normalisation over the channels', () => {
  const steps: readonly Step[] = [['LayerNormalization', ['x', 's', 'b'], 'y']];
  const bias = { dims: [2], float: [10, 20] };

  test('of one scale for all', async () => {
    const net = imported([1, 2], steps, { s: { dims: [1], float: [3] }, b: bias });
    // −1 and 1, times 3.
    const [first = 0, second = 0] = await outputOf(net, [4, 6]);
    expect(first).toBeCloseTo(7, 4);
    expect(second).toBeCloseTo(23, 4);
  });

  test('of scales that lie along another axis is not read', () => {
    const turned: readonly Step[] = [
      ['Relu', ['x'], 'r'],
      ['Transpose', ['r'], 't', { perm: [0, 2, 3, 1] }],
      ['LayerNormalization', ['t', 's', 'b'], 'n'],
      ['Transpose', ['n'], 'y', { perm: [0, 3, 1, 2] }],
    ];
    const net = imported([1, 2, 1, 2], turned, { s: { dims: [2, 1], float: [3, 4] }, b: bias });
    expect(refusals(net)).toEqual([expect.stringContaining('its scale is not one number a channel')]);
  });
});

test('a transposed convolution whose odd pixel is cut off below gives as many pixels as its stride says', async () => {
  const net = imported(
    [1, 1, 1, 2],
    [['ConvTranspose', ['x', 'w'], 'y', { strides: [1, 2], auto_pad: 'SAME_LOWER' }]],
    {
      w: { dims: [1, 1, 1, 3], float: [1, 10, 100] },
    },
  );
  // 1 and 2 at stride 2: 1, 10, 100 + 2, 20, 200; of five the odd one, 3 − 2, is cut off at the beginning.
  expect(await outputOf(net, [1, 2])).toEqual([10, 102, 20, 200]);
});

test('sizes that exporters work out: a part of a shape, a slice along the last axis, a length that stays', async () => {
  const net = imported(
    [1, 2, 2, 2],
    [
      ['Shape', ['x'], 'all', { start: 0, end: 2 }],
      ['Slice', ['list', 'from', 'to', 'last'], 'part'],
      ['Concat', ['all', 'part'], 'size', { axis: 0 }],
      ['Reshape', ['x', 'size'], 'y'],
    ],
    {
      list: { dims: [3], int: [7, 1, 4] },
      from: { dims: [1], int: [1] },
      to: { dims: [1], int: [3] },
      last: { dims: [1], int: [-1] },
    },
  );
  expect(await outputOf(net, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(net.network.layers.at(-1)?.attributes).toMatchObject({ size: { channels: 2, height: 1, width: 4 } });
});

test('negative pads of a row leave a row', async () => {
  const net = imported(
    [1, 2, 4],
    [
      ['Pad', ['x', 'pads'], 'cut'],
      ['Conv', ['cut', 'w'], 'y'],
    ],
    { pads: { dims: [6], int: [0, 0, -1, 0, 0, 0] }, w: { dims: [1, 2, 1], float: [1, 10] } },
  );
  expect(await outputOf(net, [1, 2, 3, 4, 5, 6, 7, 8])).toEqual([62, 73, 84]);
});
