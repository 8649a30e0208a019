import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Tensor, toNCHW } from '../../../src/engine/tensor.js';
import { readCaffe } from '../../../src/formats/caffe/read.js';
import { writeCaffe } from '../../../src/formats/caffe/write.js';
import { ExportError, type ExportedFile } from '../../../src/formats/format.js';
import { type CheckedNetwork, checkNetwork } from '../../../src/network/check.js';
import type { Network } from '../../../src/network/network.js';
import { folderWith } from '../../cli/driver.js';
import { relativeError } from '../../engine/build.js';
import { check } from '../../network/build.js';
import { exampleLogits, runOurs, testInput, testWeights } from '../networks.js';
import { describeOracles, namedOracle, readOracleJson, runImported } from '../oracles.js';
import { python } from '../runtimes.js';

const bytesOf = ({ name, content }: ExportedFile) => ({
  name,
  bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
});

/** All but the names. */
const built = ({ layers }: Network) => layers.map(({ kind, attributes, inputs }) => ({ kind, attributes, inputs }));

describeOracles('real Caffe networks, read, written and read again', () => {
  const index: { files: readonly { readonly file: string }[] } = readOracleJson('prototxt/index.json');
  const files = index.files.filter(({ file }) => !file.startsWith('MobileNet-SSD'));
  test.each(files)('$file', ({ file }) => {
    const { network } = readCaffe([namedOracle(`prototxt/${file}`)]);
    const written = writeCaffe({ checked: checkNetwork(network), fileName: 'net' });
    const again = readCaffe(written.files.map(bytesOf));
    expect(again.report.filter(({ fidelity }) => fidelity === 'unsupported')).toEqual([]);
    expect(built(again.network)).toEqual(built(network));
  });
});

interface Written {
  readonly title: string;
  readonly checked: CheckedNetwork;
  readonly files: readonly ExportedFile[];
}

/** What Caffe pads and cuts on both sides alike only, and crops to the size of another blob only. */
const uneven = check(
  [
    ['pad', { amount: { top: 1, right: 0, bottom: 2, left: 3 } }],
    ['conv', { filters: 4, kernel: 3, pad: 'same', stride: 2 }],
    ['conv', { filters: 5, kernel: [2, 3], pad: [0, 2, 1, 1] }],
    ['maxpool', { kernel: 3, pad: 'same', stride: 2 }],
    ['convtranspose', { filters: 3, kernel: 4, stride: 3, pad: 'same' }],
    ['convtranspose', { filters: 3, kernel: 3, stride: 2, pad: 1, outputpad: 1 }],
    ['crop', { amount: { top: 1, right: 0, bottom: 0, left: 2 } }],
    'relu',
  ],
  { input: [12, 13, 3] },
);

/** Columns 0 and 4 of seven, and a row of padding below: Caffe pads nothing and then makes a third column, wholly outside. */
const gaps = check([['maxpool', { kernel: [2, 1], stride: [2, 4], pad: [0, 0, 1, 0], fit: 'floor' }], 'relu'], {
  input: [7, 7, 3],
});

const examples = [
  ...(await exampleLogits()),
  { title: 'uneven sides', checked: uneven },
  { title: 'gaps between windows', checked: gaps },
];
const refused: string[] = [];
const written = examples.flatMap(({ title, checked }): Written[] => {
  try {
    const { files } = writeCaffe({ checked, weights: testWeights(checked), fileName: 'net' });
    return [{ title, checked, files }];
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    refused.push(`${title}: ${[...new Set(error.refusals.map(({ reason }) => reason))].join('; ')}`);
    return [];
  }
});

const computed = new Map<CheckedNetwork, Promise<Tensor>>();

/** What our engine makes of the test's picture, once. */
function oursOf(checked: CheckedNetwork): Promise<Tensor> {
  const known = computed.get(checked);
  if (known) return known;
  const run = runOurs(checked, testInput(checked), testWeights(checked)).then(
    (all) => all.at(-1)?.activation as Tensor,
  );
  computed.set(checked, run);
  return run;
}

describe('the examples, written for Caffe', () => {
  test('few are refused, each for a layer that Caffe lacks', () => {
    console.info(refused.join('\n'));
    expect(refused.filter((line) => !line.endsWith(': Caffe has no such layer'))).toEqual([]);
    expect(refused.length).toBeLessThan(examples.length / 8);
  });

  test.each(written)('$title reads back and computes the same', async ({ checked, files }) => {
    const picture = testInput(checked);
    const ours = await oursOf(checked);
    const imported = readCaffe(files.map(bytesOf));
    expect(imported.report.filter(({ fidelity }) => fidelity !== 'exact')).toEqual([]);
    expect(relativeError(toNCHW(await runImported(imported, toNCHW(picture))), toNCHW(ours))).toBeLessThan(1e-4);
  });

  test("all compute the same in OpenCV's dnn", { timeout: 300_000 }, async () => {
    const folder = folderWith({});
    // OpenCV's text knows no round_mode, and no Clip; it gives what the last layer makes, which may be what is cut off.
    const inOpenCv = written.filter(
      ({ files }) => !/round_mode|"Clip"|"Silence"\n.*\n\}\n*$/.test(String(files[0]?.content)),
    );
    expect(inOpenCv.length).toBeGreaterThan(20);
    for (const [i, { checked, files }] of inOpenCv.entries()) {
      for (const file of files) writeFileSync(join(folder, `${i}${/\.\w+$/.exec(file.name)?.[0]}`), file.content);
      const picture = testInput(checked);
      writeFileSync(join(folder, `${i}.in`), Float32Array.from(toNCHW(picture)));
      writeFileSync(join(folder, `${i}.shape`), `1 ${picture.channels} ${picture.height} ${picture.width}`);
    }
    const program = `
import cv2, numpy as np, sys
folder, count = sys.argv[1], int(sys.argv[2])
for i in range(count):
    net = cv2.dnn.readNetFromCaffe(f"{folder}/{i}.prototxt", f"{folder}/{i}.caffemodel")
    shape = [int(n) for n in open(f"{folder}/{i}.shape").read().split()]
    net.setInput(np.fromfile(f"{folder}/{i}.in", np.float32).reshape(shape))
    print(" ".join(repr(float(v)) for v in net.forward().ravel()))
`;
    const out = python(['cv2'], program, [folder, `${inOpenCv.length}`]);
    if (out === undefined) return;
    const lines = out.trim().split('\n');
    for (const [i, { title, checked }] of inOpenCv.entries()) {
      const ours = await oursOf(checked);
      const theirs = Float32Array.from((lines[i] ?? '').split(' ').map(Number));
      expect([title, relativeError(theirs, toNCHW(ours)) < 1e-4]).toEqual([title, true]);
    }
  });
});

test('what Caffe cannot say is refused, layer by layer', () => {
  const network = check(
    [['pad', { amount: { top: 1, right: 1, bottom: 1, left: 1 }, mode: 'edge' }], 'gelu', ['lrn', { size: 4 }]],
    { input: [8, 8, 3] },
  );
  expect(() => writeCaffe({ checked: network, fileName: 'net' })).toThrow(
    'Caffe cannot say this network: pad1: Caffe pads with zeros only; ' +
      'gelu1: Caffe has no such layer; lrn1: Caffe takes an odd number of neighbours',
  );
});
