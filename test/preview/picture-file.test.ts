import { describe, expect, it } from 'vitest';
import { checkPicture, resizeWords } from '../../src/preview/picture-file.js';

const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52];
const big = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const png = (width: number, height: number) => Uint8Array.from([...PNG_START, ...big(width), ...big(height)]);
const jpeg = (width: number, height: number) =>
  Uint8Array.from([
    ...[0xff, 0xd8],
    // A segment to skip, a fill byte, then the start of frame.
    ...[0xff, 0xe0, 0, 4, 1, 2],
    ...[0xff, 0xff, 0xc2, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1],
  ]);

describe('a file that should be a picture', () => {
  it('is taken when it is a PNG or JPEG', () => {
    expect(checkPicture(png(32, 48))).toEqual({ type: 'image/png', size: { height: 48, width: 32 } });
    expect(checkPicture(jpeg(640, 480))).toEqual({ type: 'image/jpeg', size: { height: 480, width: 640 } });
  });

  it.each([
    ['an empty file', new Uint8Array(), 'empty'],
    ['a text', new TextEncoder().encode('network LeNet {}'), 'neither PNG nor JPEG'],
    ['a PNG cut off', png(32, 32).slice(0, 20), 'damaged'],
    ['a JPEG cut off', jpeg(32, 32).slice(0, 12), 'damaged'],
    ['a JPEG of garbage', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 2, 7, 7, 7, 7, 7, 7, 7), 'damaged'],
    ['a JPEG whose segment has no length', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 'damaged'],
    ['a PNG without pixels', png(0, 32), 'damaged'],
    ['a picture that would fill the memory', png(100_000, 100_000), '100000×100000'],
  ])('is refused when it is %s', (_, bytes, words) => {
    expect(checkPicture(bytes)).toEqual({ problem: expect.stringContaining(words) });
  });
});

it.each([
  [32, 32, 32, 32, '32×32, as it is'],
  [480, 640, 32, 32, '480×640, cut to the middle 480×480, averaged down to 32×32'],
  [16, 16, 32, 32, '16×16, enlarged to 32×32'],
  [300, 200, 30, 20, '300×200, averaged down to 30×20'],
  [32, 40, 32, 32, '32×40, cut to the middle 32×32'],
  // The input is twice as wide as high.
  [100, 100, 20, 40, '100×100, cut to the middle 50×100, averaged down to 20×40'],
])('says how %i×%i becomes %i×%i', (height, width, rows, columns, words) => {
  expect(resizeWords({ height, width }, { height: rows, width: columns })).toBe(words);
});
