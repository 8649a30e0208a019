import { describe, expect, it } from 'vitest';
import { filterNodes, type NetworkNode, networkNodes, nodeAt } from '../../src/extension/network-view/nodes.js';
import { createChecker } from '../../src/language/index.js';
import { networksMessage } from '../../src/language/server/networks-message.js';

const FILE = 'file:///a.convnet';

async function nodesOf(text: string): Promise<readonly NetworkNode[]> {
  const { document, networks } = await createChecker().check(FILE, text);
  return networkNodes(FILE, networksMessage(document, networks).networks);
}

/** The tree as text: two spaces a level, what stands beside in brackets. */
const drawn = (nodes: readonly NetworkNode[], depth = 0): string[] =>
  nodes.flatMap(({ label, description, severity, children }) => [
    `${'  '.repeat(depth)}${severity ? `${severity}: ` : ''}${label} [${description}]`,
    ...drawn(children, depth + 1),
  ]);

const BLOCKS = `block Residual(filters) {
  add {
    branch { conv filters 3x3 pad 1; relu }
    branch { }
  }
}
network N {
  input 8x8x4
  head: conv 4 1x1
  repeat 2 { Residual(4) }
  fc 10
}
`;

describe('the tree of a network', () => {
  it('has every layer with its size and parameters, and blocks, repeats and branches as groups', async () => {
    expect(drawn(await nodesOf(BLOCKS))).toEqual([
      // 4·4 + 4; twice 3·3·4·4 + 4; 8·8·4·10 + 10 · 64·16 + 2·64·144 + 2560
      'N [2,886 parameters · 22.02 kMACs]',
      '  input1 [8×8×4]',
      '  head [conv · 8×8×4 · 20 parameters]',
      '  repeat 2 [8×8×4 · 296 parameters]',
      '    [1] [8×8×4 · 148 parameters]',
      '      Residual(4) [8×8×4 · 148 parameters]',
      '        branch 1 [8×8×4 · 148 parameters]',
      '          conv1 [8×8×4 · 148 parameters]',
      '          relu1 [8×8×4]',
      '        branch 2 [identity]',
      '        add1 [8×8×4]',
      '    [2] [8×8×4 · 148 parameters]',
      '      Residual(4) [8×8×4 · 148 parameters]',
      '        branch 1 [8×8×4 · 148 parameters]',
      '          conv1 [8×8×4 · 148 parameters]',
      '          relu1 [8×8×4]',
      '        branch 2 [identity]',
      '        add1 [8×8×4]',
      '  fc1 [1×1×10 · 2,570 parameters]',
    ]);
  });

  it('says what an error leaves unknown, and lists the line that made no layer', async () => {
    const text = 'network N {\n  input 8x8x4\n  conv 4 3x3\n  covn 8 3x3\n  relu\n}\n';
    const [root, ...others] = await nodesOf(text);
    expect(others).toEqual([]);
    expect(root?.description).toMatch(/^1 error · totals unknown$/);
    const [input, conv, problem, relu] = root?.children ?? [];
    expect([input?.label, conv?.description]).toEqual(['input1', '6×6×4 · 148 parameters']);
    expect(problem).toMatchObject({ label: 'line 4', severity: 'error' });
    expect(problem?.description).toContain('covn');
    expect(relu).toMatchObject({ label: 'relu1', description: 'size unknown' });
  });

  it('marks the layer that is wrong, and the groups around it', async () => {
    const text = BLOCKS.replace('pad 1', 'pad 1 groups 3');
    const lines = drawn(await nodesOf(text)).filter((line) => line.includes('error:'));
    expect(lines.map((line) => line.trim().split(' ').slice(0, 2).join(' '))).toEqual(
      ['N', 'repeat', '[1]', 'Residual(4)', 'branch', 'conv1', '[2]', 'Residual(4)', 'branch', 'conv1'].map(
        (label) => `error: ${label}`,
      ),
    );
  });

  it('has ids that are unique, and stay when lines move', async () => {
    const idsIn = (nodes: readonly NetworkNode[]): string[] =>
      nodes.flatMap(({ id, children }) => [id, ...idsIn(children)]);
    const ids = idsIn(await nodesOf(`${BLOCKS}${BLOCKS.slice(BLOCKS.indexOf('network'))}`));
    expect(new Set(ids).size).toBe(ids.length);
    expect(idsIn(await nodesOf(`// A remark.\n\n${BLOCKS}`))).toEqual(idsIn(await nodesOf(BLOCKS)));
  });
});

describe('the node at the cursor', () => {
  const at = (nodes: readonly NetworkNode[], line: number, character: number) =>
    nodeAt(nodes, { file: FILE, line, character })?.label;

  it('is the layer under it, or of its line', async () => {
    const nodes = await nodesOf(BLOCKS);
    expect(at(nodes, 8, 10)).toBe('head');
    expect(at(nodes, 10, 40)).toBe('fc1');
    expect(at(nodes, 2, 38)).toBe('relu1');
  });

  it('is the call of a block, not the layers inside; else the network around it', async () => {
    const nodes = await nodesOf(BLOCKS);
    expect(at(nodes, 9, 15)).toBe('Residual(4)');
    expect(at(nodes, 9, 3)).toBe('repeat 2');
    expect(at(nodes, 6, 2)).toBe('N');
    expect(at(nodes, 40, 0)).toBeUndefined();
  });
});

describe('the filter', () => {
  it('keeps what has the text in its name, kind or size, and what is around it', async () => {
    const nodes = await nodesOf(BLOCKS);
    const { nodes: kept, matches } = filterNodes(nodes, ' Relu ');
    expect(drawn(kept).map((line) => line.replace(/ \[[^[]*\]$/, ''))).toEqual([
      'N',
      '  repeat 2',
      '    [1]',
      '      Residual(4)',
      '        branch 1',
      '          relu1',
      '    [2]',
      '      Residual(4)',
      '        branch 1',
      '          relu1',
    ]);
    expect(matches).toBe(2);
    expect(filterNodes(nodes, 'conv').nodes.flatMap(({ children }) => children.map(({ label }) => label))).toEqual([
      'head',
      'repeat 2',
    ]);
  });

  it('keeps parents that are the ones shown', async () => {
    const { nodes } = filterNodes(await nodesOf(BLOCKS), 'fc');
    expect(nodes[0]?.children[0]?.parent).toBe(nodes[0]);
  });

  it('keeps all when it is empty, and nothing when nothing matches', async () => {
    const nodes = await nodesOf(BLOCKS);
    expect(filterNodes(nodes, '  ').nodes).toBe(nodes);
    expect(filterNodes(nodes, 'softmax').nodes).toEqual([]);
  });
});
