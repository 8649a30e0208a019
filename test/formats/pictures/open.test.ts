import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeNpz } from '../../../src/formats/npz.js';
import { type OpenOptions, openPictures } from '../../../src/formats/pictures/open.js';
import { type Found, type PictureFiles, PicturesError } from '../../../src/formats/pictures/source.js';

/** Files by their paths, and what is asked of them. */
function filesOf(files: Readonly<Record<string, Uint8Array>>): PictureFiles & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    async look(path): Promise<Found | null> {
      const file = files[path];
      if (file) return { type: 'file', size: file.length };
      const inside = Object.keys(files).filter((name) => name.startsWith(`${path}/`));
      if (inside.length === 0) return null;
      const names = new Map(
        inside.map((name) => {
          const [first = '', ...more] = name.slice(path.length + 1).split('/');
          return [first, more.length > 0];
        }),
      );
      return { type: 'folder', entries: [...names].map(([name, isFolder]) => ({ name, isFolder })) };
    },
    async read(path, part) {
      reads.push(path);
      const bytes = files[path] ?? new Uint8Array();
      return part ? bytes.slice(part.from, part.from + part.length) : bytes;
    },
  };
}

/** Pictures that are decoded as a single grey, their first byte. */
const optionsFor = (files: PictureFiles, shape = { height: 32, width: 32, channels: 3 }, left = 1e9): OpenOptions => ({
  files,
  shape,
  room: { left },
  decode: async ([grey = 0], _, __, to) => {
    to.fill(grey / 255);
  },
});

const tiny = { height: 1, width: 2, channels: 1 };

const cifar = (...labels: readonly number[]): Uint8Array =>
  Uint8Array.from(labels.flatMap((label) => [label, ...Array<number>(3072).fill(10 * label)]));

const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);

describe('a folder with CIFAR-10’s batches', () => {
  const batches = {
    'c/data_batch_1.bin': cifar(0, 1),
    'c/data_batch_2.bin': cifar(2),
    'c/test_batch.bin': cifar(1),
    'c/batches.meta.txt': text('plane\ncar\nbird\n\n'),
    'c/readme.html': text('<html>'),
  };

  it.each([1e9, 0])('is all of them, and its classes have names (room for %d bytes)', async (room) => {
    const files = filesOf(batches);
    const options = optionsFor(files, undefined, room);
    // The list of names must be read whole.
    if (room === 0) options.room.left = 20;
    const { train, test } = await openPictures('c', options);
    expect(train.classes).toEqual(['plane', 'car', 'bird']);
    expect([train.count, test?.count]).toEqual([3, 1]);
    const pixels = new Float32Array(3072);
    for (const [index, label] of [0, 1, 2].entries()) {
      expect(await train.read(index, pixels)).toBe(label);
      expect(pixels[3071]).toBeCloseTo((10 * label) / 255, 6);
    }
    expect(await test?.read(0, pixels)).toBe(1);
  });

  it('must have pictures of every class that it names', async () => {
    const files = filesOf({ ...batches, 'c/batches.meta.txt': text('plane\ncar\nbird\nfrog') });
    await expect(openPictures('c', optionsFor(files))).rejects.toThrow('c cannot be read: class frog has no pictures');
  });

  it('is refused where the input has another size', async () => {
    await expect(openPictures('c', optionsFor(filesOf(batches), tiny))).rejects.toThrow(
      "c cannot be read: its pictures are 32×32×3, the network's input is 1×2×1",
    );
  });
});

