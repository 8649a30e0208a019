import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toNCHW } from '../../src/engine/tensor.js';
import { readCaffe } from '../../src/formats/caffe/read.js';
import type { Imported } from '../../src/formats/format.js';
import { readKeras } from '../../src/formats/keras/read.js';
import { readNpz } from '../../src/formats/npz.js';
import { readOnnx } from '../../src/formats/onnx/read.js';
import { translators } from '../../src/formats/onnx/translate.js';
import { permute } from '../../src/formats/permute.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { grouped } from '../../src/network/arithmetic.js';
import { checkNetwork } from '../../src/network/check.js';
import { volumeOf } from '../../src/network/shape.js';
import { relativeError } from '../engine/build.js';
import { refused } from '../formats/onnx/refused.js';
import {
  describeOracles,
  namedOracle,
  oracleFiles,
  readOracle,
  readOracleJson,
  runImported,
} from '../formats/oracles.js';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? ':--' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** By file, what test/formats/errors.test.ts measured. */
const errors: Readonly<Record<string, number | string>> = JSON.parse(
  readFileSync(new URL('../formats/errors.json', import.meta.url), 'utf8'),
);

function row(name: string, { network, report }: Imported, max: number | string): readonly string[] {
  const { totals } = checkNetwork(network);
  const count = (fidelity: string) => String(report.filter((node) => node.fidelity === fidelity).length);
  const number = (value: number | null) => (value === null ? '?' : grouped(value));
  return [
    name,
    String(report.length),
    count('exact'),
    count('approximate'),
    count('unsupported'),
    number(totals.params),
    number(totals.macs),
    typeof max === 'number' ? error(max) : max,
  ];
}

const head = ['file', 'layers', 'exact', 'approximate', 'unsupported', 'params', 'MACs', 'max error'];

/** One digit says enough. */
const error = (value: number): string => value.toExponential(0);

async function caffeErrors(): Promise<readonly string[]> {
  // The last windows of pool_10 average nothing.
  const names = oracleFiles('caffe-numeric/', '.prototxt')
    .map((file) => file.replace('.prototxt', ''))
    .filter((name) => name !== 'pool_10');
  let worst = 0;
  for (const name of names) {
    const imported = readCaffe(
      ['prototxt', 'caffemodel'].map((ending) => namedOracle(`caffe-numeric/${name}.${ending}`)),
    );
    const tensors = readSafetensors(readOracle(`caffe-numeric/${name}.safetensors`));
    const inputs = [...tensors].filter(([key]) => key.startsWith('in.')).map(([, tensor]) => tensor);
    const batch = inputs[0]?.shape[0] ?? 1;
    const first = (values: Float32Array) => [...values.subarray(0, values.length / batch)];
    const input = imported.network.layers[0];
    if (input?.kind !== 'input' || !input.attributes) throw new Error(`${name} has no input`);
    const picture = inputs.flatMap(({ values }) => first(values)).slice(0, volumeOf(input.attributes.size));
    const output = first(tensors.get('out')?.values ?? new Float32Array());
    worst = Math.max(worst, relativeError(toNCHW(await runImported(imported, picture)), output));
  }
  return [String(names.length), error(worst)];
}

const kerasFiles = ['tiny.keras', 'tiny.h5'];

const kerasFixture = (name: string) => ({
  name,
  bytes: readFileSync(new URL(`../fixtures/keras/${name}`, import.meta.url)),
});

async function kerasRow(file: string): Promise<readonly string[]> {
  const io = await readNpz(kerasFixture('tiny.io.npz').bytes);
  const picture = permute(io.get('x')?.values ?? new Float32Array(), [12, 12, 3], [2, 0, 1]);
  const imported = await readKeras([kerasFixture(file)]);
  const found = await runImported(imported, picture);
  return row(file, imported, relativeError(toNCHW(found), io.get('y')?.values ?? []));
}

/** The reasons for which operators are refused, each with the tests that it stands against. */
function refusedOperators(): readonly (readonly string[])[] {
  const reasons = new Map<string, string[]>();
  for (const [test, [operator, why]] of Object.entries(refused)) {
    const reason = `\`${operator}\` | ${why}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), `\`${test}\``]);
  }
  return [...reasons].sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, tests]) => [reason, tests.join(', ')]);
}

