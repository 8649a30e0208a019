import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { ImportError, type NamedBytes } from '../../src/formats/format.js';
import { importFiles } from '../../src/formats/import-files.js';
import { companionsOf, readOnnx } from '../../src/formats/onnx/read.js';
import { readStoredWeights } from '../../src/formats/stored-weights.js';
import { writeZip } from '../../src/formats/zip.js';
import { hasOracles, namedOracle } from './oracles.js';

/**
 * Damaged files: real ones with bytes changed, cut, doubled. CONVNET_FUZZ_RUNS says how many, CONVNET_FUZZ_SEED with which to
 * begin.
 */

const RUNS = Number(process.env.CONVNET_FUZZ_RUNS ?? 400);
const SEED = Number(process.env.CONVNET_FUZZ_SEED ?? 0);
/** Of the processor's time, whatever else it does: far above what any of these files takes, far below what a hang does. */
const LONGEST_MILLISECONDS = 5000;
/** What the process may have grown by at its largest: the files have half a megabyte at most. */
const MOST_MEMORY_MB = 1024;

const paths = [
  'prototxt/caffe__examples__mnist__lenet.prototxt',
  'prototxt/caffe__examples__cifar10__cifar10_full.V1.prototxt',
  'prototxt/caffe-model__cls__resnet__deploy_resnet10-1x32d.prototxt',
  'caffe-numeric/conv_05.caffemodel',
  'caffe-numeric/bn_scale_1.caffemodel',
  'caffe-numeric/conv_05.safetensors',
  'onnx/pytorch-converted/test_Conv2d/model.onnx',
  'onnx/pytorch-converted/test_BatchNorm2d_eval/model.onnx',
  'onnx/node/test_resize_upsample_sizes_nearest/model.onnx',
  'torchvision/vgg11.folded.onnx.gz',
  'torchvision/shufflenet_v2_x0_5.bn.onnx.gz',
  'torchvision/convnext_tiny.folded.onnx.gz',
];

const fixtures = ['tiny.keras', 'tiny.h5', 'seq.h5', 'tiny.json', 'tiny.io.npz'];

/** Reads it as whatever its name says that it is. */
async function read(file: NamedBytes): Promise<void> {
  if (/\.(safetensors|npz)$/.test(file.name)) await readStoredWeights(file);
  else await importFiles(file, [], async () => undefined);
}

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

test(`damaged files are read or refused with a reason, ${RUNS} times`, { timeout: 3_600_000 }, async () => {
  if (!hasOracles) console.warn('skipped: files that lie beside the project; only its own are damaged');
  const files: readonly NamedBytes[] = [
    ...(hasOracles ? paths.map((path) => namedOracle(path)) : []),
    ...fixtures.map((name) => ({ name, bytes: readFileSync(new URL(`../fixtures/keras/${name}`, import.meta.url)) })),
  ];
  // The reader of HDF5 prints what it does not know.
  const printed = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const before = process.resourceUsage().maxRSS;
  let refused = 0;
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const { name, bytes } = files[seed % files.length] as NamedBytes;
    const started = process.cpuUsage();
    try {
      await read({ name, bytes: damage(bytes, seed) });
    } catch (error) {
      if (!(error instanceof ImportError)) throw new Error(`${name}, seed ${seed}`, { cause: error });
      expect(error.message).not.toBe('');
      refused++;
    }
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000, `${name}, seed ${seed}`).toBeLessThan(LONGEST_MILLISECONDS);
  }
  printed.mockRestore();
  expect(refused).toBeGreaterThan(RUNS / 20);
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  console.info(`${refused} of ${RUNS} were refused; at its largest the process had grown by ${Math.round(grown)} MB`);
  expect(grown).toBeLessThan(MOST_MEMORY_MB);
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

test('a zip bomb is not unpacked', async () => {
  const bomb = deflateRawSync(new Uint8Array(2 ** 28 + 1));
  const zip = writeZip([{ name: 'w.npy', bytes: bomb }]);
  // Told to be packed, where it stands and in the list of files.
  const list = 30 + 'w.npy'.length + bomb.length;
  for (const method of [8, list + 10]) zip[method] = 8;
  await expect(readStoredWeights({ name: 'bomb.npz', bytes: zip })).rejects.toThrow(
    'bomb.npz: w.npy: unpacked it is larger than 268435456 bytes',
  );
});
