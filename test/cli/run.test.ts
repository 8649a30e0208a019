import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { convnet, folderWith } from './driver.js';

const lenet = 'examples/lenet.convnet';
const run = async (...args: readonly string[]) => {
  const { out, err } = await convnet(['run', lenet, '--format', 'json', ...args]);
  expect(err).toBe('');
  return JSON.parse(out);
};

const network = (...lines: readonly string[]) => `network N {\n${lines.join('\n')}\n}\n`;

/** Four quarters of plain colours. */
function quarters(): PNG {
  const png = new PNG({ width: 8, height: 8 });
  for (let pixel = 0; pixel < 64; pixel++)
    png.data.set([pixel % 8 < 4 ? 255 : 0, pixel < 32 ? 255 : 0, 128, 255], pixel * 4);
  return png;
}

describe('convnet run', () => {
  it('prints the five highest class scores, the highest first', async () => {
    const { scores, picture } = await run();
    expect(picture).toBe('scene');
    expect(scores).toHaveLength(5);
    const values = scores.map(({ score }: { score: number }) => score);
    expect(values).toEqual([...values].sort((a: number, b: number) => b - a));
    expect(values[0]).toBeGreaterThan(0);
    expect(values[0]).toBeLessThan(1);
  });

  it('prints how it would compute the layers, and runs nothing', async () => {
    const { steps, memory, mode, ...others } = await run('--plan');
    expect(mode).toBe('fast');
    expect(others).not.toHaveProperty('scores');
    expect(steps[1]).toMatchObject({
      layer: 'conv1',
      includes: ['relu1'],
      why: '3 channels, 6 filters: not multiples of 4 and 8',
    });
    expect(memory.keptActivations).toBe(0);
    expect(memory.peak).toBe(memory.arena + memory.packedWeights + memory.givenWeights);
    // 62,006 parameters of 4 bytes.
    expect(memory.givenWeights).toBe(248_024);
    const { out } = await convnet(['run', lenet, '--plan', '--observe']);
    expect(out).toMatch(/^LeNet, planned to keep every activation\n/);
    expect(out).toMatch(/^relu1 .* vectors of 4$/m);
    expect(out).toMatch(
      /^Peak memory [\d.]+ KiB: .* arena \+ .* packed weights \+ 242\.2 KiB weights as they are given/m,
    );
  });

  it('gives the same scores for the same seed, others for another', async () => {
    const first = await run('--seed', '2');
    expect((await run('--seed', '2')).scores).toEqual(first.scores);
    expect((await run('--seed', '3')).scores).not.toEqual(first.scores);
  });

  it('says for people that nothing is learned yet', async () => {
    const { out } = await convnet(['run', lenet, '--image', 'digit-7']);
    expect(out).toMatch(/^LeNet on digit-7: 13 layers in \d+ ms\n/);
    expect(out.match(/^class \d +\d\.\d{4}$/gm)).toHaveLength(5);
    expect(out).toContain('The 62,006 weights are random (seed 1)');
  });

  it('reads PNG and JPEG files, and labels beside the network', async () => {
    const picture = quarters();
    const cwd = folderWith({
      'p.png': PNG.sync.write(picture),
      'p.jpg': encode({ width: 8, height: 8, data: picture.data }, 90).data,
      'names.txt': 'cat\ndog\n',
      'n.convnet': network('labels "names.txt"', 'input 8x8x3 sample "p.png"', 'fc 2', 'softmax'),
    });
    const scoresOf = async (...args: readonly string[]) => {
      const { out } = await convnet(['run', 'n.convnet', '--format', 'json', ...args], { cwd });
      return new Map(
        JSON.parse(out).scores.map(({ label, score }: { label: string; score: number }) => [label, score]),
      );
    };
    const png = await scoresOf();
    expect([...png.keys()].sort()).toEqual(['cat', 'dog']);
    const jpeg = await scoresOf('--image', 'p.jpg');
    expect(jpeg.get('cat')).toBeCloseTo(Number(png.get('cat')), 1);
    expect(await scoresOf('--image', 'p.png')).toEqual(png);
  });

  it('writes the activation maps of every layer', async () => {
    const cwd = folderWith({ 'n.convnet': network('input 8x8x3', 'a: conv 6 3x3', 'relu', 'fc 10') });
    const { out } = await convnet(['run', 'n.convnet', '--image', 'shapes', '--out', 'maps/all'], { cwd });
    const pictures = ['1-input1', '2-a', '3-relu1', '4-fc1'].map((name) => join('maps', 'all', `${name}.png`));
    for (const picture of pictures) {
      expect(out).toContain(`  ${picture}\n`);
      const { data } = PNG.sync.read(readFileSync(join(cwd, picture)));
      expect(new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4)).size).toBeGreaterThan(3);
    }
  });

  it('takes the network that is named', async () => {
    const args = ['run', 'examples/cs-convolution-arithmetic.convnet', '--network'];
    expect((await convnet([...args, 'OneByOne'])).out).toContain('OneByOne on scene');
    expect((await convnet([...args, 'OneByOne'])).out).toContain('No class scores: the last layer is 56×56×32.');
    const { status, err } = await convnet([...args, 'TwoByTwo']);
    expect(err).toContain('no network called TwoByTwo; it has OneFilter, SixFilters');
    expect(status).toBe(2);
  });

  it('does not run what has errors', async () => {
    const { status, out, err } = await convnet(['run', 'examples/mistakes/does-not-fit.convnet']);
    expect(out).toBe('');
    expect(err).toContain('error does-not-fit');
    expect(status).toBe(1);
  });

  it('does not run what lacks an import', async () => {
    const cwd = folderWith({ 'n.convnet': `import B from "./b.convnet"\n${network('input 8x8x3', 'B')}` });
    const { status, err } = await convnet(['run', 'n.convnet'], { cwd });
    expect(err).toContain('error import-not-found');
    expect(status).toBe(1);
  });

  it('runs what does not meet an expectation', async () =>
    expect((await convnet(['run', 'examples/mistakes/expectation-failed.convnet'])).status).toBe(0));

  it('refuses what needs too much memory, with the figure, before anything is allocated', async () => {
    const cwd = folderWith({ 'n.convnet': network('input 20000x20000x3', 'conv 2 1x1') });
    const { status, err } = await convnet(['run', 'n.convnet', '--memory', '1000'], { cwd });
    expect(err).toMatch(/N needs 7.5 GiB .* more than the 1000 MiB it may take/);
    expect(status).toBe(2);
  });

  it('is cancelled by Ctrl-C', async () => {
    const { status, err } = await convnet(['run', 'examples/vgg16.convnet', '--memory', '9999'], {
      signal: AbortSignal.timeout(300),
    });
    expect(err).toBe('convnet: cancelled\n');
    expect(status).toBe(130);
  });

  it('shows progress to somebody who watches, and wipes it away', async () => {
    const { err } = await convnet(['run', lenet], { interactive: true });
    expect(err).toContain('% conv2');
    expect(err.endsWith('\x1b[K')).toBe(true);
  });
});

