import { expect, test } from 'vitest';
import { readCaffe } from '../../src/formats/caffe/read.js';
import { ImportError, type NamedBytes } from '../../src/formats/format.js';
import { companionsOf, readOnnx } from '../../src/formats/onnx/read.js';
import { describeOracles, hasOracles, namedOracle } from './oracles.js';

/** Damaged files: real ones with bytes changed, cut, doubled. CONVNET_FUZZ_RUNS says how many. */

const RUNS = Number(process.env.CONVNET_FUZZ_RUNS ?? 400);
/** Of the processor's time, whatever else it does: far above what any of these files takes, far below what a hang does. */
const LONGEST_MILLISECONDS = 5000;

const paths = [
  'prototxt/caffe__examples__mnist__lenet.prototxt',
  'prototxt/caffe__examples__cifar10__cifar10_full.V1.prototxt',
  'prototxt/caffe-model__cls__resnet__deploy_resnet10-1x32d.prototxt',
  'caffe-numeric/conv_05.caffemodel',
  'caffe-numeric/bn_scale_1.caffemodel',
  'onnx/pytorch-converted/test_Conv2d/model.onnx',
  'onnx/pytorch-converted/test_BatchNorm2d_eval/model.onnx',
  'onnx/node/test_resize_upsample_sizes_nearest/model.onnx',
  'torchvision/vgg11.folded.onnx.gz',
  'torchvision/shufflenet_v2_x0_5.bn.onnx.gz',
];

/** A generator that gives the same numbers for the same seed: Park & Miller's. */
function randomFrom(seed: number): (below: number) => number {
  let state = (seed * 48271 + 11) % 2147483647;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

function damage(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomFrom(seed + 1);
  let result = Uint8Array.from(bytes);
  for (let change = 0; change <= random(4); change++) {
    const at = random(Math.max(1, result.length));
    const length = random(40);
    switch (random(6)) {
      case 0:
        result[at] = random(256);
        break;
      case 1:
        result = result.slice(0, at);
        break;
      case 2:
        result = Uint8Array.from([...result.slice(0, at), ...result.slice(at + length)]);
        break;
      case 3:
        result = Uint8Array.from([...result.slice(0, at + length), ...result.slice(at)]);
        break;
      case 4:
        // The longest numbers that the encoding has.
        result.set([0xff, 0xff, 0xff, 0xff, 0x0f].slice(0, Math.max(0, result.length - at)), at);
        break;
      default:
        result = Uint8Array.from([
          ...result.slice(0, at),
          ...(result.slice(0, at).length % 2 ? [0x7b] : [0x7d, 0x30, 0x39]),
          ...result.slice(at),
        ]);
    }
  }
  return result;
}

describeOracles('damaged files', () => {
  const files: readonly NamedBytes[] = hasOracles ? paths.map((path) => namedOracle(path)) : [];
  test(`are read or refused with a reason, ${RUNS} times`, { timeout: 3_600_000 }, () => {
    let refused = 0;
    for (let seed = 0; seed < RUNS; seed++) {
      const { name, bytes } = files[seed % files.length] as NamedBytes;
      const damaged = { name, bytes: damage(bytes, seed) };
      const started = process.cpuUsage();
      try {
        if (name.endsWith('.onnx')) {
          companionsOf(damaged);
          readOnnx([damaged]);
        } else readCaffe([damaged]);
      } catch (error) {
        if (!(error instanceof ImportError)) throw new Error(`${name}, seed ${seed}`, { cause: error });
        expect(error.message).not.toBe('');
        refused++;
      }
      const { user, system } = process.cpuUsage(started);
      expect((user + system) / 1000, `${name}, seed ${seed}`).toBeLessThan(LONGEST_MILLISECONDS);
    }
    expect(refused).toBeGreaterThan(RUNS / 20);
  });
});

test.each([
  ['../../x', '"../../x"'],
  ['/etc/passwd', '"/etc/passwd"'],
  ['..', '".."'],
])('external data at %s is not looked for', async (location, told) => {
  const { encode } = await import('../../src/formats/protobuf/wire.js');
  const { model } = await import('../../src/formats/onnx/schema.js');
  const initializer = [
    {
      name: 'w',
      dims: [1],
      data_type: 1,
      data_location: 'EXTERNAL',
      external_data: [{ key: 'location', value: location }],
    },
  ];
  const bytes = encode({ graph: { initializer } }, model);
  expect(() => companionsOf({ name: 'evil.onnx', bytes })).toThrow(`tensor w: its external_data lies at ${told}`);
  expect(() => readOnnx([{ name: 'evil.onnx', bytes }])).toThrow('only files beside the model are read');
});
