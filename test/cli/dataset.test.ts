import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { convnet, folderWith } from './driver.js';

const text = (dataset: string) => `network Tiny {
  input 4x4x1
  training { dataset "${dataset}"; rate 0.05; batch 4; epochs 60 }
  fc 2
}
`;

const grey = (value: number) => {
  const png = new PNG({ width: 6, height: 6 });
  png.data.fill(value);
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  return PNG.sync.write(png);
};

function classesOf(folders: Readonly<Record<string, readonly number[]>>): string {
  const cwd = folderWith({ 'n.convnet': text('photos') });
  for (const [name, greys] of Object.entries(folders)) {
    mkdirSync(join(cwd, 'photos', name), { recursive: true });
    for (const [i, value] of greys.entries()) writeFileSync(join(cwd, 'photos', name, `${i}.png`), grey(value));
  }
  return cwd;
}

describe('a dataset in files', () => {
  it('may be a folder of pictures for each class', async () => {
    const cwd = classesOf({ dark: [0, 10, 20, 30, 40], light: [255, 245, 235, 225, 215] });
    const { out, err, status } = await convnet(['train', 'n.convnet', '--format', 'json'], { cwd });
    expect(err).toBe('');
    expect(status).toBe(0);
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ pictures: 8 });
    expect(events.at(-1)).toMatchObject({ accuracy: 1 });
  });

  it('may be a CSV file', async () => {
    const row = (label: number, value: number) => `${label},${Array<number>(16).fill(value).join(',')}`;
    const rows = Array.from({ length: 10 }, (_, i) => row(i % 2, (i % 2) * 200 + i));
    const cwd = folderWith({ 'n.convnet': text('grey.csv'), 'grey.csv': rows.join('\n') });
    expect((await convnet(['train', 'n.convnet'], { cwd })).status).toBe(0);
  });

  it('may be MNIST’s files', async () => {
    const word = (value: number) => [0, 0, 0, value];
    const pictures = (n: number) =>
      Uint8Array.from([
        0,
        0,
        8,
        3,
        ...word(n),
        ...word(4),
        ...word(4),
        ...Array.from({ length: n * 16 }, (_, i) => (Math.floor(i / 16) % 2) * 255),
      ]);
    const labels = (n: number) =>
      Uint8Array.from([0, 0, 8, 1, ...word(n), ...Array.from({ length: n }, (_, i) => i % 2)]);
    const cwd = folderWith({ 'n.convnet': text('mnist') });
    mkdirSync(join(cwd, 'mnist'));
    for (const [name, bytes] of [
      ['train-images-idx3-ubyte', pictures(8)],
      ['train-labels-idx1-ubyte', labels(8)],
      ['t10k-images-idx3-ubyte', pictures(2)],
      ['t10k-labels-idx1-ubyte', labels(2)],
    ] as const)
      writeFileSync(join(cwd, 'mnist', name), bytes);
    const { out, status } = await convnet(['train', 'n.convnet'], { cwd });
    expect(status).toBe(0);
    expect(out).toContain('8 pictures, 2 to test');
  });

  it.each([
    [
      'a folder that is not there',
      () => folderWith({ 'n.convnet': text('nowhere') }),
      'there is no file or folder nowhere to learn from; built in are digits and shapes',
    ],
    ['an empty class', () => classesOf({ dark: [0], light: [] }), 'Class light has no pictures (PNG or JPEG)'],
    ['a single class', () => classesOf({ dark: [0] }), 'nor a folder of pictures for each class'],
    [
      'a file of another kind',
      () => folderWith({ 'n.convnet': text('n.convnet') }),
      'n.convnet is neither .npz nor .csv, nor a folder of pictures',
    ],
    [
      'more classes than scores',
      () => classesOf({ a: [0, 1, 2, 3, 4], b: [9, 8, 7, 6, 5], c: [9, 8, 7, 6, 5] }),
      'The network gives 2 scores a picture, but there are 3 classes: a, b, c',
    ],
  ])('%s is refused', async (_, folder, message) => {
    const { status, err } = await convnet(['train', 'n.convnet'], { cwd: folder() });
    expect(status).toBeGreaterThan(0);
    expect(err).toContain(message);
  });
});
