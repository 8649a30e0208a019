import { expect, test } from 'vitest';
import {
  CannotSay,
  ExportError,
  type Exported,
  type ExportedFile,
  type Format,
  ImportError,
  type Imported,
  type LayerIn,
  type LayerTable,
  type NamedBytes,
  type NodeReport,
  type Weights,
  type WriteInput,
  weightName,
  writeLayers,
} from '../../src/formats/format.js';
import { formatOf, formats } from '../../src/formats/index.js';
import { type LayerKind, layerKinds } from '../../src/network/catalogue.js';
import { build, check } from '../network/build.js';

/** The smallest format: a line a layer, max pools of stride 2 only. */

const lacking = Object.fromEntries(layerKinds.map((kind) => [kind, `no ${kind} here`])) as Record<LayerKind, string>;

const halve = ({ attributes, inputs: [input], output }: LayerIn<'maxpool'>): string => {
  if (attributes.stride.y !== 2) throw new CannotSay('only stride 2');
  return `halve ${input?.height} to ${output.height}`;
};

const table: LayerTable<string> = { ...lacking, input: () => 'input', maxpool: halve };

const halving: Format = {
  read([file]: readonly NamedBytes[]): Imported {
    const lines = new TextDecoder().decode(file?.bytes).split('\n');
    const at = lines.findIndex((line) => !/^(input|halve)/.test(line));
    if (at >= 0) throw new ImportError(`${file?.name}:${at + 1}: neither input nor halve`);
    const pools = lines.slice(1);
    const network = build(pools.map(() => ['maxpool', { kernel: 2, stride: 2 }]));
    const report = pools.map(
      (_, i): NodeReport => ({ name: `${i}`, kind: 'halve', fidelity: 'exact', layers: [i + 1] }),
    );
    const weights: Weights = new Map([[weightName('maxpool1', 'weight'), { shape: [0], values: new Float32Array() }]]);
    return { network, weights, report };
  },
  write({ checked, fileName }: WriteInput): Exported {
    const lines = writeLayers('Halving', checked, table);
    const file: ExportedFile = { name: `${fileName}.txt`, content: lines.join('\n') };
    return { files: [file], map: lines.map((_, line) => ({ line, layer: line })) };
  },
};

test('a table writes every layer, in order, and reads it back', async () => {
  const checked = check([
    ['maxpool', { kernel: 2, stride: 2 }],
    ['maxpool', { kernel: 2, stride: 2 }],
  ]);
  const written = await halving.write?.({ checked, fileName: 'net' }, {});
  const content = 'input\nhalve 32 to 16\nhalve 16 to 8';
  expect(written?.files).toEqual([{ name: 'net.txt', content }]);
  const read = await halving.read?.([{ name: 'net.txt', bytes: new TextEncoder().encode(content) }]);
  expect(read?.network).toEqual(checked.network);
});

test('all refusals come at once, each with its layer and its reason', () => {
  const network = check(['relu', ['maxpool', { kernel: 3, stride: 1 }], ['conv', { filters: 1, kernel: 99 }]]);
  const writing = () => writeLayers('Halving', network, table);
  expect(writing).toThrow(ExportError);
  expect(writing).toThrow(
    'Halving cannot say this network: relu1: no relu here; maxpool1: only stride 2; conv1: 99×99 filter is larger than',
  );
});

test('what cannot be read says where', () => {
  const letter = { name: 'letter.txt', bytes: new TextEncoder().encode('input\nDear') };
  expect(() => halving.read?.([letter])).toThrow('letter.txt:2: neither input nor halve');
});

test('no format reads every file', () => {
  expect(formatOf('letter.txt')).toBeUndefined();
  expect(Object.values(formats).every(({ title }) => title !== '')).toBe(true);
});
