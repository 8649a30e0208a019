import { memorySource } from './byte-source.js';
import type { StoredTensor } from './format.js';
import { writeZip, zipEntries } from './zip.js';

/** NumPy's arrays: a .npy is one, a .npz a zip of them (numpy.lib.format). */

export class NpyError extends Error {
  override readonly name = 'NpyError';
}

/** A number of an array, as its file has it. */
export interface NpyNumber {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** What an array's header tells. */
export interface NpyHeader {
  readonly shape: readonly number[];
  readonly number: NpyNumber;
  /** Where its numbers begin. */
  readonly start: number;
}

export const unsignedByte: NpyNumber = { bytes: 1, read: (view, at) => view.getUint8(at) };

/** Numbers by NumPy's name of their type. */
const numbers: Readonly<Record<string, NpyNumber>> = {
  '|u1': unsignedByte,
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '<i2': { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

/** Bytes of an array's beginning within which its header lies. */
export const NPY_HEADER = 2 ** 16;

/**
 * Reads a header from an array's first bytes, {@link NPY_HEADER} of them or all of its `size`. Throws a {@link NpyError} for
 * other types, Fortran's order, and an array cut short.
 */
export function readNpyHeader(bytes: Uint8Array, size: number, name: string): NpyHeader {
  const fail = (message: string) => new NpyError(`${name}: ${message}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || bytes[0] !== 0x93 || bytes[1] !== 0x4e) throw fail('this is no .npy array');
  const isOld = (bytes[6] ?? 0) < 2;
  const start = (isOld ? 10 : 12) + (isOld ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(isOld ? 10 : 12, start));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .flatMap((text) => (text.trim() ? [Number(text)] : []));
  const number = Object.hasOwn(numbers, type) ? numbers[type] : undefined;
  if (!number) throw fail(`its numbers are of type ${type || 'unknown'}; read are ${Object.keys(numbers).join(', ')}`);
  if (/'fortran_order':\s*True/.test(header)) throw fail('it lies column by column (Fortran order)');
  const count = countOf(shape);
  if (!Number.isSafeInteger(count) || count < 0 || size - start < count * number.bytes)
    throw fail(`it is cut short: ${Math.max(0, size - start)} bytes for ${shape.join('×')} numbers of ${number.bytes}`);
  return { shape, number, start };
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Reads a whole array, as float32. Throws a {@link NpyError} where {@link readNpyHeader} does. */
function readNpy(bytes: Uint8Array, name: string): StoredTensor {
  const { shape, number, start } = readNpyHeader(bytes, bytes.length, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(countOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = number.read(view, start + i * number.bytes);
  return { shape, values };
}

/** The arrays of a file by name, as float32. Throws a {@link NpyError} or a ZipError. */
export async function readNpz(bytes: Uint8Array): Promise<ReadonlyMap<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [file, entry] of await zipEntries(memorySource(bytes))) {
    if (!file.endsWith('.npy')) continue;
    const name = file.slice(0, -'.npy'.length);
    tensors.set(name, readNpy(await entry.open(), name));
  }
  return tensors;
}

/** A file of float32 arrays, in the order of the map. */
export function writeNpz(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array<ArrayBuffer> {
  return writeZip([...tensors].map(([name, tensor]) => ({ name: `${name}.npy`, bytes: writeNpy(tensor) })));
}

function writeNpy({ shape, values }: StoredTensor): Uint8Array {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${lengths}), }`;
  // The numbers begin at a multiple of 64, as NumPy has it.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + 4 * values.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  bytes.set(new TextEncoder().encode(`${header.padEnd(length - 1)}\n`), 10);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(10 + length + 4 * i, value, true);
  return bytes;
}
