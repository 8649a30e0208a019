import { describe, expect, test } from 'vitest';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../src/formats/safetensors.js';

/** A file of the given header and data bytes, written here by hand from the format's description. */
function file(header: string, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const one = (dtype: string, shape: readonly number[], begin: number, end: number) =>
  JSON.stringify({ w: { dtype, shape, data_offsets: [begin, end] } });

test('what is written is read back', () => {
  const tensors = new Map([
    ['conv1.weight', { shape: [2, 1, 1, 3], values: Float32Array.of(1, -2.5, 3e-9, 0, Number.NaN, 1e30) }],
    ['scalar', { shape: [], values: Float32Array.of(7) }],
    ['empty', { shape: [0, 4], values: new Float32Array() }],
  ]);
  expect(readSafetensors(writeSafetensors(tensors))).toEqual(tensors);
});

test('the file may lie anywhere in a larger buffer', () => {
  const bytes = writeSafetensors(new Map([['w', { shape: [2], values: Float32Array.of(1, 2) }]]));
  const larger = new Uint8Array(bytes.length + 3);
  larger.set(bytes, 3);
  expect(readSafetensors(larger.subarray(3)).get('w')?.values).toEqual(Float32Array.of(1, 2));
});

// Bit patterns from IEEE 754 and the definition of bfloat16.
test.each([
  ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], -1.5],
  ['F16', [0x00, 0x3c], 1],
  ['F16', [0x01, 0x00], 2 ** -24],
  ['F16', [0x00, 0xfc], Number.NEGATIVE_INFINITY],
  ['BF16', [0x80, 0x3f], 1],
  ['I64', [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2],
  ['U8', [200], 200],
])('%s %j is %d', (dtype, data, value) => {
  expect(readSafetensors(file(one(dtype, [1], 0, data.length), data)).get('w')?.values[0]).toBe(value);
});

test('metadata is no tensor', () => {
  expect(readSafetensors(file('{"__metadata__":{"format":"pt"}}')).size).toBe(0);
});

describe('refuses, and says why', () => {
  test.each([
    ['a file of three bytes', new Uint8Array(3), 'The file is cut short: it has no header'],
    [
      'a header cut short',
      file(one('F32', [1], 0, 4)).subarray(0, 20),
      'The file is cut short: its header is not complete',
    ],
    ['a header that is no JSON', file('{'), 'its header is not JSON'],
    ['a header that is a list', file('[]'), 'its header is not an object'],
    ['an unknown dtype', file(one('F8', [1], 0, 1), [0]), 'w: dtype "F8" is none of'],
    [
      'a tensor beyond the data',
      file(one('F32', [2], 0, 8), [0, 0, 0, 0]),
      'w: it ends at byte 8 of the data, which has 4',
    ],
    [
      'a shape that is not its bytes',
      file(one('F32', [3], 0, 8), Array(8).fill(0)),
      'w: 8 bytes for F32 of [3], which takes 12',
    ],
    ['a negative offset', file(one('F32', [1], -4, 0)), 'w: its data_offsets are not two whole numbers'],
    ['an end before its begin', file(one('F32', [1], 8, 4), Array(8).fill(0)), 'w: it ends (4) before it begins (8)'],
    ['a fractional length', file(one('F32', [0.5], 0, 2), [0, 0]), 'w: its shape is not a list of whole numbers'],
    [
      'tensors over one another',
      file(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        [0, 0, 0],
      ),
      'b: it begins at byte 1, inside a',
    ],
    ['an entry that is no object', file('{"w":3}'), 'w: dtype undefined is none of'],
  ])('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test('writing values that are not the shape', () => {
    expect(() => writeSafetensors(new Map([['w', { shape: [2], values: new Float32Array(3) }]]))).toThrow(
      'w: 3 values',
    );
  });
});
