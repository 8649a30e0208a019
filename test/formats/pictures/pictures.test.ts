import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../../src/formats/byte-source.js';
import { readCifar } from '../../../src/formats/pictures/cifar.js';
import { readCsvPictures } from '../../../src/formats/pictures/csv.js';
import { readIdxPictures } from '../../../src/formats/pictures/idx.js';
import type { LabelledPictures } from '../../../src/formats/pictures/labelled.js';
import { readNpzPictures } from '../../../src/formats/pictures/npz.js';
import { PART, type Reading } from '../../../src/formats/pictures/source.js';

const pixelsOf = async ({ read, shape }: LabelledPictures, index: number): Promise<number[]> => {
  const to = new Float32Array(shape.height * shape.width * shape.channels);
  await read(index, to);
  return [...to].map((value) => Math.round(value * 255));
};

/** With so much room for pictures, in bytes. */
const readingWith = (left: number): Reading => ({
  room: { left },
  files: {
    look: () => Promise.reject(new Error('no files')),
    read: () => Promise.reject(new Error('no files')),
  },
});

const reading = readingWith(1e9);

/** What holds with room for all pictures holds without any, when each is read from its file. */
const rooms = [
  ['kept', reading],
  ['read one by one', readingWith(0)],
] as const;

/** Bytes as a file that is read in parts. */
const source = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: async (from, length) => bytes.slice(from, from + length),
});

