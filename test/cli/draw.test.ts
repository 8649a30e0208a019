import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convnet, folderWith } from './driver.js';

describe('convnet draw', () => {
  it('writes an SVG with every layer, and what goes between them', async () => {
    const { status, out } = await convnet(['draw', 'examples/lenet.convnet']);
    expect(status).toBe(0);
    const names = [...out.matchAll(/data-layer="([^"]+)"/g)].map(([, name]) => name);
    expect(names).toHaveLength(13);
    expect(names.slice(0, 5)).toEqual(['input1', 'conv1', 'relu1', 'maxpool1', 'conv2']);
    for (const size of ['28×28×6', '10×10×16', '1×1×120']) expect(out).toContain(`>${size}</text>`);
    expect(out).toContain('62,006 parameters');
  });

  it('folds blocks and repeats to one card each', async () => {
    const { out } = await convnet(['draw', 'examples/resnet18.convnet', '--fold']);
    expect(out).toContain('>BasicBlock(128, 2)<');
    expect(out).not.toContain('data-layer="BasicBlock1/conv1"');
  });

  it('writes TikZ to a file', async () => {
    const cwd = folderWith({ 'a.convnet': 'network A_1 { input 8x8x1\n conv 2 3x3\n relu }' });
    const { status, out } = await convnet(['draw', 'a.convnet', '--format', 'tikz', '--out', 'a.tex'], { cwd });
    expect([status, out]).toEqual([0, '']);
    const text = readFileSync(join(cwd, 'a.tex'), 'utf8');
    expect(text).toMatch(/\\begin\{tikzpicture\}[\s\S]+\\end\{tikzpicture\}\n$/);
    expect(text).toContain('{6$\\times$6$\\times$2}');
  });

  it('draws a network with errors so far as it is known, and tells them', async () => {
    const cwd = folderWith({ 'a.convnet': 'network A { input 8x8x1\n conv 2 3x3 stride 2\n relu }' });
    const { status, out, err } = await convnet(['draw', 'a.convnet'], { cwd });
    expect(status).toBe(1);
    expect(out).toContain('data-layer="relu1"');
    expect(err).toContain('does not fit');
  });
});
