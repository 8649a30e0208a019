import type { TensorHeader } from '../network/weights-file.js';
import type { ByteSource } from './byte-source.js';
import type { StoredTensor } from './format.js';
import { halfToNumber } from './numbers.js';

/**
 * safetensors, Hugging Face's file format for weights: 8 bytes of header length (little-endian), a JSON header that gives
 * each tensor's dtype, shape and place, then the numbers, little-endian, row-major, without gaps.
 * https://huggingface.co/docs/safetensors
 */

/** What is wrong with a file; names the tensor where there is one. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

interface Dtype {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

const dtypes = {
  F64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  F32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  F16: { bytes: 2, read: (view, offset) => halfToNumber(view.getUint16(offset, true)) },
  BF16: { bytes: 2, read: (view, offset) => brainToNumber(view.getUint16(offset, true)) },
  I64: { bytes: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) },
  U64: { bytes: 8, read: (view, offset) => Number(view.getBigUint64(offset, true)) },
  I32: { bytes: 4, read: (view, offset) => view.getInt32(offset, true) },
  U32: { bytes: 4, read: (view, offset) => view.getUint32(offset, true) },
  I16: { bytes: 2, read: (view, offset) => view.getInt16(offset, true) },
  U16: { bytes: 2, read: (view, offset) => view.getUint16(offset, true) },
  I8: { bytes: 1, read: (view, offset) => view.getInt8(offset) },
  U8: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  BOOL: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
} as const satisfies Record<string, Dtype>;

const dtypeOf = (name: unknown): Dtype | undefined =>
  typeof name === 'string' && Object.hasOwn(dtypes, name) ? dtypes[name as keyof typeof dtypes] : undefined;

/** Numbers lie in memory as they do in the file, and can be copied as bytes. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** bfloat16: the upper half of a float32. */
function brainToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

interface Entry extends TensorHeader {
  readonly stored: Dtype;
  readonly begin: number;
  readonly end: number;
}

/** Longest header read, the limit of the reference implementation. */
const LONGEST_HEADER = 100_000_000;

/**
 * The tensors of a file by name, in the order of its header; every dtype is read as float32. Throws a {@link SafetensorsError} for a file cut short, a
 * header that is no JSON object, an unknown dtype, a shape that does not match its bytes, and tensors beyond the data or
 * over one another.
 */
export function readSafetensors(bytes: Uint8Array): ReadonlyMap<string, StoredTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataStart = PREFIX + headerLength(bytes, bytes.byteLength);
  const entries = readEntries(bytes.subarray(PREFIX, dataStart), bytes.byteLength - dataStart);
  return new Map(
    entries.map(({ name, stored, shape, begin, end }) => {
      const values = new Float32Array((end - begin) / stored.bytes);
      if (stored === dtypes.F32 && isLittleEndian) {
        new Uint8Array(values.buffer).set(bytes.subarray(dataStart + begin, dataStart + end));
        return [name, { shape, values }];
      }
      for (let i = 0; i < values.length; i++) values[i] = stored.read(view, dataStart + begin + i * stored.bytes);
      return [name, { shape, values }];
    }),
  );
}

/** The tensors of a file without their numbers, which are not read. Throws as {@link readSafetensors} does. */
export async function readTensorTable({ size, read }: ByteSource): Promise<readonly TensorHeader[]> {
  const dataStart = PREFIX + headerLength(await read(0, Math.min(PREFIX, size)), size);
  const entries = readEntries(await read(PREFIX, dataStart - PREFIX), size - dataStart);
  return entries.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
}

/** Bytes before the header: its length. */
const PREFIX = 8;

/** The length of the header, from the beginning of a file of `size` bytes. */
function headerLength(bytes: Uint8Array, size: number): number {
  if (bytes.byteLength < PREFIX) throw new SafetensorsError('The file is cut short: it has no header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getBigUint64(0, true));
  if (length > LONGEST_HEADER) throw new SafetensorsError('This is no safetensors file: its header would be too long');
  if (PREFIX + length > size) throw new SafetensorsError('The file is cut short: its header is not complete');
  return length;
}

/** The entries of a header, for `size` bytes of data. */
function readEntries(bytes: Uint8Array, size: number): readonly Entry[] {
  const entries = Object.entries(readHeader(bytes))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, size));
  refuseOverlaps(entries);
  return entries;
}

function readHeader(bytes: Uint8Array): object {
  const text = new TextDecoder().decode(bytes);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new SafetensorsError('This is no safetensors file: its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new SafetensorsError('This is no safetensors file: its header is not an object');
  return header;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(name: string, value: unknown, size: number): Entry {
  const fail = (message: string) => new SafetensorsError(`${name}: ${message}`);
  const entry = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const stored = dtypeOf(entry.dtype);
  if (!stored) throw fail(`dtype ${JSON.stringify(entry.dtype)} is none of ${Object.keys(dtypes).join(', ')}`);
  const { shape, data_offsets: offsets } = entry;
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fail('its shape is not a list of whole numbers');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw fail('its data_offsets are not two whole numbers');
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw fail(`it ends (${end}) before it begins (${begin})`);
  if (end > size) throw fail(`it ends at byte ${end} of the data, which has ${size}: the file is cut short`);
  const expected = shape.reduce((product: number, length) => product * length, stored.bytes);
  if (end - begin !== expected)
    throw fail(`${end - begin} bytes for ${String(entry.dtype)} of [${shape.join(', ')}], which takes ${expected}`);
  return { name, dtype: String(entry.dtype), stored, shape, begin, end };
}

function refuseOverlaps(entries: readonly Entry[]): void {
  const ordered = entries.filter(({ begin, end }) => end > begin).sort((a, b) => a.begin - b.begin);
  for (const [i, entry] of ordered.entries()) {
    const before = ordered[i - 1];
    if (before && entry.begin < before.end)
      throw new SafetensorsError(`${entry.name}: it begins at byte ${entry.begin}, inside ${before.name}`);
  }
}

/** A file of float32 tensors, in the order of the map. Throws a {@link SafetensorsError} where shape and values differ. */
export function writeSafetensors(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array<ArrayBuffer> {
  const header: Record<string, object> = {};
  let size = 0;
  for (const [name, { shape, values }] of tensors) {
    const expected = shape.reduce((product, length) => product * length, 1);
    if (expected !== values.length)
      throw new SafetensorsError(`${name}: ${values.length} values for [${shape.join(', ')}]`);
    const end = size + values.length * dtypes.F32.bytes;
    header[name] = { dtype: 'F32', shape, data_offsets: [size, end] };
    size = end;
  }
  // Spaces bring the numbers to a multiple of 8, so that readers can map them without copying.
  const encoded = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(encoded.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(encoded, 8);
  let offset = 8 + length;
  for (const { values } of tensors.values()) {
    if (isLittleEndian) {
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
      offset += values.byteLength;
      continue;
    }
    for (const value of values) {
      view.setFloat32(offset, value, true);
      offset += dtypes.F32.bytes;
    }
  }
  return bytes;
}
