import { describe, expect, test } from 'vitest';
import { toNCHW } from '../../../src/engine/tensor.js';
import { readCaffe } from '../../../src/formats/caffe/read.js';
import type { Imported } from '../../../src/formats/format.js';
import { readSafetensors } from '../../../src/formats/safetensors.js';
import { checkNetwork } from '../../../src/network/check.js';
import { relativeError } from '../../engine/build.js';
import { describeOracles, namedOracle, oracleFiles, readOracle, readOracleJson, runImported } from '../oracles.js';

interface TruthLayer {
  readonly name: string;
  readonly type: string;
  readonly out_shapes: readonly (readonly number[])[];
  readonly params: number;
  readonly macs: number;
}

interface Entry {
  readonly file: string;
  readonly batch: number;
  readonly total_params: number;
  readonly macs_per_sample: number;
}

/** The sizes, MACs and parameters of every layer that Caffe computes, beside those of the layers made of it. */
function compare({ network, report }: Imported, truth: readonly TruthLayer[], batch: number) {
  const { facts } = checkNetwork(network);
  const counted = new Set<number>();
  const found: unknown[] = [];
  const expected: unknown[] = [];
  for (const [i, layer] of truth.entries()) {
    const node = report[i];
    const output = facts[node?.layers.at(-1) ?? -1]?.output;
    if (!node || node.fidelity === 'unsupported' || !output || layer.type === 'Input' || layer.type === 'Slice')
      continue;
    const size = layer.out_shapes[0]?.slice(1).reduce((product, dim) => product * dim, 1);
    // A node that only passes on what it reads has the layer before as its own.
    const own = node.layers.filter((index) => !counted.has(index));
    for (const index of own) counted.add(index);
    const macs = own.reduce((sum, index) => sum + (facts[index]?.macs ?? Number.NaN), 0);
    const isShared = layer.type === 'BatchNorm' || layer.type === 'Scale';
    const [channels, height = 1, width = 1] = layer.out_shapes[0]?.slice(1) ?? [];
    expected.push([layer.name, channels, height * width, size, isShared ? 0 : layer.macs / batch]);
    found.push([
      node.name,
      output.channels,
      output.height * output.width,
      output.height * output.width * output.channels,
      isShared ? 0 : macs,
    ]);
  }
  return { found, expected };
}

describeOracles('real Caffe networks', () => {
  const index: { files: readonly Entry[] } = readOracleJson('prototxt/index.json');
  test.each(index.files)('$file', ({ file, ...entry }) => {
    const imported = readCaffe([namedOracle(`prototxt/${file}`)]);
    const unsupported = imported.report.filter(({ fidelity }) => fidelity === 'unsupported');
    const isDetector = file.startsWith('MobileNet-SSD');
    if (isDetector) {
      expect(new Set(unsupported.map(({ kind }) => kind))).toContain('PriorBox');
      return;
    }
    expect(unsupported).toEqual([]);
    const truth = readOracleJson(`prototxt/${file}.truth.json.gz`);
    const { found, expected } = compare(imported, truth.layers, entry.batch);
    expect(expected.length).toBeGreaterThan(0);
    expect(found).toEqual(expected);
    const { totals } = checkNetwork(imported.network);
    expect(totals).toMatchObject({ params: entry.total_params, macs: entry.macs_per_sample });
  });
});

describeOracles('what small Caffe networks compute', () => {
  const cases = oracleFiles('caffe-numeric/', '.prototxt').map((file) => file.replace('.prototxt', ''));
  describe.each(cases)('%s', (name) => {
    const imported = readCaffe([
      namedOracle(`caffe-numeric/${name}.prototxt`),
      namedOracle(`caffe-numeric/${name}.caffemodel`),
    ]);
    const tensors = readSafetensors(readOracle(`caffe-numeric/${name}.safetensors`));
    const inputs = [...tensors].filter(([key]) => key.startsWith('in.')).map(([, tensor]) => tensor);
    const output = tensors.get('out');
    const batch = inputs[0]?.shape[0] ?? 1;
    test.each(Array.from({ length: batch }, (_, i) => i))('picture %i', async (picture) => {
      const of = (values: Float32Array) => {
        const size = values.length / batch;
        return [...values.subarray(picture * size, (picture + 1) * size)];
      };
      const size = imported.network.layers[0]?.attributes as {
        size: { height: number; width: number; channels: number };
      };
      const wanted = size.size.height * size.size.width * size.size.channels;
      const all = inputs.flatMap(({ values }) => of(values)).slice(0, wanted);
      const found = await runImported(imported, all);
      // Its last windows lie outside the picture: an average of nothing.
      if (name === 'pool_10') {
        expect([found.channels, found.height, found.width]).toEqual(output?.shape.slice(1));
        return;
      }
      expect(relativeError(toNCHW(found), of(output?.values ?? new Float32Array()))).toBeLessThan(1e-5);
    });
  });
});