describe('a picture that is no picture', () => {
  const png = PNG.sync.write(quarters());
  const huge = Buffer.from(png);
  huge.writeUInt32BE(100_000, 16);
  huge.writeUInt32BE(100_000, 20);

  it.each([
    ['a text', 'p.png', 'not a picture', 'p.png is neither PNG nor JPEG'],
    ['an empty file', 'p.png', '', 'p.png is neither PNG nor JPEG'],
    ['half a PNG', 'p.png', png.subarray(0, 60), 'p.png is damaged'],
    ['half a JPEG', 'p.jpg', new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'p.jpg is damaged'],
    ['a PNG of 10 gigapixels', 'p.png', huge, '100000×100000 pixels are more than 100,000,000'],
  ])('is refused: %s', async (_, name, content, message) => {
    const cwd = folderWith({ [name]: content, 'n.convnet': network('input 8x8x3', 'fc 2') });
    const { status, out, err } = await convnet(['run', 'n.convnet', '--image', name, '--out', 'maps'], { cwd });
    expect(err).toContain(message);
    expect(out).toBe('');
    expect(status).toBe(2);
    expect(existsSync(join(cwd, 'maps'))).toBe(false);
  });

  it('is refused: a file that is not there, and says what would work', async () => {
    const { status, err } = await convnet(['run', lenet, '--image', 'cat.jpg']);
    expect(err).toContain('there is no file cat.jpg');
    expect(err).toContain('built-in picture: scene, shapes');
    expect(status).toBe(2);
  });
});
