import { describe, expect, test } from 'vitest';
import { decode, encode, type Schema } from '../../../src/formats/protobuf/wire.js';

const inner: Schema = { dim: [1, 'int'], inner: [2, () => inner] };
const schema: Schema = {
  name: [1, 'string'],
  ratio: [2, 'float'],
  flag: [3, 'bool'],
  kind: [4, ['NONE', 'MAX', 'AVE']],
  values: [5, 'float'],
  raw: [6, 'bytes'],
  inner: [7, () => inner],
  exact: [8, 'double'],
};

// Worked out by hand from https://protobuf.dev/programming-guides/encoding: tag = number·8 + wire type.
const known = [
  ...[0x0a, 2, 0x68, 0x69], // name: "hi"
  ...[0x15, 0, 0, 0x20, 0x40], // ratio: 2.5
  ...[0x18, 1], // flag: true
  ...[0x20, 2], // kind: AVE
  ...[0x2a, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], // values: 1, -2, packed
  ...[0x3a, 4, 0x0a, 2, 3, 5], // inner { dim: 3, 5, packed }
];

test('reads what the encoding says', () => {
  const message = decode(Uint8Array.from(known), schema, 'file');
  expect(message.text('name')).toBe('hi');
  expect(message.number('ratio', 0)).toBe(2.5);
  expect(message.flag('flag', false)).toBe(true);
  expect(message.text('kind')).toBe('AVE');
  expect(message.floats('values')).toEqual(Float32Array.of(1, -2));
  expect(message.message('inner').numbers('dim')).toEqual([3, 5]);
});

test('single floats have no more digits than they were written with', () => {
  const bytes = encode({ ratio: 1e-5 }, schema);
  expect(decode(bytes, schema, 'file').number('ratio', 0)).toBe(1e-5);
});

test('writes it', () => {
  const plain = {
    name: 'hi',
    ratio: 2.5,
    flag: true,
    kind: 'AVE',
    values: Float32Array.of(1, -2),
    inner: { dim: [3, 5] },
  };
  expect([...encode(plain, schema)]).toEqual(known);
});

test('fields that are not known are skipped, numbers may be unpacked, negative ones are long', () => {
  const bytes = [0x62, 1, 7, 0x3a, 15, 0x08, 3, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0x08, 4];
  expect(decode(Uint8Array.from(bytes), schema, 'file').message('inner').numbers('dim')).toEqual([3, -1, 4]);
});

describe('refuses, and says where', () => {
  const nested = (levels: number): number[] => {
    let bytes: number[] = [];
    for (let i = 0; i < levels; i++) bytes = [0x12, bytes.length, ...bytes];
    return [0x3a, bytes.length, ...bytes];
  };
  test.each([
    ['a length beyond the file', [0x0a, 200, 1, 0x68], 'file: name says it has 200 bytes, but there are 1 left'],
    [
      'a length beyond its message',
      [0x3a, 2, 0x0a, 9, 1, 1],
      'file, inner: dim says it has 9 bytes, but there are 0 left',
    ],
    ['a file cut short', [0x15, 0, 0], 'file: the file is damaged or cut short at byte 1 of 3'],
    ['a field of another type', [0x08, 1], 'file: name is stored as another type'],
    ['half a number', [0x2a, 3, 0, 0, 0], 'file: values ends in the middle of a number'],
    ['a nesting bomb', nested(40), 'nested deeper than 32 levels'],
  ])('%s', (_, bytes, message) => {
    expect(() => decode(Uint8Array.from(bytes), schema, 'file')).toThrow(message);
  });
});