describe('a folder with a folder for each class', () => {
  const photos = {
    'p/train/cat/1.png': Uint8Array.of(51),
    'p/train/cat/2.JPG': Uint8Array.of(102),
    'p/train/cat/notes.txt': Uint8Array.of(0),
    'p/train/dog/3.jpeg': Uint8Array.of(204),
    'p/val/cat/4.png': Uint8Array.of(0),
    'p/val/dog/5.png': Uint8Array.of(255),
  };

  it('may have folders for training and for the test', async () => {
    const { train, test } = await openPictures('p', optionsFor(filesOf(photos), tiny));
    expect([train.count, test?.count]).toEqual([3, 2]);
    expect([train.classes, test?.classes]).toEqual([
      ['cat', 'dog'],
      ['cat', 'dog'],
    ]);
    const pixels = new Float32Array(2);
    expect(await train.read(2, pixels)).toBe(1);
    expect([...pixels]).toEqual([Math.fround(0.8), Math.fround(0.8)]);
  });

  it.each([
    [1e9, 1],
    [0, 3],
  ])('is decoded once where there is room (%d bytes), else each time', async (room, times) => {
    const files = filesOf(photos);
    const { train } = await openPictures('p', optionsFor(files, tiny, room));
    const pixels = new Float32Array(2);
    for (let i = 0; i < 3; i++) await train.read(0, pixels);
    expect(files.reads.filter((path) => path === 'p/train/cat/1.png')).toHaveLength(times);
  });

  it('must not test what it does not teach', async () => {
    const files = filesOf({ ...photos, 'p/val/emu/6.png': Uint8Array.of(1) });
    await expect(openPictures('p', optionsFor(files, tiny))).rejects.toThrow(
      'p cannot be read: its test has 3 classes, training 2',
    );
  });
});

it('a file that shrinks while it is read is told of', async () => {
  const files = filesOf({ 'x.csv': text('0,1,2\n1,3,4\n') });
  const shrinking: PictureFiles = {
    ...files,
    read: async (path, part) => (await files.read(path, part)).subarray(0, 5),
  };
  await expect(openPictures('x.csv', optionsFor(shrinking, tiny))).rejects.toThrow(
    'x.csv cannot be read: x.csv was cut short while it was read',
  );
});

it('reading ends when nobody waits any more', async () => {
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  const files = filesOf({ 'x.csv': text('0,1,2\n1,3,4\n') });
  await expect(openPictures('x.csv', { ...optionsFor(files, tiny), signal: stop.signal })).rejects.toThrow('stopped');
  expect(files.reads).toEqual([]);
});

describe('whatever is damaged', () => {
  const idx = (lengths: readonly number[], numbers: readonly number[]) =>
    Uint8Array.from([0, 0, 8, lengths.length, ...lengths.flatMap((n) => [0, 0, n >> 8, n & 255]), ...numbers]);
  const npz = writeNpz(
    new Map([
      ['x_train', { shape: [2, 1, 2], values: Float32Array.of(0, 1, 0.5, 1) }],
      ['y_train', { shape: [2], values: Float32Array.of(0, 1) }],
    ]),
  );
  const whole: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {
    m: {
      'm/train-images-idx3-ubyte': idx([4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
      'm/train-labels-idx1-ubyte': idx([4], [0, 1, 0, 1]),
    },
    'm.gz': {
      'm.gz/train-images-idx3-ubyte.gz': gzipSync(idx([4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8])),
      'm.gz/train-labels-idx1-ubyte.gz': gzipSync(idx([4], [0, 1, 0, 1])),
    },
    'x.csv': { 'x.csv': text('label,a,b\n0,1,2\n1,3,4\n0,5,6\n') },
    'x.npz': { 'x.npz': npz },
  };

  it.each(Object.keys(whole))('%s opens or is refused in words', async (path) => {
    const files = whole[path] ?? {};
    const opened = await openPictures(path, optionsFor(filesOf(files), tiny));
    expect(opened.train.classes).toEqual(['0', '1']);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(files)),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(), { nil: undefined }),
        fc.constantFrom(1e6, 0),
        async (name, changes, end, room) => {
          let bytes = Uint8Array.from(files[name] ?? []);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          if (end !== undefined) bytes = bytes.subarray(0, end % (bytes.length + 1));
          try {
            const { train } = await openPictures(path, optionsFor(filesOf({ ...files, [name]: bytes }), tiny, room));
            const pixels = new Float32Array(2);
            for (let i = 0; i < train.count; i++) {
              const label = await train.read(i, pixels);
              expect(train.classes[label]).toBeDefined();
            }
          } catch (error) {
            expect(error).toBeInstanceOf(PicturesError);
            refused++;
          }
        },
      ),
      { numRuns: Number(process.env.CONVNET_FUZZ_RUNS ?? 300) },
    );
    expect(refused).toBeGreaterThan(50);
  });
});
