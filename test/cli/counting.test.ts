import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConventionName } from '../../src/network/counting.js';
import { convnet, folderWith, root } from './driver.js';

/** What a tool counts of an example, without the softmax at its end, which torchvision's models do not have. */
async function countOf(example: string, convention: ConventionName, size?: number): Promise<number> {
  const text = readFileSync(join(root, 'examples', `${example}.convnet`), 'utf8');
  const resized = size ? text.replaceAll('224x224x3', `${size}x${size}x3`).replaceAll(/\bexpect\b.*$/gm, '') : text;
  const imported = readFileSync(join(root, 'examples', 'blocks.convnet'), 'utf8');
  const cwd = folderWith({ 'network.convnet': resized, 'blocks.convnet': imported });
  const { out } = await convnet(['summary', 'network.convnet', '--count', convention, '--format', 'json'], { cwd });
  const [network] = JSON.parse(out).networks;
  const last = network.layers.at(-1);
  return network.count.total - (last.kind === 'softmax' ? last.count : 0);
}

describe('--count gives the numbers that the tools are known to print for torchvision’s models', () => {
  it.each([
    // thop 0.1.1's own readme, and tables made with it.
    ['thop', 'resnet18', 1_824_033_792],
    ['thop', 'resnet50', 4_133_742_592],
    ['thop', 'resnet101', 7_866_435_584],
    // Torchvision pools DenseNet by a function, which thop does not see: (7·7 + 1) for each of 1024 channels.
    ['thop', 'densenet121', 2_897_007_104 + 51_200],
    // ptflops' module hooks on ResNet-50.
    ['ptflops', 'resnet50', 4_121_925_096],
  ] as const)('%s of %s', async (convention, example, published) => {
    expect(await countOf(example, convention)).toBe(published);
  });

  // ptflops' readme, in units of 10⁹.
  it.each([
    ['alexnet-torchvision', 0.72],
    ['resnet18', 1.82],
    ['resnet34', 3.68],
    ['resnet101', 7.85],
    ['densenet121', 2.88],
  ] as const)('ptflops of %s, rounded', async (example, published) => {
    expect(Number(((await countOf(example, 'ptflops')) / 1e9).toFixed(2))).toBe(published);
  });

  // torchinfo on 256×256, in units of 10⁹.
  it.each([
    ['resnet18', 2.37],
    ['resnet50', 5.34],
    ['resnet101', 10.19],
  ] as const)('torchinfo of %s on 256×256, rounded', async (example, published) => {
    expect(Number(((await countOf(example, 'torchinfo', 256)) / 1e9).toFixed(2))).toBe(published);
  });
});

describe('by hand', () => {
  const network = `network N {
  input 8x8x4
  conv 6 3x3 pad 1
  batchnorm
  relu
  avgpool 2x2
  convtranspose 5 2x2 stride 2
  globalavgpool
  fc 3
  softmax
}`;

  const counts = async (convention: ConventionName) => {
    const cwd = folderWith({ 'n.convnet': network });
    const { out } = await convnet(['summary', 'n.convnet', '--count', convention, '--format', 'json'], { cwd });
    return JSON.parse(out).networks[0].layers.map(({ count }: { count: number }) => count);
  };

  // conv: 8·8 places × 6 filters × 3·3·4 = 13824, its bias 384; the transposed one: 4·4 inputs × 6·5·2·2 = 1920, over its
  // 8·8 outputs 7680, its bias 320; fc: 5·3 = 15 and 3.
  it.each([
    ['flops', [0, 2 * 13824, 0, 0, 0, 2 * 1920, 0, 2 * 15, 0]],
    ['ptflops', [0, 13824 + 384, 2 * 384, 384, 384, 7680 + 320, 320, 18, 3]],
    ['thop', [0, 13824, 4 * 384, 0, 96, 7680, (64 + 1) * 5, 15, 3 * 3 - 1]],
    ['torchinfo', [0, (216 + 6) * 64, 12, 0, 0, (120 + 5) * 64, 0, 18, 0]],
  ] as const)('%s', async (convention, expected) => {
    expect(await counts(convention)).toEqual(expected);
  });

  it('says how the tool differs, and what an error leaves unknown', async () => {
    const cwd = folderWith({ 'n.convnet': network.replace('2x2 stride 2', '2x2 stride 2 pad 9') });
    const { out, status } = await convnet(['summary', 'n.convnet', '--count', 'thop'], { cwd });
    expect(out).toContain('MACs as counted by thop: unknown');
    expect(out).toContain('thop: leaves the bias out');
    expect(status).toBe(1);
  });
});
