/** What a file must be to be shown to a network: the first bytes of a PNG or JPEG, and a size that can be decoded. */

export type PictureCheck =
  | { readonly type: 'image/png' | 'image/jpeg'; readonly size: PictureSize }
  | { readonly problem: string };

/** Decoding takes four bytes a pixel. */
const MOST_PIXELS = 100e6;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte);

/** Looks at a file before it is decoded. */
export function checkPicture(bytes: Uint8Array): PictureCheck {
  if (bytes.length === 0) return { problem: 'the file is empty' };
  const isPng = startsWith(bytes, PNG);
  if (!isPng && !startsWith(bytes, JPEG)) return { problem: 'it is neither PNG nor JPEG' };
  const size = isPng ? pngSize(bytes) : jpegSize(bytes);
  if (!size || size.width === 0 || size.height === 0)
    return { problem: 'the file is damaged: it does not say its size' };
  if (size.width * size.height > MOST_PIXELS)
    return { problem: `${size.width}×${size.height} pixels are more than can be shown (100 million)` };
  return { type: isPng ? 'image/png' : 'image/jpeg', size };
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The header chunk comes first: length, "IHDR", width, height. */
const pngSize = (bytes: Uint8Array): PictureSize | undefined =>
  bytes.length < 24 ? undefined : { width: view(bytes).getUint32(16), height: view(bytes).getUint32(20) };

/** Segments follow one another, each with its length; the size is in the first "start of frame". */
function jpegSize(bytes: Uint8Array): PictureSize | undefined {
  const data = view(bytes);
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] as number;
    // Fill bytes before a marker.
    if (marker === 0xff) at++;
    else if (isStartOfFrame(marker)) return { height: data.getUint16(at + 5), width: data.getUint16(at + 7) };
    else at += 2 + data.getUint16(at + 2);
  }
  return undefined;
}

/** C0–CF without the tables DHT (C4), JPG (C8) and DAC (CC). */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** How a picture becomes the network's input, in a clause; sizes are height × width. See `pictureTensor`. */
export function resizeWords({ height, width }: PictureSize, input: PictureSize): string {
  const whole = `${height}×${width}`;
  const wanted = `${input.height}×${input.width}`;
  if (whole === wanted) return `${whole}, as it is`;
  const [rows, columns] = [
    Math.min(height, (width * input.height) / input.width),
    Math.min(width, (height * input.width) / input.height),
  ];
  const cut = `${Math.round(rows)}×${Math.round(columns)}`;
  const how = rows > input.height ? `averaged down to ${wanted}` : rows < input.height ? `enlarged to ${wanted}` : '';
  return [whole, cut === whole ? '' : `cut to the middle ${cut}`, how].filter(Boolean).join(', ');
}