const word = (value: number) => [(value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255];

/** IDX files, written by hand from the format's description. */
const idx = (lengths: readonly number[], numbers: readonly number[]) =>
  Uint8Array.from([0, 0, 8, lengths.length, ...lengths.flatMap(word), ...numbers]);

describe('IDX', () => {
  const pictures = idx([2, 1, 3], [1, 2, 3, 4, 5, 6]);
  const labels = idx([2], [7, 0]);

  it.each(rooms)('is read (pictures %s)', async (_, how) => {
    const found = await readIdxPictures(source(pictures), source(labels), how);
    expect(found.shape).toEqual({ height: 1, width: 3, channels: 1 });
    expect([...found.labels]).toEqual([7, 0]);
    expect([await pixelsOf(found, 0), await pixelsOf(found, 1)]).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it.each([
    ['no header', new Uint8Array(2), labels, 'pictures: the file is cut short: it has no header'],
    ['half a header', pictures.subarray(0, 9), labels, 'pictures: the file is cut short: its header is not complete'],
    [
      'another magic number',
      Uint8Array.from([0x1f, 0x8b, 8, 3]),
      labels,
      'pictures: this is no IDX file: it begins with 1f 8b 08 03',
    ],
    ['floats', Uint8Array.from([0, 0, 0xd, 3]), labels, 'its numbers are of type 0xd; only bytes (0x8) are read'],
    ['too few numbers', pictures.subarray(0, -1), labels, '5 numbers where the header tells of 2×1×3 = 6'],
    ['other labels', pictures, idx([3], [1, 2, 3]), 'There are 2 pictures, but 3 labels'],
  ])('with %s is refused', async (_, a, b, message) => {
    await expect(readIdxPictures(source(a), source(b), reading)).rejects.toThrow(message);
  });
});

describe('CIFAR-10', () => {
  const record = (label: number) => [
    label,
    ...Array.from({ length: 3072 }, (_, i) => Math.floor(i / 1024) * 50 + (i % 50)),
  ];

  it.each(rooms)('is read, its three maps as the channels of pixels (pictures %s)', async (_, how) => {
    const found = await readCifar(source(Uint8Array.from([...record(3), ...record(9)])), how);
    expect([...found.labels]).toEqual([3, 9]);
    // Number p of map m is 50·m + (1024·m + p) mod 50, by hand.
    expect((await pixelsOf(found, 1)).slice(0, 6)).toEqual([0, 74, 148, 1, 75, 149]);
  });

  it('with half a picture or a label out of range is refused', async () => {
    await expect(readCifar(source(new Uint8Array(3000)), reading)).rejects.toThrow(
      '3000 bytes are no whole number of CIFAR-10 pictures of 3073 bytes each',
    );
    await expect(readCifar(source(Uint8Array.from(record(10))), reading)).rejects.toThrow(
      'Picture 1 has the label 10; they go from 0 to 9',
    );
  });
});

describe('CSV', () => {
  const shape = { height: 1, width: 2, channels: 1 };

  const csv = (text: string) => source(new TextEncoder().encode(text));

  it.each(rooms)('is read, with a line of titles or without (pictures %s)', async (_, how) => {
    for (const head of ['', 'label,pixel0,pixel1\n']) {
      const found = await readCsvPictures(csv(`${head}4,0,255\r\n1,7,8\n3,9,10`), shape, how);
      expect([...found.labels]).toEqual([4, 1, 3]);
      expect(await pixelsOf(found, 1)).toEqual([7, 8]);
      expect(await pixelsOf(found, 2)).toEqual([9, 10]);
    }
  });

  it('larger than a part of it that is read at once gives every line', async () => {
    const lines = Array.from({ length: 700_000 }, (_, i) => `${i % 10},${i % 256},7`);
    const bytes = new TextEncoder().encode(lines.join('\n'));
    expect(bytes.length).toBeGreaterThan(PART);
    const found = await readCsvPictures(source(bytes), shape, readingWith(0));
    expect(found.count).toBe(lines.length);
    expect(found.labels.every((label, i) => label === i % 10)).toBe(true);
    for (const index of [0, 1, 524_287, 699_999]) expect(await pixelsOf(found, index)).toEqual([index % 256, 7]);
  });

  it.each([
    ['', 'There are no pictures in it'],
    ['1,2\n', 'Line 1: 2 values; a class and 1×2×1 pixels are 3'],
    ['1,2,3\n1,2,300\n', 'Line 2: 300 is no whole number from 0 to 255'],
    ['1.5,2,3\n', 'Line 1: 1.5 is no class'],
    ['1,,3\n', 'Line 1: nothing is no whole number from 0 to 255'],
    ['1,2,3\n\n1,2,3\n', 'Line 2: it is empty'],
  ])('%j is refused', async (text, message) => {
    await expect(readCsvPictures(csv(text), shape, reading)).rejects.toThrow(message);
  });
});

it('a text without lines is no CSV, and is not read to its end', async () => {
  let asked = 0;
  const endless: ByteSource = {
    size: 1e12,
    read: async (_, length) => {
      asked += length;
      return new Uint8Array(length).fill(49);
    },
  };
  const shape = { height: 1, width: 2, channels: 1 };
  await expect(readCsvPictures(endless, shape, reading)).rejects.toThrow('Line 1: it is too long for a picture');
  expect(asked).toBeLessThanOrEqual(2 * PART);
});

describe('npz', () => {
  const npy = (type: string, shape: string, data: readonly number[]) => {
    const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }\n`;
    return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0, ...Buffer.from(header), ...data]);
  };

  /** A zip of these files, packed or not. */
  function zip(files: Readonly<Record<string, Uint8Array>>, isPacked: boolean): Uint8Array {
    const short = (value: number) => [value & 255, value >> 8];
    const long = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
    const bytes: number[] = [];
    const directory: number[] = [];
    for (const [name, content] of Object.entries(files)) {
      const data = isPacked ? deflateRawSync(content) : content;
      const fields = [
        ...short(isPacked ? 8 : 0),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        ...long(data.length),
        ...long(content.length),
        ...short(name.length),
        0,
        0,
      ];
      directory.push(
        ...long(0x02014b50),
        20,
        0,
        20,
        0,
        0,
        0,
        ...fields,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        ...long(bytes.length),
        ...Buffer.from(name),
      );
      bytes.push(...long(0x04034b50), 20, 0, 0, 0, ...fields, ...Buffer.from(name), ...data);
    }
    const count = Object.keys(files).length;
    const end = [
      ...long(0x06054b50),
      0,
      0,
      0,
      0,
      ...short(count),
      ...short(count),
      ...long(directory.length),
      ...long(bytes.length),
      0,
      0,
    ];
    return Uint8Array.from([...bytes, ...directory, ...end]);
  }

  const files = {
    'x_train.npy': npy('|u1', '2, 1, 2', [1, 2, 3, 4]),
    'y_train.npy': npy('<i2', '2,', [5, 0, 1, 0]),
    'x_test.npy': npy('<f4', '1, 1, 2', [0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f]),
    'y_test.npy': npy('|u1', '1,', [1]),
  };

  it.each([
    [false, ...rooms[0]],
    [false, ...rooms[1]],
    [true, ...rooms[0]],
  ] as const)('is read (packed: %s, pictures %s)', async (isPacked, _, how) => {
    const bytes = source(zip(files, isPacked));
    const train = await readNpzPictures(bytes, 'train', how);
    expect([...(train?.labels ?? [])]).toEqual([5, 1]);
    expect(train && (await pixelsOf(train, 1))).toEqual([3, 4]);
    const test = await readNpzPictures(bytes, 'test', how);
    // 1 and 0.5, which are taken as they are.
    expect(test && (await pixelsOf(test, 0))).toEqual([255, 128]);
  });

  it('that lacks something, is cut short, or has labels that are none is refused', async () => {
    const read = (bytes: Uint8Array, how = reading) => readNpzPictures(source(bytes), 'train', how);
    await expect(read(zip({ 'a.npy': files['y_test.npy'] }, false))).rejects.toThrow(
      'It has no arrays x_train and y_train, nor x and y; it has a.npy',
    );
    await expect(read(zip(files, false).subarray(0, 100))).rejects.toThrow('it is cut short');
    await expect(read(new Uint8Array(3))).rejects.toThrow('it is cut short');
    const labels = { ...files, 'y_train.npy': npy('<i2', '2,', [5, 0, 255, 255]) };
    await expect(read(zip(labels, true))).rejects.toThrow('Picture 2 has the label -1');
    const short = { ...files, 'x_train.npy': npy('|u1', '2, 1, 2', [1, 2]) };
    await expect(read(zip(short, true))).rejects.toThrow('x_train: it is cut short: 2 bytes for 2×1×2 numbers of 1');
    const other = { ...files, 'y_train.npy': npy('|u1', '3,', [1, 2, 3]) };
    await expect(read(zip(other, false))).rejects.toThrow('There are 2 pictures, but 3 labels');
    await expect(read(zip(files, true), readingWith(0))).rejects.toThrow(
      'x_train.npy is packed and has 1 MiB, more than there is memory for: what numpy.savez writes can be read in parts',
    );
  });
});