describeOracles('docs/interop.md', () => {
  test('tells how real networks are imported; vitest -u writes it', { timeout: 300_000 }, async () => {
    const caffe: { files: readonly { file: string }[] } = readOracleJson('prototxt/index.json');
    const torchvision: readonly { onnx: readonly { file: string }[] }[] = readOracleJson('torchvision/index.json');
    const page = `# To and from other tools

\`convnet import FILE\` writes a network of Caffe, ONNX or Keras in the language, and \`convnet summary FILE\` counts it as it is.
\`convnet export FILE --to …\` goes the other way. What the language has no words for is left out, with a comment where it stood
and what it said of itself; where other layers depend on it the command ends with status 1. What differs is told layer by layer.

This page is made by its test. Sizes, parameters and MACs are compared with those that other tools count, layer by layer. _Max error_
is the largest difference of what comes out, of the largest number: prototxts in OpenCV, torchvision's models in ONNX Runtime, with seeded
weights, since their own are not there, and before a softmax at their end; Keras's models with their own weights, as Keras computed them. In the three deepest networks with gates
seeded weights make chaos: there our own engine by two methods differs as much.

## Caffe

A prototxt, old or new, with or without its caffemodel. The layers of the TEST phase are read; \`Axpy\` becomes multiply and
add, \`BatchNorm\` with \`Scale\` one batchnorm, a coefficient of a sum goes into the weights before it.

${table(
  head,
  caffe.files.map(({ file }) =>
    row(
      file.replace('.prototxt', '').replaceAll('__', '/'),
      readCaffe([namedOracle(`prototxt/${file}`)]),
      errors[file] ?? '?',
    ),
  ),
)}

## ONNX

Opsets up to 25, with weights inside, in files beside the model, or absent. Several inputs of one size become slices of one.
Written is opset 17. \`--with external\` puts the weights into a file of their own; without weights they are inputs of the model.

${table(
  head,
  torchvision.flatMap(({ onnx }) =>
    onnx.map(({ file }) =>
      row(file.replace('.onnx.gz', ''), readOnnx([namedOracle(`torchvision/${file}`)]), errors[file] ?? '?'),
    ),
  ),
)}

## Keras

\`.keras\`, \`.h5\`, and the JSON of a model with its \`.weights.h5\`, of Keras 2 and 3; TensorFlow.js's \`model.json\` with its \`.bin\`.
Sequential and functional models of one input and of a fixed size are read. A \`SeparableConv2D\` becomes a depthwise and a 1×1
convolution, a \`Dense\` on a volume a 1×1 convolution; layers that are applied more than once and models within models are left out.

${table(head, await Promise.all(kerasFiles.map(kerasRow)))}

## How exactly layers and exports compute

The largest difference from what the other tool computed, of the largest number that it computed.

${table(
  ['compared with', 'networks', 'max error'],
  [
    ['Caffe’s layers, by OpenCV and PyTorch: read', ...(await caffeErrors())],
    [
      'PyTorch, Keras, TensorFlow.js, ONNX Runtime and OpenCV: written, every example that they can say',
      'the examples',
      'below 1e-4',
    ],
  ],
)}

## ONNX's operators

These are read: ${Object.keys(translators)
      .sort()
      .map((name) => `\`${name}\``)
      .join(
        ', ',
      )}; and where their inputs are known, those that exporters work out sizes with. Volumes may be turned round (channels last)
where an operator looks at each number for itself, at the channels, or at all places. What is no layer of the language, such as resizing
by any factor, a softmax along rows, or a constant a pixel, becomes frozen filters that compute it.

Of the 146 tests of single operators that ONNX has of convolutional networks, ${146 - Object.keys(refused).length} are read and compute the same. Not a ConvNet's, and
refused by name, are these: they look at the pictures of a batch together, which only training does, or belong to losses.

${table(['operator', 'where it is refused', 'tests of ONNX'], refusedOperators())}
`;
    // The table, for who reads the log.
    console.info(page.replace(/^[^|].*\n/gm, ''));
    await expect(page).toMatchFileSnapshot('../../docs/interop.md');
  });
});
