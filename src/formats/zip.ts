import { type ByteSource, partOf } from './byte-source.js';

/** Zip files (PKWARE's APPNOTE): read with bounds, written without compression. */

/** What is wrong with a zip. */
export class ZipError extends Error {
  override readonly name = 'ZipError';
}

/** A file in a zip. */
export interface ZipEntry {
  readonly name: string;
  /** Its size by the list of files, which may lie. */
  readonly size: number;
  /** Unpacks it. Throws a {@link ZipError} where it is damaged, or larger than `most` bytes. */
  readonly open: (most?: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** Where it is not packed: its bytes, to be read in parts; else null. Throws a {@link ZipError} where it is damaged. */
  readonly asItIs: () => Promise<ByteSource | null>;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
/** Of the record at the end; a comment of at most 65,535 bytes follows it. */
const END_BYTES = 22;
const MOST_COMMENT = 65_535;
/** What is unpacked of one file at the most; of a small one, less: more than {@link MOST_TIMES} its size is no weights but a bomb. */
const MOST_BYTES = 2 ** 31 - 1;
const MOST_TIMES = 100;
const ALWAYS_BYTES = 2 ** 28;
/** What says that a number is told elsewhere, in 64 bits. */
const ELSEWHERE = 0xffffffff;

/** The files of a zip, by name, from its central directory; read and unpacked when they are opened. */
export async function zipEntries(zip: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const tail = await zip.read(
    Math.max(0, zip.size - END_BYTES - MOST_COMMENT),
    Math.min(zip.size, END_BYTES + MOST_COMMENT),
  );
  const last = viewOf(tail);
  let end = tail.length - END_BYTES;
  while (end >= 0 && last.getUint32(end, true) !== END) end--;
  if (end < 0) throw new ZipError('it is cut short, or no zip: the list of its files is not there');
  const [size, first] = [last.getUint32(end + 12, true), last.getUint32(end + 16, true)];
  if (first === ELSEWHERE) throw new ZipError('it has more than 4 GB, which is not read');
  if (first + size > zip.size) throw new ZipError('the list of its files is damaged');
  const directory = await zip.read(first, size);
  const view = viewOf(directory);
  const files = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = last.getUint16(end + 10, true); i > 0 && at + 46 <= directory.length; i--) {
    if (view.getUint32(at, true) !== CENTRAL) throw new ZipError('the list of its files is damaged');
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const place = async (): Promise<ByteSource> => {
      if (local + LOCAL_BYTES > zip.size) throw new ZipError(`${name}: it lies beyond the end of the file`);
      const header = viewOf(await zip.read(local, LOCAL_BYTES));
      const start = local + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
      if (start + packed > zip.size) throw new ZipError(`${name}: it is cut short`);
      return partOf(zip, start, packed);
    };
    files.set(name, {
      name,
      size,
      asItIs: async () => (method === 0 ? place() : null),
      open: async (most = Math.min(MOST_BYTES, Math.max(ALWAYS_BYTES, MOST_TIMES * packed))) => {
        const data = new Uint8Array(await (await place()).read(0, packed));
        if (method === 0) return data;
        if (method !== 8) throw new ZipError(`${name}: it is packed by a method (${method}) that is not read`);
        return inflate(data, 'deflate-raw', name, most);
      },
    });
  }
  return files;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Unpacks what was packed by gzip. */
export const gunzip = (data: Uint8Array, name: string, most: number): Promise<Uint8Array<ArrayBuffer>> =>
  inflate(new Uint8Array(data), 'gzip', name, most);

/** A few bytes can unpack to gigabytes: what goes beyond `most` is not unpacked. */
async function inflate(
  data: Uint8Array<ArrayBuffer>,
  method: 'deflate-raw' | 'gzip',
  name: string,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream(method)).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > most) break;
      parts.push(value);
    }
  } catch {
    throw new ZipError(`${name}: it is damaged and cannot be unpacked`);
  }
  if (size > most) {
    await reader.cancel().catch(() => {});
    throw new ZipError(`${name}: unpacked it is larger than ${most} bytes`);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** A zip of files as they are; their order is kept, no time is stored. Throws where they take more than 4 GB. */
export function writeZip(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const encoded = files.map(({ name, bytes }) => ({ name: new TextEncoder().encode(name), bytes, crc: crc32(bytes) }));
  const total = encoded.reduce((sum, { name, bytes }) => sum + 76 + 2 * name.length + bytes.length, 22);
  if (total >= 2 ** 32) throw new ZipError(`${total} bytes are more than a zip can hold`);
  const zip = new Uint8Array(total);
  const view = new DataView(zip.buffer);
  const places: number[] = [];
  let at = 0;
  /** What the entry before a file and that in the list of files have in common, from the version on. */
  const common = (offset: number, { name, bytes, crc }: (typeof encoded)[number]) => {
    view.setUint16(offset, 20, true);
    // 1980-01-01, the first day that there is.
    view.setUint16(offset + 8, 0x21, true);
    view.setUint32(offset + 10, crc, true);
    view.setUint32(offset + 14, bytes.length, true);
    view.setUint32(offset + 18, bytes.length, true);
    view.setUint16(offset + 22, name.length, true);
  };
  for (const file of encoded) {
    places.push(at);
    view.setUint32(at, LOCAL, true);
    common(at + 4, file);
    zip.set(file.name, at + 30);
    zip.set(file.bytes, at + 30 + file.name.length);
    at += 30 + file.name.length + file.bytes.length;
  }
  const directory = at;
  for (const [i, file] of encoded.entries()) {
    view.setUint32(at, CENTRAL, true);
    view.setUint16(at + 4, 20, true);
    common(at + 6, file);
    view.setUint32(at + 42, places[i] as number, true);
    zip.set(file.name, at + 46);
    at += 46 + file.name.length;
  }
  view.setUint32(at, END, true);
  view.setUint16(at + 8, files.length, true);
  view.setUint16(at + 10, files.length, true);
  view.setUint32(at + 12, at - directory, true);
  view.setUint32(at + 16, directory, true);
  return zip;
}
