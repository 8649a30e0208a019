import { expect, test } from 'vitest';
import { readCaffe } from '../../src/formats/caffe/read.js';
import type { Imported } from '../../src/formats/format.js';
import { readOnnx } from '../../src/formats/onnx/read.js';
import { grouped } from '../../src/network/arithmetic.js';
import { checkNetwork } from '../../src/network/check.js';
import { refused } from '../formats/onnx/refused.js';
import { describeOracles, namedOracle, readOracleJson } from '../formats/oracles.js';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? ':--' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

function row(name: string, { network, report }: Imported): readonly string[] {
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
  ];
}

const head = ['file', 'layers', 'exact', 'approximate', 'left out', 'params', 'MACs'];

describeOracles('docs/interop.md', () => {
  test('tells how real networks are imported; vitest -u writes it', { timeout: 300_000 }, async () => {
    const caffe: { files: readonly { file: string }[] } = readOracleJson('prototxt/index.json');
    const torchvision: readonly { onnx: readonly { file: string }[] }[] = readOracleJson('torchvision/index.json');
    const page = `# To and from other tools

\`convnet import FILE\` writes a network of Caffe or ONNX in the language, and \`convnet summary FILE\` counts it as it is.
\`convnet export FILE --to …\` goes the other way. What the language has no words for is left out, with a comment where it stood
and what it said of itself; where other layers depend on it the command ends with status 1. What differs is told layer by layer.

This page is made by its test. Sizes, parameters and MACs are compared with those that other tools count, layer by layer; what
single layers and small networks compute, with what they computed.

## Caffe

A prototxt, old or new, with or without its caffemodel. The layers of the TEST phase are read; \`Axpy\` becomes multiply and
add, \`BatchNorm\` with \`Scale\` one batchnorm, a coefficient of a sum goes into the weights before it.

${table(
  head,
  caffe.files.map(({ file }) =>
    row(file.replace('.prototxt', '').replaceAll('__', '/'), readCaffe([namedOracle(`prototxt/${file}`)])),
  ),
)}

## ONNX

Opsets up to 25, with weights inside, in files beside the model, or absent. Several inputs of one size become slices of one.
Written is opset 17. \`--with external\` puts the weights into a file of their own; without weights they are inputs of the model.

${table(
  head,
  torchvision.flatMap(({ onnx }) =>
    onnx.map(({ file }) => row(file.replace('.onnx.gz', ''), readOnnx([namedOracle(`torchvision/${file}`)]))),
  ),
)}

## What ONNX can say and this language cannot

Of the ${146} operator tests of ONNX that are about convolutional networks, these are refused, each for its reason: operators on the
batch itself, on volumes turned round, constants of a number a pixel, cubic or fractional resizing, statistics of the batch.

${table(
  ['test of ONNX', 'why it is not read'],
  Object.entries(refused).map(([name, why]) => [`\`${name}\``, why]),
)}
`;
    await expect(page).toMatchFileSnapshot('../../docs/interop.md');
  });
});
