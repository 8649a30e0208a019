import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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

const word = (value: number) => [(value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255];

/** An IDX file, written by hand from the format's description. */
const idx = (lengths: readonly number[], numbers: readonly number[]) =>
  Uint8Array.from([0, 0, 8, lengths.length, ...lengths.flatMap(word), ...numbers]);

interface Mnist {
  readonly count?: number;
  readonly epochs?: number;
  readonly images?: Uint8Array;
  readonly labels?: readonly number[];
  readonly tests?: Uint8Array;
  /** In place of the packed pictures. */
  readonly packed?: Uint8Array;
}

/** A network, and MNIST's four files beside it: black pictures of class 0 and white ones of class 1, by turns. */
function mnist({ count = 8, epochs = 60, images, labels, tests, packed }: Mnist, ending = ''): string {
  const pictures = (n: number) =>
    idx(
      [n, 4, 4],
      Array.from({ length: n * 16 }, (_, i) => (Math.floor(i / 16) % 2) * 255),
    );
  const classes = (n: number) => Array.from({ length: n }, (_, i) => i % 2);
  const cwd = folderWith({ 'n.convnet': text('mnist').replace('epochs 60', `epochs ${epochs}`) });
  mkdirSync(join(cwd, 'mnist'));
  for (const [name, bytes] of [
    ['train-images-idx3-ubyte', images ?? pictures(count)],
    ['train-labels-idx1-ubyte', idx([labels?.length ?? count], labels ?? classes(count))],
    ['t10k-images-idx3-ubyte', tests ?? pictures(2)],
    ['t10k-labels-idx1-ubyte', idx([2], classes(2))],
  ] as const)
    writeFileSync(join(cwd, 'mnist', `${name}${ending}`), ending === '.gz' ? gzipSync(bytes) : bytes);
  if (packed) writeFileSync(join(cwd, 'mnist', `train-images-idx3-ubyte${ending}`), packed);
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

  it('may be MNIST’s files, packed or not', async () => {
    for (const ending of ['', '.gz']) {
      const cwd = mnist({}, ending);
      const { out, err, status } = await convnet(['train', 'n.convnet'], { cwd });
      expect(err).toBe('');
      expect(status).toBe(0);
      expect(out).toContain('8 pictures, 2 to test');
    }
  });

  it('teaches the same, kept in memory or read picture by picture', async () => {
    const weights = [];
    for (const memory of ['1', '1000']) {
      const cwd = mnist({ count: 40_000, epochs: 1 });
      expect((await convnet(['train', 'n.convnet', '--memory', memory], { cwd })).status).toBe(0);
      weights.push(readFileSync(join(cwd, 'Tiny.safetensors')));
    }
    expect(weights[0]?.equals(weights[1] as Buffer)).toBe(true);
  }, 60_000);

  it('need not fit memory: 295 MB of pictures take a third of it at most', async () => {
    const side = 256;
    const count = 1500;
    const cwd = folderWith({
      'n.convnet': `network Large {
  input ${side}x${side}x3
  training { dataset "large"; batch 20; epochs 1 }
  avgpool ${side}x${side}
  fc 2
}
`,
    });
    const folder = join(cwd, 'large');
    mkdirSync(folder);
    const pictures = join(folder, 'train-images-idx4-ubyte');
    const header = idx([count, side, side, 3], []);
    writeFileSync(pictures, header);
    // The pixels are 0, and take no room on the disk.
    truncateSync(pictures, header.length + count * side * side * 3);
    writeFileSync(
      join(folder, 'train-labels-idx1-ubyte'),
      idx(
        [count],
        Array.from({ length: count }, (_, i) => i % 2),
      ),
    );
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 5);
    const { out, err, status } = await convnet(['train', 'n.convnet', '--memory', '64'], { cwd });
    clearInterval(timer);
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(out).toContain('1200 pictures, 300 to test');
    expect(most).toBeGreaterThan(2 ** 20);
    console.info(`295 MB of pictures took ${Math.round(most / 1e6)} MB`);
    // What is kept, what is read, and what was read and is not collected yet.
    expect(most).toBeLessThan(100e6);
  }, 120_000);

  it.each([
    [
      'a folder that is not there',
      () => folderWith({ 'n.convnet': text('nowhere') }),
      'there is no file or folder nowhere to learn from; built in are digits and shapes',
    ],
    ['an empty class', () => classesOf({ dark: [0], light: [] }), 'class light has no pictures (PNG or JPEG)'],
    ['a single class', () => classesOf({ dark: [0] }), 'nor a folder of pictures for each class'],
    [
      'a file of another kind',
      () => folderWith({ 'n.convnet': text('n.convnet') }),
      'n.convnet cannot be read: it is neither .npz nor .csv, nor a folder of pictures',
    ],
    [
      'more classes than scores',
      () => classesOf({ a: [0, 1, 2, 3, 4], b: [9, 8, 7, 6, 5], c: [9, 8, 7, 6, 5] }),
      'The network gives 2 scores a picture, but there are 3 classes: a, b, c',
    ],
    [
      'a header that is cut short',
      () => mnist({ images: Uint8Array.of(0, 0, 8, 3, 0) }),
      'mnist cannot be read: pictures: the file is cut short: its header is not complete',
    ],
    [
      'another magic number',
      () => mnist({ images: Uint8Array.of(0x4d, 0x5a, 8, 3, 0) }),
      'mnist cannot be read: pictures: this is no IDX file: it begins with 4d 5a 08 03, not with two zeros',
    ],
    [
      'fewer numbers than the header tells',
      () => mnist({ images: idx([8, 4, 4], [1, 2, 3]) }),
      'mnist cannot be read: pictures: 3 numbers where the header tells of 8×4×4 = 128',
    ],
    [
      'a label out of range',
      () => mnist({ labels: [0, 1, 0, 1, 0, 77, 0, 1] }),
      'mnist cannot be read: class 2 has no pictures, though picture 6 has the label 77: classes are counted from 0 without a gap',
    ],
    [
      'pictures of another size',
      () => mnist({ images: idx([8, 4, 5], Array<number>(160).fill(0)) }),
      'mnist cannot be read: its pictures are 4×5×1, the network’s input is 4×4×1',
    ],
    [
      'a test of another size',
      () => mnist({ tests: idx([2, 5, 4], Array<number>(40).fill(0)) }),
      'mnist cannot be read: its pictures are 5×4×1, the network’s input is 4×4×1',
    ],
    [
      'what was packed and is damaged',
      () => mnist({ packed: Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3) }, '.gz'),
      'mnist cannot be read: train-images-idx3-ubyte.gz: it is damaged and cannot be unpacked',
    ],
  ])('%s is refused, and nothing is written', async (_, folder, message) => {
    const cwd = folder();
    const before = readdirSync(cwd);
    const { status, err } = await convnet(['train', 'n.convnet'], { cwd });
    expect(status).toBeGreaterThan(0);
    expect(err).toContain(message.replaceAll('’', "'"));
    expect(readdirSync(cwd)).toEqual(before);
  });

  it('a picture that is damaged is named, and what was learned before is kept', async () => {
    const cwd = classesOf({ dark: [0, 10, 20, 30, 40], light: [255, 245, 235, 225, 215] });
    expect((await convnet(['train', 'n.convnet', '--epochs', '2'], { cwd })).status).toBe(0);
    const good = readFileSync(join(cwd, 'Tiny.safetensors'));
    writeFileSync(join(cwd, 'photos/dark/2.png'), grey(20).subarray(0, 50));
    const { status, err } = await convnet(['train', 'n.convnet'], { cwd });
    expect(status).toBeGreaterThan(0);
    expect(err).toContain('2.png is damaged and cannot be shown');
    expect(readFileSync(join(cwd, 'Tiny.safetensors')).equals(good)).toBe(true);
    expect(readdirSync(cwd).filter((name) => name.includes('unfinished'))).toEqual([]);
  });
});
