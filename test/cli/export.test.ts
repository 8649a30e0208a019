import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convnet, folderWith } from './driver.js';

const tiny = 'network Tiny {\n  input 8x8x3\n  conv 4 3x3 pad 1; relu\n  fc 2; softmax\n}\n';

describe('convnet export', () => {
  it('prints code that is one file', async () => {
    const { status, out } = await convnet(['export', 'examples/lenet.convnet', '--to', 'pytorch']);
    expect(status).toBe(0);
    expect(out).toContain('class LeNet(nn.Module):');
  });

  it('writes all files into a folder, and a file where it is told', async () => {
    const folder = folderWith({ 'tiny.convnet': tiny });
    const args = ['export', 'tiny.convnet', '--to', 'pytorch', '--with', 'training'];
    expect((await convnet([...args, '-o', 'out/'], { cwd: folder })).status).toBe(0);
    expect(readFileSync(join(folder, 'out/tiny_train.py'), 'utf8')).toContain('from tiny import Tiny');
    expect((await convnet([...args, '-o', 'net.py'], { cwd: folder })).status).toBe(0);
    expect(existsSync(join(folder, 'net.py')) && existsSync(join(folder, 'net_train.py'))).toBe(true);
    const { status, err } = await convnet(args, { cwd: folder });
    expect([status, err]).toEqual([2, expect.stringContaining('2 files: tiny.py, tiny_train.py')]);
  });

  it('names every layer that it refuses, and why', async () => {
    const { status, out, err } = await convnet([
      'export',
      'examples/lecture/07-traditional.convnet',
      '--to',
      'pytorch',
    ]);
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/07-traditional\.convnet:\d+: hog1 .*: PyTorch has no histograms/);
  });

  it('refuses a network with errors, as check tells them', async () => {
    const { status, err } = await convnet(['export', 'examples/mistakes/does-not-fit.convnet', '--to', 'pytorch']);
    expect([status, err]).toEqual([1, expect.stringContaining('does-not-fit')]);
  });
});
