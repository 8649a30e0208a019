import { describe, expect, it } from 'vitest';
import type { NetworkReport } from '../../src/language/protocol.js';
import type { Group, Layer, Network, SourceRange } from '../../src/network/network.js';
import { layerAt, networkAt } from '../../src/preview/place.js';
import { rowsOf } from '../../src/preview/rows.js';
import { signatureOf } from '../../src/preview/signature.js';

const FILE = 'file:///a.convnet';
const range = (startLine: number, startCharacter: number, endLine: number, endCharacter: number): SourceRange => ({
  file: FILE,
  startLine,
  startCharacter,
  endLine,
  endCharacter,
});
const relu = (name: string, line: number, from = 2): Layer => ({
  kind: 'relu',
  name,
  attributes: {},
  inputs: [-1],
  source: range(line, from, line, from + 4),
});
const group = (kind: Group['kind'], children: Group['children'], label = ''): Group => ({
  kind,
  name: label,
  label,
  children,
});
const network = (name: string, first: number, structure: Group = group('network', [0, 1, 2])): Network => ({
  name,
  layers: [relu('relu1', first + 1), relu('relu2', first + 2), relu('relu3', first + 2, 8)],
  structure,
  source: range(first, 0, first + 3, 1),
});
const report = (of: Network): NetworkReport => ({
  network: of,
  facts: [],
  totals: { frozenParams: 0, params: 0, buffers: 0, macs: 0, activationBytes: 0 },
  messages: [],
  expectations: [],
});

describe('where the cursor is', () => {
  const reports = [report(network('A', 0)), report(network('B', 10))];
  const at = (line: number, character: number) => ({ file: FILE, line, character });
  const [first] = reports as [NetworkReport];

  it('finds the network around it, to its very ends', () => {
    expect(networkAt(reports, at(0, 0))?.network.name).toBe('A');
    expect(networkAt(reports, at(13, 1))?.network.name).toBe('B');
    expect(networkAt(reports, at(5, 0))).toBeUndefined();
    expect(networkAt(reports, { ...at(1, 0), file: 'file:///b.convnet' })).toBeUndefined();
  });

  it('finds the layer under it, of several on a line', () => {
    expect(layerAt(first, at(2, 3))).toBe('relu2');
    expect(layerAt(first, at(2, 9))).toBe('relu3');
  });

  it('finds the layer of its line from the comment behind it', () => {
    expect(layerAt(first, at(1, 40))).toBe('relu1');
    expect(layerAt(first, at(3, 0))).toBeUndefined();
  });
});

describe('what runs', () => {
  it('is the same wherever its layers stand in the text', () =>
    expect(signatureOf(network('A', 0))).toBe(signatureOf(network('A', 7))));

  it('is another one when anything else differs', () => {
    const base = network('A', 0);
    expect(signatureOf({ ...base, framework: 'caffe' })).not.toBe(signatureOf(base));
    expect(signatureOf({ ...base, layers: base.layers.slice(1) })).not.toBe(signatureOf(base));
  });
});

describe('the lines of the list', () => {
  it('are the layers of a plain network', () =>
    expect(rowsOf(network('A', 0))).toEqual([0, 1, 2].map((layer) => ({ type: 'layer', layer, depth: 0 }))));

  it('indent what is inside blocks and branches, and name the identity', () => {
    const tree = group('network', [
      0,
      group('block', [group('branches', [group('branch', [1]), group('branch', [])]), 2], 'BasicBlock(64)'),
    ]);
    const lines = rowsOf(network('A', 0, tree)).map((row) =>
      row.type === 'layer' ? `${' '.repeat(row.depth)}${row.layer}` : `${' '.repeat(row.depth)}${row.title}`,
    );
    expect(lines).toEqual(['0', 'BasicBlock(64)', ' branch 1', '  1', ' branch 2 (identity)', ' 2']);
  });

  it('have keys of their own', () => {
    const tree = group('network', [group('repeat', [group('iteration', [0], '[1]'), group('iteration', [1], '[2]')])]);
    const keys = rowsOf(network('A', 0, tree)).flatMap((row) => (row.type === 'group' ? [row.key] : []));
    expect(new Set(keys).size).toBe(3);
  });
});
